// Where the files of a run are: the database, its key, the config file, the stored login.
#pragma once

#include "core/ports/process.h"
#include "core/sessions/token_file.h"
#include "core/settings/settings.h"
#include "core/store/key_source.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

// The references outlive it. A place that needs a home directory fails with usage if there is
// none, and so does a database that is neither a file nor a postgresql:// URL.
class Places {
  public:
    Places(const Settings& settings, const Surroundings& surroundings, const KeyCommand& run)
        : settings_(settings), surroundings_(surroundings), run_(run) {}

    // What --db names, as it may be shown.
    [[nodiscard]] Result<std::string> database_name() const;
    // The file of a SQLite database.
    [[nodiscard]] Result<std::filesystem::path> database_path() const;
    // Where the database's key comes from: the file that --key-file, AUTH_CLI_KEY_FILE or the
    // config file name; the config file's key_command; the credential auth.key of the service
    // manager; or a file in the directory of the database: FILE.key of FILE.db, else auth.key.
    // With rights that are only lent, one of those files. Fails with usage as well where
    // the config file names both.
    [[nodiscard]] Result<KeySource> key_source() const;
    struct NewKeySource {
        KeySource key;
        bool named = false; // by somebody, and not by the database's place
    };
    // Of a database that is to be made: a test database has a key of its own in the directory of
    // its file.
    [[nodiscard]] Result<NewKeySource> new_key_source(bool test) const;
    // FILE.key in the directory of the database FILE.db; nothing for a database on a server.
    [[nodiscard]] Result<std::optional<std::filesystem::path>> own_key_path() const;
    // Where keys that issuers publish are kept between runs.
    struct IssuerCachePlace {
        std::filesystem::path directory;
        std::filesystem::path mac_key; // a file
    };
    // Nothing where there is no home directory: then no keys are kept.
    [[nodiscard]] std::optional<IssuerCachePlace> issuer_cache() const;
    // The directory that mail.transport=file writes to.
    [[nodiscard]] Result<std::filesystem::path> mail_directory() const;
    // Empty if nobody named one and there is no home directory: then there is no config file.
    [[nodiscard]] std::filesystem::path config_path() const;
    // The files of the login that this run is about: with rights that are only lent, the caller's
    // own. Fails with login_required, reason unknown_caller, if the caller is not known.
    [[nodiscard]] Result<TokenFiles> token_files() const;
    // The profile that names them; "" if a token file was named itself.
    [[nodiscard]] std::string profile() const;

  private:
    // The program's own directory under `variable`'s, or under the home directory; nothing if
    // there is neither.
    [[nodiscard]] std::optional<std::filesystem::path> xdg(std::string_view variable,
                                                           std::string_view fallback) const;
    // The same, required; `instead` is the flag or setting that makes it needless.
    [[nodiscard]] Result<std::filesystem::path>
    need_xdg(std::string_view variable, std::string_view fallback, std::string_view instead) const;
    [[nodiscard]] Result<std::filesystem::path> data_directory(std::string_view instead) const;

    [[nodiscard]] Result<KeySource> key_from_config() const;
    [[nodiscard]] std::string named_token_file() const;
    [[nodiscard]] std::filesystem::path credential() const;
    // Nothing where the database's own place tells it.
    [[nodiscard]] Result<std::optional<KeySource>> named_key() const;

    const Settings& settings_;
    const Surroundings& surroundings_;
    const KeyCommand& run_;
};

} // namespace auth
