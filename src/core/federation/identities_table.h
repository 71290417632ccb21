#pragma once

#include "core/federation/identity.h"
#include "core/store/database.h"

#include <optional>
#include <string_view>
#include <vector>

namespace auth::identities_table {

[[nodiscard]] std::optional<LinkedIdentity> find(Database& database, std::string_view issuer,
                                                 std::string_view subject);
// In order of linking.
[[nodiscard]] std::vector<LinkedIdentity> of_user(Database& database, std::string_view user_id);
void insert(Database& database, const LinkedIdentity& identity);
void note_login(Database& database, std::string_view issuer, std::string_view subject, Time now);
void remove(Database& database, std::string_view issuer, std::string_view subject);
void remove_all(Database& database, std::string_view issuer);

} // namespace auth::identities_table
