#include "core/trail/checkpoint.h"

#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/key_files/key_set.h"
#include "core/keys/signing_key.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::size_t hash_size = 32;

Json to_claims(const Checkpoint& checkpoint) {
    return {{"iss", checkpoint.issuer},
            {"iat", unix_seconds(checkpoint.at)},
            {"database_id", checkpoint.database_id},
            {"size", checkpoint.size},
            {"root", to_hex(checkpoint.root)},
            {"last_seq", checkpoint.last_seq},
            {"lanes", to_text(checkpoint.lanes)}};
}

std::int64_t number_member(const Json& claims, std::string_view name) {
    const Json* value = find_member(claims, name);
    return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : -1;
}

// Nothing where to_claims does not write such claims.
std::optional<Checkpoint> from_claims(const Json& claims) {
    const auto root = from_hex(text_member(claims, "root"));
    auto lanes = lane_ends_from(text_member(claims, "lanes"));
    if (!root || root->size() != hash_size || !lanes)
        return std::nullopt;
    Checkpoint out{text_member(claims, "iss"),
                   text_member(claims, "database_id"),
                   from_unix_seconds(number_member(claims, "iat")),
                   number_member(claims, "size"),
                   *root,
                   number_member(claims, "last_seq"),
                   *std::move(lanes)};
    const bool sound = out.size >= 0 && out.last_seq >= 0 && to_claims(out) == claims;
    return sound ? std::optional(std::move(out)) : std::nullopt;
}

tl::unexpected<Error> refuse_note(const Problem& problem) {
    return fail(error(ErrorCode::invalid_token,
                      fmt::format("the checkpoint cannot be trusted: {}", problem.detail))
                    .with_reason(problem.code));
}

} // namespace

Result<SignedCheckpoint> sign_checkpoint(Realm& realm, Checkpoint checkpoint) {
    if (realm.settings.get(setting<"token.algorithm">) == to_name(Algorithm::hs256))
        return fail(error(ErrorCode::refused,
                          "a checkpoint needs a signing key that can be published, and"
                          " token.algorithm is HS256")
                        .with_reason("shared_secret")
                        .with_hint(NextStep{"config set", {"token.algorithm", "ES256"}}));
    AUTH_TRY(const SigningKey key, current_signing_key(realm));
    checkpoint.issuer = realm.settings.get(setting<"token.issuer">);
    std::string text = sign_token(key, checkpoint_type, to_claims(checkpoint));
    return SignedCheckpoint{std::move(checkpoint), key.kid(), std::move(text)};
}

Result<SignedCheckpoint> read_checkpoint(std::string_view text, FindKey keys) {
    Expectations expected;
    expected.signature_only = true;
    Verifier verifier(std::move(keys), std::move(expected));
    AUTH_TRY(const Verdict verdict, verifier.verify(text));
    if (!verdict.valid())
        return refuse_note(verdict.problems.front());
    const Json& header = verdict.header->json;
    if (text_member(header, "typ") != checkpoint_type)
        return refuse_note(
            because(Reason::wrong_type, "typ",
                    fmt::format("its type is {}, not {}", in_quotes(text_member(header, "typ")),
                                checkpoint_type)));
    if (!verdict.ignored_headers.empty())
        return refuse_note(because(Reason::embedded_key, verdict.ignored_headers.front(),
                                   "it brings its own key"));
    auto checkpoint = from_claims(verdict.claims);
    if (!checkpoint)
        return refuse_note(because(Reason::bad_claim, "", "its claims are not those of one"));
    return SignedCheckpoint{*std::move(checkpoint), text_member(header, "kid"), std::string(text)};
}

FindKey checkpoint_keys(Realm& realm) {
    return [&realm](const Json& header) -> Result<KeyAnswer> {
        KeyAnswer answer;
        const bool named = !text_member(header, "kid").empty();
        AUTH_TRY(auto known, named ? find_verification_key(realm, header, realm.now())
                                   : Result<std::optional<KnownKey>>(std::nullopt));
        if (!known || known->key.algorithm() == Algorithm::hs256 || !known->origin.signs_here)
            answer.problem =
                because(Reason::unknown_key, "kid", "it was not signed by a key of this database");
        else if (known->state == KeyState::revoked)
            answer.problem = because(Reason::revoked_key, "kid", "its key was revoked");
        if (known && (!answer.problem || known->state == KeyState::revoked))
            answer.key = std::move(known->key);
        return answer;
    };
}

Result<FindKey> checkpoint_keys(std::string_view jwks) {
    AUTH_TRY(KeySet keys, KeySet::from_jwks(jwks));
    return [keys = std::make_shared<const KeySet>(std::move(keys))](
               const Json& header) -> Result<KeyAnswer> {
        KeyAnswer answer = answer_of(*keys, header);
        if (answer.key && traits_of(answer.key->algorithm()).family == Family::hmac) {
            answer.key.reset();
            answer.problem = because(Reason::wrong_algorithm, "alg",
                                     "it was made with a shared secret, which proves nothing");
        }
        return answer;
    };
}

} // namespace auth
