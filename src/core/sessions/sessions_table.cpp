#include "core/sessions/sessions_table.h"

#include <fmt/format.h>

namespace auth::sessions_table {
namespace {

constexpr std::string_view columns =
    "sessions.id, user_id, sessions.created_at, used_at, expires_at, idle_seconds, epoch,"
    " generation, refresh_hash, revoked_at, revoke_reason, kind";

constexpr std::string_view listed = "SELECT {}, email, session_epoch, disabled_at FROM sessions"
                                    " JOIN users ON users.id = user_id WHERE {}";

// One that a newer version made has no rights of a login.
SessionKind read_kind(std::string_view name) {
    for (const SessionKind kind : {SessionKind::login, SessionKind::issued})
        if (name == to_name(kind))
            return kind;
    return SessionKind::workload;
}

Session read(const Statement& row) {
    Session session;
    session.id = row.text(0);
    session.user_id = row.text(1);
    session.created_at = row.time(2);
    session.used_at = row.time(3);
    session.expires_at = row.time(4);
    session.idle = Seconds(row.integer(5));
    session.epoch = row.integer(6);
    session.generation = row.integer(7);
    session.refresh_hash = row.blob(8);
    session.revoked_at = row.optional_time(9);
    session.revoke_reason = row.is_null(10) ? "" : row.text(10);
    session.kind = read_kind(row.text(11));
    return session;
}

Listed read_listed(const Statement& row) {
    return {read(row), row.text(12), row.integer(13), !row.is_null(14)};
}

Statement& ask(Database& database, std::string_view id) {
    database.approach("session", id);
    return database.prepare(fmt::format("SELECT {} FROM sessions WHERE id = ?1", columns)).with(id);
}

Statement& ask_listed(Database& database, std::string_view id) {
    database.approach("session", id);
    return database.prepare(fmt::format(listed, columns, "sessions.id = ?1")).with(id);
}

} // namespace

void insert(Database& database, const Session& session) {
    Statement& row = database.prepare(
        "INSERT INTO sessions (id, user_id, created_at, used_at, expires_at, idle_seconds, epoch,"
        " generation, kind, refresh_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    row.with(session.id, session.user_id, session.created_at, session.used_at, session.expires_at,
             std::int64_t{session.idle.count()}, session.epoch, session.generation,
             to_name(session.kind));
    row.bind_blob(10, session.refresh_hash).run();
}

std::optional<Session> find(Database& database, std::string_view id) {
    return ask(database, id).first(read);
}

void expect(Database& database, std::string_view id) {
    ask(database, id).expect();
}

void rotate(Database& database, std::string_view id, std::int64_t from,
            std::string_view refresh_hash, Time now) {
    database
        .prepare("UPDATE sessions SET generation = ?2 + 1, refresh_hash = ?3, used_at = ?4"
                 " WHERE id = ?1 AND generation = ?2 AND revoked_at IS NULL")
        .bind(1, id)
        .bind(2, from)
        .bind_blob(3, refresh_hash)
        .bind(4, now)
        .run();
}

bool revoke(Database& database, std::string_view id, std::string_view reason, Time now) {
    database
        .prepare("UPDATE sessions SET revoked_at = ?3, revoke_reason = ?2"
                 " WHERE id = ?1 AND revoked_at IS NULL")
        .with(id, reason, now)
        .run();
    return database.changes() > 0;
}

std::int64_t revoke_all(Database& database, std::string_view reason, Time now) {
    database
        .prepare("UPDATE sessions SET revoked_at = ?2, revoke_reason = ?1"
                 " WHERE revoked_at IS NULL AND expires_at > ?2")
        .with(reason, now)
        .run();
    return database.changes();
}

void remove(Database& database, std::string_view id) {
    database.prepare("DELETE FROM sessions WHERE id = ?1").with(id).run();
}

void remove_ended(Database& database, std::string_view user_id, Time until) {
    database.prepare("DELETE FROM sessions WHERE user_id = ?1 AND expires_at < ?2")
        .with(user_id, until)
        .run();
}

std::optional<Listed> find_listed(Database& database, std::string_view id) {
    return ask_listed(database, id).first(read_listed);
}

void expect_listed(Database& database, std::string_view id) {
    ask_listed(database, id).expect();
}

std::vector<Listed> list(Database& database, const Page& page) {
    // The ids are in order of time (UUID version 7), and "~" comes after all of them.
    Statement& rows =
        database.prepare(fmt::format(listed, columns,
                                     page.user_id.empty() ? "sessions.id < ?1"
                                                          : "sessions.id < ?1 AND user_id = ?3") +
                         " ORDER BY sessions.id DESC LIMIT ?2");
    rows.bind(1, page.after_id.empty() ? "~" : page.after_id).bind(2, page.limit);
    if (!page.user_id.empty())
        rows.bind(3, page.user_id);
    std::vector<Listed> out;
    while (rows.step())
        out.push_back(read_listed(rows));
    return out;
}

} // namespace auth::sessions_table
