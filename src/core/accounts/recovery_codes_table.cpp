#include "core/accounts/recovery_codes_table.h"

namespace auth::recovery_codes_table {

void add(Database& database, std::string_view user_id, std::string_view mac) {
    database.prepare("INSERT INTO recovery_codes (user_id, mac) VALUES (?1, ?2)")
        .bind(1, user_id)
        .bind_blob(2, mac)
        .run();
}

bool contains(Database& database, std::string_view user_id, std::string_view mac) {
    return database.prepare("SELECT 1 FROM recovery_codes WHERE user_id = ?1 AND mac = ?2")
        .bind(1, user_id)
        .bind_blob(2, mac)
        .any();
}

std::int64_t count(Database& database, std::string_view user_id) {
    return database.prepare("SELECT count(*) FROM recovery_codes WHERE user_id = ?1")
        .with(user_id)
        .first([](const Statement& at) { return at.integer(0); })
        .value_or(0);
}

bool remove(Database& database, std::string_view user_id, std::string_view mac) {
    database.prepare("DELETE FROM recovery_codes WHERE user_id = ?1 AND mac = ?2")
        .bind(1, user_id)
        .bind_blob(2, mac)
        .run();
    return database.changes() > 0;
}

void remove_all(Database& database, std::string_view user_id) {
    database.prepare("DELETE FROM recovery_codes WHERE user_id = ?1").with(user_id).run();
}

} // namespace auth::recovery_codes_table
