#include "core/keys/database_keys.h"

#include "core/keys/signing_key.h"

namespace auth {
namespace {

KeyAnswer answer_of(std::optional<KnownKey> key) {
    KeyAnswer answer;
    if (!key) {
        answer.problem =
            because(Reason::unknown_key, "kid", "not signed by a key of this database");
        return answer;
    }
    if (key->state == KeyState::revoked)
        answer.problem = because(Reason::revoked_key, "kid", "the key was revoked");
    else if (!key->verifies)
        answer.problem = because(Reason::retired_key, "kid", "the key was retired long ago");
    answer.state =
        key->key.algorithm() == Algorithm::hs256 ? std::string_view("shared") : to_name(key->state);
    answer.origin = std::move(key->origin);
    answer.key = std::move(key->key);
    return answer;
}

} // namespace

FindKey database_keys(Realm& realm, std::mutex& lock, std::optional<Time> at) {
    return [&realm, &lock, at](const Json& header) -> Result<KeyAnswer> {
        const std::lock_guard guard(lock);
        AUTH_TRY(auto key, find_verification_key(realm, header, at.value_or(realm.now())));
        return answer_of(std::move(key));
    };
}

FindKey shared_keys(const Settings& settings) {
    return [&settings](const Json& header) -> Result<KeyAnswer> {
        std::optional<KnownKey> key;
        if (text_member(header, "alg") == to_name(Algorithm::hs256)) {
            AUTH_TRY(key, shared_key(settings));
        }
        return answer_of(std::move(key));
    };
}

} // namespace auth
