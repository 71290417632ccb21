// Who a user is at an identity provider: an issuer's subject. Each is one user's at most.
#pragma once

#include "core/base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

struct LinkedIdentity {
    std::string issuer; // compared exactly
    std::string subject;
    std::string user_id;
    Time linked_at;
    std::optional<Time> last_login_at{};
};

// A subject: 1 to 255 printable ASCII characters (OpenID Connect Core section 2).
[[nodiscard]] bool is_subject(std::string_view text);

} // namespace auth
