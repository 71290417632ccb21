#include "cli/next_step.h"
#include "commands/mfa/mfa_actor.h"
#include "commands/mfa/totp_view.h"
#include "commands/registry.h"
#include "core/base/text.h"
#include "core/codes/otpauth.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options : MfaActorOptions {
    std::string algorithm = "sha1";
    std::optional<std::int64_t> digits;
    std::string uri_file;
    bool confirmed = false;
    QrOption qr;
};

Result<Totp> wanted_totp(World& world, const Options& options) {
    if (!options.uri_file.empty()) {
        AUTH_TRY(const Secret uri, options.uri_file == "-"
                                       ? read_secret_stdin(world, "otpauth URI")
                                       : read_secret_file(world, "otpauth URI", options.uri_file));
        AUTH_TRY(auto& realm, world.realm());
        return parse_otpauth_uri(uri.reveal(), realm.test);
    }
    const std::int64_t digits = options.digits.value_or(6);
    if (digits != 6 && digits != 8)
        return fail(error(ErrorCode::usage, "--digits must be 6 or 8").with_field("digits"));
    return make_totp(*parse_hash_function(options.algorithm), static_cast<int>(digits),
                     world.random());
}

// The app would accept the secret, and its codes would be wrong.
void warn_of_apps(const World& world, const Totp& totp) {
    const std::string ignored = ignored_by_apps(totp);
    if (!world.quiet && !ignored.empty())
        world.streams.err(fmt::format("auth-cli: warning: many authenticator apps ignore {}, and"
                                      " their codes are then always wrong\n",
                                      ignored));
}

// Operator: in force at once, as it is elsewhere.
Result<Reply> adopt(World& world, const User& user, const Totp& totp, const Options& options) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const FactorChange change, adopt_totp(realm, user, totp));
    AUTH_TRY(Reply reply, totp_reply(world, user, totp, options.qr));
    Reply codes = recovery_codes_reply(
        world, change, fmt::format("the second factor of {} is in force", printable(user.email)));
    reply.document["state"] = "confirmed";
    reply.document["recovery_codes"] = codes.document.at("recovery_codes");
    reply.document["changed"] = true;
    reply.document["next"] = Json::array();
    reply.text += codes.text;
    reply.note = std::move(codes.note);
    return reply;
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_CHECK(options.qr.check(world));
    AUTH_TRY(const Totp totp, wanted_totp(world, options));
    AUTH_TRY(const MfaActor actor, find_mfa_actor(world, options, Demand::password_and_factor));
    if (options.confirmed) {
        if (!actor.is_operator())
            return fail(ErrorCode::usage, "--confirmed is an operator's word: name EMAIL, and give"
                                          " neither password nor code");
        return adopt(world, actor.user, totp, options);
    }
    AUTH_TRY(auto& realm, world.realm());
    AUTH_CHECK(enroll_totp(realm, actor.user, totp, actor.proof));
    warn_of_apps(world, totp);
    AUTH_TRY(Reply reply, totp_reply(world, actor.user, totp, options.qr));
    NextStep step{"mfa confirm", {"CODE"}};
    if (!options.email.empty())
        step.arguments.insert(step.arguments.begin(), actor.user.email_key);
    const std::string next = as_typed(step, given_flags(world.settings));
    reply.document["state"] = "pending";
    reply.document["recovery_codes"] = nullptr;
    reply.document["changed"] = true;
    reply.document["next"] = {next};
    reply.note = fmt::format("a second factor of {} waits for its first code; next: {}",
                             printable(actor.user.email), printable(next));
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("EMAIL", options->email,
                            "whose second factor; default: who is logged in");
    options->bind(flags, true);
    flags.option("--alg", options->algorithm, "HASH", "sha1, sha256 or sha512; default: sha1");
    flags.choices("--alg", {"sha1", "sha256", "sha512"});
    flags.option("--digits", options->digits, "N", "digits of a code: 6 or 8; default: 6");
    flags.offers("--digits", {"6", "8"});
    flags.option("--uri-file", options->uri_file, "FILE",
                 "take over the otpauth URI in a file, or - for stdin");
    flags.exclusive({"--uri-file", "--alg"});
    flags.exclusive({"--uri-file", "--digits"});
    flags.flag("--confirmed", options->confirmed, "operator: in force at once, without a code");
    flags.needs("--confirmed", "--uri-file");
    options->qr.bind(flags);
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command mfa_enroll_command{
    .path = "mfa enroll",
    .group = "Second factor",
    .summary = "Share a secret with an authenticator app; its first code confirms it",
    .examples = "auth-cli create ann@example.org --verified --password-file password.txt --login\n"
                "auth-cli mfa enroll --password-file password.txt --qr enrolment.png\n"
                "auth-cli mfa enroll ann@example.org --alg sha256 --digits 8 --field uri",
    .mutates = true,
    .bind = bind,
    .fields = fields::totp,
    .for_subjects = true,
    .subject_flags = "--password-stdin --password-file --totp --recovery-code --alg --digits "
                     "--uri-file --qr",
};

} // namespace auth
