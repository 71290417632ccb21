// The writing end of an import: one judged user at a time, inside the caller's transaction.
#pragma once

#include "core/accounts/hash_census.h"
#include "core/accounts/imported_credentials.h"
#include "core/audit/audit.h"
#include "core/base/uuid_sequence.h"
#include "core/provisioning/identity_links.h"
#include "core/provisioning/import_users.h"

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace auth {

class UserImportWriter {
  public:
    UserImportWriter(Realm& realm, const ImportRules& rules, std::shared_ptr<RowIndex> index);

    // Call inside a Transaction; begin() once at its start, finish() before its commit.
    void begin();
    // Adds a result for each; takes what it needs of them.
    void write(std::vector<IncomingUser>& incoming, std::vector<RowResult>& results);
    [[nodiscard]] Status finish();

  private:
    // What is known of a row: whether another user has what it names.
    enum class Known { free, taken, inserted };
    // A row whose address an earlier one has is an error.
    void check_address(IncomingUser& incoming);
    [[nodiscard]] Error taken(const IncomingUser& incoming, std::string_view field,
                              std::string_view value, std::string whom,
                              const std::optional<User>& other) const;
    void write_in_turn(std::vector<IncomingUser>& incoming, std::vector<RowResult>& results);
    [[nodiscard]] std::vector<bool> look(std::span<const IncomingUser> incoming);
    void check_roles(IncomingUser& incoming);
    // False where somebody has what one of them names; then none is inserted.
    [[nodiscard]] bool insert_all(std::vector<IncomingUser>& incoming);
    [[nodiscard]] RowResult write_one(IncomingUser& incoming, Known known);
    Status make_roles(const IncomingUser& incoming);
    Result<RowOutcome> put(IncomingUser& incoming, Known known, RowResult& result);
    void add(IncomingUser& incoming);
    [[nodiscard]] Status check_username(const IncomingUser& incoming, std::string_view id);
    Result<RowOutcome> meet(IncomingUser& incoming, RowResult& result);
    Result<RowOutcome> update(const User& before, IncomingUser& incoming, RowResult& result);
    // Whatever the user logs in with, as the row has it. Moving in is not taking over: what
    // somebody has who can log in stays, unless --allow names it. Names the fields that changed.
    [[nodiscard]] std::vector<std::string> update_credentials(User& user, IncomingUser& incoming,
                                                              RowResult& result);
    [[nodiscard]] bool can_log_in(const User& user);
    // Whether it may be changed; else notes that it is kept.
    [[nodiscard]] bool may_change(Right right, Right named, bool settled, RowResult& result) const;
    // These and the next also remember what the row says, so that the same row changes nothing
    // after the user changed it.
    [[nodiscard]] bool new_password(User& user, const IncomingUser& incoming, bool settled,
                                    RowResult& result);
    [[nodiscard]] bool new_factor(const User& user, const IncomingUser& incoming, bool settled,
                                  RowResult& result);
    [[nodiscard]] bool is_said(const IncomingUser& incoming) const; // the password, by earlier rows
    // `fresh`: the row has just set the password.
    [[nodiscard]] bool demands_new_password(const User& user, const IncomingUser& incoming,
                                            bool fresh) const;
    // What the row says and has come true, for later imports of the same row.
    void note_password(std::string_view user_id);
    void note_factor(std::string_view user_id, const std::string& mac);
    void note_demand(std::string_view user_id, const IncomingUser& incoming);
    [[nodiscard]] bool new_identities(User& user, const IncomingUser& incoming, bool settled,
                                      RowResult& result);

    // What goes in bulk.
    struct Rows {
        explicit Rows(Database& database);
        [[nodiscard]] Status finish();

        std::unique_ptr<BulkInsert> unseen; // users that may be taken: nobody looked
        std::unique_ptr<BulkInsert> users;  // those who are
        std::unique_ptr<BulkInsert> passwords;
        std::unique_ptr<BulkInsert> roles;
        std::unique_ptr<BulkInsert> said; // imported_credentials
    };

    Realm& realm_;
    const ImportRules& rules_;
    std::shared_ptr<RowIndex> index_; // of this file
    std::set<std::string, std::less<>> roles_;
    std::optional<AuditBatch> audit_;
    std::optional<HashTally> tally_;
    std::optional<IdentityLinks> links_;
    std::optional<Rows> rows_;
    UuidSequence ids_;
    // Of the user whom the row updates.
    std::optional<imported_credentials_table::Row> said_;
    bool all_free_ = true;     // nothing was taken in the rows before
    bool names_moved_ = false; // by the row
};

} // namespace auth
