#include "core/keys/imported_key.h"

#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/jose/jwk_members.h"
#include "core/key_files/jwk_text.h"
#include "core/key_files/key_wrapping.h"
#include "core/key_files/pem.h"
#include "core/keys/signing_keys_table.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

#include <memory>

namespace auth {
namespace {

// What was read of a key: its public half, the private one if it was there, and its kid elsewhere.
struct Incoming {
    Json public_jwk;
    std::optional<Secret> private_jwk;
    std::string old_kid;
    Remarks remarks{};
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
    AUTH_TRY(Json jwk, parse_json(text.reveal()));
    const std::unique_ptr<Json, members::Wipe> owner(&jwk);
    if (jwk.is_object() && jwk.contains("keys"))
        return fail(error(ErrorCode::usage, "the text is a set of keys, not one")
                        .with_hint("choose one of them: jq '.keys[0]' FILE > JWK_FILE"));
    if (auto other = pem_in_json(jwk))
        return fail(*std::move(other));
    if (jwk.is_object() && text_member(jwk, "kty") == "oct")
        return fail(error(ErrorCode::usage, "a shared secret stays in a file of its own")
                        .with_hint(NextStep{"config set", {"token.secret_file", "FILE"}}));
    const bool respelled = members::respell_rsa(jwk);
    auto key = jwk.is_object() && jwk.contains("d") ? read_private(text, jwk, algorithm)
                                                    : read_public(jwk, algorithm);
    if (key && respelled)
        key->remarks.push_back(members::respelled_remark("the key"));
    return key;
}

Result<Incoming> read_private_pem(const UnwrappedKey& file, std::optional<Algorithm> algorithm) {
    auto read = private_jwk_from_pem(file.text, algorithm);
    if (!read)
        return fail(explained(std::move(read).error(), file.text.reveal()));
    const Secret& jwk = *read;
    AUTH_TRY(Json parsed, parse_json(jwk.reveal()));
    const std::unique_ptr<Json, members::Wipe> owner(&parsed);
    return read_private(jwk, parsed, algorithm);
}

Result<Incoming> read_file_key(const UnwrappedKey& file, std::optional<Algorithm> algorithm) {
    if (file.text.reveal().find("PRIVATE KEY-----") != std::string_view::npos)
        return read_private_pem(file, algorithm);
    if (!holds_public_key(file))
        return fail(explained(error(ErrorCode::usage, "the text is neither PEM nor a JWK"),
                              file.text.reveal()));
    AUTH_TRY(const Json jwk, public_jwk_from_file(file));
    return read_public(jwk, algorithm);
}

Result<Incoming> read_key(const Secret& text, std::optional<Algorithm> algorithm) {
    const UnwrappedKey file = unwrap_key(text.reveal());
    auto key = looks_like_json(file.text.reveal()) ? read_jwk(file.text, algorithm)
                                                   : read_file_key(file, algorithm);
    if (!key)
        return fail(unusable(std::move(key).error()));
    add_remark(key->remarks, file);
    return key;
}

std::string in_words(const std::string& issuer) {
    if (issuer.empty())
        return "this database";
    return issuer == any_issuer ? "any issuer" : in_quotes(issuer);
}

// Of the incoming key: "" for ours.
Result<std::string> issuer_of(const Realm& realm, const Incoming& key,
                              const std::optional<std::string>& wanted) {
    const std::string& own = realm.settings.get(setting<"token.issuer">);
    const bool ours = !wanted || *wanted == own;
    const auto unclear = [](std::string message) {
        return fail(error(ErrorCode::usage, std::move(message)).with_field("issuer"));
    };
    if (wanted && wanted->empty())
        return unclear("an issuer is not empty");
    if (ours && !key.private_jwk)
        return unclear(wanted ? fmt::format("only a private key can speak for {}, the issuer of"
                                            " this database",
                                            in_quotes(own))
                              : "whose tokens the public key may sign is not said");
    return ours ? std::string() : *wanted;
}

// A key that is here already may gain its private half, or, where that is said, another issuer.
Result<KeyChange> add_to(Realm& realm, KeyRecord present, const KeyRecord& fresh,
                         const std::optional<std::string>& sealed, bool said) {
    const bool moves = present.issuer != fresh.issuer;
    if (moves && (!said || present.has_private))
        return fail(error(ErrorCode::exists, fmt::format("the key {} is here for {}", present.kid,
                                                         in_words(present.issuer)))
                        .with_field("issuer")
                        .with_hint(NextStep{"key list"}));
    const bool signs_no_more = present.state(realm.now()) == KeyState::retired;
    const bool gains = sealed && !present.has_private && !signs_no_more;
    if (!moves && !gains)
        return KeyChange{std::move(present), false};
    present.issuer = fresh.issuer;
    signing_keys_table::update(realm.database, present);
    if (gains) {
        signing_keys_table::give_private(realm.database, present.kid, *sealed);
        present.has_private = true;
    }
    return KeyChange{std::move(present)};
}

Result<KeyChange> keep(Realm& realm, const Incoming& key, const std::string& issuer,
                       const std::optional<std::string>& sealed, bool said) {
    KeyRecord fresh;
    fresh.kid = jwk_thumbprint(key.public_jwk);
    fresh.issuer = issuer;
    auto present = signing_keys_table::find(realm.database, fresh.kid);
    if (present && present->kid == fresh.kid) {
        if (present->revoked_at)
            return fail(error(ErrorCode::refused, fmt::format("the key {} was revoked", fresh.kid))
                            .with_reason("revoked")
                            .with_hint(NextStep{"key list"}));
        return add_to(realm, *std::move(present), fresh, sealed, said);
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
    signing_keys_table::insert(realm.database, fresh, sealed);
    return KeyChange{std::move(fresh)};
}

} // namespace

bool is_private_key(const Secret& text) {
    const UnwrappedKey file = unwrap_key(text.reveal());
    return file.text.reveal().find("PRIVATE KEY-----") != std::string_view::npos ||
           file.text.reveal().find("\"d\"") != std::string_view::npos;
}

Result<KeyChange> import_key(Realm& realm, const Secret& text, const KeyImport& order) {
    AUTH_TRY(Incoming key, read_key(text, order.algorithm));
    AUTH_TRY(const std::string issuer, issuer_of(realm, key, order.issuer));
    std::optional<std::string> sealed;
    if (key.private_jwk && issuer.empty())
        sealed = realm.vault.seal(sealed_place(jwk_thumbprint(key.public_jwk)),
                                  key.private_jwk->reveal(), realm.random);
    Transaction transaction(realm.database);
    AUTH_TRY(KeyChange change, keep(realm, key, issuer, sealed, order.issuer.has_value()));
    if (change.changed)
        record(realm, {.event = "key_imported",
                       .target = change.key.kid,
                       .detail = {{"algorithm", change.key.algorithm},
                                  {"private", change.key.has_private},
                                  {"issuer", issuer.empty() ? Json() : Json(issuer)}}});
    transaction.commit();
    change.remarks = std::move(key.remarks);
    return change;
}

} // namespace auth
