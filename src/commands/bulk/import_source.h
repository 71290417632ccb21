// What an import is to do, and where its users come from.
#pragma once

#include "cli/input/ask.h"
#include "core/formats/file_source.h"
#include "core/formats/user_reader.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace auth {

struct ImportOptions {
    std::string file = "-";
    std::string from = "auto";
    bool atomic = false;
    bool keep_going = false;
    std::string on_conflict = "fail";
    std::string unusable_hashes = "refuse";
    std::string results;
    std::string resume;
    std::vector<std::string> allow;
    std::vector<std::string> ignore;
    bool create_roles = false;
    bool raw = false;
    std::string delimiter;
    std::vector<std::string> columns;
    std::vector<std::string> ignore_columns;
    std::vector<std::string> role_names;
    std::string domain;
    std::string hash_config;
    std::string check_login;
    PasswordSource password;
};

// The file, or stdin, as often as it is asked for.
class ImportSource {
  public:
    ImportSource(World& world, const ImportOptions& options) : world_(world), options_(options) {}

    // Fails with io, or usage where the format is not known.
    [[nodiscard]] Result<std::unique_ptr<UserReader>> open();
    [[nodiscard]] ImportFormat format() const { return format_; } // after open()
    [[nodiscard]] bool is_stdin() const { return options_.file == "-"; }
    // How much of it is done with the row that starts on `line`, from 0 to 1; below 0 where nobody
    // knows. A file on one line is taken for done as far as it was read.
    [[nodiscard]] double share(std::int64_t line) const;

  private:
    Result<FileSource> source();
    [[nodiscard]] Result<ReaderOptions> reader_options() const;

    World& world_;
    const ImportOptions& options_;
    ImportFormat format_ = ImportFormat::jsonl;
    std::shared_ptr<std::atomic<std::uint64_t>> read_ =
        std::make_shared<std::atomic<std::uint64_t>>(0);
    std::optional<std::uint64_t> size_;
    double lines_ = 0; // of the whole file, about; 0 where nobody knows
};

// The command that goes on with an import of good rows that stopped: from its results, where there
// are any, else past the users who are there.
[[nodiscard]] NextStep import_again(const ImportOptions& options);
// The command as it was given, without a file of results. With --keep-going its good rows
// exist by then, and it accepts them.
[[nodiscard]] NextStep import_as_given(const ImportOptions& options);

// --check-login: whether one known password fits what the file says of its user. Fails with
// bad_credentials, not_found, or what is wrong with that row.
[[nodiscard]] Status check_login(World& world, const ImportOptions& options, ImportSource& source);

} // namespace auth
