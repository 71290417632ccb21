// Table imported_credentials: what the last import said of a user's credentials.
#pragma once

#include "core/store/database.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace auth::imported_credentials_table {

struct Row {
    std::optional<std::string> password_mac{};
    std::string password_head{};
    std::optional<std::string> totp_mac{};
    bool must_change = false;
    bool operator==(const Row&) const = default;
};

[[nodiscard]] std::optional<Row> find(Database& database, std::string_view user_id);
void put(Database& database, std::string_view user_id, const Row& row);
// Of many users of whom nothing is known yet, each by add().
[[nodiscard]] std::unique_ptr<BulkInsert> bulk_insert(Database& database);
void add(BulkInsert& rows, std::string_view user_id, const Row& row);

} // namespace auth::imported_credentials_table
