#include "commands/mfa/totp_view.h"
#include "commands/registry.h"
#include "core/accounts/accounts.h"
#include "core/accounts/enrolment.h"

namespace auth {
namespace {

struct Options {
    std::string email;
    QrOption qr;
};

Result<Reply> run(World& world, const Options& options) {
    AUTH_CHECK(options.qr.check(world));
    AUTH_TRY(const UserRef ref, parse_user_ref(options.email));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const User user, require_user(realm, ref));
    AUTH_TRY(const Totp totp, export_totp(realm, user));
    AUTH_TRY(Reply reply, totp_reply(world, user, totp, options.qr));
    reply.document["state"] = "confirmed";
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("EMAIL", options->email, "whose second factor");
    options->qr.bind(flags);
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command mfa_export_command{
    .path = "mfa export",
    .group = "Second factor",
    .summary = "Give a user's secret as otpauth URI, for another place",
    .examples = "echo 'otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' > uri.txt\n"
                "auth-cli create ann@example.org --no-password --verified\n"
                "auth-cli mfa enroll ann@example.org --uri-file uri.txt --confirmed\n"
                "auth-cli mfa export ann@example.org --field uri",
    .bind = bind,
    .fields = fields::totp_export,
};

} // namespace auth
