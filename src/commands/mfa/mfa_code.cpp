#include "commands/registry.h"
#include "core/accounts/accounts.h"
#include "core/accounts/app_code.h"

namespace auth {
namespace {

struct Options {
    std::string email;
    bool pending = false;
};

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const UserRef ref, parse_user_ref(options.email));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const User user, require_user(realm, ref));
    AUTH_TRY(const AppCode found, app_code(realm, user, options.pending));
    Reply reply;
    reply.document = {{"schema", "auth-cli.app_code/1"},
                      {"email", user.email},
                      {"code", found.code.reveal()},
                      {"expires_at", to_rfc3339(found.expires_at)},
                      {"state", found.pending ? "pending" : "confirmed"}};
    reply.text = std::string(found.code.reveal()) + "\n";
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("EMAIL", options->email, "whose code");
    flags.flag("--pending", options->pending, "of the secret that is not confirmed yet");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command mfa_code_command{
    .path = "mfa code",
    .group = "Second factor",
    .summary = "Print the code of a user's app, in test databases only",
    .examples = "auth-cli db init --test --db test.db\n"
                "auth-cli create ann@example.org --no-password --verified --db test.db\n"
                "auth-cli mfa enroll ann@example.org --db test.db > app.txt\n"
                "auth-cli mfa code ann@example.org --db test.db",
    .bind = bind,
    .fields = fields::app_code,
};

} // namespace auth
