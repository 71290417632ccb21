#include "core/accounts/login_places_table.h"

namespace auth::login_places_table {

namespace {

Statement& ask(Database& database, std::string_view user_id, std::string_view place) {
    return database
        .prepare("SELECT count(*), coalesce(max(CASE WHEN place = ?2 THEN 1 ELSE 0 END), 0)"
                 " FROM login_places WHERE user_id = ?1")
        .bind(1, user_id)
        .bind_blob(2, place);
}

} // namespace

Known look(Database& database, std::string_view user_id, std::string_view place) {
    return ask(database, user_id, place)
        .first([](const Statement& at) {
            return Known{at.integer(0) > 0, at.integer(1) == 1};
        })
        .value_or(Known{});
}

void expect(Database& database, std::string_view user_id, std::string_view place) {
    ask(database, user_id, place).expect();
}

void insert(Database& database, std::string_view user_id, std::string_view place, Time now) {
    Statement& row =
        database.prepare("INSERT INTO login_places (user_id, place, first_at) VALUES (?1, ?2, ?3)");
    row.bind(1, user_id).bind_blob(2, place).bind(3, now).run();
}

} // namespace auth::login_places_table
