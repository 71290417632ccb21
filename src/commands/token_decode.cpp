#include "commands/registry.h"
#include "commands/token_argument.h"
#include "commands/views.h"
#include "core/base/text.h"
#include "core/tokens/jose.h"
#include "core/tokens/shared_secret.h"
#include "core/tokens/signing_key.h"

#include <fmt/format.h>

namespace auth {
namespace {

// What could be said of a token's signature.
struct Seal {
    bool checked = false;
    bool valid = false;
    std::string kid;
};

struct Findings {
    Seal seal;
    std::vector<Problem> problems;
};

// The key, if this database or the shared secret can have signed the token. A store that cannot be
// read leaves the signature unchecked: looking never gates.
std::optional<KnownKey> known_key(World& world, const Token& token) {
    try {
        const bool shared = token.header.value("alg", Json()) == "HS256" &&
                            world.settings.given("token.secret_file");
        if (!may_be_ours(token) && !shared)
            return std::nullopt;
        // Only a token that looks like one of ours is worth opening the database for.
        if (may_be_ours(token)) {
            const auto realm = world.try_realm();
            if (realm) {
                auto known = find_verification_key(**realm, token.header);
                return known ? *std::move(known) : std::nullopt;
            }
        }
        auto secret = shared ? shared_secret(world.settings) : std::optional<Secret>();
        if (!secret || !*secret)
            return std::nullopt;
        auto key = VerificationKey::from_shared_secret(std::move(**secret));
        return key ? std::optional(KnownKey{*std::move(key), KeyState::active, true, true})
                   : std::nullopt;
    } catch (const Failure&) {
        return std::nullopt;
    }
}

Findings examine(World& world, const Token& token) {
    Findings found;
    found.problems = check_header(token.header);
    const auto kid = token.header.find("kid");
    if (kid != token.header.end() && kid->is_string())
        found.seal.kid = kid->get<std::string>();
    const auto key = known_key(world, token);
    if (key) {
        found.seal.checked = true;
        const auto problem = check_signature(token, key->key);
        found.seal.valid = !problem && key->state != KeyState::revoked;
        if (problem)
            found.problems.push_back(*problem);
        else if (key->state == KeyState::revoked)
            found.problems.push_back({"revoked_key", "kid", "the key was revoked"});
    }
    ClaimRules rules;
    rules.now = world.clock().now();
    for (Problem& problem : check_claims(token.header, token.claims, rules))
        found.problems.push_back(std::move(problem));
    return found;
}

Json document_of(World& world, const Token& token, const Findings& found) {
    Json expires_at;
    Json expires_in;
    const auto exp = token.claims.find("exp");
    if (exp != token.claims.end() && exp->is_number_integer() && exp->get<std::int64_t>() >= 0 &&
        exp->get<std::int64_t>() <= 253402300799) {
        const Time time = from_unix_seconds(exp->get<std::int64_t>());
        expires_at = to_rfc3339(time);
        expires_in = (time - world.clock().now()).count();
    }
    return {{"schema", "auth-cli.token/1"},
            {"header", token.header},
            {"claims", token.claims},
            {"signature",
             {{"checked", found.seal.checked},
              {"valid", found.seal.checked ? Json(found.seal.valid) : Json()},
              {"kid", found.seal.kid.empty() ? Json() : Json(found.seal.kid)}}},
            {"status", found.seal.checked ? token_status(found.problems) : "unverified"},
            {"expires_at", std::move(expires_at)},
            {"expires_in", std::move(expires_in)},
            {"problems", problem_records(found.problems)}};
}

std::string member_lines(World& world, const Json& object) {
    std::vector<std::pair<std::string, std::string>> lines;
    for (const auto& [name, value] : object.items()) {
        std::string text = printable(value.is_string() ? value.get<std::string>() : value.dump());
        const bool time = name == "exp" || name == "nbf" || name == "iat" || name == "auth_time";
        if (time && value.is_number_integer() && value.get<std::int64_t>() >= 0 &&
            value.get<std::int64_t>() <= 253402300799)
            text += fmt::format("  ({})",
                                show_time(world, from_unix_seconds(value.get<std::int64_t>())));
        lines.emplace_back("  " + printable(name), std::move(text));
    }
    return name_value_lines(lines);
}

std::string text_of(World& world, const Token& token, const Findings& found, const Json& document) {
    const std::string_view seal = !found.seal.checked ? "not checked: the key is not known here"
                                  : found.seal.valid  ? "valid"
                                                      : "NOT VALID";
    std::string out = fmt::format(
        "header\n{}claims\n{}signature  {}\nstatus     {}\n", member_lines(world, token.header),
        member_lines(world, token.claims), seal, document.at("status").get<std::string>());
    for (const Problem& problem : found.problems)
        out += fmt::format("problem    {}: {}\n", problem.code, printable(problem.detail));
    return out;
}

Result<Reply> run(World& world, const std::string& typed) {
    AUTH_TRY(const Secret text, token_argument(world, typed));
    AUTH_TRY(const Token token, parse_token(text.reveal()));
    const Findings found = examine(world, token);
    Reply reply;
    reply.document = document_of(world, token, found);
    reply.text = text_of(world, token, found, reply.document);
    return reply;
}

Action bind(Flags& flags) {
    auto typed = std::make_shared<std::string>();
    flags.optional_argument("TOKEN", *typed, token_argument_help);
    return [typed](World& world) { return run(world, *typed); };
}

} // namespace

const Command token_decode_command{
    "token decode",
    "Tokens",
    "Show what is in a token, trusted or not",
    "auth-cli create ann@example.org --verified --password-file password.txt --login\n"
    "auth-cli token decode\n"
    "auth-cli token decode --field claims.sub",
    false,
    bind,
    fields::token,
    true,
    true,
};

} // namespace auth
