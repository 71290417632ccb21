// Users from a file into the database. Reading, judging and hashing overlap with writing; each row
// has a result, in the order of the file, whatever became of it.
#pragma once

#include "core/provisioning/incoming_user.h"
#include "core/provisioning/row_index.h"
#include "core/realm.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace auth {

// left_behind: the row tells of an account that is not a person's.
enum class RowOutcome { created, updated, unchanged, skipped, left_behind, failed };
[[nodiscard]] std::string_view to_name(RowOutcome outcome); // "error" for failed

struct RowResult {
    std::int64_t line = 0;
    std::string email;
    std::string id; // of the user, where there is one
    RowOutcome outcome = RowOutcome::failed;
    std::optional<Error> error;

    Rights refused; // what it may not set
    // What an existing user has and the row would replace without being allowed to: hashes, mfa and
    // identities.
    Rights kept;
    int credentials_replaced = 0;
    LeftBehind left_behind; // what of the row cannot be kept here
};

// The database's part of the rules.
[[nodiscard]] Result<ImportRules> import_rules(const Realm& realm);

class Import {
  public:
    // The lock is not taken while passwords are hashed, as long as few rows wait for it: with
    // `atomic`, after which no other commits, 50,000. The reader is used by one thread at a time.
    // `earlier` knows the rows of the file that an earlier run is done with.
    Import(Realm& realm, std::unique_ptr<UserReader> reader, const ImportRules& rules, bool atomic,
           unsigned threads, std::shared_ptr<RowIndex> earlier = nullptr);
    ~Import();

    // The next rows, written but not certain; none where rows still gather. False at the end. Fails
    // as the reader does, after the rows before that.
    [[nodiscard]] Result<bool> next(std::vector<RowResult>& rows);
    // Makes certain what next() wrote. Where rows are slow to come, they should not wait for
    // others.
    [[nodiscard]] Status commit();
    [[nodiscard]] bool slow() const { return slow_; }
    // How many rows were read and judged so far, written or not.
    [[nodiscard]] std::int64_t judged() const { return judged_; }
    // Where the last of them starts.
    [[nodiscard]] std::int64_t line() const { return line_; }

  private:
    struct State;
    std::unique_ptr<State> state_;
    bool slow_ = false;
    std::int64_t judged_ = 0;
    std::int64_t line_ = 0;
};

} // namespace auth
