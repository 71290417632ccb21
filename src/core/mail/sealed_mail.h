// A mail's content under the key file.
#pragma once

#include "core/mail/outbox_table.h"

namespace auth {

[[nodiscard]] std::string seal_mail(Realm& realm, const Mail& mail);
// Throws Failure where the row was altered, or without the key.
[[nodiscard]] Mail open_mail(const Realm& realm, const outbox_table::Row& row);
// The same, but nothing where the row was altered.
[[nodiscard]] std::optional<Mail> try_open_mail(const Realm& realm, const outbox_table::Row& row);

} // namespace auth
