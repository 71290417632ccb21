#include "cli/input/ask.h"
#include "cli/next_step.h"
#include "commands/keys/key_view.h"
#include "commands/registry.h"
#include "core/base/text.h"
#include "core/keys/imported_key.h"

#include <fmt/format.h>

#include <filesystem>

namespace auth {
namespace {

struct Options {
    std::string file;
    std::string algorithm;
    std::string issuer;
    bool any_issuer = false;
};

// Loud, since a copy of the key would sign as well as this one.
void warn_of_signers(const World& world, const std::string& path) {
    std::error_code failed;
    const auto mode = std::filesystem::status(path, failed).permissions();
    constexpr auto others =
        std::filesystem::perms::group_read | std::filesystem::perms::others_read;
    if (!failed && (mode & others) != std::filesystem::perms::none)
        world.streams.err(fmt::format(
            "auth-cli: warning: the private key '{}' is readable by other users, who can sign with"
            " a copy of it; sign with a key that only you have: {}\n",
            printable(path), as_typed({"key rotate"}, given_flags(world.settings))));
}

// Nothing for a private key of ours. A public key speaks for somebody else, and only people know
// for whom.
Result<std::optional<std::string>> whose_tokens(World& world, const Options& options,
                                                const Secret& text) {
    if (options.any_issuer)
        return std::string(any_issuer);
    if (!options.issuer.empty())
        return options.issuer;
    if (is_private_key(text) || !world.interactive())
        return std::nullopt;
    AUTH_TRY(std::string issuer,
             world.terminal().ask("Issuer whose tokens this key may sign (the iss claim): "));
    return issuer.empty() ? std::nullopt : std::optional(std::move(issuer));
}

std::string issuer_note(const KeyRecord& key) {
    if (key.issuer.empty())
        return "";
    return key.issuer == any_issuer
               ? "; it verifies tokens of any issuer but this database's"
               : fmt::format("; it verifies tokens of {}", in_quotes(key.issuer));
}

Result<Reply> run(World& world, const Options& options) {
    const bool piped = options.file == "-";
    AUTH_TRY(const Secret text,
             piped ? read_key_stdin(world, "key") : read_key_file(world, "key file", options.file));
    AUTH_TRY(auto& realm, world.realm());
    KeyImport order;
    if (!options.algorithm.empty()) {
        AUTH_TRY(order.algorithm, key_algorithm(realm, options.algorithm));
    }
    AUTH_TRY(order.issuer, whose_tokens(world, options, text));
    auto imported = import_key(realm, text, order);
    if (!imported && imported.error().code == ErrorCode::usage &&
        imported.error().field == "issuer")
        return fail(std::move(imported).error().with_hint(
            NextStep{"key import", {options.file, "--issuer", "URL"}}));
    AUTH_TRY(const KeyChange change, std::move(imported));
    say_remarks(world, change.remarks);
    if (!piped && is_private_key(text))
        warn_of_signers(world, options.file);
    Reply reply = key_reply(realm, change, "imported", "no changes:");
    reply.note += issuer_note(change.key);
    if (is_private_key(text) && !change.key.issuer.empty())
        reply.note += "; its private half was not kept";
    if (!change.key.known_as.empty())
        reply.note += fmt::format("; known as {} as well", in_quotes(change.key.known_as));
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("FILE", options->file, "a PEM file or a JWK; - for stdin");
    flags.option("--issuer", options->issuer, "ISSUER",
                 "whose tokens the key may sign: the iss they must have");
    flags.flag("--any-issuer", options->any_issuer,
               "the key may sign for any issuer but this database");
    flags.exclusive({"--issuer", "--any-issuer"});
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
                "chmod 600 service.pem\n"
                "openssl pkey -in service.pem -pubout -out partner.pem\n"
                "auth-cli key import partner.pem --issuer https://partner.example\n"
                "auth-cli key import service.pem --issuer auth-cli",
    .mutates = true,
    .bind = bind,
    .fields = fields::key_change,
};

} // namespace auth
