#include "core/codes/codes_table.h"

namespace auth::codes_table {
namespace {

Statement& ask(Database& database, std::string_view user_id, std::string_view purpose) {
    return database
        .prepare("SELECT mac, tries, issued_at, expires_at FROM codes"
                 " WHERE user_id = ?1 AND purpose = ?2")
        .with(user_id, purpose);
}

Statement& ask_requests(Database& database, std::string_view address, std::string_view purpose,
                        Time since) {
    return database
        .prepare("SELECT count(*), coalesce(min(requested_at), 0),"
                 " coalesce(max(CASE WHEN purpose = ?2 THEN requested_at END), 0)"
                 " FROM code_requests WHERE requested_at > ?1 AND address = ?3")
        .with(since, purpose)
        .bind_blob(3, address);
}

Statement& ask_requests_of_all(Database& database, Time since) {
    return database.prepare("SELECT count(*) FROM code_requests WHERE requested_at > ?1")
        .with(since);
}

} // namespace

void put(Database& database, std::string_view user_id, std::string_view purpose,
         const StoredCode& code) {
    Statement& insert = database.prepare(
        "INSERT INTO codes (user_id, purpose, mac, tries, issued_at, expires_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (user_id, purpose) DO UPDATE SET"
        " mac = excluded.mac, tries = excluded.tries, issued_at = excluded.issued_at,"
        " expires_at = excluded.expires_at");
    insert.bind(1, user_id).bind(2, purpose).bind_blob(3, code.mac).bind(4, code.tries);
    insert.bind(5, code.issued_at).bind(6, code.expires_at);
    insert.run();
}

std::optional<StoredCode> find(Database& database, std::string_view user_id,
                               std::string_view purpose) {
    return ask(database, user_id, purpose).first([](const Statement& at) {
        return StoredCode{at.blob(0), at.integer(1), at.time(2), at.time(3)};
    });
}

void expect(Database& database, std::string_view user_id, std::string_view purpose) {
    ask(database, user_id, purpose).expect();
}

void add_tries(Database& database, std::string_view user_id, std::string_view purpose,
               std::int64_t count) {
    database.prepare("UPDATE codes SET tries = tries + ?3 WHERE user_id = ?1 AND purpose = ?2")
        .with(user_id, purpose, count)
        .run();
}

bool remove(Database& database, std::string_view user_id, std::string_view purpose,
            std::string_view mac) {
    Statement& row =
        database.prepare("DELETE FROM codes WHERE user_id = ?1 AND purpose = ?2 AND mac = ?3");
    row.bind(1, user_id).bind(2, purpose).bind_blob(3, mac).run();
    return database.changes() > 0;
}

void remove_all(Database& database, std::string_view user_id) {
    database.prepare("DELETE FROM codes WHERE user_id = ?1").with(user_id).run();
}

void remove_all(Database& database) {
    database.prepare("DELETE FROM codes").run();
}

std::vector<std::pair<std::string, StoredCode>> list(Database& database, std::string_view user_id) {
    Statement& rows = database.prepare("SELECT purpose, mac, tries, issued_at, expires_at"
                                       " FROM codes WHERE user_id = ?1 ORDER BY purpose");
    rows.with(user_id);
    std::vector<std::pair<std::string, StoredCode>> out;
    while (rows.step())
        out.emplace_back(rows.text(0),
                         StoredCode{rows.blob(1), rows.integer(2), rows.time(3), rows.time(4)});
    return out;
}

Requests requests(Database& database, std::string_view address, std::string_view purpose,
                  Time since) {
    return ask_requests(database, address, purpose, since)
        .first([](const Statement& at) {
            return Requests{at.integer(0), at.time(1), at.time(2)};
        })
        .value_or(Requests{});
}

std::int64_t requests_of_all(Database& database, Time since) {
    return ask_requests_of_all(database, since)
        .first([](const Statement& at) { return at.integer(0); })
        .value_or(0);
}

void expect_requests(Database& database, std::string_view address, std::string_view purpose,
                     Time since) {
    ask_requests(database, address, purpose, since).expect();
}

void expect_requests_of_all(Database& database, Time since) {
    ask_requests_of_all(database, since).expect();
}

void add_request(Database& database, std::string_view address, std::string_view purpose, Time now) {
    Statement& row = database.prepare(
        "INSERT INTO code_requests (address, purpose, requested_at) VALUES (?1, ?2, ?3)");
    row.bind_blob(1, address).bind(2, purpose);
    row.bind(3, now).run();
}

void forget_requests(Database& database, Time before) {
    database.prepare("DELETE FROM code_requests WHERE requested_at < ?1").with(before).run();
}

} // namespace auth::codes_table
