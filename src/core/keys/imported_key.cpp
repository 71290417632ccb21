#include "core/keys/imported_key.h"

#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/jose/jwk_members.h"
#include "core/jose/pem.h"
#include "core/keys/signing_keys_table.h"

#include <fmt/format.h>

#include <memory>

namespace auth {
namespace {

// What was read of a key: its public half, the private one if it was there, and its kid elsewhere.
struct Incoming {
    Json public_jwk;
    std::optional<Secret> private_jwk;
    std::string old_kid;
};

// A key that may not be used is the operator's matter, not a token's.
Error unusable(Error why) {
    if (why.reason == "weak_key")
        why.code = ErrorCode::refused;
    else if (why.code == ErrorCode::invalid_token)
        why.code = ErrorCode::usage;
    return std::move(why).with_field("key");
}

// RSA keys seldom say what they are for, and services that do not say mean RS256.
std::optional<Algorithm> assumed(const Json& jwk, std::optional<Algorithm> algorithm) {
    const bool silent = !algorithm && !jwk.contains("alg") && text_member(jwk, "kty") == "RSA";
    return silent ? std::optional(Algorithm::rs256) : algorithm;
}

Result<Incoming> read_private(const Secret& jwk, const Json& members,
                              std::optional<Algorithm> algorithm) {
    AUTH_TRY(const SigningKey key, SigningKey::from_private_jwk(jwk, assumed(members, algorithm)));
    return Incoming{key.public_jwk(), key.private_jwk(), text_member(members, "kid")};
}

Result<Incoming> read_public(const Json& jwk, std::optional<Algorithm> algorithm) {
    AUTH_TRY(const VerificationKey key, VerificationKey::from_jwk(jwk, assumed(jwk, algorithm)));
    // What else stands in it is not to be published as ours.
    return Incoming{members::write_public(jwk, key.algorithm(), jwk_thumbprint(jwk)), std::nullopt,
                    text_member(jwk, "kid")};
}

Result<Incoming> read_jwk(const Secret& text, std::optional<Algorithm> algorithm) {
    if (text.reveal().find('{') == std::string_view::npos)
        return fail(ErrorCode::usage, "the text is neither PEM nor a JWK");
    AUTH_TRY(Json jwk, parse_json(text.reveal()));
    const std::unique_ptr<Json, members::Wipe> owner(&jwk);
    if (jwk.is_object() && jwk.contains("keys"))
        return fail(ErrorCode::usage, "the text is a set of keys, not one");
    if (jwk.is_object() && text_member(jwk, "kty") == "oct")
        return fail(error(ErrorCode::usage, "a shared secret stays in a file of its own")
                        .with_hint(NextStep{"config set", {"token.secret_file", "FILE"}}));
    if (jwk.is_object() && jwk.contains("d"))
        return read_private(text, jwk, algorithm);
    return read_public(jwk, algorithm);
}

Result<Incoming> read_pem(const Secret& text, std::optional<Algorithm> algorithm) {
    if (text.reveal().find("PRIVATE KEY-----") == std::string_view::npos) {
        AUTH_TRY(const Json jwk, public_jwk_from_pem(text.reveal()));
        return read_public(jwk, algorithm);
    }
    AUTH_TRY(const Secret jwk, private_jwk_from_pem(text, algorithm));
    AUTH_TRY(Json parsed, parse_json(jwk.reveal()));
    const std::unique_ptr<Json, members::Wipe> owner(&parsed);
    return read_private(jwk, parsed, algorithm);
}

Result<Incoming> read_key(const Secret& text, std::optional<Algorithm> algorithm) {
    const bool pem = text.reveal().find("-----BEGIN ") != std::string_view::npos;
    auto key = pem ? read_pem(text, algorithm) : read_jwk(text, algorithm);
    if (!key)
        return fail(unusable(std::move(key).error()));
    return key;
}

// A key that is here already may gain its private half, and nothing else.
KeyChange add_to(Realm& realm, KeyRecord present, const std::optional<std::string>& sealed) {
    const bool signs_no_more = present.state(realm.now()) == KeyState::retired;
    if (!sealed || present.has_private || signs_no_more)
        return {std::move(present), false};
    signing_keys_table::give_private(realm.database, present.kid, *sealed);
    present.has_private = true;
    present.public_only = false;
    return {std::move(present)};
}

Result<KeyChange> keep(Realm& realm, const Incoming& key,
                       const std::optional<std::string>& sealed) {
    KeyRecord fresh;
    fresh.kid = jwk_thumbprint(key.public_jwk);
    auto present = signing_keys_table::find(realm.database, fresh.kid);
    if (present && present->kid == fresh.kid) {
        if (present->revoked_at)
            return fail(error(ErrorCode::refused, fmt::format("the key {} was revoked", fresh.kid))
                            .with_reason("revoked")
                            .with_hint(NextStep{"key list"}));
        return add_to(realm, *std::move(present), sealed);
    }
    const std::string& name = present ? fresh.kid : key.old_kid;
    if (present || (!name.empty() && signing_keys_table::find(realm.database, name)))
        return fail(
            error(ErrorCode::exists, fmt::format("there is another key {}", in_quotes(name)))
                .with_field("kid")
                .with_hint(NextStep{"key list"}));
    fresh.known_as = key.old_kid == fresh.kid ? "" : key.old_kid;
    fresh.algorithm = text_member(key.public_jwk, "alg");
    fresh.public_jwk = key.public_jwk.dump();
    fresh.created_at = fresh.signs_from = realm.now();
    fresh.imported = true;
    fresh.has_private = sealed.has_value();
    fresh.public_only = !fresh.has_private;
    signing_keys_table::insert(realm.database, fresh, sealed);
    return KeyChange{std::move(fresh)};
}

} // namespace

Result<KeyChange> import_key(Realm& realm, const Secret& text, std::optional<Algorithm> algorithm) {
    AUTH_TRY(const Incoming key, read_key(text, algorithm));
    std::optional<std::string> sealed;
    if (key.private_jwk)
        sealed = realm.vault.seal(sealed_place(jwk_thumbprint(key.public_jwk)),
                                  key.private_jwk->reveal(), realm.random);
    Transaction transaction(realm.database);
    AUTH_TRY(KeyChange change, keep(realm, key, sealed));
    if (change.changed)
        record(realm, {.event = "key_imported",
                       .target = change.key.kid,
                       .detail = {{"algorithm", change.key.algorithm},
                                  {"private", change.key.has_private}}});
    transaction.commit();
    return change;
}

} // namespace auth
