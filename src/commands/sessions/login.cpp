#include "cli/input/ask.h"
#include "cli/input/factor_source.h"
#include "cli/input/stored_login.h"
#include "cli/output/login_view.h"
#include "cli/output/user_view.h"
#include "commands/registry.h"
#include "commands/sessions/provider_login.h"
#include "commands/sessions/workload_login.h"
#include "core/accounts/verification.h"
#include "core/base/text.h"
#include "core/codes/login_link.h"
#include "core/sessions/change_password.h"
#include "core/sessions/link_login.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string email;
    PasswordSource password;
    FactorSource factor;
    ProviderSource provider;
    IdTokenSource id_token;
    std::string link;
    bool send_link = false;
    std::string ttl;
    bool print = false;
    bool no_store = false;
};

// A subject may shorten the idle limit; making it longer is for those who run the program
// themselves, and may do more than log users in.
Result<std::optional<Seconds>> parse_ttl(const Realm& realm, const Options& options) {
    if (options.ttl.empty())
        return std::nullopt;
    AUTH_TRY(const Seconds ttl, parse_duration(options.ttl));
    const bool operated = realm.operated && !realm.database.restricted();
    const Seconds longest =
        realm.settings.get(operated ? setting<"session.max"> : setting<"session.idle">);
    if (ttl < Seconds(1) || ttl > longest)
        return fail(
            error(ErrorCode::usage, fmt::format("--ttl must be from 1s to {}", to_text(longest)))
                .with_field("ttl"));
    return std::optional(ttl);
}

Result<Reply> send_link(World& world, const Options& options) {
    AUTH_TRY(const std::string email, ask_email(world, options.email));
    AUTH_TRY(const UserRef ref, parse_user_ref(email));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_CHECK(request_link(realm, ref));
    return request_reply(
        ref, "link", fmt::format("if {} is a user, a link is on its way", printable(to_text(ref))));
}

// A person at a terminal gets out of must_change_password here and now; a script is told.
Result<Grant> log_in_or_change(World& world, const UserRef& ref, const Secret& password,
                               std::optional<Seconds> ttl, const AskFactor& ask) {
    AUTH_TRY(auto& realm, world.realm());
    auto grant = log_in(realm, ref, password, ttl, ask);
    if (grant || grant.error().reason != "must_change_password" || !world.interactive())
        return grant;
    world.streams.err("the password must be changed first\n");
    AUTH_TRY(const NewPassword wanted, ask_new_password(world));
    return change_own_password(realm, ref, password, wanted.password, ask, ttl);
}

Result<Grant> log_in_by_password(World& world, const Options& options) {
    AUTH_TRY(const std::string email, ask_email(world, options.email));
    AUTH_TRY(const UserRef ref, parse_user_ref(email));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const auto ttl, parse_ttl(realm, options));
    AUTH_TRY(const AskFactor ask, ask_factor(world, options.factor));
    AUTH_TRY(const Secret password, ask_password(world, options.password));
    return log_in_or_change(world, ref, password, ttl, ask);
}

Result<Grant> follow_link(World& world, const Options& options) {
    std::optional<UserRef> whose;
    if (!options.email.empty()) {
        AUTH_TRY(whose, parse_user_ref(options.email));
    }
    Secret typed(options.link);
    if (options.link == "-") {
        AUTH_TRY(typed, read_secret_stdin(world, "link"));
    }
    AUTH_TRY(const Secret token, parse_link(typed.reveal()));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const auto ttl, parse_ttl(realm, options));
    AUTH_TRY(const AskFactor ask, ask_factor(world, options.factor));
    return log_in_by_link(realm, token, whose, ttl, ask);
}

Result<Grant> log_in_by_provider(World& world, const Options& options) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const auto ttl, parse_ttl(realm, options));
    if (options.id_token.given())
        return log_in_by_id_token(world, options.provider.name, options.id_token, options.email,
                                  ttl);
    AUTH_TRY(const AskFactor ask, ask_factor(world, options.factor));
    return log_in_with(world, options.provider, options.email, ttl, ask);
}

Result<Grant> prove_and_log_in(World& world, const Options& options) {
    if (options.provider.given())
        return log_in_by_provider(world, options);
    return options.link.empty() ? log_in_by_password(world, options) : follow_link(world, options);
}

Result<Reply> run(World& world, const Options& options) {
    if (options.send_link)
        return send_link(world, options);
    const bool stores = !options.no_store;
    std::string token_file;
    if (stores) {
        AUTH_TRY(const TokenFiles files, world.places().token_files());
        AUTH_CHECK(check_replaceable(files));
        token_file = files.token.string();
    }
    AUTH_TRY(const Grant grant, prove_and_log_in(world, options));
    if (stores)
        AUTH_CHECK(store_login(world, grant));
    AUTH_TRY(auto& realm, world.realm());
    Reply reply = login_reply(world, realm, grant, token_file, options.print || options.no_store);
    if (!stores)
        reply.if_lost = [&world, session = grant.session] { (void)withdraw_login(world, session); };
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("EMAIL", options->email,
                            "who logs in: an address, @username or id:UUID");
    options->password.bind(flags, false);
    options->factor.bind(flags);
    flags.flag("--send-link", options->send_link, "only mail a link that logs in");
    flags.option("--link", options->link, "LINK",
                 "log in by a mailed link, or the token at its end; - for stdin");
    flags.option("--ttl", options->ttl, "DURATION",
                 "idle limit of this session, up to session.max");
    flags.flag("--print", options->print, "print the token as well");
    flags.flag("--no-store", options->no_store, "print the token and keep no file");
    flags.exclusive({"--print", "--no-store"});
    options->provider.bind(flags);
    options->id_token.bind(flags);
    flags.exclusive({"--send-link", "--link", "--provider", "--password-stdin"});
    flags.exclusive({"--send-link", "--link", "--provider", "--password-file"});
    for (const char* other : {"--totp", "--recovery-code", "--ttl", "--print", "--no-store"})
        flags.exclusive({"--send-link", other});
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command login_command{
    .path = "login",
    .group = "Sessions",
    .summary = "Log in by password, mailed link or provider, and write the token file",
    .examples = "auth-cli create ann@example.org --verified --password-file password.txt\n"
                "auth-cli login ann@example.org --password-file password.txt\n"
                "auth-cli login ann@example.org --send-link\n"
                "auth-cli outbox show --latest --kind link --field link | auth-cli login --link -\n"
                "auth-cli whoami",
    .mutates = true,
    .bind = bind,
    .fields = fields::login_or_request,
    .for_subjects = true,
    .subject_flags = "--password-stdin --password-file --totp --recovery-code --send-link "
                     "--link --ttl --print --no-store --provider --device --no-browser "
                     "--id-token",
};

} // namespace auth
