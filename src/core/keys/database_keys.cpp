#include "core/keys/database_keys.h"

#include "core/keys/signing_key.h"
#include "core/settings/setting.h"

namespace auth {
namespace {

KeyAnswer refusal(std::string code, std::string detail) {
    return {std::nullopt, Problem{std::move(code), "kid", std::move(detail)}};
}

KeyAnswer find(Realm& realm, const Json& header, Time at) {
    auto known = find_verification_key(realm, header, at);
    if (!known)
        throw Failure(known.error());
    if (!*known)
        return refusal("unknown_key", "not signed by a key of this database");
    KnownKey& key = **known;
    if (key.state == KeyState::revoked)
        return refusal("revoked_key", "the key was revoked");
    if (!key.verifies)
        return refusal("retired_key", "the key was retired long ago");
    if (key.only_theirs)
        return {std::move(key.key), std::nullopt, false,
                realm.settings.get(setting<"token.issuer">)};
    // Another service's key signs its own kind of tokens; what has our type is held to our rules.
    const bool ours = !key.foreign || is_access_token(header);
    return {std::move(key.key), std::nullopt, ours};
}

} // namespace

FindKey database_keys(Realm& realm, std::mutex& lock, std::optional<Time> at) {
    return [&realm, &lock, at](const Json& header) {
        const std::lock_guard guard(lock);
        return find(realm, header, at.value_or(realm.now()));
    };
}

} // namespace auth
