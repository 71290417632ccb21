#include "cli/input/ask.h"
#include "cli/output/provider_view.h"
#include "commands/registry.h"
#include "core/base/text.h"
#include "core/federation/provider_client.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    NewProvider wanted;
    std::string secret_file;
    bool workload = false;
    bool offline = false;
    bool if_not_exists = false;
    bool replace = false;
};

Result<std::optional<Secret>> read_client_secret(World& world, const std::string& file) {
    if (file.empty())
        return std::nullopt;
    AUTH_TRY(Secret secret, file == "-" ? read_secret_stdin(world, "client secret")
                                        : read_secret_file(world, "client secret file", file));
    return std::optional(std::move(secret));
}

// A preset's issuer is known to be right, and anybody else's is asked.
Status check_provider(World& world, const Provider& provider) {
    if (provider.issuer == preset_issuer(provider.name))
        return {};
    const auto http = world.http();
    auto metadata = discover(
        *http, [&] { return world.interrupted(); }, provider.issuer, endpoints_of(provider));
    if (metadata || metadata.error().code == ErrorCode::cancelled)
        return metadata ? Status() : fail(metadata.error());
    Error failure = std::move(metadata).error().with_field("issuer");
    if (failure.reason != "wrong_issuer") // every login would find that, too
        failure.hint = failure.hint.or_else("--offline adds it unasked");
    return fail(std::move(failure));
}

// Which of the two kinds of provider is to be made.
Status check_kind(const Options& options) {
    if (options.workload && options.wanted.workload_audience.empty())
        return fail(error(ErrorCode::usage, "the audience is empty").with_field("audience"));
    if (!options.workload && options.wanted.client_id.empty())
        return fail(error(ErrorCode::usage, "--client-id is required").with_field("client_id"));
    return {};
}

std::string note_of(const Provider& added, bool replaced) {
    if (!replaced)
        return fmt::format("added provider {}", added.name);
    if (added.users == 0)
        return fmt::format("replaced provider {}", added.name);
    if (added.workload)
        return fmt::format("replaced provider {}; its rules stay", added.name);
    return fmt::format("replaced provider {}; {} {} linked", added.name,
                       counted(added.users, "user"), added.users == 1 ? "stays" : "stay");
}

Result<Reply> run(World& world, Options& options) {
    AUTH_CHECK(check_kind(options));
    AUTH_TRY(auto& realm, world.realm());
    if (options.if_not_exists)
        if (const auto there = find_provider(realm, options.wanted.name))
            return provider_reply(*there, false,
                                  fmt::format("no changes: provider {}", there->name));
    AUTH_TRY(options.wanted.client_secret, read_client_secret(world, options.secret_file));
    AUTH_TRY(const Provider provider, make_provider(options.wanted, realm.now()));
    AUTH_TRY(const auto before, check_room(realm, provider, options.replace));
    if (!options.offline)
        AUTH_CHECK(check_provider(world, provider));
    AUTH_TRY(const Provider added,
             add_provider(realm, provider, options.wanted.client_secret, options.replace));
    return provider_reply(added, true, note_of(added, before.has_value()));
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    NewProvider& wanted = options->wanted;
    flags.argument("NAME", wanted.name, "what users will call it");
    flags.option("--issuer", wanted.issuer, "URL", "its issuer, https; google's is known");
    flags.option("--client-id", wanted.client_id, "ID", "what the provider calls this program");
    flags.option("--client-secret-file", options->secret_file, "FILE",
                 "the secret that goes with it, where there is one; - for stdin");
    flags.list("--scope", wanted.scopes, "SCOPE",
               "ask for this beside openid; may be repeated; default: email, profile");
    flags.list("--allow-domain", wanted.domains, "DOMAIN",
               "let in only verified addresses there; may be repeated");
    flags.flag("--auto-create", wanted.auto_create, "make a user for whoever is not one yet");
    flags.flag("--link-verified-email", wanted.link_verified_email,
               "take who has a user's address, verified there, for that user");
    flags.option("--redirect-path", wanted.redirect_path, "PATH",
                 "path of the callback, if the provider wants one; default: random");
    flags.option("--redirect-port", wanted.redirect_port, "PORT",
                 "port of the callback, if the provider wants one; default: a free one");
    flags.flag("--workload", options->workload,
               "for CI jobs and services, which bring an ID token of the issuer");
    flags.option("--audience", wanted.workload_audience, "AUDIENCE",
                 "what these ID tokens must be for");
    flags.needs("--workload", "--audience");
    flags.needs("--audience", "--workload");
    for (const char* other :
         {"--client-id", "--client-secret-file", "--scope", "--allow-domain", "--auto-create",
          "--link-verified-email", "--redirect-path", "--redirect-port"})
        flags.exclusive({"--workload", other});
    flags.flag("--offline", options->offline, "do not ask the issuer whether it is one");
    flags.flag("--if-not-exists", options->if_not_exists, "an existing provider is not an error");
    flags.flag("--replace", options->replace,
               "take the place of an existing one of the same issuer; users stay linked");
    flags.exclusive({"--if-not-exists", "--replace"});
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command provider_add_command{
    .path = "provider add",
    .group = "Providers",
    .summary = "Let users log in with an identity provider (OpenID Connect)",
    .examples =
        "auth-cli provider add google --client-id 1234.apps.googleusercontent.com \\\n"
        "  --allow-domain example.org --auto-create\n"
        "auth-cli provider add corp --issuer https://login.corp.example --client-id auth-cli \\\n"
        "  --offline\n"
        "auth-cli provider add corp --issuer https://login.corp.example --client-id auth-cli \\\n"
        "  --offline --replace --auto-create\n"
        "auth-cli provider add ci --issuer https://ci.example --workload \\\n"
        "  --audience auth.example.org --offline",
    .mutates = true,
    .bind = bind,
    .fields = fields::provider,
};

} // namespace auth
