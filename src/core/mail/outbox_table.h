#pragma once

#include "core/mail/outbox.h"

namespace auth::outbox_table {

// A mail as it is stored: its content sealed.
struct Row {
    std::string id;
    std::string user_id;
    std::string kind;
    std::string state;
    std::string sealed;
    Time created_at;
};

void insert(Database& database, const Row& row);
void set_state(Database& database, std::string_view id, std::string_view state);
[[nodiscard]] std::vector<Row> list(Database& database, const MailFilter& filter);
[[nodiscard]] std::optional<Row> find(Database& database, std::string_view id);
void remove(Database& database, std::string_view id);
std::int64_t remove_before(Database& database, Time until);

} // namespace auth::outbox_table
