#include "cli/input/stored_login.h"
#include "cli/input/variable_name.h"
#include "commands/registry.h"
#include "commands/tokens/exec_credential.h"
#include "commands/tokens/git_credential.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string as = "raw";
    std::optional<std::string> env;
    std::string action;
};

Status check(const Options& options) {
    if (options.env && options.as != "env" && options.as != "dotenv")
        return fail(
            error(ErrorCode::usage, "--env requires --as env or --as dotenv").with_field("env"));
    if (options.env)
        AUTH_CHECK(check_variable_name(*options.env));
    if (!options.action.empty() && options.as != "git-credential")
        return fail(error(ErrorCode::usage, "ACTION goes with --as git-credential"));
    return {};
}

// The login, renewed where that is due; its token can end no line and open none.
Result<StoredAccess> printable_login(World& world) {
    AUTH_TRY(StoredAccess stored, use_stored_login(world, Use::renew));
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    if (stored.token.reveal().find_first_not_of(letters) != std::string_view::npos)
        return fail(error(ErrorCode::invalid_token, "the stored token is not a compact JWT")
                        .with_reason("malformed")
                        .with_hint(NextStep{"login"}));
    return stored;
}

Json access_document(World& world, const StoredAccess& stored) {
    return {{"schema", "auth-cli.access/1"},
            {"access_token", stored.token.reveal()},
            {"token_type", "Bearer"},
            {"expires_in", (stored.access.expires_at - world.clock().now()).count()},
            {"expires_at", to_rfc3339(stored.access.expires_at)}};
}

std::string line_form(const Options& options, std::string_view token) {
    if (options.as == "header")
        return fmt::format("Authorization: Bearer {}\n", token);
    if (options.as == "curl")
        return fmt::format("header = \"Authorization: Bearer {}\"\n", token);
    const std::string variable = options.env.value_or("AUTH_CLI_TOKEN");
    if (options.as == "env")
        return fmt::format("export {}='{}'\n", variable, token);
    if (options.as == "dotenv")
        return fmt::format("{}={}\n", variable, token);
    return fmt::format("{}\n", token);
}

// Git wants its own lines whatever form of output its user likes, so there is no document.
Result<Reply> run_git_credential(World& world, const Options& options) {
    AUTH_TRY(const Secret text, world.take_stdin("credential"));
    Reply reply;
    // There is nothing to store or erase, and git wants other words passed over.
    if (!options.action.empty() && options.action != "get")
        return reply;
    AUTH_TRY(const GitRequest request, parse_git_request(text.reveal()));
    if (!may_receive_token(request)) {
        reply.note = fmt::format("no token for {}: only https and http on this machine get one",
                                 in_quotes(request.protocol + "://" + request.host));
        return reply;
    }
    AUTH_TRY(const StoredAccess stored, printable_login(world));
    reply.text = git_answer(request, stored.access.user.email, stored.token.reveal(),
                            stored.access.expires_at);
    return reply;
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_CHECK(check(options));
    if (options.as == "git-credential")
        return run_git_credential(world, options);
    std::string version;
    if (options.as == "exec-credential") {
        AUTH_TRY(version,
                 exec_credential_version(world.surroundings.variable("KUBERNETES_EXEC_INFO")));
    }
    AUTH_TRY(const StoredAccess stored, printable_login(world));
    const std::string_view token = stored.token.reveal();
    Reply reply;
    reply.document = version.empty() ? access_document(world, stored)
                                     : exec_credential(version, token, stored.access.expires_at);
    reply.text = options.as == "json" || !version.empty() ? reply.document.dump(2) + "\n"
                                                          : line_form(options, token);
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("ACTION", options->action,
                            "what git wants of its helper: get (default), store or erase");
    flags.offers("ACTION", {"get", "store", "erase"});
    flags.option("--as", options->as, "FORM",
                 "raw, header, env, dotenv, json, curl, exec-credential or git-credential");
    flags.choices("--as", {"raw", "header", "env", "dotenv", "json", "curl", "exec-credential",
                           "git-credential"});
    flags.option("--env", options->env, "NAME",
                 "the variable of --as env and dotenv; default AUTH_CLI_TOKEN");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command token_print_command{
    .path = "token print",
    .group = "Tokens",
    .summary = "Print the stored token, refreshed if needed, in the form other tools expect",
    .examples = "auth-cli create ann@example.org --verified --password-file password.txt --login\n"
                "auth-cli token print --as header\n"
                "eval \"$(auth-cli token print --as env --env API_TOKEN)\"\n"
                "(umask 077; auth-cli token print --as dotenv > .env)\n"
                "echo protocol=https | auth-cli token print --as git-credential get",
    .bind = bind,
    .fields = fields::access,
    .for_subjects = true,
    .subject_flags = "--as --env",
};

} // namespace auth
