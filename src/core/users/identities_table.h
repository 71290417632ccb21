// Table identities: who a user is at identity providers.
#pragma once

#include "core/store/database.h"
#include "core/users/linked_identity.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace auth::identities_table {

[[nodiscard]] std::optional<LinkedIdentity> find(Database& database, std::string_view issuer,
                                                 std::string_view subject);
// In order of linking.
[[nodiscard]] std::vector<LinkedIdentity> of_user(Database& database, std::string_view user_id);
// Of those users, by their ids.
[[nodiscard]] std::unordered_map<std::string, std::vector<LinkedIdentity>>
of_users(Database& database, std::span<const std::string_view> user_ids);
void expect_of_users(Database& database, std::span<const std::string_view> user_ids);
// Whose subjects users may be linked with, by the names of the providers that stand for them.
[[nodiscard]] std::map<std::string, std::string> issuers(Database& database);
void insert(Database& database, const LinkedIdentity& identity);
// Many of them, each by add().
[[nodiscard]] std::unique_ptr<BulkInsert> bulk_insert(Database& database);
void add(BulkInsert& rows, const LinkedIdentity& identity);
void note_login(Database& database, std::string_view issuer, std::string_view subject, Time now);
void remove(Database& database, std::string_view issuer, std::string_view subject);
void remove_all(Database& database, std::string_view issuer);

} // namespace auth::identities_table
