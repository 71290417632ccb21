#include "core/mail/outbox_table.h"

namespace auth::outbox_table {
namespace {

Row read(const Statement& row) {
    return {row.text(0), row.is_null(1) ? "" : row.text(1), row.text(2), row.text(3), row.blob(4),
            row.time(5)};
}

} // namespace

void insert(Database& database, const Row& row) {
    Statement& insert =
        database.prepare("INSERT INTO outbox (id, user_id, kind, state, sealed_mail, created_at)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    const auto user = row.user_id.empty() ? std::nullopt : std::optional(row.user_id);
    insert.bind(1, row.id).bind(3, row.kind).bind(4, row.state).bind_blob(5, row.sealed);
    insert.bind(2, user).bind(6, row.created_at);
    insert.run();
}

void set_state(Database& database, std::string_view id, std::string_view state) {
    database.prepare("UPDATE outbox SET state = ?2 WHERE id = ?1").with(id, state).run();
}

std::vector<Row> list(Database& database, const MailFilter& filter) {
    Statement& rows =
        database.prepare("SELECT id, user_id, kind, state, sealed_mail, created_at FROM outbox"
                         " WHERE (?1 = '' OR user_id = ?1) AND (?2 = '' OR kind = ?2)"
                         " ORDER BY seq DESC LIMIT ?3");
    rows.with(filter.user_id, filter.kind, filter.limit > 0 ? filter.limit : std::int64_t{-1});
    std::vector<Row> out;
    while (rows.step())
        out.push_back(read(rows));
    return out;
}

std::optional<Row> find(Database& database, std::string_view id) {
    Statement& row = database.prepare(
        "SELECT id, user_id, kind, state, sealed_mail, created_at FROM outbox WHERE id = ?1");
    row.with(id);
    return row.first(read);
}

void remove(Database& database, std::string_view id) {
    database.prepare("DELETE FROM outbox WHERE id = ?1").with(id).run();
}

std::int64_t remove_before(Database& database, Time until) {
    database.prepare("DELETE FROM outbox WHERE created_at < ?1").with(until).run();
    return database.changes();
}

} // namespace auth::outbox_table
