#include "core/federation/identities_table.h"

namespace auth::identities_table {
namespace {

LinkedIdentity read(const Statement& row) {
    return {row.text(0), row.text(1), row.text(2), row.time(3), row.optional_time(4)};
}

} // namespace

std::optional<LinkedIdentity> find(Database& database, std::string_view issuer,
                                   std::string_view subject) {
    return database
        .prepare("SELECT issuer, subject, user_id, linked_at, last_login_at FROM identities"
                 " WHERE issuer = ?1 AND subject = ?2")
        .with(issuer, subject)
        .first(read);
}

std::vector<LinkedIdentity> of_user(Database& database, std::string_view user_id) {
    Statement& rows =
        database.prepare("SELECT issuer, subject, user_id, linked_at, last_login_at"
                         " FROM identities WHERE user_id = ?1 ORDER BY linked_at, issuer, subject");
    rows.with(user_id);
    std::vector<LinkedIdentity> out;
    while (rows.step())
        out.push_back(read(rows));
    return out;
}

void insert(Database& database, const LinkedIdentity& identity) {
    database
        .prepare("INSERT INTO identities (issuer, subject, user_id, linked_at, last_login_at)"
                 " VALUES (?1, ?2, ?3, ?4, ?5)")
        .with(identity.issuer, identity.subject, identity.user_id, identity.linked_at,
              identity.last_login_at)
        .run();
}

void note_login(Database& database, std::string_view issuer, std::string_view subject, Time now) {
    database.prepare("UPDATE identities SET last_login_at = ?3 WHERE issuer = ?1 AND subject = ?2")
        .with(issuer, subject, now)
        .run();
}

void remove(Database& database, std::string_view issuer, std::string_view subject) {
    database.prepare("DELETE FROM identities WHERE issuer = ?1 AND subject = ?2")
        .with(issuer, subject)
        .run();
}

void remove_all(Database& database, std::string_view issuer) {
    database.prepare("DELETE FROM identities WHERE issuer = ?1").with(issuer).run();
}

} // namespace auth::identities_table
