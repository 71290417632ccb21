#include "core/accounts/totp_table.h"

#include "core/store/text_list.h"

#include <fmt/format.h>

namespace auth::totp_table {
namespace {

constexpr std::string_view select =
    "SELECT user_id, algorithm, digits, period, sealed_secret, last_step, changed_at, held_since,"
    " set_by FROM totp WHERE";

Row read(const Statement& row) {
    return {row.text(0), row.text(1),    row.integer(2), Seconds(row.integer(3)),
            row.blob(4), row.integer(5), row.time(6),    row.time(7),
            row.text(8)};
}

std::string_view to_name(State state) {
    return state == State::pending ? "pending" : "confirmed";
}

Statement& ask(Database& database, std::string_view user_id, State state) {
    return database.prepare(fmt::format("{} user_id = ?1 AND state = ?2", select))
        .with(user_id, to_name(state));
}

Statement& select_of_users(Database& database, std::span<const std::string_view> user_ids,
                           State state) {
    return database
        .prepare(fmt::format("{} user_id IN ({}) AND state = ?2", select, texts_at(database, "?1")))
        .with(text_list(user_ids), to_name(state));
}

} // namespace

std::optional<Row> find(Database& database, std::string_view user_id, State state) {
    return ask(database, user_id, state).first(read);
}

void expect(Database& database, std::string_view user_id, State state) {
    ask(database, user_id, state).expect();
}

std::unordered_map<std::string, Row>
of_users(Database& database, std::span<const std::string_view> user_ids, State state) {
    Statement& rows = select_of_users(database, user_ids, state);
    std::unordered_map<std::string, Row> found;
    while (rows.step())
        found.emplace(rows.text(0), read(rows));
    return found;
}

void expect_of_users(Database& database, std::span<const std::string_view> user_ids, State state) {
    select_of_users(database, user_ids, state).expect();
}

void put(Database& database, const Row& row, State state) {
    database
        .prepare("INSERT INTO totp (user_id, state, algorithm, digits, period, sealed_secret,"
                 " last_step, changed_at, held_since, set_by)"
                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                 " ON CONFLICT (user_id, state) DO UPDATE SET algorithm = excluded.algorithm,"
                 " digits = excluded.digits, period = excluded.period,"
                 " sealed_secret = excluded.sealed_secret, last_step = excluded.last_step,"
                 " changed_at = excluded.changed_at, held_since = excluded.held_since,"
                 " set_by = excluded.set_by")
        .bind(1, row.user_id)
        .bind(2, to_name(state))
        .bind(3, row.algorithm)
        .bind(4, row.digits)
        .bind(5, row.period.count())
        .bind_blob(6, row.sealed_secret)
        .bind(7, row.last_step)
        .bind(8, row.changed_at)
        .bind(9, row.held_since)
        .bind(10, row.set_by)
        .run();
}

bool advance(Database& database, std::string_view user_id, std::int64_t step, Time changed_at) {
    database
        .prepare("UPDATE totp SET last_step = ?2 WHERE user_id = ?1 AND state = 'confirmed'"
                 " AND last_step < ?2 AND changed_at = ?3")
        .with(user_id, step, changed_at)
        .run();
    return database.changes() > 0;
}

bool remove(Database& database, std::string_view user_id, State state) {
    database.prepare("DELETE FROM totp WHERE user_id = ?1 AND state = ?2")
        .with(user_id, to_name(state))
        .run();
    return database.changes() > 0;
}

void vouch(Database& database, std::string_view user_id) {
    database
        .prepare("UPDATE totp SET set_by = 'subject' WHERE user_id = ?1 AND state = 'confirmed'"
                 " AND set_by = 'signup'")
        .with(user_id)
        .run();
}

} // namespace auth::totp_table
