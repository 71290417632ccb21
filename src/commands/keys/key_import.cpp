#include "cli/input/ask.h"
#include "commands/keys/key_view.h"
#include "commands/registry.h"
#include "core/base/text.h"
#include "core/keys/imported_key.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string file;
    std::string algorithm;
};

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const Secret text, options.file == "-"
                                    ? read_secret_stdin(world, "key")
                                    : read_secret_file(world, "key file", options.file));
    AUTH_TRY(auto& realm, world.realm());
    std::optional<Algorithm> algorithm;
    if (!options.algorithm.empty()) {
        AUTH_TRY(algorithm, key_algorithm(realm, options.algorithm));
    }
    AUTH_TRY(const KeyChange change, import_key(realm, text, algorithm));
    Reply reply = key_reply(realm, change, "imported", "already there:");
    if (!change.key.known_as.empty())
        reply.note += fmt::format("; known as {} as well", in_quotes(change.key.known_as));
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("FILE", options->file, "a PEM file or a JWK; - for stdin");
    flags.option("--alg", options->algorithm, "ALGORITHM",
                 "what an RSA key that does not say is for: RS256, the default, or PS256");
    flags.offers("--alg", {"RS256", "PS256"});
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command key_import_command{
    .path = "key import",
    .group = "Keys",
    .summary = "Take over a key of another service: private to sign, public to verify",
    .examples = "openssl genpkey -algorithm ed25519 -out service.pem\n"
                "auth-cli key import service.pem",
    .mutates = true,
    .bind = bind,
    .fields = fields::key_change,
};

} // namespace auth
