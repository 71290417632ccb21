// Links that log in: a long random token sent by mail, single use, bound to a user, stored as a
// MAC.
#pragma once

#include "core/base/clock.h"
#include "core/base/secret.h"
#include "core/codes/code.h"
#include "core/mail/mailer.h"
#include "core/realm.h"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

struct StoredLink {
    std::string user_id;
    std::string mac; // 32 bytes
    Time issued_at;
    Time expires_at;
};

// A token of 256 bits that replaces the user's earlier one. Call inside a Transaction.
[[nodiscard]] Secret issue_link(Realm& realm, std::string_view user_id);
// Nothing for a token that was used, replaced or never there.
[[nodiscard]] std::optional<StoredLink> find_link(const Realm& realm, const Secret& token);
// Pure: a link that was found is right or expired.
[[nodiscard]] CodeVerdict judge(const StoredLink& link, Time now);
// Uses it up. False where another process did so first. Call inside a Transaction.
[[nodiscard]] bool consume_link(Realm& realm, const StoredLink& link);

// What the mail says: links.base_url with the token as its parameter; "" where none is set.
[[nodiscard]] std::string link_url(const Settings& settings, const Secret& token);
// The token, out of the whole link where that was given. Fails with usage, field "link".
[[nodiscard]] Result<Secret> parse_link(std::string_view typed);

// Whether the mail's link would no longer be taken: it has expired, or was used or replaced.
[[nodiscard]] bool link_is_dead(Realm& realm, const Mail& mail);

} // namespace auth
