#include "commands/mfa/mfa_actor.h"

#include "cli/input/stored_login.h"
#include "core/accounts/accounts.h"

namespace auth {
namespace {

// The password alone, proved and done with.
Result<MfaActor> identify(World& world, const UserRef& ref, const Secret& password) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(Authenticated proof, authenticate(realm, ref, password, Purpose::change_account));
    forgive_password(realm, proof.user, proof.address);
    return MfaActor{std::move(proof.user), SubjectProof{}};
}

Result<MfaActor> find_by_password(World& world, const UserRef& ref, const MfaActorOptions& options,
                                  Demand demand) {
    AUTH_TRY(const AskFactor ask, ask_factor(world, options.factor));
    AUTH_TRY(const Secret password, ask_password(world, options.password));
    if (demand == Demand::identity)
        return identify(world, ref, password);
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(SubjectProof proof, prove_account(realm, ref, password, ask));
    User user = proof.password->user;
    return MfaActor{std::move(user), std::move(proof)};
}

Result<MfaActor> find_by_login(World& world, const MfaActorOptions& options, Demand demand) {
    AUTH_TRY(StoredAccess stored, use_stored_login(world, Use::look));
    AUTH_CHECK(check_may_change_account(stored.access.session));
    User& user = stored.access.user;
    AUTH_TRY(auto& realm, world.realm());
    const bool wanted = demand == Demand::password_and_factor && has_password(realm, user);
    if (wanted || options.password.given()) {
        AUTH_TRY(const UserRef ref, parse_user_ref("id:" + user.id));
        return find_by_password(world, ref, options, demand);
    }
    if (demand == Demand::identity)
        return MfaActor{std::move(user), SubjectProof{}};
    AUTH_TRY(const AskFactor ask, ask_factor(world, options.factor));
    AUTH_TRY(SubjectProof proof, prove_holder(realm, user, ask));
    return MfaActor{std::move(user), std::move(proof)};
}

Result<MfaActor> find_by_name(World& world, const MfaActorOptions& options, Demand demand) {
    AUTH_TRY(const UserRef ref, parse_user_ref(options.email));
    if (options.password.given() || world.surroundings.secure)
        return find_by_password(world, ref, options, demand);
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(User user, require_user(realm, ref));
    if (!options.factor.given())
        return MfaActor{std::move(user), std::nullopt};
    AUTH_TRY(const AskFactor ask, ask_factor(world, options.factor));
    AUTH_TRY(SubjectProof proof, prove_holder(realm, user, ask));
    return MfaActor{std::move(user), std::move(proof)};
}

} // namespace

void MfaActorOptions::bind(Flags& flags, bool factors) {
    password.bind(flags, false);
    if (factors)
        factor.bind(flags);
}

Result<MfaActor> find_mfa_actor(World& world, const MfaActorOptions& options, Demand demand) {
    return options.email.empty() ? find_by_login(world, options, demand)
                                 : find_by_name(world, options, demand);
}

Reply recovery_codes_reply(World& world, const FactorChange& change, std::string note) {
    Reply reply;
    Json codes = Json::array();
    // A dry run makes none that would work.
    if (!world.dry_run)
        for (const Secret& code : change.recovery_codes) {
            codes.push_back(code.reveal());
            reply.text += std::string(code.reveal()) + "\n";
        }
    reply.document = {{"schema", "auth-cli.recovery_codes/1"},
                      {"email", change.user.email},
                      {"recovery_codes", std::move(codes)},
                      {"changed", change.changed}};
    reply.note = std::move(note);
    return reply;
}

} // namespace auth
