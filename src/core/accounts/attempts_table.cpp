#include "core/accounts/attempts_table.h"

#include <fmt/format.h>

namespace auth::attempts_table {
namespace {

// Those that may have to wait at the time of parameter 1; blocked_until() has the last word.
constexpr std::string_view may_wait =
    "(blocked_until > ?1 OR (open_until > 0 AND open_until <= ?1))";

constexpr std::string_view columns =
    "failures, code_failures, blocked_until, factor_failures, open_until, unanswered, user_id";

Attempts read(const Statement& row, int first) {
    return {.failures = row.integer(first),
            .code_failures = row.integer(first + 1),
            .blocked_until = row.time(first + 2),
            .factor_failures = row.integer(first + 3),
            .open_until = row.time(first + 4),
            .unanswered = row.integer(first + 5),
            .user_id = row.optional_text(first + 6).value_or("")};
}

Statement& ask(Database& database, std::string_view address) {
    return database.prepare(fmt::format("SELECT {} FROM attempts WHERE address = ?1", columns))
        .bind_blob(1, address);
}

Statement& ask_any_blocked(Database& database, Time now) {
    return database.prepare(fmt::format("SELECT 1 FROM attempts WHERE {} LIMIT 1", may_wait))
        .with(now);
}

} // namespace

Attempts find(Database& database, std::string_view address) {
    return ask(database, address)
        .first([](const Statement& at) { return read(at, 0); })
        .value_or(Attempts{});
}

void expect(Database& database, std::string_view address) {
    ask(database, address).expect();
}

void put(Database& database, std::string_view address, const Attempts& attempts) {
    database
        .prepare(fmt::format("INSERT INTO attempts (address, {})"
                             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                             " ON CONFLICT (address) DO UPDATE SET failures = excluded.failures,"
                             " code_failures = excluded.code_failures,"
                             " blocked_until = excluded.blocked_until,"
                             " factor_failures = excluded.factor_failures,"
                             " open_until = excluded.open_until,"
                             " unanswered = excluded.unanswered, user_id = excluded.user_id",
                             columns))
        .bind_blob(1, address)
        .bind(2, attempts.failures)
        .bind(3, attempts.code_failures)
        .bind(4, attempts.blocked_until)
        .bind(5, attempts.factor_failures)
        .bind(6, attempts.open_until)
        .bind(7, attempts.unanswered)
        .bind(8, attempts.user_id.empty() ? std::nullopt : std::optional(attempts.user_id))
        .run();
}

void release(Database& database, std::string_view address) {
    database.prepare("UPDATE attempts SET user_id = NULL WHERE address = ?1")
        .bind_blob(1, address)
        .run();
}

void forgive(Database& database, std::string_view address, const Forgiven& forgiven) {
    database
        .prepare("UPDATE attempts SET failures = 0, unanswered = 0, open_until = 0,"
                 " code_failures = code_failures * ?2, factor_failures = factor_failures * ?3,"
                 " blocked_until = CASE WHEN factor_failures * ?3 >= ?4 THEN ?5 ELSE 0 END"
                 " WHERE address = ?1")
        .bind_blob(1, address)
        .bind(2, !forgiven.codes)
        .bind(3, !forgiven.factors)
        .bind(4, lock_at)
        .bind(5, locked_for_good)
        .run();
    // A row that is gone cannot be held to its past.
    if (database.restricted())
        return;
    database
        .prepare("DELETE FROM attempts WHERE address = ?1 AND failures = 0 AND code_failures = 0"
                 " AND factor_failures = 0")
        .bind_blob(1, address)
        .run();
}

void remove(Database& database, std::string_view address) {
    database.prepare("DELETE FROM attempts WHERE address = ?1").bind_blob(1, address).run();
}

bool any_blocked(Database& database, Time now) {
    return ask_any_blocked(database, now).any();
}

void expect_any_blocked(Database& database, Time now) {
    ask_any_blocked(database, now).expect();
}

std::unordered_map<std::string, Time> blocked(Database& database,
                                              std::span<const std::string> addresses, Time now) {
    std::string places;
    for (std::size_t i = 0; i < addresses.size(); ++i)
        places += fmt::format("{}?{}", i > 0 ? ", " : "", i + 2);
    Statement& rows = database.prepare(
        fmt::format("SELECT address, {} FROM attempts WHERE {} AND address IN ({})", columns,
                    may_wait, places));
    int place = 1;
    rows.bind(place, now);
    for (const std::string& address : addresses)
        rows.bind_blob(++place, address);
    std::unordered_map<std::string, Time> found;
    while (rows.step())
        if (const Time until = blocked_until(read(rows, 1), now); until > now)
            found.emplace(rows.blob(0), until);
    return found;
}

} // namespace auth::attempts_table
