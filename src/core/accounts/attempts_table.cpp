#include "core/accounts/attempts_table.h"

#include <fmt/format.h>

namespace auth::attempts_table {

Attempts find(Database& database, std::string_view address) {
    Statement& row = database.prepare(
        "SELECT failures, code_failures, blocked_until, factor_failures FROM attempts"
        " WHERE address = ?1");
    row.bind_blob(1, address);
    return row
        .first([](const Statement& at) {
            return Attempts{at.integer(0), at.integer(1), at.time(2), at.integer(3)};
        })
        .value_or(Attempts{});
}

void put(Database& database, std::string_view address, const Attempts& attempts) {
    database
        .prepare("INSERT INTO attempts"
                 " (address, failures, code_failures, blocked_until, factor_failures)"
                 " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (address) DO UPDATE SET"
                 " failures = excluded.failures, code_failures = excluded.code_failures,"
                 " blocked_until = excluded.blocked_until,"
                 " factor_failures = excluded.factor_failures")
        .bind_blob(1, address)
        .bind(2, attempts.failures)
        .bind(3, attempts.code_failures)
        .bind(4, attempts.blocked_until)
        .bind(5, attempts.factor_failures)
        .run();
}

void remove(Database& database, std::string_view address) {
    database.prepare("DELETE FROM attempts WHERE address = ?1").bind_blob(1, address).run();
}

bool any_blocked(Database& database, Time now) {
    Statement& row = database.prepare("SELECT 1 FROM attempts WHERE blocked_until > ?1 LIMIT 1");
    row.with(now);
    return row.any();
}

std::unordered_map<std::string, Time> blocked(Database& database,
                                              std::span<const std::string> addresses, Time now) {
    std::string places;
    for (std::size_t i = 0; i < addresses.size(); ++i)
        places += fmt::format("{}?{}", i > 0 ? ", " : "", i + 2);
    Statement& rows = database.prepare(fmt::format(
        "SELECT address, blocked_until FROM attempts WHERE blocked_until > ?1 AND address IN ({})",
        places));
    int place = 1;
    rows.bind(place, now);
    for (const std::string& address : addresses)
        rows.bind_blob(++place, address);
    std::unordered_map<std::string, Time> found;
    while (rows.step())
        found.emplace(rows.blob(0), rows.time(1));
    return found;
}

} // namespace auth::attempts_table
