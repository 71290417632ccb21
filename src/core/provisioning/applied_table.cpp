#include "core/provisioning/applied_table.h"

namespace auth::applied_table {
namespace {

AppliedUser read_user(const Statement& row) {
    AppliedUser user{row.text(0), row.integer(1) != 0, {}, row.integer(3) != 0};
    if (!row.is_null(2))
        user.credential_mac = row.blob(2);
    return user;
}

} // namespace

std::optional<AppliedUser> find_user(Database& database, std::string_view owner,
                                     std::string_view user_id) {
    Statement& row = database.prepare("SELECT user_id, made, credential_mac, must_change"
                                      " FROM applied_users WHERE owner = ?1 AND user_id = ?2");
    row.with(owner, user_id);
    return row.first(read_user);
}

std::vector<AppliedUser> users(Database& database, std::string_view owner) {
    Statement& rows = database.prepare(
        "SELECT user_id, made, credential_mac, must_change FROM applied_users"
        " JOIN users ON users.id = user_id WHERE owner = ?1 ORDER BY users.email_key");
    rows.with(owner);
    std::vector<AppliedUser> out;
    while (rows.step())
        out.push_back(read_user(rows));
    return out;
}

void put_user(Database& database, std::string_view owner, const AppliedUser& user) {
    Statement& row = database.prepare(
        "INSERT INTO applied_users (owner, user_id, made, must_change, credential_mac)"
        " VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (owner, user_id) DO UPDATE SET made = excluded.made,"
        " must_change = excluded.must_change, credential_mac = excluded.credential_mac");
    row.with(owner, user.user_id, user.made, user.must_change);
    if (user.credential_mac)
        row.bind_blob(5, *user.credential_mac);
    else
        row.bind_null(5);
    row.run();
}

void forget_user(Database& database, std::string_view owner, std::string_view user_id) {
    database.prepare("DELETE FROM applied_users WHERE owner = ?1 AND user_id = ?2")
        .with(owner, user_id)
        .run();
}

bool is_shared_user(Database& database, std::string_view owner, std::string_view user_id) {
    return database.prepare("SELECT 1 FROM applied_users WHERE user_id = ?2 AND owner <> ?1")
        .with(owner, user_id)
        .any();
}

std::vector<AppliedRole> roles(Database& database, std::string_view owner) {
    Statement& rows =
        database.prepare("SELECT role, made FROM applied_roles WHERE owner = ?1 ORDER BY role");
    rows.with(owner);
    std::vector<AppliedRole> out;
    while (rows.step())
        out.push_back({rows.text(0), rows.integer(1) != 0});
    return out;
}

void note_role(Database& database, std::string_view owner, const AppliedRole& role) {
    database
        .prepare("INSERT INTO applied_roles (owner, role, made) VALUES (?1, ?2, ?3)"
                 " ON CONFLICT (owner, role) DO NOTHING")
        .with(owner, role.role, role.made)
        .run();
}

void forget_role(Database& database, std::string_view owner, std::string_view role) {
    database.prepare("DELETE FROM applied_roles WHERE owner = ?1 AND role = ?2")
        .with(owner, role)
        .run();
}

bool is_shared_role(Database& database, std::string_view owner, std::string_view role) {
    return database.prepare("SELECT 1 FROM applied_roles WHERE role = ?2 AND owner <> ?1")
        .with(owner, role)
        .any();
}

} // namespace auth::applied_table
