// Files of other systems, one function a format. All of them stream.
#pragma once

#include "core/base/json_library.h"
#include "core/foreign/foreign_user.h"
#include "core/formats/byte_source.h"

#include <functional>
#include <memory>
#include <string>

namespace auth {

// Gathers one user from an element of a JSON file or a row of a table; false for one that tells of
// nobody. An account that is not a person's sets is_user to false and says what it is.
using GatherUser = std::function<Result<bool>(const Json& element, ForeignUser& user)>;

// Elements of a JSON file, laid out as cut_json says.
[[nodiscard]] Result<std::unique_ptr<UserReader>> read_elements(ByteSource source,
                                                                std::string_view collection,
                                                                std::string domain,
                                                                GatherUser gather);
// What a CSV file without a header has in it.
struct TableColumns {
    std::vector<std::string> names{}; // empty where the first row names them
    std::size_t least = 0;            // cells in each row
};
// Rows of a CSV file as objects of texts and nulls.
[[nodiscard]] Result<std::unique_ptr<UserReader>>
read_table(ByteSource source, TableColumns columns, std::string domain, GatherUser gather);

// Elements that have been read as a whole.
struct PlacedObject {
    std::int64_t line = 0;
    Json object;
};
[[nodiscard]] std::unique_ptr<UserReader> read_objects(std::vector<PlacedObject> objects,
                                                       std::string domain, GatherUser gather);

// Both ways, by the first character.
[[nodiscard]] Result<std::unique_ptr<UserReader>>
read_elements_or_table(ByteSource source, std::string_view collection, TableColumns columns,
                       std::string domain, GatherUser gather);

// The users YAML of Authelia: names with their displayname, password, email, groups, disabled. At
// most 16 MiB.
[[nodiscard]] Result<std::unique_ptr<UserReader>>
open_authelia(const ByteSource& source, std::string domain, const ParseYaml& parse_yaml);
// `wp user list` in CSV or JSON, and the table wp_users with its header.
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_wordpress(ByteSource source,
                                                                 std::string domain);
// `dumpdata` of auth.user, with the groups before it: those and is_staff, is_superuser are roles.
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_django(ByteSource source,
                                                              std::string domain);
// A realm's export, a partial import, or what the admin API lists.
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_keycloak(ByteSource source,
                                                                std::string domain);
// auth:export, JSON or CSV; `hash_config` is the text that the console shows, or JSON of the same
// names. Fails with usage where that is none; users with passwords need one.
[[nodiscard]] Result<std::unique_ptr<UserReader>>
open_firebase(ByteSource source, std::string domain, std::string_view hash_config);
// Bulk import files, and exports.
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_auth0(ByteSource source, std::string domain);
// Identities, as `kratos import identities` takes and the admin API lists them.
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_kratos(ByteSource source,
                                                              std::string domain);
// The table auth.users, JSON or CSV.
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_supabase(ByteSource source,
                                                                std::string domain, Time now);
// CSV with the columns email or username, and hash or password_hash, of any passlib context.
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_passlib_csv(ByteSource source,
                                                                   std::string domain);
// Apache's files of users, "NAME:HASH".
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_htpasswd(ByteSource source,
                                                                std::string domain);
// A passwd-file of Dovecot. A password in {PLAIN} is one; `nologin` shuts out.
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_dovecot(ByteSource source,
                                                               std::string domain);
// shadow(5), and passwd(5) with hashes in it.
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_shadow(ByteSource source, std::string domain,
                                                              Time now);
// RFC 2849: entries with mail, uid or userPassword; URLs are never followed.
[[nodiscard]] Result<std::unique_ptr<UserReader>> open_ldif(ByteSource source, std::string domain,
                                                            Time now);

} // namespace auth
