#include "commands/ask.h"
#include "commands/registry.h"
#include "commands/views.h"
#include "core/tokens/session.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string email;
    PasswordSource password;
    std::string ttl;
    bool print = false;
    bool no_store = false;
};

// A subject may shorten the idle limit; making it longer is for those who run the program
// themselves.
Result<std::optional<Seconds>> parse_ttl(const Realm& realm, const Options& options) {
    if (options.ttl.empty())
        return std::nullopt;
    AUTH_TRY(const Seconds ttl, parse_duration(options.ttl));
    const Seconds longest =
        realm.settings.duration(realm.operated ? "session.max" : "session.idle");
    if (ttl < Seconds(1) || ttl > longest)
        return fail(
            error(ErrorCode::usage, fmt::format("--ttl must be from 1s to {}", to_text(longest)))
                .with_field("ttl"));
    return std::optional(ttl);
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const std::string email, ask_email(world, options.email));
    AUTH_TRY(const UserRef ref, parse_user_ref(email));
    Realm& realm = world.realm();
    AUTH_TRY(const auto ttl, parse_ttl(realm, options));
    AUTH_TRY(const Secret password, ask_password(world, options.password));
    AUTH_TRY(const Grant grant, log_in(realm, ref, password, ttl));
    const bool stores = !options.no_store;
    if (stores && !world.dry_run) {
        const TokenFiles files = world.token_files();
        AUTH_TRY(const FileLock lock, FileLock::acquire(files.lock));
        AUTH_CHECK(write_login(files, grant, world.random()));
    }
    return login_reply(world, grant, stores, options.print || options.no_store);
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("EMAIL", options->email,
                            "who logs in: an address, @username or id:UUID");
    options->password.bind(flags, false);
    flags.option("--ttl", options->ttl, "DURATION",
                 "idle limit of this session, up to session.max");
    flags.flag("--print", options->print, "print the token as well");
    flags.flag("--no-store", options->no_store, "print the token and keep no file");
    flags.exclusive({"--print", "--no-store"});
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command login_command{
    "login",
    "Sessions",
    "Log in by password and write the token file",
    "auth-cli create ann@example.org --verified --password-file password.txt\n"
    "auth-cli login ann@example.org --password-file password.txt\n"
    "auth-cli whoami",
    true,
    bind,
    fields::login,
    true,
    true,
};

} // namespace auth
