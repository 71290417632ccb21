#include "core/keys/signing_key.h"

#include "core/audit/audit.h"
#include "core/keys/shared_secret.h"
#include "core/keys/signing_keys_table.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

constexpr std::size_t thumbprint_length = 43; // SHA-256 as base64url

// The only verifying key of the token's algorithm, for tokens that name none.
std::optional<KeyRecord> only_key(Realm& realm, std::optional<Algorithm> algorithm, Time at) {
    std::optional<KeyRecord> only;
    for (KeyRecord& key : signing_keys_table::list(realm.database)) {
        if (parse_algorithm(key.algorithm) != algorithm || !key.verifies(at))
            continue;
        if (only)
            return std::nullopt;
        only = std::move(key);
    }
    return only;
}

KeyOrigin shared_origin(const Settings& settings) {
    KeyOrigin origin{.signs_here =
                         settings.get(setting<"token.algorithm">) == to_name(Algorithm::hs256),
                     .own_issuer = settings.get(setting<"token.issuer">)};
    const std::string& others = settings.get(setting<"token.secret_issuer">);
    if (!others.empty() && others != origin.own_issuer)
        origin.others = others == "none" ? "" : others;
    return origin;
}

} // namespace

SealedPlace sealed_place(std::string_view kid) {
    return {"signing_keys", "sealed_jwk", kid};
}

std::string_view to_name(KeyState state) {
    switch (state) {
    case KeyState::planned:
        return "planned";
    case KeyState::active:
        return "active";
    case KeyState::retired:
        return "retired";
    case KeyState::revoked:
        return "revoked";
    }
    return {};
}

KeyState KeyRecord::state(Time now) const {
    if (revoked_at)
        return KeyState::revoked;
    if (signs_until && now >= *signs_until)
        return KeyState::retired;
    // A clock that is set back does not make a plan of what was meant at once.
    const bool planned = signs_from > created_at && now < signs_from;
    return planned ? KeyState::planned : KeyState::active;
}

std::optional<Time> KeyRecord::last_use(Time now) const {
    if (state(now) != KeyState::retired || !verifies_until)
        return std::nullopt;
    return last_expiry ? std::max(*verifies_until, *last_expiry) : *verifies_until;
}

bool KeyRecord::verifies(Time now) const {
    const auto until = last_use(now);
    return !revoked_at && (!until || now < *until);
}

KeyRecord create_signing_key(Realm& realm, Algorithm algorithm, Time signs_from) {
    const Time now = realm.now(); // an RSA key takes a while
    SigningKey key = SigningKey::generate(algorithm);
    // Its name will be typed as an argument, and must not look like a flag.
    while (key.kid().starts_with('-'))
        key = SigningKey::generate(algorithm);
    KeyRecord kept;
    kept.kid = key.kid();
    kept.algorithm = to_name(algorithm);
    kept.public_jwk = key.public_jwk().dump();
    kept.created_at = now;
    kept.signs_from = signs_from;
    const Secret secret = key.private_jwk();
    signing_keys_table::insert(
        realm.database, kept,
        realm.vault.seal(sealed_place(kept.kid), secret.reveal(), realm.random));
    record(realm,
           {.event = "key_created",
            .target = kept.kid,
            .detail = {{"algorithm", kept.algorithm}, {"signs_from", to_rfc3339(signs_from)}}});
    return kept;
}

std::optional<KeyRecord> signing_record(Realm& realm) {
    return signing_keys_table::signing(realm.database,
                                       realm.settings.get(setting<"token.algorithm">), realm.now());
}

void expect_signing_key(Realm& realm, Time now) {
    const std::string& algorithm = realm.settings.get(setting<"token.algorithm">);
    if (algorithm != to_name(Algorithm::hs256))
        signing_keys_table::expect_sealed_to_sign(realm.database, algorithm, now);
}

Result<SigningKey> current_signing_key(Realm& realm) {
    return signing_key_at(realm, realm.now());
}

Result<SigningKey> signing_key_at(Realm& realm, Time now) {
    const std::string algorithm = realm.settings.get(setting<"token.algorithm">);
    if (algorithm == to_name(Algorithm::hs256)) {
        AUTH_TRY(auto secret, shared_secret(realm.settings));
        if (!secret)
            return fail(error(ErrorCode::not_found, "HS256 needs a shared secret")
                            .with_hint(NextStep{"key create", {"--alg", "HS256"}}));
        return SigningKey::from_shared_secret(std::move(*secret));
    }
    const auto sealed = signing_keys_table::sealed_to_sign(realm.database, algorithm, now);
    if (!sealed)
        return fail(
            error(ErrorCode::not_found, fmt::format("there is no {} key to sign with", algorithm))
                .with_hint(NextStep{"key create", {"--alg", algorithm}}));
    return SigningKey::from_private_jwk(realm.vault.open(sealed_place(sealed->kid), sealed->jwk));
}

bool may_be_ours(const Token& token) {
    return is_access_token(token.header) ||
           text_member(token.header, "kid").size() == thumbprint_length;
}

Result<std::optional<KnownKey>> shared_key(const Settings& settings) {
    AUTH_TRY(auto secret, shared_secret(settings));
    if (!secret)
        return std::nullopt;
    AUTH_TRY(VerificationKey key, VerificationKey::from_shared_secret(std::move(*secret)));
    return KnownKey{.key = std::move(key), .origin = shared_origin(settings)};
}

void expect_verification_key(Realm& realm, const Json& header) {
    if (header.contains("kid") && text_member(header, "alg") != to_name(Algorithm::hs256))
        signing_keys_table::expect(realm.database, text_member(header, "kid"));
}

Result<std::optional<KnownKey>> find_verification_key(Realm& realm, const Json& header, Time at) {
    const std::string algorithm = text_member(header, "alg");
    if (algorithm == to_name(Algorithm::hs256))
        return shared_key(realm.settings);
    const auto stored = header.contains("kid")
                            ? signing_keys_table::find(realm.database, text_member(header, "kid"))
                            : only_key(realm, parse_algorithm(algorithm), at);
    if (!stored)
        return std::nullopt;
    AUTH_TRY(const Json jwk, parse_json(stored->public_jwk));
    AUTH_TRY(VerificationKey key,
             VerificationKey::from_jwk(jwk, parse_algorithm(stored->algorithm)));
    KeyOrigin origin{.signs_here = stored->issuer.empty(),
                     .own_issuer = realm.settings.get(setting<"token.issuer">)};
    if (!origin.signs_here)
        origin.others = stored->issuer;
    return KnownKey{std::move(key), stored->state(at), stored->verifies(at), std::move(origin)};
}

} // namespace auth
