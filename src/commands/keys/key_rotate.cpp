#include "commands/keys/key_view.h"
#include "commands/registry.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string algorithm;
    std::string at;
};

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Algorithm algorithm, key_algorithm(realm, options.algorithm));
    if (algorithm == Algorithm::hs256)
        return fail(error(ErrorCode::usage, "a shared secret is replaced together with the services"
                                            " that hold it, not rotated")
                        .with_field("alg")
                        .with_hint(NextStep{"config set", {"token.secret_file", "FILE"}}));
    Time at = realm.now();
    if (!options.at.empty()) {
        AUTH_TRY(at, parse_time(options.at, realm.now()));
    }
    if (at < realm.now())
        return fail(error(ErrorCode::usage, "--at is in the past").with_field("at"));
    const bool planned = at > realm.now();
    AUTH_TRY(const KeyChange change, rotate_keys(realm, algorithm, at));
    // The setting may have changed with the key.
    world.store().reload_settings();
    Reply reply = key_reply(realm, change, planned ? "planned" : "rotated to", "");
    if (planned)
        reply.note += fmt::format("; it signs from {}", to_rfc3339(at));
    for (const KeyRecord& key : change.retired)
        reply.note +=
            fmt::format("\n{} key {}; it verifies until {}", planned ? "then retires" : "retired",
                        key.kid, to_rfc3339(*key.verifies_until));
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.option("--alg", options->algorithm, "ALGORITHM",
                 "ES256, RS256, PS256 or EdDSA; default: token.algorithm");
    flags.offers("--alg", {"ES256", "RS256", "PS256", "EdDSA"});
    flags.option("--at", options->at, "TIME",
                 "when it takes over; until then verifiers can fetch it");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command key_rotate_command{
    .path = "key rotate",
    .group = "Keys",
    .summary = "Sign with a new key; the old ones verify until their tokens have expired",
    .examples = "auth-cli key rotate --at +1h\n"
                "auth-cli key rotate --alg RS256",
    .mutates = true,
    .bind = bind,
    .fields = fields::key_change,
};

} // namespace auth
