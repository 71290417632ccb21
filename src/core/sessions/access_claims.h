// What an access token says (RFC 9068 section 2.2), and what a setting adds to it.
#pragma once

#include "core/realm.h"
#include "core/sessions/session.h"
#include "core/users/user.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// The aud of this realm's tokens: token.audience, else the issuer; nothing with HS256 where none
// was given.
[[nodiscard]] std::optional<std::string> own_audience(const Settings& settings);

struct AccessOrder {
    std::vector<std::string> audiences{}; // none for own_audience
    std::string scope{};                  // RFC 8693 section 4.2; empty for none
    Json extra = Json::object();          // further claims; none that claim_is_reserved
    Time issued_at{};
    Time expires_at{};
};

[[nodiscard]] Json access_claims(Realm& realm, const User& user, const Session& session,
                                 const AccessOrder& order);

// Whether the program alone sets this claim.
[[nodiscard]] bool claim_is_reserved(std::string_view name);

} // namespace auth
