#include "cli/output/document.h"
#include "commands/keys/key_view.h"
#include "commands/registry.h"
#include "core/base/private_file.h"
#include "core/key_files/pem.h"
#include "core/keys/discovery.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string kid;
    bool jwks = false;
    bool jwk = false;
    bool pem = false;
    std::string discovery;
};

Reply as_pem(const std::vector<KeyRecord>& keys) {
    Reply reply;
    for (const KeyRecord& key : keys)
        reply.text += to_pem(parse_json(key.public_jwk).value()).value();
    reply.document = {{"schema", "auth-cli.pem/1"}, {"pem", reply.text}};
    return reply;
}

Reply as_json(Json document) {
    Reply reply;
    reply.text = document.dump(2) + "\n";
    reply.document = std::move(document);
    return reply;
}

// True where the file has that content already.
bool holds(const fs::path& path, const std::string& content) {
    const auto present = read_file("file", path);
    return present && present->reveal() == content;
}

Result<Reply> publish(World& world, const std::vector<KeyRecord>& keys, const fs::path& directory) {
    AUTH_TRY(const auto files, discovery_files(world.settings, keys));
    bool changed = false;
    Json paths = Json::array();
    for (const PublishedFile& file : files) {
        const fs::path path = directory / file.path;
        paths.push_back(path.string());
        if (holds(path, file.content))
            continue;
        changed = true;
        if (!world.dry_run)
            AUTH_CHECK(replace_public_file(path, file.content, world.random()));
    }
    Reply reply;
    reply.document = {{"schema", "auth-cli.discovery/1"},
                      {"issuer", world.settings.get(setting<"token.issuer">)},
                      {"files", std::move(paths)},
                      {"changed", changed}};
    reply.note = fmt::format("{} {} to be served as {}", changed ? "wrote" : "nothing new in",
                             directory.string(), world.settings.get(setting<"token.issuer">));
    return reply;
}

Result<std::vector<KeyRecord>> chosen(Realm& realm, const std::string& kid) {
    std::vector<KeyRecord> keys = published_keys(realm);
    if (kid.empty())
        return keys;
    AUTH_TRY(KeyRecord key, find_key(realm, kid));
    if (!key.verifies(realm.now()))
        return fail(error(ErrorCode::refused,
                          fmt::format("the key {} is {}", key.kid, to_name(key.state(realm.now()))))
                        .with_reason(std::string(to_name(key.state(realm.now()))))
                        .with_hint(NextStep{"key list"}));
    return std::vector<KeyRecord>{std::move(key)};
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(auto& realm, world.realm());
    const Snapshot snapshot(realm.database);
    AUTH_TRY(const auto keys, chosen(realm, options.kid));
    if (!options.discovery.empty())
        return publish(world, keys, options.discovery);
    if (options.pem)
        return as_pem(keys);
    if (options.jwk && keys.size() != 1)
        return fail(keys.empty() ? error(ErrorCode::not_found, "there is no key to export")
                                       .with_hint(NextStep{"key create"})
                                 : error(ErrorCode::usage, "there are several keys to export")
                                       .with_field("kid")
                                       .with_hint(NextStep{"key export", {"--jwk", "KID"}}));
    return as_json(options.jwk ? parse_json(keys.front().public_jwk).value() : jwks_document(keys));
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("KID", options->kid, "one key; default: all that verify");
    flags.flag("--jwks", options->jwks, "as a JWK set; the default");
    flags.flag("--jwk", options->jwk, "as one bare JWK");
    flags.flag("--pem", options->pem, "as PEM, the signing key first");
    flags.option("--discovery", options->discovery, "DIR",
                 "write DIR/jwks.json and DIR/.well-known/openid-configuration for token.issuer");
    flags.exclusive({"--jwks", "--jwk", "--pem", "--discovery"});
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command key_export_command{
    .path = "key export",
    .group = "Keys",
    .summary = "Print the public keys, or write the files of a static issuer",
    .examples = "auth-cli key export > jwks.json\n"
                "auth-cli key export --pem\n"
                "auth-cli config set token.issuer https://id.example.org\n"
                "auth-cli key export --discovery public",
    .mutates = true,
    .bind = bind,
    .fields = fields::key_export,
};

} // namespace auth
