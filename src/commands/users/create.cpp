#include "cli/input/ask.h"
#include "cli/input/stored_login.h"
#include "cli/output/user_view.h"
#include "commands/registry.h"
#include "commands/users/profile_options.h"
#include "core/accounts/accounts.h"
#include "core/base/text.h"
#include "core/settings/setting.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string email;
    ProfileOptions profile;
    std::vector<std::string> roles;
    PasswordSource password;
    std::string hash_file;
    bool no_password = false;
    bool verified = false;
    bool disabled = false;
    bool must_change = false;
    bool if_not_exists = false;
    bool login = false;
};

Result<NewUser> wanted_user(const Options& options) {
    AUTH_TRY(Email email, Email::parse(options.email));
    NewUser wanted(std::move(email));
    AUTH_TRY(wanted.profile, options.profile.change());
    for (const std::string& role : options.roles) {
        AUTH_TRY(RoleName name, RoleName::parse(role));
        wanted.roles.push_back(std::move(name));
    }
    wanted.verified = options.verified;
    wanted.disabled = options.disabled;
    wanted.must_change_password = options.must_change;
    return wanted;
}

// Reads the password or hash into `wanted`, and returns the password if it was made here.
Result<std::optional<std::string>> add_password(World& world, const Options& options,
                                                NewUser& wanted) {
    if (options.no_password)
        return std::nullopt;
    if (!options.hash_file.empty()) {
        AUTH_TRY(const Secret hash, read_secret_file(world, "password hash", options.hash_file));
        wanted.password_hash = hash.reveal();
        return std::nullopt;
    }
    AUTH_TRY(NewPassword password, ask_new_password(world, options.password));
    wanted.password = std::move(password.password);
    if (!password.generated || world.dry_run)
        return std::nullopt;
    return std::string(wanted.password->reveal());
}

Status check_login(World& world, const Options& options, const NewUser& wanted) {
    if (!options.login)
        return {};
    if (!wanted.password)
        return fail(ErrorCode::usage, "--login needs a password",
                    "give it with --password-stdin or --password-file");
    if (options.disabled || options.must_change)
        return fail(ErrorCode::usage, "--login excludes --disabled and --must-change-password");
    User user;
    for (const RoleName& role : wanted.roles)
        user.roles.push_back(role.text());
    if (factor_required(world.settings, user))
        return fail(ErrorCode::usage, "--login is too early: the user must have a second factor to"
                                      " log in");
    if (!options.verified && world.settings.get(setting<"verification.required">))
        return fail(ErrorCode::usage, "--login needs --verified: only verified users log in");
    AUTH_TRY(const TokenFiles files, world.places().token_files());
    return check_replaceable(files);
}

Status log_in_created(World& world, const NewUser& wanted) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Grant grant,
             log_in(realm, UserRef(wanted.email), *wanted.password, std::nullopt));
    Status stored = store_login(world, grant);
    if (!stored)
        stored.error().message =
            "the user was created, but the login was not stored: " + stored.error().message;
    return stored;
}

Result<Reply> run_create(World& world, const Options& options) {
    AUTH_TRY(NewUser wanted, wanted_user(options));
    AUTH_TRY(auto& realm, world.realm());
    // No operator should be asked for a password that has nowhere to go. That a subject asks is
    // counted first.
    const auto there =
        realm.operated ? users_table::find(realm.database, UserRef(wanted.email)) : std::nullopt;
    if (there) {
        if (!options.if_not_exists)
            return fail(email_taken(wanted.email));
        return user_reply(
            realm, *there,
            {.changed = false, .note = fmt::format("{} already exists", printable(there->email))});
    }
    AUTH_TRY(const auto generated, add_password(world, options, wanted));
    AUTH_CHECK(check_login(world, options, wanted));
    auto created = create_user(realm, wanted);
    if (!created) {
        Error refusal = std::move(created).error();
        if (refusal.reason == "password_is_hash" && realm.operated)
            refusal.hint = {
                "to set a hash",
                NextStep{"create", {wanted.email.canonical(), "--password-hash-file", "FILE"}}};
        return fail(std::move(refusal));
    }
    const User& user = *created;
    if (options.login && !world.dry_run)
        AUTH_CHECK(log_in_created(world, wanted));
    Mutation mutation{.generated_password = generated,
                      .note = fmt::format("created {}", printable(user.email))};
    if (!user.verified_at)
        mutation.next.push_back(NextStep{"verify", {user.email_key}});
    return user_reply(realm, user, std::move(mutation));
}

// Another process may create the user between the look and the insert; that is as good.
Result<Reply> run(World& world, const Options& options) {
    auto reply = run_create(world, options);
    if (!reply && options.if_not_exists && reply.error().code == ErrorCode::exists &&
        reply.error().field == "email")
        return run_create(world, options);
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("EMAIL", options->email, "the new user's address");
    flags.takes("EMAIL", ValueKind::text);
    options->profile.bind(flags);
    flags.list("--role", options->roles, "ROLE", "grant a role; may be repeated");
    options->password.bind(flags, true);
    flags.flag("--no-password", options->no_password, "make a user without a password");
    flags.option("--password-hash-file", options->hash_file, "FILE",
                 "take over a hash made elsewhere");
    flags.exclusive({"--password-stdin", "--password-file", "--generate-password", "--no-password",
                     "--password-hash-file"});
    flags.flag("--verified", options->verified, "the address needs no code");
    flags.flag("--disabled", options->disabled, "login is off until 'enable'");
    flags.flag("--must-change-password", options->must_change, "refuse login until a reset");
    flags.flag("--if-not-exists", options->if_not_exists, "an existing user is not an error");
    flags.flag("--login", options->login, "log in as the new user");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command create_command{
    .path = "create",
    .group = "Users",
    .summary = "Make a user, and mail a code that verifies the address",
    .examples = "auth-cli create ann@example.org --name 'Ann Lee' --generate-password\n"
                "auth-cli create bob@example.org --no-password --verified --if-not-exists --json",
    .mutates = true,
    .bind = bind,
    .fields = fields::user_mutation,
    .for_subjects = true,
    // Services may grant rights because of --set and --username; --username and --if-not-exists
    // reveal which users exist.
    .subject_flags = "--name --phone --address --national-id --password-stdin "
                     "--password-file --generate-password --no-password --login",
};

} // namespace auth
