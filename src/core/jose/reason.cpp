#include "core/jose/reason.h"

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::string_view text = "is not three canonical segments of strict JSON, at most 64 KiB";
constexpr std::string_view signing = "is not signed, or not with the algorithm of its key";
constexpr std::string_view header = "has a header that must not be obeyed";
constexpr std::string_view key = "has no key that may verify it";
constexpr std::string_view time = "is used too early or too late, and by how much";
constexpr std::string_view claims = "was made for something else";
constexpr std::string_view login = "was made for a different login";
constexpr std::string_view file = "is to be verified with a file whose keys do not fit together";

// In the order of the enumeration.
constexpr auto table = std::to_array<ReasonTraits>({
    {Reason::malformed, "malformed", text, true},
    {Reason::duplicate_member, "duplicate_member", text, true},
    {Reason::too_long, "too_long", text, true},
    {Reason::encrypted, "encrypted", text, true},
    {Reason::unsecured, "unsecured", signing},
    {Reason::missing_algorithm, "missing_algorithm", signing},
    {Reason::unknown_algorithm, "unknown_algorithm", signing},
    {Reason::wrong_algorithm, "wrong_algorithm", signing},
    {Reason::bad_header, "bad_header", header},
    {Reason::critical_header, "critical_header", header},
    {Reason::embedded_key, "embedded_key", header},
    {Reason::unknown_key, "unknown_key", key},
    {Reason::ambiguous_key, "ambiguous_key", key},
    {Reason::revoked_key, "revoked_key", key},
    {Reason::retired_key, "retired_key", key},
    {Reason::weak_key, "weak_key", key},
    {Reason::malformed_key, "malformed_key", key},
    {Reason::unsupported_key, "unsupported_key", key},
    {Reason::bad_signature, "bad_signature", "was changed, or signed by somebody else"},
    {Reason::expired, "expired", time},
    {Reason::not_yet_valid, "not_yet_valid", time},
    {Reason::issued_in_future, "issued_in_future", time},
    {Reason::wrong_issuer, "wrong_issuer", claims},
    {Reason::wrong_audience, "wrong_audience", claims},
    {Reason::wrong_subject, "wrong_subject", claims},
    {Reason::wrong_type, "wrong_type", claims},
    {Reason::missing_claim, "missing_claim", claims},
    {Reason::bad_claim, "bad_claim", claims},
    {Reason::wrong_authorized_party, "wrong_authorized_party", login},
    {Reason::wrong_nonce, "wrong_nonce", login},
    {Reason::wrong_at_hash, "wrong_at_hash", login},
    {Reason::revoked, "revoked", "belongs to a session that was ended, or to a disabled user",
     true},
    {Reason::private_key, "private_key", file},
    {Reason::duplicate_kid, "duplicate_kid", file},
    {Reason::mixed_key_set, "mixed_key_set", file},
    {Reason::no_usable_key, "no_usable_key", file},
});

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].reason) != i)
            return false;
    return true;
}
static_assert(in_order());

} // namespace

std::span<const ReasonTraits> all_reasons() {
    return table;
}

const ReasonTraits& traits_of(Reason reason) {
    return table.at(static_cast<std::size_t>(reason));
}

std::string_view to_name(Reason reason) {
    return traits_of(reason).name;
}

const ReasonTraits* find_reason(std::string_view name) {
    const auto* found = std::ranges::find(table, name, &ReasonTraits::name);
    return found != table.end() ? found : nullptr;
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
