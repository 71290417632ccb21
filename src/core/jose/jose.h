// Compact JWS and JWT (RFC 7515, 7519, 8725): strict parsing, signatures, claim rules. No network,
// no clock.
#pragma once

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/jose/jwk.h"

#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// The segments of a compact JWS, as given; nothing is decoded but the signature.
struct Segments {
    std::string_view header;
    std::string_view payload;
    std::string_view signing_input; // both, with the dot between
    std::string signature;          // raw bytes; empty in an unsecured token
};

inline constexpr int max_token_depth = 16;

// Header, payload and signature as they were written. Fails as split_token, which reads them.
[[nodiscard]] Result<std::array<std::string_view, 3>> cut_token(std::string_view text);
// The JSON of the segment `what`, which has to be an object; failures are named as the token's.
[[nodiscard]] Result<Json> object_of(std::string_view what, Result<Json> parsed);

// Exactly three segments, at most 64 KiB. Fails with invalid_token: reason "malformed", "too_long"
// or "encrypted" (a JWE).
[[nodiscard]] Result<Segments> split_token(std::string_view text);
// Canonical base64url (RFC 7515 section 2). `what` names the segment in messages.
[[nodiscard]] Result<std::string> decode_segment(std::string_view what, std::string_view segment);
// UTF-8 JSON objects without duplicate names, nested at most 16 deep. Fails with invalid_token:
// reason "malformed", "too_long" (a header over 8 KiB) or "duplicate_member".
[[nodiscard]] Result<Json> parse_header(std::string_view segment);
[[nodiscard]] Result<Json> parse_claims(std::string_view payload);

// A token taken apart. Nothing in it is trusted yet.
struct Token {
    Json header;
    Json claims;
    std::string signing_input; // first two segments, as given
    std::string signature;     // raw bytes; empty in an unsecured token
};

// All of the above; fails as they do.
[[nodiscard]] Result<Token> parse_token(std::string_view text);

// What in the header forbids trust whatever the key (RFC 8725 section 3): "alg" missing or none,
// unknown "crit", "b64" false, wrong types.
[[nodiscard]] std::vector<Problem> check_header(const Json& header);
// The members that bring a key or tell where one is, which chooses none: jwk, jku, x5u, x5c.
[[nodiscard]] std::vector<std::string> keys_in_header(const Json& header);

// The algorithm named by the header must be the key's (wrong_algorithm); then the signature must be
// right (bad_signature).
[[nodiscard]] std::optional<Problem> check_signature(const Json& header,
                                                     std::string_view signing_input,
                                                     std::string_view signature,
                                                     const VerificationKey& key);

inline constexpr Seconds max_leeway{60};

inline constexpr std::string_view access_type = "at+jwt"; // RFC 9068 section 2.1

// What a token for an API may be called; all others were made for another purpose.
inline constexpr std::array<std::string_view, 3> usual_types{"jwt", "jose", access_type};
// What OpenID providers call ID tokens.
inline constexpr std::array<std::string_view, 3> id_token_types{"jwt", "jose", "id+jwt"};

struct ClaimRules {
    Time now;
    Seconds leeway{0}; // at most max_leeway
    // Header "typ" (RFC 9068), compared without case and "application/".
    std::optional<std::string> type;
    // Where no type is required, the ones that pass, besides none at all (RFC 8725 section 3.11);
    // empty for any.
    std::span<const std::string_view> types = usual_types;
    std::optional<std::string> issuer;   // exact
    std::optional<std::string> audience; // must be among them; unset waives the claim
    bool audience_optional = false;      // a token without "aud" passes as well
    std::optional<std::string> subject;  // exact
};

// exp required and not passed, nbf not ahead, iat at most 60 s ahead, and the rules above; all
// failures, none hidden behind the first.
[[nodiscard]] std::vector<Problem> check_claims(const Json& header, const Json& claims,
                                                const ClaimRules& rules);

// When a token was made: "iat", or without it the "signedDate" of the App Store's transactions, in
// milliseconds; `now` where it does not say. Nothing, and what is wrong in `problems`, for what is
// not a time since 1970 or is more than 60 s ahead.
[[nodiscard]] std::optional<Time> time_of_issue(std::vector<Problem>& problems, const Json& claims,
                                                Time now);

// Whether the header's "typ" says so, compared without case and "application/".
[[nodiscard]] bool is_access_token(const Json& header);

// Whose tokens a key may sign. A signature proves who signed, not that they may say it.
struct KeyOrigin {
    bool signs_here = false;  // this database signs with it, in the name of `own_issuer`
    std::string own_issuer{}; // whether it signs with it or not
    // Who else signs with it: nobody, or the issuer that their tokens have to name. "" is for
    // tokens that name none, any_issuer for all but ours.
    std::optional<std::string> others{};
};
inline constexpr std::string_view any_issuer = "*";

// Whether a token that the key signed speaks for this database, so that its session decides.
[[nodiscard]] bool is_ours(const KeyOrigin& origin, const Json& header, const Json& claims);
// Adds what is wrong with one that does not: it must not pretend to be an access token of ours
// ("wrong_type"), and must come from whom the key speaks for ("wrong_issuer", "missing_claim").
void check_origin(std::vector<Problem>& problems, const Json& header, const Json& claims,
                  const KeyOrigin& origin);

// "valid", "expired", "not_yet_valid" or "invalid", from all problems found.
[[nodiscard]] std::string token_status(const std::vector<Problem>& problems);

// Signs header {alg, typ, kid} and the claims. HS256 keys without a kid leave that member out.
[[nodiscard]] std::string sign_token(const SigningKey& key, std::string_view type,
                                     const Json& claims);

} // namespace auth
