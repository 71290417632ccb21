#include "cli/input/many_users.h"
#include "cli/output/user_view.h"
#include "commands/registry.h"
#include "commands/users/profile_options.h"
#include "core/accounts/accounts.h"
#include "core/base/text.h"
#include "core/federation/identity.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string who;
    ManyUsers users; // those of --where
    ProfileOptions profile;
    std::string email;
    std::vector<std::string> unsets;
    std::vector<std::string> links; // NAME=SUBJECT
    std::vector<std::string> unlinks;
    bool must_change = false;
    bool need_not_change = false;
};

Result<UserChange> wanted_change(const Options& options) {
    UserChange change;
    AUTH_TRY(change.profile, options.profile.change());
    for (const std::string& key : options.unsets) {
        if (!change.profile.attributes.emplace(key, "").second)
            return fail(error(ErrorCode::usage,
                              fmt::format("the attribute {} is both set and unset", in_quotes(key)))
                            .with_field("attributes"));
    }
    if (!options.email.empty()) {
        AUTH_TRY(change.email, Email::parse(options.email));
    }
    if (options.must_change || options.need_not_change)
        change.must_change_password = options.must_change;
    return change;
}

// Both the profile and who the user is at providers, or neither.
Result<Updated> update_one(Realm& realm, const UserRef& ref, const UserChange& change,
                           const Options& options) {
    AUTH_TRY(const std::string id, id_of(realm, ref));
    Locks locks = locks_of_update(id, change);
    for (const auto* identities : {&options.links, &options.unlinks})
        for (const std::string& typed : *identities) {
            AUTH_TRY(const IdentityRef identity, parse_identity_ref(typed));
            locks = locks + locks_of_subject(identity.subject);
        }
    Transaction transaction(realm.database, locks);
    AUTH_TRY(Updated updated, update_user(realm, ref, change));
    for (const std::string& typed : options.unlinks) {
        AUTH_TRY(const IdentityRef identity, parse_identity_ref(typed));
        AUTH_TRY(const bool unlinked, unlink_identity(realm, updated.user, identity));
        updated.changed = updated.changed || unlinked;
    }
    for (const std::string& typed : options.links) {
        AUTH_TRY(const IdentityRef identity, parse_identity_ref(typed));
        AUTH_TRY(const bool linked, link_identity(realm, updated.user, identity));
        updated.changed = updated.changed || linked;
    }
    transaction.commit();
    return updated;
}

Result<Reply> update_chosen(World& world, const Options& options, const UserChange& change) {
    if (change.email || change.profile.username)
        return fail(error(ErrorCode::usage, "no two users share an address or a username, so"
                                            " --where goes with neither")
                        .with_field("where"));
    return change_many_users(
        world, options.users,
        [&](Realm& realm, const UserRef& ref) { return update_user(realm, ref, change); },
        {"updated", "", "Update"});
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const UserChange change, wanted_change(options));
    if (options.who.empty())
        return update_chosen(world, options, change);
    AUTH_TRY(const UserRef ref, parse_user_ref(options.who));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Updated updated, update_one(realm, ref, change, options));
    Mutation mutation{.changed = updated.changed,
                      .note = fmt::format("{} {}", updated.changed ? "updated" : "no changes for",
                                          printable(updated.user.email))};
    if (updated.moved)
        mutation.next.push_back(NextStep{"verify", {updated.user.email_key}});
    return user_reply(realm, updated.user, std::move(mutation));
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("EMAIL", options->who, "an address, @username or id:UUID");
    options->users.bind_choice(flags);
    flags.exclusive({"EMAIL", "--where"});
    options->profile.bind(flags);
    flags.list("--unset", options->unsets, "KEY", "remove an attribute; may be repeated");
    flags.option("--email", options->email, "NEW", "a new address, which must be verified again");
    flags.list("--link-provider", options->links, "NAME=SUBJECT",
               "the user may log in as this subject there; may be repeated");
    flags.list("--unlink-provider", options->unlinks, "NAME[=SUBJECT]",
               "no longer, and all sessions end; may be repeated");
    flags.exclusive({"--link-provider", "--where"});
    flags.exclusive({"--unlink-provider", "--where"});
    flags.flag("--must-change-password", options->must_change, "refuse login until a reset");
    flags.flag("--no-must-change-password", options->need_not_change, "take that back");
    flags.exclusive({"--must-change-password", "--no-must-change-password"});
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command update_command{
    .path = "update",
    .group = "Users",
    .summary = "Change a user's profile; an empty value clears a field",
    .examples =
        "auth-cli create ann@example.org --no-password --verified\n"
        "auth-cli update ann@example.org --phone '+47 22 00 00 00' --set team=blue --dry-run\n"
        "auth-cli update ann@example.org --phone ''\n"
        "auth-cli update --where 'attributes.team=blue' --set team=green",
    .mutates = true,
    .bind = bind,
    .fields = fields::user_mutation,
};

} // namespace auth
