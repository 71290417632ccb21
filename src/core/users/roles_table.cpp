#include "core/users/roles_table.h"

namespace auth::roles_table {
namespace {

constexpr std::string_view select =
    "SELECT name, description, created_at,"
    " (SELECT count(*) FROM user_roles WHERE role = roles.name) FROM roles";

Role read(const Statement& row) {
    return {row.text(0), row.is_null(1) ? "" : row.text(1), row.time(2), row.integer(3)};
}

Statement& ask_exists(Database& database, std::string_view name) {
    return database.prepare("SELECT 1 FROM roles WHERE name = ?1").with(name);
}

} // namespace

std::vector<Role> list(Database& database) {
    std::vector<Role> roles;
    for (Statement& rows = database.prepare(std::string(select) + " ORDER BY name"); rows.step();)
        roles.push_back(read(rows));
    return roles;
}

std::vector<std::pair<std::string, std::string>> names(Database& database, std::int64_t limit) {
    std::vector<std::pair<std::string, std::string>> found;
    Statement& rows =
        database.prepare("SELECT name, description FROM roles ORDER BY name LIMIT ?1");
    for (rows.with(limit); rows.step();)
        found.emplace_back(rows.text(0), rows.optional_text(1).value_or(""));
    return found;
}

std::optional<Role> find(Database& database, std::string_view name) {
    Statement& row = database.prepare(std::string(select) + " WHERE name = ?1");
    row.with(name);
    return row.first(read);
}

bool exists(Database& database, std::string_view name) {
    return ask_exists(database, name).any();
}

void expect_exists(Database& database, std::string_view name) {
    ask_exists(database, name).expect();
}

void insert(Database& database, const Role& role) {
    database.prepare("INSERT INTO roles (name, description, created_at) VALUES (?1, ?2, ?3)")
        .with(role.name, role.description.empty() ? std::nullopt : std::optional(role.description),
              role.created_at)
        .run();
}

void describe(Database& database, std::string_view name, std::string_view description) {
    database.prepare("UPDATE roles SET description = ?2 WHERE name = ?1")
        .with(name, description.empty() ? std::nullopt : std::optional(description))
        .run();
}

void remove(Database& database, std::string_view name) {
    database.prepare("DELETE FROM user_roles WHERE role = ?1").with(name).run();
    database.prepare("DELETE FROM roles WHERE name = ?1").with(name).run();
}

} // namespace auth::roles_table
