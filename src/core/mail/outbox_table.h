// Table outbox: mails with their sealed content, and who is sending them.
#pragma once

#include "core/mail/outbox.h"

namespace auth::outbox_table {

// A mail as it is stored: `outside` has no content, which is sealed.
struct Row {
    Mail outside;
    std::string sealed;
};

void insert(Database& database, const Row& row);
[[nodiscard]] std::vector<Row> list(Database& database, const MailFilter& filter);
[[nodiscard]] std::optional<Row> find(Database& database, std::string_view id);
void remove(Database& database, std::string_view id);
std::int64_t remove(Database& database, const MailPurge& purge, Time now);

// Kept mails that could not be sent so far, and why the latest one could not.
struct Failing {
    std::int64_t mails = 0;
    std::string error;
};
[[nodiscard]] Failing failing(Database& database);

// The ids of kept mails that are due and that nobody is sending, oldest first.
[[nodiscard]] std::vector<std::string> due(Database& database, Time now, std::int64_t limit);
// Counts an attempt and keeps others off until `until`. False where somebody else is at it, or the
// mail is no longer kept. Call inside a Transaction.
[[nodiscard]] bool claim(Database& database, std::string_view id, Time now, Time until);
// Stores state, times, error and content, and ends the claim that lasts until `claimed_until`.
// False where that is no longer in force.
[[nodiscard]] bool end_claim(Database& database, const Row& row, Time claimed_until);

} // namespace auth::outbox_table
