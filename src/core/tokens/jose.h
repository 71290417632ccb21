// Compact JWS and JWT (RFC 7515, 7519, 8725): strict parsing, signatures, claim rules. No network,
// no clock.
#pragma once

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/tokens/jwk.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// A token taken apart. Nothing in it is trusted yet.
struct Token {
    Json header;
    Json claims;
    std::string signing_input; // first two segments, as given
    std::string signature;     // raw bytes; empty in an unsecured token
};

// Takes apart exactly three canonical base64url segments holding UTF-8 JSON objects without
// duplicate names, nested at most 16 deep; header at most 8 KiB, token at most 64 KiB. Fails with
// invalid_token: reason "malformed", "too_long", "duplicate_member" or "encrypted" (a JWE).
[[nodiscard]] Result<Token> parse_token(std::string_view text);

// One thing wrong with a token; the codes are stable.
struct Problem {
    std::string code;  // "expired", "bad_signature", "wrong_issuer", …
    std::string claim; // the claim or header member at fault, or empty
    std::string detail;
};

// What in the header forbids trust whatever the key (RFC 8725 section 3): "alg" missing or none,
// unknown "crit", "b64" false, embedded or referenced keys (jwk, jku, x5u, x5c), wrong types.
[[nodiscard]] std::vector<Problem> check_header(const Token& token);

// The algorithm named by the header must be the key's (code "wrong_algorithm"); then the signature
// must be right (code "bad_signature").
[[nodiscard]] std::optional<Problem> check_signature(const Token& token,
                                                     const VerificationKey& key);

struct ClaimRules {
    Time now;
    Seconds leeway{0}; // at most 60 s
    // Header "typ" (RFC 9068), compared without case and "application/".
    std::optional<std::string> type;
    std::optional<std::string> issuer;   // exact
    std::optional<std::string> audience; // must be among them; unset waives the claim
    std::optional<std::string> subject;  // exact
};

// exp required and not passed, nbf not ahead, iat at most 60 s ahead, and the rules above; all
// failures, none hidden behind the first.
[[nodiscard]] std::vector<Problem> check_claims(const Token& token, const ClaimRules& rules);

// "valid", "expired", "not_yet_valid" or "invalid", from all problems found.
[[nodiscard]] std::string token_status(const std::vector<Problem>& problems);

// Signs header {alg, typ, kid} and the claims. HS256 keys without a kid leave that member out.
[[nodiscard]] std::string sign_token(const SigningKey& key, std::string_view type,
                                     const Json& claims);

} // namespace auth
