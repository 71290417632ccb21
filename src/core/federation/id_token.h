// ID tokens (OpenID Connect Core 1.0 sections 2 and 3.1.3). Pure.
#pragma once

#include "core/federation/identity.h"
#include "core/key_files/key_set.h"
#include "core/sessions/access.h"

#include <optional>
#include <string_view>

namespace auth {

// What the token must fit. The texts outlive the call.
struct IdTokenRules {
    std::string_view issuer;
    std::string_view client_id;
    std::optional<std::string_view> nonce; // none where none was sent: by a device
    std::string_view access_token;         // that came with it; "" for none
    Time now;
};

// As answer_of, but a shared secret answers for nothing: keys that an issuer publishes are not
// secret.
[[nodiscard]] KeyAnswer public_answer(const KeySet& keys, const Json& header);

// What every ID token must fit. The texts outlive the call.
struct IssuerRules {
    std::string_view issuer;
    std::string_view audience;
    Time now;
};
// Signature by a key of the issuer, never by a shared secret; then iss, aud, exp, nbf and iat. The
// issuer's clock may be a minute off.
[[nodiscard]] Verdict judge_signed_by_issuer(const KeySet& keys, std::string_view token,
                                             const IssuerRules& rules);
// The same, then azp, sub, nonce and, where the token has one, at_hash.
[[nodiscard]] Verdict judge_id_token(const KeySet& keys, std::string_view token,
                                     const IdTokenRules& rules);
// Whether it names a key that is not in the set.
[[nodiscard]] bool wants_other_keys(const Verdict& verdict);
// Who a valid token speaks of.
[[nodiscard]] ProvedIdentity identity_of(const Json& claims);
// Adds what the userinfo endpoint says (section 5.3). Fails with invalid_token, reason
// "wrong_subject", where it speaks of somebody else.
[[nodiscard]] Status add_userinfo(ProvedIdentity& identity, const Json& userinfo);

} // namespace auth
