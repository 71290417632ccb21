#pragma once

#include "core/store/database.h"

#include <optional>
#include <string>

namespace auth::passwords_table {

// Who chose a password: "signup" (unproved), "subject" (proved to own the address) or "operator".
struct StoredPassword {
    std::string hash;
    std::string set_by;
    Time changed_at;
};

[[nodiscard]] std::optional<StoredPassword> find(Database& database, std::string_view user_id);
// Of a user who has none.
void insert(Database& database, std::string_view user_id, const StoredPassword& password);
void put(Database& database, std::string_view user_id, const StoredPassword& password);
// Replaces a hash by a better one of the same password; false where it is no longer `old_hash`.
[[nodiscard]] bool rehash(Database& database, std::string_view user_id, std::string_view old_hash,
                          std::string_view new_hash);
[[nodiscard]] bool remove(Database& database, std::string_view user_id);

} // namespace auth::passwords_table
