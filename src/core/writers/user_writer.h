// Writes users as files: our own forms, which import takes back whole, and those of other systems.
#pragma once

#include "core/formats/user_record.h"

#include <memory>
#include <string>
#include <vector>

namespace auth {

struct WriterOptions {
    struct Role {
        std::string name;
        std::string description;
    };
    // The records hold hashes, second factors and links with providers.
    bool secrets = false;
    // CSV: cells that a spreadsheet takes for formulas get no ' before them.
    bool raw = false;
    // LDIF: the entry below which the users are.
    std::string base_dn = "ou=people";
    // Those that a manifest and a realm declare.
    std::vector<Role> roles{};
};

// One file of one format. Holds no user once it is written. All texts must be valid UTF-8, and the
// attributes be as a reader gives them.
class UserWriter {
  public:
    virtual ~UserWriter() = default;

    // Appends what the file has before its first user.
    virtual void begin(std::string& out) { (void)out; }
    // Appends the user, and counts what the format has no place for. Appends nothing for somebody
    // whom the file would have to let in, or could not keep at all; `left` then counts a user.
    virtual void add(std::string& out, const UserRecord& user, LeftBehind& left) = 0;
    // Appends what the file has after its last user.
    virtual void end(std::string& out) { (void)out; }
};

// One line of NDJSON a user, with its end. Members have one order; what a profile has not is null,
// what only some users have (password_hash, totp, dates of verification…) is left out.
[[nodiscard]] std::unique_ptr<UserWriter> make_jsonl_writer(const WriterOptions& options);
// RFC 4180. Columns are the same for every user of a file. With secrets also password_hash, totp,
// identities and the columns that belong to them.
[[nodiscard]] std::unique_ptr<UserWriter> make_csv_writer(const WriterOptions& options);
// YAML that apply takes: what is set, and nothing else.
[[nodiscard]] std::unique_ptr<UserWriter> make_manifest_writer(const WriterOptions& options);
// RFC 2849: entries of inetOrgPerson (RFC 2798) with the hashes that OpenLDAP and its modules for
// Argon2 and PBKDF2 check. A disabled user's has '!' before it, which no directory matches.
[[nodiscard]] std::unique_ptr<UserWriter> make_ldif_writer(const WriterOptions& options);
// A realm, to import with `kc.sh import`.
[[nodiscard]] std::unique_ptr<UserWriter> make_keycloak_writer(const WriterOptions& options);
// A list of identities, to import with `kratos import identities`.
[[nodiscard]] std::unique_ptr<UserWriter> make_kratos_writer(const WriterOptions& options);
// A list of users for a bulk import job.
[[nodiscard]] std::unique_ptr<UserWriter> make_auth0_writer(const WriterOptions& options);
// A users_database.yml. Users without a hash that Authelia checks are left out.
[[nodiscard]] std::unique_ptr<UserWriter> make_authelia_writer(const WriterOptions& options);
// Apache's AuthUserFile, by address. Users who are disabled, or without a hash that Apache checks,
// are left out.
[[nodiscard]] std::unique_ptr<UserWriter> make_htpasswd_writer(const WriterOptions& options);

} // namespace auth
