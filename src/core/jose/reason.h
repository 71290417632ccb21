// Why a token, or a key that should verify one, is refused: the only place that knows the reasons'
// names, which are stable, and what each says of the token.
#pragma once

#include "core/base/result.h"

#include <span>
#include <string>
#include <string_view>

namespace auth {

enum class Reason {
    // the text
    malformed,
    duplicate_member,
    too_long,
    encrypted,
    // its algorithm
    unsecured,
    missing_algorithm,
    unknown_algorithm,
    wrong_algorithm,
    // the header
    bad_header,
    critical_header,
    embedded_key,
    // the key
    unknown_key,
    ambiguous_key,
    revoked_key,
    retired_key,
    weak_key,
    malformed_key,
    unsupported_key,
    untrusted_certificate,
    // the signature
    bad_signature,
    // time
    expired,
    not_yet_valid,
    issued_in_future,
    // the claims
    wrong_issuer,
    wrong_audience,
    wrong_subject,
    wrong_type,
    missing_claim,
    bad_claim,
    // of an ID token alone (OpenID Connect Core 1.0 section 3.1.3.7)
    wrong_authorized_party,
    wrong_nonce,
    wrong_at_hash,
    // the session
    revoked,
    // a file of keys
    private_key,
    mixed_key_set,
    no_usable_key,
};

struct ReasonTraits {
    Reason reason;
    std::string_view name;
    std::string_view meaning; // completes "the token …"
    bool whole = false;       // a problem's detail is a sentence of its own
};

[[nodiscard]] std::span<const ReasonTraits> all_reasons();
[[nodiscard]] const ReasonTraits& traits_of(Reason reason);
[[nodiscard]] std::string_view to_name(Reason reason);
// The reason of a problem that because() made; nothing for other codes.
[[nodiscard]] const ReasonTraits* find_reason(std::string_view name);
// Whether it is about the text: what has such a fault is not a token at all.
[[nodiscard]] bool is_about_text(std::string_view name);

[[nodiscard]] Problem because(Reason reason, std::string claim, std::string detail);
[[nodiscard]] bool is(const Problem& problem, Reason reason);
// The same as an error: invalid_token.
[[nodiscard]] tl::unexpected<Error> refuse(Reason reason, std::string message, Hint hint = {});

} // namespace auth
