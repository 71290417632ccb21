#include "core/tokens/signing_key.h"

#include "core/audit/audit.h"
#include "core/base/private_file.h"
#include "core/tokens/signing_keys_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::size_t thumbprint_length = 43; // SHA-256 as base64url
constexpr std::size_t least_secret = 32;      // RFC 7518 section 3.2

SealedPlace place_of(std::string_view kid) {
    return {"signing_keys", "sealed_jwk", kid};
}

std::string header_text(const Token& token, const char* member) {
    const auto found = token.header.find(member);
    return found != token.header.end() && found->is_string() ? found->get<std::string>() : "";
}

Error weak_secret(std::string_view file) {
    return error(ErrorCode::refused,
                 fmt::format("the shared secret '{}' is shorter than {} bytes", file, least_secret))
        .with_reason("weak_secret")
        .with_hint(fmt::format("openssl rand -base64 48 > '{}'", file));
}

} // namespace

KeyRecord create_signing_key(Realm& realm, Algorithm algorithm) {
    const SigningKey key = SigningKey::generate(algorithm);
    KeyRecord kept{key.kid(), std::string(to_name(algorithm)), key.public_jwk().dump(),
                   KeyState::active, realm.now()};
    const Secret secret = key.private_jwk();
    signing_keys_table::insert(realm.database, kept,
                               realm.vault.seal(place_of(kept.kid), secret.reveal(), realm.random));
    record(realm, {"key_created", kept.kid, true, {{"algorithm", kept.algorithm}}});
    return kept;
}

Result<SigningKey> current_signing_key(Realm& realm) {
    const std::string algorithm = realm.settings.text("token.algorithm");
    if (algorithm == to_name(Algorithm::hs256)) {
        AUTH_TRY(auto secret, shared_secret(realm.settings));
        if (!secret)
            return fail(error(ErrorCode::not_found, "HS256 needs a shared secret")
                            .with_hint("auth-cli config set token.secret_file FILE"));
        return SigningKey::from_shared_secret(std::move(*secret));
    }
    const auto stored = signing_keys_table::newest_active(realm.database, algorithm);
    if (!stored)
        return fail(
            error(ErrorCode::not_found, fmt::format("there is no {} key to sign with", algorithm))
                .with_hint("auth-cli config unset token.algorithm"));
    return SigningKey::from_private_jwk(
        realm.vault.open(place_of(stored->record.kid), stored->sealed));
}

bool may_be_ours(const Token& token) {
    return header_text(token, "typ") == "at+jwt" ||
           header_text(token, "kid").size() == thumbprint_length;
}

Result<std::optional<KnownKey>> find_verification_key(Database& database, const Settings& settings,
                                                      const Token& token) {
    if (header_text(token, "alg") == to_name(Algorithm::hs256)) {
        AUTH_TRY(auto secret, shared_secret(settings));
        if (!secret)
            return std::nullopt;
        AUTH_TRY(VerificationKey key, VerificationKey::from_shared_secret(std::move(*secret)));
        return KnownKey{std::move(key), KeyState::active};
    }
    const auto stored = signing_keys_table::find(database, header_text(token, "kid"));
    if (!stored)
        return std::nullopt;
    AUTH_TRY(const Json jwk, parse_json(stored->public_jwk));
    AUTH_TRY(VerificationKey key,
             VerificationKey::from_jwk(jwk, parse_algorithm(stored->algorithm)));
    return KnownKey{std::move(key), stored->state};
}

Result<std::optional<Secret>> shared_secret(const Settings& settings) {
    const std::string file = settings.text("token.secret_file");
    if (file.empty())
        return std::nullopt;
    // Shared with a service, so its mode is the operator's to choose: mounted secrets are often
    // links, and readable by the group.
    AUTH_TRY(Secret secret, read_file("shared secret", file));
    if (!secret.empty() && secret.reveal().back() == '\n')
        secret.drop_back(1);
    if (secret.size() < least_secret)
        return fail(weak_secret(file));
    return std::optional(std::move(secret));
}

} // namespace auth
