// Where the files of a run are: the database, its key, the config file, the stored login.
#pragma once

#include "core/ports/process.h"
#include "core/sessions/token_file.h"
#include "core/settings/settings.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

// Both references outlive it. A place that needs a home directory fails with usage if there is
// none, and so does a database that is neither a file nor a postgresql:// URL.
class Places {
  public:
    Places(const Settings& settings, const Surroundings& surroundings)
        : settings_(settings), surroundings_(surroundings) {}

    // What --db names, as it may be shown.
    [[nodiscard]] Result<std::string> database_name() const;
    // The file of a SQLite database.
    [[nodiscard]] Result<std::filesystem::path> database_path() const;
    // The key file of --key-file or the config file, else FILE.key beside the database FILE.db if
    // there is one, else auth.key in its directory.
    [[nodiscard]] Result<std::filesystem::path> key_path() const;
    // Of a database that is to be made: a test database has a key of its own beside its file.
    [[nodiscard]] Result<std::filesystem::path> new_key_path(bool test) const;
    // Whether somebody named a key file.
    [[nodiscard]] bool names_key() const;
    // FILE.key beside the database FILE.db; nothing for a database on a server.
    [[nodiscard]] Result<std::optional<std::filesystem::path>> own_key_path() const;
    // The directory that mail.transport=file writes to.
    [[nodiscard]] Result<std::filesystem::path> mail_directory() const;
    // Empty if nobody named one and there is no home directory: then there is no config file.
    [[nodiscard]] std::filesystem::path config_path() const;
    // The files of the login that this run is about: with rights that are only lent, the caller's
    // own. Fails with login_required, reason unknown_caller, if the caller is not known.
    [[nodiscard]] Result<TokenFiles> token_files() const;

  private:
    // The program's own directory under `variable`'s, or under the home directory; nothing if
    // there is neither.
    [[nodiscard]] std::optional<std::filesystem::path> xdg(std::string_view variable,
                                                           std::string_view fallback) const;
    // The same, required; `instead` is the flag or setting that makes it needless.
    [[nodiscard]] Result<std::filesystem::path>
    need_xdg(std::string_view variable, std::string_view fallback, std::string_view instead) const;
    [[nodiscard]] Result<std::filesystem::path> data_directory(std::string_view instead) const;

    const Settings& settings_;
    const Surroundings& surroundings_;
};

} // namespace auth
