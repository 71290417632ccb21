#include "cli/input/ask.h"
#include "cli/input/many_users.h"
#include "commands/registry.h"
#include "core/base/text.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options : ManyUsers {
    std::string confirmation;
    bool if_exists = false;
};

Status check_consent(World& world, const Options& options) {
    AUTH_TRY(const auto& realm, world.realm());
    if (options.yes || world.dry_run)
        return {};
    if (!options.confirmation.empty()) {
        if (options.who.size() != 1)
            return fail(ErrorCode::usage, "--confirm goes with one user; use --yes for several");
        const auto named = parse_user_ref(options.confirmation);
        const auto typed = named ? users_table::find(realm.database, *named) : std::nullopt;
        const auto wanted = users_table::find(realm.database, *parse_user_ref(options.who.front()));
        if (!typed || !wanted || typed->id != wanted->id)
            return fail(
                error(ErrorCode::usage, "--confirm names somebody else; nothing was deleted")
                    .with_field("confirm"));
        return {};
    }
    const std::string whom = options.who.size() == 1 ? printable(options.who.front())
                                                     : fmt::format("{} users", options.who.size());
    return confirm(world, fmt::format("Permanently delete {}?", whom), "--yes or --confirm EMAIL");
}

// Every member of a user, null: what a deletion that found nobody answers.
Json nobody(const std::string& who) {
    Json document = {{"schema", "auth-cli.user/1"}};
    for (const Member& member : fields::user)
        if (!document.contains(member.name))
            document[std::string(member.name)] = nullptr;
    document["email"] = who;
    document["changed"] = false;
    document["generated_password"] = nullptr;
    document["next"] = Json::array();
    return document;
}

constexpr Wording wording{"deleted", "", "Erase"};

Result<Updated> erase(Realm& realm, const UserRef& ref) {
    AUTH_TRY(User user, delete_user(realm, ref));
    return Updated{.user = std::move(user), .changed = true};
}

Result<Reply> run_for_names(World& world, const Options& options) {
    if (options.who.empty())
        return change_many_users(world, options, erase, wording);
    for (const std::string& who : options.who)
        AUTH_CHECK(parse_user_ref(who));
    AUTH_TRY(auto& realm, world.realm());
    std::vector<std::string> present;
    for (const std::string& who : options.who)
        if (!options.if_exists || users_table::find(realm.database, *parse_user_ref(who)))
            present.push_back(who);
    if (present.empty()) {
        Reply reply;
        reply.document = nobody(options.who.front());
        reply.note = "nobody to delete";
        return reply;
    }
    // Whoever is asked to confirm should be told first that there is nobody.
    for (const std::string& who : present)
        AUTH_CHECK(require_user(realm, *parse_user_ref(who)));
    AUTH_CHECK(check_consent(world, options));
    ManyUsers found;
    found.attempts = true;
    found.who = std::move(present);
    return change_many_users(world, found, erase, wording);
}

Result<Reply> run(World& world, const Options& options) {
    if (options.where.empty())
        return run_for_names(world, options);
    if (options.if_exists || !options.confirmation.empty())
        return fail(ErrorCode::usage, "--confirm and --if-exists go with names, not with --where");
    return change_many_users(world, options, erase, wording);
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    options->attempts = true;
    options->destructive = true;
    options->bind(flags);
    flags.option("--confirm", options->confirmation, "EMAIL",
                 "the same address again, in place of --yes");
    flags.exclusive({"--yes", "--confirm"});
    flags.flag("--if-exists", options->if_exists, "a missing user is not an error");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command delete_command{
    .path = "delete",
    .group = "Users",
    .summary = "Erase users, their credentials, codes and sessions",
    .examples = "auth-cli create ann@example.org --no-password --verified\n"
                "auth-cli delete ann@example.org --confirm ann@example.org\n"
                "auth-cli delete ann@example.org --yes --if-exists\n"
                "auth-cli delete --where 'verified=false and created<-30d' --dry-run",
    .mutates = true,
    .bind = bind,
    .fields = fields::user_mutation,
};

} // namespace auth
