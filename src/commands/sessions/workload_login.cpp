#include "commands/sessions/workload_login.h"

#include "cli/input/ask.h"
#include "cli/input/given_token.h"
#include "commands/sessions/provider_login.h"
#include "core/base/text.h"
#include "core/federation/federated_login.h"
#include "core/federation/runner_token.h"
#include "core/federation/workload_login.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::string_view by_variable = "env:";

Secret secret_variable(const World& world, const std::string& name) {
    std::string value = world.surroundings.variable(name.c_str());
    Secret secret(value);
    wipe(value);
    return secret;
}

Result<Secret> read_variable(const World& world, const std::string& name) {
    Secret value = secret_variable(world, name);
    if (!value.empty())
        return value;
    return fail(error(ErrorCode::input_required,
                      fmt::format("the variable {} is not set, or empty", in_quotes(name)))
                    .with_field("id_token"));
}

// With more rights than its caller the program goes nowhere for it.
Result<Secret> read_from_runner(World& world, const Provider& provider) {
    if (world.surroundings.secure)
        return fail(error(ErrorCode::usage, "--id-token github needs the caller's own rights")
                        .with_field("id_token")
                        .with_hint("fetch the token first, and give it with --id-token -"));
    const Runner runner{world.surroundings.variable(runner_url_variable),
                        secret_variable(world, runner_token_variable)};
    const auto http = world.http();
    return ask_runner(runner, provider.client_id, *http, [&] { return world.interrupted(); });
}

Result<Secret> read_id_token(World& world, const Provider& provider, const std::string& from) {
    if (from == "-")
        return read_secret_stdin(world, "ID token");
    if (from == "github")
        return read_from_runner(world, provider);
    if (from.starts_with(by_variable))
        return read_variable(world, from.substr(by_variable.size()));
    return read_secret_file(world, "ID token file", from);
}

Result<ProvedWorkload> prove(World& world, const Provider& provider, const Secret& id_token) {
    const auto http = world.http();
    const auto stopped = [&] { return world.interrupted(); };
    AUTH_TRY(ProviderMetadata metadata, discover_for_login(*http, stopped, provider));
    ProviderClient client(provider, Secret(), std::move(metadata), *http, world.clock(), stopped);
    return client.prove_workload(id_token);
}

} // namespace

void IdTokenSource::bind(Flags& flags) {
    flags.option("--id-token", from, "FILE",
                 "log in as a workload, by an ID token: a file, - for stdin, github or env:NAME");
    flags.needs("--id-token", "--provider");
    for (const char* other : {"--device", "--no-browser", "--totp", "--recovery-code"})
        flags.exclusive({"--id-token", other});
}

Result<Grant> log_in_by_id_token(World& world, const std::string& provider_name,
                                 const IdTokenSource& source, const std::string& email,
                                 std::optional<Seconds> ttl) {
    std::optional<UserRef> whose;
    if (!email.empty()) {
        AUTH_TRY(whose, parse_user_ref(email));
    }
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Provider provider, find_provider(realm, provider_name));
    AUTH_CHECK(check_for_workloads(provider));
    AUTH_TRY(Secret given, read_id_token(world, provider, source.from));
    const Secret id_token = without_wrapping(world, std::move(given));
    auto proved = prove(world, provider, id_token);
    if (!proved) {
        record_sign_in_failure(realm, provider, proved.error());
        return fail(std::move(proved).error());
    }
    say_remarks(world, proved->remarks);
    return log_in_workload(realm, provider, *proved, whose, ttl);
}

} // namespace auth
