// Table providers: the identity providers and their sealed client secrets.
#pragma once

#include "core/federation/provider.h"
#include "core/store/database.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth::providers_table {

[[nodiscard]] std::vector<Provider> list(Database& database);
[[nodiscard]] std::optional<Provider> find(Database& database, std::string_view name);
// In the place of one of its name, whose rules for workloads stay.
void put(Database& database, const Provider& provider,
         const std::optional<std::string>& sealed_secret);
[[nodiscard]] std::optional<std::string> sealed_secret(Database& database, std::string_view name);
void remove(Database& database, std::string_view name);
// Whether one for people has it, other than `name`.
[[nodiscard]] bool others_have_issuer(Database& database, std::string_view issuer,
                                      std::string_view name);

} // namespace auth::providers_table
