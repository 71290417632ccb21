// ID tokens of workloads, as CI systems and clusters hand them to their jobs. Pure.
#pragma once

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/federation/id_token.h"
#include "core/key_files/key_set.h"
#include "core/sessions/access.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace auth {

// However long its issuer lets it live, a token is too old for a login from then on.
inline constexpr Seconds longest_id_token_age{3600};

// As judge_signed_by_issuer; then it must be for that audience alone, issued at most
// longest_id_token_age ago, and have a subject. A "jti", where it has one, is text.
[[nodiscard]] Verdict judge_workload_token(const KeySet& keys, std::string_view token,
                                           const IssuerRules& rules);

// What a valid token proves.
struct ProvedWorkload {
    Json claims;
    std::string digest; // tells the token from all others
    Time issued_at;
    Time usable_until; // it is refused from then on
    Remarks remarks{}; // as ProvedIdentity's
};
[[nodiscard]] ProvedWorkload proved_workload(const Verdict& verdict, std::string_view token);

} // namespace auth
