#include "core/mail/outbox_table.h"

#include <limits>

namespace auth::outbox_table {
namespace {

MailState state_named(std::string_view name) {
    for (const MailState state : {MailState::sent, MailState::failed})
        if (name == to_name(state))
            return state;
    return MailState::kept; // the column's CHECK allows no other
}

Row read(const Statement& row) {
    Row out;
    Mail& mail = out.outside;
    mail.id = row.text(0);
    mail.user_id = row.is_null(1) ? "" : row.text(1);
    mail.kind = row.text(2);
    mail.state = state_named(row.text(3));
    out.sealed = row.blob(4);
    mail.created_at = row.time(5);
    mail.expires_at = row.optional_time(6);
    mail.attempts = row.integer(7);
    mail.next_attempt_at = row.optional_time(8);
    mail.error = row.is_null(9) ? "" : row.text(9);
    return out;
}

std::int64_t rows_at_most(std::int64_t limit) {
    return limit > 0 ? limit : std::numeric_limits<std::int64_t>::max();
}

} // namespace

void insert(Database& database, const Row& row) {
    Statement& insert = database.prepare(
        "INSERT INTO outbox (id, user_id, kind, state, sealed_mail, created_at, expires_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    const Mail& mail = row.outside;
    const auto user = mail.user_id.empty() ? std::nullopt : std::optional(mail.user_id);
    insert.bind(1, mail.id)
        .bind(3, mail.kind)
        .bind(4, to_name(mail.state))
        .bind_blob(5, row.sealed);
    insert.bind(2, user).bind(6, mail.created_at).bind(7, mail.expires_at);
    insert.run();
}

std::vector<Row> list(Database& database, const MailFilter& filter) {
    Statement& rows = database.prepare(
        "SELECT id, user_id, kind, state, sealed_mail, created_at, expires_at, attempts,"
        " next_attempt_at, error FROM outbox"
        " WHERE (?1 = '' OR user_id = ?1) AND (?2 = '' OR kind = ?2)"
        " ORDER BY seq DESC LIMIT ?3");
    rows.with(filter.user_id, filter.kind, rows_at_most(filter.limit));
    std::vector<Row> out;
    while (rows.step())
        out.push_back(read(rows));
    return out;
}

std::optional<Row> find(Database& database, std::string_view id) {
    Statement& row = database.prepare(
        "SELECT id, user_id, kind, state, sealed_mail, created_at, expires_at, attempts,"
        " next_attempt_at, error FROM outbox WHERE id = ?1");
    row.with(id);
    return row.first(read);
}

void remove(Database& database, std::string_view id) {
    database.prepare("DELETE FROM outbox WHERE id = ?1").with(id).run();
}

std::int64_t remove(Database& database, const MailPurge& purge, Time now) {
    database
        .prepare("DELETE FROM outbox WHERE created_at < ?1"
                 " AND (?2 = 0 OR state <> 'kept' OR expires_at <= ?3)")
        .with(purge.until, purge.spare_waiting, now)
        .run();
    return database.changes();
}

Failing failing(Database& database) {
    Failing out;
    Statement& rows = database.prepare("SELECT error FROM outbox WHERE state = 'kept'"
                                       " AND error IS NOT NULL ORDER BY seq DESC");
    for (; rows.step(); ++out.mails)
        if (out.mails == 0)
            out.error = rows.text(0);
    return out;
}

std::vector<std::string> due(Database& database, Time now, std::int64_t limit) {
    Statement& rows = database.prepare("SELECT id FROM outbox WHERE state = 'kept'"
                                       " AND (next_attempt_at IS NULL OR next_attempt_at <= ?1)"
                                       " AND (claimed_until IS NULL OR claimed_until <= ?1)"
                                       " ORDER BY seq LIMIT ?2");
    rows.with(now, rows_at_most(limit));
    std::vector<std::string> out;
    while (rows.step())
        out.push_back(rows.text(0));
    return out;
}

bool claim(Database& database, std::string_view id, Time now, Time until) {
    database
        .prepare("UPDATE outbox SET attempts = attempts + 1, claimed_until = ?3"
                 " WHERE id = ?1 AND state = 'kept'"
                 " AND (next_attempt_at IS NULL OR next_attempt_at <= ?2)"
                 " AND (claimed_until IS NULL OR claimed_until <= ?2)")
        .with(id, now, until)
        .run();
    return database.changes() > 0;
}

bool end_claim(Database& database, const Row& row, Time claimed_until) {
    Statement& update =
        database.prepare("UPDATE outbox SET state = ?2, sealed_mail = ?3, next_attempt_at = ?4,"
                         " error = ?5, claimed_until = NULL WHERE id = ?1 AND claimed_until = ?6");
    const Mail& mail = row.outside;
    const auto reason = mail.error.empty() ? std::nullopt : std::optional(mail.error);
    update.bind(1, mail.id).bind(2, to_name(mail.state)).bind_blob(3, row.sealed);
    update.bind(4, mail.next_attempt_at).bind(5, reason).bind(6, claimed_until).run();
    return database.changes() > 0;
}

} // namespace auth::outbox_table
