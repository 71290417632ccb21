// Table totp: the authenticator secrets of each user, sealed.
#pragma once

#include "core/store/database.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace auth::totp_table {

enum class State { pending, confirmed };

struct Row {
    std::string user_id;
    std::string algorithm; // "SHA1", "SHA256" or "SHA512"
    std::int64_t digits = 6;
    Seconds period{30};
    std::string sealed_secret;
    std::int64_t last_step = 0; // the newest accepted
    Time changed_at;            // when it came into its state
    Time held_since;            // when its user came to have one, whichever it was
    std::string set_by;         // as of passwords
};

[[nodiscard]] std::optional<Row> find(Database& database, std::string_view user_id, State state);
// As Statement::expect, for find().
void expect(Database& database, std::string_view user_id, State state);
// Of those users, by their ids.
[[nodiscard]] std::unordered_map<std::string, Row>
of_users(Database& database, std::span<const std::string_view> user_ids, State state);
void expect_of_users(Database& database, std::span<const std::string_view> user_ids, State state);
// In place of the user's earlier one of that state.
void put(Database& database, const Row& row, State state);
// Moves on to a newer step. False where that step or a newer one was accepted already, or the
// secret is no longer the one that came at `changed_at`.
[[nodiscard]] bool advance(Database& database, std::string_view user_id, std::int64_t step,
                           Time changed_at);
[[nodiscard]] bool remove(Database& database, std::string_view user_id, State state);
// The confirmed one was proved to be of who proved the address.
void vouch(Database& database, std::string_view user_id);

} // namespace auth::totp_table
