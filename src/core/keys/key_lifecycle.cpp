#include "core/keys/key_lifecycle.h"

#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/keys/signing_keys_table.h"
#include "core/settings/setting.h"
#include "core/settings/settings_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

// A session's tokens end with it, so none that is signed before `at` lives longer than this. What
// operators issue may, and is noted with the key.
Time last_session(const Realm& realm, Time at) {
    return at + realm.settings.get(setting<"session.max">);
}

Error revoked_before(const KeyRecord& key) {
    return error(ErrorCode::refused, fmt::format("the key {} was revoked", key.kid))
        .with_reason("revoked")
        .with_hint(NextStep{"key list"});
}

bool signs_at(const KeyRecord& key, Time at) {
    return !key.revoked_at && (!key.signs_until || *key.signs_until > at);
}

void stop_signing(Realm& realm, KeyRecord& key, Time at) {
    key.signs_until = at;
    key.verifies_until = last_session(realm, at);
    signing_keys_table::update(realm.database, key);
    signing_keys_table::forget_private(realm.database, realm.now());
    key.has_private = key.has_private && at > realm.now();
    record(realm, {.event = "key_retired",
                   .target = key.kid,
                   .detail = {{"signs_until", to_rfc3339(at)},
                              {"verifies_until", to_rfc3339(*key.verifies_until)}}});
}

} // namespace

std::optional<KeyRecord> ensure_signing_key(Realm& realm) {
    const auto algorithm = parse_algorithm(realm.settings.get(setting<"token.algorithm">));
    if (!algorithm || *algorithm == Algorithm::hs256)
        return std::nullopt;
    auto last = signing_record(realm);
    if (!last)
        return create_signing_key(realm, *algorithm, realm.now());
    while (last->signs_until) {
        auto next =
            signing_keys_table::signing(realm.database, to_name(*algorithm), *last->signs_until);
        if (!next)
            break;
        last = std::move(next);
    }
    if (!last->signs_until)
        return std::nullopt;
    // What was to follow it is gone, so it stays.
    last->signs_until = last->verifies_until = std::nullopt;
    signing_keys_table::update(realm.database, *last);
    record(realm, {"key_retirement_cancelled", last->kid});
    return last;
}

Result<KeyRecord> find_key(Realm& realm, std::string_view kid) {
    if (auto found = signing_keys_table::find(realm.database, kid))
        return *std::move(found);
    return fail(error(ErrorCode::not_found, fmt::format("there is no key {}", in_quotes(kid)))
                    .with_field("kid")
                    .with_hint(NextStep{"key list"}));
}

Result<KeyChange> create_key(Realm& realm, Algorithm algorithm) {
    Transaction transaction(realm.database);
    KeyChange made{create_signing_key(realm, algorithm, realm.now())};
    transaction.commit();
    return made;
}

Result<KeyChange> rotate_keys(Realm& realm, Algorithm algorithm, Time at) {
    const bool planned = at > realm.now();
    const std::string name(to_name(algorithm));
    const bool switches = realm.settings.get(setting<"token.algorithm">) != name;
    if (planned && switches)
        return fail(error(ErrorCode::usage,
                          fmt::format("a change of algorithm to {} cannot be planned", name))
                        .with_field("at")
                        .with_hint(NextStep{"key rotate", {"--alg", name}}));
    Transaction transaction(realm.database);
    KeyChange change;
    for (KeyRecord& key : signing_keys_table::list(realm.database))
        if (key.has_private && signs_at(key, at)) {
            stop_signing(realm, key, at);
            change.retired.push_back(std::move(key));
        }
    change.key = create_signing_key(realm, algorithm, at);
    if (switches &&
        settings_table::put(realm.database, setting<"token.algorithm">, name, realm.now()))
        record(realm, {"config_changed", "token.algorithm", true, {{"value", name}}});
    transaction.commit();
    return change;
}

Result<KeyChange> retire_key(Realm& realm, std::string_view kid) {
    Transaction transaction(realm.database);
    AUTH_TRY(KeyRecord key, find_key(realm, kid));
    if (key.revoked_at)
        return fail(revoked_before(key));
    if (key.state(realm.now()) == KeyState::retired)
        return KeyChange{std::move(key), false};
    stop_signing(realm, key, realm.now());
    KeyChange change{std::move(key)};
    change.successor = ensure_signing_key(realm);
    transaction.commit();
    return change;
}

Result<KeyChange> revoke_key(Realm& realm, std::string_view kid) {
    Transaction transaction(realm.database);
    AUTH_TRY(KeyRecord key, find_key(realm, kid));
    if (key.revoked_at)
        return KeyChange{std::move(key), false};
    key.revoked_at = realm.now();
    signing_keys_table::update(realm.database, key);
    signing_keys_table::forget_private(realm.database, realm.now());
    key.has_private = false;
    record(realm, {"key_revoked", key.kid});
    KeyChange change{std::move(key)};
    change.successor = ensure_signing_key(realm);
    transaction.commit();
    return change;
}

std::vector<KeyRecord> published_keys(Realm& realm) {
    const Time now = realm.now();
    std::vector<KeyRecord> keys = signing_keys_table::list(realm.database);
    std::erase_if(keys,
                  [&](const KeyRecord& key) { return !key.verifies(now) || !key.issuer.empty(); });
    if (const auto signing = signing_record(realm))
        std::stable_partition(keys.begin(), keys.end(),
                              [&](const KeyRecord& key) { return key.kid == signing->kid; });
    return keys;
}

} // namespace auth
