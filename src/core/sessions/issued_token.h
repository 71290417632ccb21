// Sessions of one token, which nothing renews: those that an operator issues for a user, without a
// login, and those of workloads.
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

// Opens a session for a workload that was proved to be the user's, and signs its token, which
// carries `user.roles` as they are and lives as long as the session: `ttl`, or session.max where
// that is shorter. Call inside a Transaction.
[[nodiscard]] Grant open_workload_session(Realm& realm, const SigningKey& key, const User& user,
                                          Seconds ttl);

} // namespace auth
