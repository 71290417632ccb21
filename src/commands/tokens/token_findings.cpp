#include "commands/tokens/token_findings.h"

#include "core/jose/oddities.h"
#include "core/sessions/sessions_table.h"
#include "core/settings/setting.h"
#include "core/users/users_table.h"

namespace auth {
namespace {

struct Known {
    KnownKey key;
    Realm* realm = nullptr; // where the key is, or nothing
};

// The key, if this database or the shared secret can have signed the token.
std::optional<Known> known_key(World& world, const Token& token) {
    const bool shared = text_member(token.header, "alg") == "HS256" &&
                        world.settings.given(setting<"token.secret_file">);
    // Only a token that looks like one of ours is worth opening the database for.
    if (may_be_ours(token)) {
        const auto realm = world.realm_if_any();
        if (!realm)
            return std::nullopt;
        if (*realm != nullptr) {
            auto known = find_verification_key(**realm, token.header, world.clock().now());
            if (!known || !*known)
                return std::nullopt;
            return Known{*std::move(*known), *realm};
        }
    }
    auto key = shared ? shared_key(world.settings) : std::optional<KnownKey>();
    if (!key || !*key)
        return std::nullopt;
    return Known{**std::move(key), nullptr};
}

// Others sign with a foreign key as well: of theirs nothing is said but what they know already, the
// id of a session.
std::optional<Findings::Holder> holder_of(Realm& realm, const Json& claims, bool foreign) {
    const std::string subject = text_member(claims, "sub");
    const auto row = sessions_table::find_listed(realm.database, text_member(claims, "sid"));
    const bool named = row && row->session.user_id == subject;
    if (foreign && !named)
        return std::nullopt;
    Findings::Holder holder{"unknown", subject.empty() ? "unknown" : "deleted", ""};
    if (named)
        holder.session =
            to_name(session_state(row->session, row->user_epoch, row->user_disabled, realm.now()));
    if (const auto user = users_table::find_by_id(realm.database, subject)) {
        holder.user = user->disabled_at ? "disabled" : "active";
        holder.email = user->email;
    }
    return holder;
}

void check_seal(World& world, const Token& token, Findings& found) {
    const auto known = known_key(world, token);
    if (!known)
        return;
    const KnownKey& key = known->key;
    found.checked = true;
    found.key = key.key.algorithm() == Algorithm::hs256 ? "shared" : to_name(key.state);
    const auto problem = check_signature(token, key.key);
    found.valid = !problem && key.verifies;
    if (problem)
        found.problems.push_back(*problem);
    else if (key.state == KeyState::revoked)
        found.problems.push_back({"revoked_key", "kid", "the key was revoked"});
    else if (!key.verifies)
        found.problems.push_back({"retired_key", "kid", "the key was retired long ago"});
    if (found.valid && key.only_theirs) {
        const std::string issuer = world.settings.get(setting<"token.issuer">);
        for (Problem& pretence : check_origin(token.header, token.claims, issuer))
            found.problems.push_back(std::move(pretence));
    } else if (found.valid && known->realm != nullptr) {
        found.holder = holder_of(*known->realm, token.claims, key.foreign);
    }
}

} // namespace

Findings examine(World& world, const Token& token, std::size_t size) {
    Findings found;
    found.problems = check_header(token.header);
    found.kid = text_member(token.header, "kid");
    try {
        check_seal(world, token, found);
    } catch (const Failure&) {
        // A store that cannot be read leaves unsaid what only it knows: looking never gates.
    }
    ClaimRules rules;
    rules.now = world.clock().now();
    for (Problem& problem : check_claims(token.header, token.claims, rules))
        found.problems.push_back(std::move(problem));
    found.unusual = find_oddities(token, size);
    return found;
}

} // namespace auth
