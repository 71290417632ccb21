#include "core/accounts/recovery_codes_table.h"

namespace auth::recovery_codes_table {

void add(Database& database, std::string_view user_id, std::string_view mac,
         std::string_view set_by) {
    database.prepare("INSERT INTO recovery_codes (user_id, mac, set_by) VALUES (?1, ?2, ?3)")
        .bind(1, user_id)
        .bind_blob(2, mac)
        .bind(3, set_by)
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

std::int64_t remove_unproved(Database& database, std::string_view user_id) {
    database.prepare("DELETE FROM recovery_codes WHERE user_id = ?1 AND set_by = 'signup'")
        .with(user_id)
        .run();
    return database.changes();
}

void vouch(Database& database, std::string_view user_id) {
    database
        .prepare("UPDATE recovery_codes SET set_by = 'subject' WHERE user_id = ?1"
                 " AND set_by = 'signup'")
        .with(user_id)
        .run();
}

} // namespace auth::recovery_codes_table
