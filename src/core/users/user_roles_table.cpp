// The part of users_table.h about the table user_roles.
#include "core/store/text_list.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

namespace auth::users_table {

std::unique_ptr<BulkInsert> bulk_grant(Database& database) {
    return database.bulk_insert("INSERT INTO user_roles (user_id, role) VALUES (?1, ?2)");
}

bool grant(Database& database, std::string_view id, std::string_view role) {
    database
        .prepare("INSERT INTO user_roles (user_id, role) VALUES (?1, ?2)"
                 " ON CONFLICT (user_id, role) DO NOTHING")
        .with(id, role)
        .run();
    return database.changes() > 0;
}

bool revoke(Database& database, std::string_view id, std::string_view role) {
    database.prepare("DELETE FROM user_roles WHERE user_id = ?1 AND role = ?2")
        .with(id, role)
        .run();
    return database.changes() > 0;
}

std::unordered_map<std::string, std::vector<std::string>>
roles_of(Database& database, std::span<const std::string_view> ids) {
    Statement& rows = database.prepare(fmt::format("SELECT user_id, role FROM user_roles"
                                                   " WHERE user_id IN ({}) ORDER BY role",
                                                   texts_at(database, "?1")));
    rows.with(text_list(ids));
    std::unordered_map<std::string, std::vector<std::string>> found;
    while (rows.step())
        found[rows.text(0)].push_back(rows.text(1));
    return found;
}

} // namespace auth::users_table
