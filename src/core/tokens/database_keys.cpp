#include "core/tokens/database_keys.h"

#include "core/tokens/access_claims.h"
#include "core/tokens/shared_secret.h"
#include "core/tokens/signing_key.h"
#include "core/tokens/signing_keys_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

struct Entry {
    KeyRecord record;
    VerificationKey key;
    bool verifies;
    KeyState state;
};

struct Keys {
    std::vector<Entry> entries;
    std::optional<VerificationKey> secret;
};

KeyAnswer refusal(std::string code, std::string detail) {
    return {std::nullopt, Problem{std::move(code), "kid", std::move(detail)}};
}

std::string text(const Json& header, const char* name) {
    const auto found = header.find(name);
    return found != header.end() && found->is_string() ? found->get<std::string>() : "";
}

// The shared secret signs for other services too; what it signs here has the type of access tokens.
KeyAnswer by_secret(const Keys& keys, const Json& header) {
    if (!keys.secret)
        return refusal("unknown_key", "no shared secret is configured");
    return {keys.secret, std::nullopt, text(header, "typ") == access_type};
}

const Entry* named(const Keys& keys, const std::string& kid) {
    const auto found = std::find_if(keys.entries.begin(), keys.entries.end(), [&](const Entry& e) {
        return e.record.kid == kid || (!kid.empty() && e.record.known_as == kid);
    });
    return found != keys.entries.end() ? &*found : nullptr;
}

// The only key of the algorithm that verifies, for tokens that name none.
const Entry* only(const Keys& keys, const std::string& algorithm) {
    const auto fits = [&](const Entry& e) { return e.verifies && e.record.algorithm == algorithm; };
    const auto found = std::find_if(keys.entries.begin(), keys.entries.end(), fits);
    const bool single = std::count_if(keys.entries.begin(), keys.entries.end(), fits) == 1;
    return single ? &*found : nullptr;
}

KeyAnswer find(const Keys& keys, const Json& header) {
    const std::string algorithm = text(header, "alg");
    if (algorithm == to_name(Algorithm::hs256))
        return by_secret(keys, header);
    const Entry* entry =
        header.contains("kid") ? named(keys, text(header, "kid")) : only(keys, algorithm);
    if (entry == nullptr)
        return refusal("unknown_key", "not signed by a key of this database");
    if (entry->state == KeyState::revoked)
        return refusal("revoked_key", "the key was revoked");
    if (!entry->verifies)
        return refusal("retired_key", "the key was retired long ago");
    if (entry->record.algorithm != algorithm)
        return {std::nullopt, Problem{"wrong_algorithm", "alg",
                                      fmt::format("{}, but the key is for {}", algorithm,
                                                  entry->record.algorithm)}};
    const bool imported_type = entry->record.imported && text(header, "typ") != access_type;
    return {entry->key, std::nullopt, !imported_type};
}

} // namespace

Result<FindKey> database_keys(Realm& realm) {
    auto keys = std::make_shared<Keys>();
    const Time now = realm.now();
    for (KeyRecord& record : signing_keys_table::list(realm.database)) {
        AUTH_TRY(const Json jwk, parse_json(record.public_jwk));
        AUTH_TRY(VerificationKey key,
                 VerificationKey::from_jwk(jwk, parse_algorithm(record.algorithm)));
        const bool verifies = record.verifies(now);
        const KeyState state = record.state(now);
        keys->entries.push_back({std::move(record), std::move(key), verifies, state});
    }
    AUTH_TRY(auto secret, shared_secret(realm.settings));
    if (secret) {
        AUTH_TRY(keys->secret, VerificationKey::from_shared_secret(std::move(*secret)));
    }
    return [keys = std::shared_ptr<const Keys>(std::move(keys))](const Json& header) {
        return find(*keys, header);
    };
}

} // namespace auth
