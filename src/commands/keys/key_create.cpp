#include "cli/next_step.h"
#include "commands/keys/key_view.h"
#include "commands/registry.h"
#include "core/base/encoding.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/keys/shared_secret.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {
namespace {

std::string use_algorithm(const World& world, const std::string& name) {
    return printable(
        as_typed({"config set", {"token.algorithm", name}}, given_flags(world.settings)));
}

// HS256 has no key pair: its secret is a file that the services share.
Result<Reply> create_secret(World& world) {
    AUTH_TRY(auto& realm, world.realm());
    const std::string set = realm.settings.get(setting<"token.secret_file">);
    const std::filesystem::path& key = realm.vault.key_path();
    if (set.empty() && key.empty())
        return fail(error(ErrorCode::usage, "there is no key file to keep the secret beside")
                        .with_field("token.secret_file")
                        .with_hint(NextStep{"config set", {"token.secret_file", "FILE"}}));
    const std::string file =
        set.empty() ? std::filesystem::absolute(key.parent_path() / "hs256.secret").string() : set;
    AUTH_CHECK(make_shared_secret(realm, file));
    Reply reply;
    for (const Member& member : fields::key_change)
        reply.document[std::string(member.name)] = nullptr;
    reply.document.update({{"schema", "auth-cli.key/1"},
                           {"algorithm", "HS256"},
                           {"signs", realm.settings.get(setting<"token.algorithm">) == "HS256"},
                           {"retired", Json::array()},
                           {"secret_file", file},
                           {"changed", true}});
    reply.note = fmt::format("made the shared secret '{}'", file);
    if (realm.settings.get(setting<"token.algorithm">) != "HS256")
        reply.note += "; next: " + use_algorithm(world, "HS256");
    return reply;
}

Result<Reply> run(World& world, const std::string& wanted) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Algorithm algorithm, key_algorithm(realm, wanted));
    if (algorithm == Algorithm::hs256)
        return create_secret(world);
    AUTH_TRY(const KeyChange made, create_key(realm, algorithm));
    Reply reply = key_reply(realm, made, "made", "");
    if (!reply.document.at("signs").get<bool>())
        reply.note += "; next: " + use_algorithm(world, made.key.algorithm);
    return reply;
}

Action bind(Flags& flags) {
    auto algorithm = std::make_shared<std::string>();
    flags.option("--alg", *algorithm, "ALGORITHM",
                 "ES256, RS256, PS256, EdDSA or HS256; default: token.algorithm");
    flags.offers("--alg", {"ES256", "RS256", "PS256", "EdDSA", "HS256"});
    return [algorithm](World& world) { return run(world, *algorithm); };
}

} // namespace

const Command key_create_command{
    .path = "key create",
    .group = "Keys",
    .summary = "Make a key; the newest one of token.algorithm signs",
    .examples = "auth-cli key create --alg EdDSA",
    .mutates = true,
    .bind = bind,
    .fields = fields::key_change,
};

} // namespace auth
