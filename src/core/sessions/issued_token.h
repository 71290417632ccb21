// Tokens that an operator issues for a user, without a login: for jobs, services and tests.
#pragma once

#include "core/base/json.h"
#include "core/base/secret.h"
#include "core/keys/signing_key.h"
#include "core/realm.h"
#include "core/sessions/session.h"
#include "core/users/user.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace auth {

inline constexpr Seconds longest_issued_life = std::chrono::days{366};

struct IssueOrder {
    std::optional<Seconds> ttl{};         // from 1 s to longest_issued_life; default session.idle
    std::vector<std::string> audiences{}; // default: the realm's own
    std::string scope{};
    Json claims = Json::object();    // further ones; none that claim_is_reserved
    const SigningKey* key = nullptr; // of this database; default: the one that signs
};

struct IssuedToken {
    User user;
    Session session; // of kind issued; ending it voids the token here
    Secret token;
    Time expires_at;
};

// Fails with not_found, refused (reason disabled) or usage.
[[nodiscard]] Result<IssuedToken> issue_token(Realm& realm, const UserRef& ref,
                                              const IssueOrder& order);

} // namespace auth
