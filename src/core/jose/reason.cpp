#include "core/jose/reason.h"

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::string_view about_form =
    "is not three canonical segments of strict JSON, at most 64 KiB";
constexpr std::string_view about_signing = "is not signed, or not with the algorithm of its key";
constexpr std::string_view about_header = "has a header that must not be obeyed";
constexpr std::string_view about_key = "has no key that may verify it";
constexpr std::string_view about_time = "is used too early or too late, and by how much";
constexpr std::string_view about_claims = "was made for something else";
constexpr std::string_view about_login = "was made for a different login";
constexpr std::string_view about_file =
    "is to be verified with a file whose keys do not fit together";

// In the order of the enumeration.
constexpr auto reasons = std::to_array<ReasonTraits>({
    {Reason::malformed, "malformed", about_form, true},
    {Reason::duplicate_member, "duplicate_member", about_form, true},
    {Reason::too_long, "too_long", about_form, true},
    {Reason::encrypted, "encrypted", about_form, true},
    {Reason::unsecured, "unsecured", about_signing},
    {Reason::missing_algorithm, "missing_algorithm", about_signing},
    {Reason::unknown_algorithm, "unknown_algorithm", about_signing},
    {Reason::wrong_algorithm, "wrong_algorithm", about_signing},
    {Reason::bad_header, "bad_header", about_header},
    {Reason::critical_header, "critical_header", about_header},
    {Reason::embedded_key, "embedded_key", about_header},
    {Reason::unknown_key, "unknown_key", about_key},
    {Reason::ambiguous_key, "ambiguous_key", about_key},
    {Reason::revoked_key, "revoked_key", about_key},
    {Reason::retired_key, "retired_key", about_key},
    {Reason::weak_key, "weak_key", about_key},
    {Reason::malformed_key, "malformed_key", about_key},
    {Reason::unsupported_key, "unsupported_key", about_key},
    {Reason::untrusted_certificate, "untrusted_certificate", about_key},
    {Reason::bad_signature, "bad_signature", "was changed, or signed by somebody else"},
    {Reason::expired, "expired", about_time},
    {Reason::not_yet_valid, "not_yet_valid", about_time},
    {Reason::issued_in_future, "issued_in_future", about_time},
    {Reason::wrong_issuer, "wrong_issuer", about_claims},
    {Reason::wrong_audience, "wrong_audience", about_claims},
    {Reason::wrong_subject, "wrong_subject", about_claims},
    {Reason::wrong_type, "wrong_type", about_claims},
    {Reason::missing_claim, "missing_claim", about_claims},
    {Reason::bad_claim, "bad_claim", about_claims},
    {Reason::wrong_authorized_party, "wrong_authorized_party", about_login},
    {Reason::wrong_nonce, "wrong_nonce", about_login},
    {Reason::wrong_at_hash, "wrong_at_hash", about_login},
    {Reason::revoked, "revoked", "belongs to a session that was ended, or to a disabled user",
     true},
    {Reason::private_key, "private_key", about_file},
    {Reason::mixed_key_set, "mixed_key_set", about_file},
    {Reason::no_usable_key, "no_usable_key", about_file},
});

constexpr bool in_order() {
    for (std::size_t i = 0; i < reasons.size(); ++i)
        if (static_cast<std::size_t>(reasons[i].reason) != i)
            return false;
    return true;
}
static_assert(in_order());

} // namespace

std::span<const ReasonTraits> all_reasons() {
    return reasons;
}

const ReasonTraits& traits_of(Reason reason) {
    return reasons.at(static_cast<std::size_t>(reason));
}

std::string_view to_name(Reason reason) {
    return traits_of(reason).name;
}

const ReasonTraits* find_reason(std::string_view name) {
    const auto* found = std::ranges::find(reasons, name, &ReasonTraits::name);
    return found != reasons.end() ? found : nullptr;
}

bool is_about_text(std::string_view name) {
    const auto* found = find_reason(name);
    return found != nullptr && found->reason <= Reason::encrypted;
}

Problem because(Reason reason, std::string claim, std::string detail) {
    return {std::string(to_name(reason)), std::move(claim), std::move(detail)};
}

bool is(const Problem& problem, Reason reason) {
    return problem.code == to_name(reason);
}

tl::unexpected<Error> refuse(Reason reason, std::string message, Hint hint) {
    return fail(error(ErrorCode::invalid_token, std::move(message))
                    .with_reason(std::string(to_name(reason)))
                    .with_hint(std::move(hint)));
}

} // namespace auth
