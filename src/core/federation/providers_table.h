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
void insert(Database& database, const Provider& provider,
            const std::optional<std::string>& sealed_secret);
[[nodiscard]] std::optional<std::string> sealed_secret(Database& database, std::string_view name);
void remove(Database& database, std::string_view name);
// Whether another one than `name` has it.
[[nodiscard]] bool others_have_issuer(Database& database, std::string_view issuer,
                                      std::string_view name);

} // namespace auth::providers_table
