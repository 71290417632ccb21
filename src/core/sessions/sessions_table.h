// Table sessions: each session with its current refresh token.
#pragma once

#include "core/sessions/session.h"

#include <vector>

namespace auth::sessions_table {

void insert(Database& database, const Session& session);
[[nodiscard]] std::optional<Session> find(Database& database, std::string_view id);
// As Statement::expect, for find() and find_listed().
void expect(Database& database, std::string_view id);
void expect_listed(Database& database, std::string_view id);
// Moves a session that is still in generation `from` to the next one.
void rotate(Database& database, std::string_view id, std::int64_t from,
            std::string_view refresh_hash, Time now);
[[nodiscard]] bool revoke(Database& database, std::string_view id, std::string_view reason,
                          Time now);
// Of all users; says how many.
std::int64_t revoke_all(Database& database, std::string_view reason, Time now);
void remove(Database& database, std::string_view id);
// Forgets what ended before `until`.
void remove_ended(Database& database, std::string_view user_id, Time until);

// A page of sessions with what their users have to say of them, the newest first.
struct Page {
    std::string user_id{};  // "" for all users
    std::string after_id{}; // the last one of the page before; "" for the first page
    std::int64_t limit = 500;
};
struct Listed {
    Session session;
    std::string email;
    std::int64_t user_epoch = 0;
    bool user_disabled = false;
};
[[nodiscard]] std::optional<Listed> find_listed(Database& database, std::string_view id);
[[nodiscard]] std::vector<Listed> list(Database& database, const Page& page);

} // namespace auth::sessions_table
