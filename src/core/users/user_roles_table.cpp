#include "core/users/user_roles_table.h"

#include "core/store/text_list.h"

#include <fmt/format.h>

namespace auth::user_roles_table {
namespace {

Statement& select_roles(Database& database, std::span<const std::string_view> user_ids) {
    return database
        .prepare(fmt::format("SELECT user_id, role FROM user_roles"
                             " WHERE user_id IN ({}) ORDER BY role",
                             texts_at(database, "?1")))
        .with(text_list(user_ids));
}

constexpr std::string_view insertion_of_role =
    "INSERT INTO user_roles (user_id, role) VALUES (?1, ?2)";

} // namespace

void add(Database& database, std::string_view user_id, std::string_view role) {
    database.prepare(insertion_of_role).with(user_id, role).run();
}

std::unique_ptr<BulkInsert> bulk_insert(Database& database) {
    return database.bulk_insert(insertion_of_role);
}

bool grant(Database& database, std::string_view user_id, std::string_view role) {
    database.prepare(std::string(insertion_of_role) + " ON CONFLICT (user_id, role) DO NOTHING")
        .with(user_id, role)
        .run();
    return database.changes() > 0;
}

bool revoke(Database& database, std::string_view user_id, std::string_view role) {
    database.prepare("DELETE FROM user_roles WHERE user_id = ?1 AND role = ?2")
        .with(user_id, role)
        .run();
    return database.changes() > 0;
}

std::unordered_map<std::string, std::vector<std::string>>
roles_of(Database& database, std::span<const std::string_view> user_ids) {
    Statement& rows = select_roles(database, user_ids);
    std::unordered_map<std::string, std::vector<std::string>> found;
    while (rows.step())
        found[rows.text(0)].push_back(rows.text(1));
    return found;
}

void expect_roles_of(Database& database, std::span<const std::string_view> user_ids) {
    select_roles(database, user_ids).expect();
}

} // namespace auth::user_roles_table
