#include "cli/input/one_argument.h"
#include "cli/output/document.h"
#include "commands/registry.h"
#include "commands/tokens/token_argument.h"
#include "commands/tokens/token_findings.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

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
             {{"checked", found.checked},
              {"valid", found.checked ? Json(found.valid) : Json()},
              {"kid", or_null(found.kid)}}},
            {"status", found.checked ? token_status(found.problems) : "unverified"},
            {"expires_at", std::move(expires_at)},
            {"expires_in", std::move(expires_in)},
            {"problems", problem_records(found.problems)},
            {"key", {{"state", found.key}}},
            {"session", found.holder ? Json{{"state", found.holder->session}} : Json()},
            {"user", found.holder ? Json{{"state", found.holder->user},
                                         {"email", or_null(found.holder->email)}}
                                  : Json()},
            {"unusual", problem_records(found.unusual)}};
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

std::string text_of(World& world, const Token& token, const Findings& found,
                    const std::string& status) {
    Lines lines{{"signature", !found.checked ? "not checked: the key is not known here"
                              : found.valid  ? "valid"
                                             : "NOT VALID"},
                {"status", status},
                {"key", found.checked ? found.key : ""}};
    if (found.holder) {
        const auto& [session, user, email] = *found.holder;
        lines.emplace_back("user",
                           email.empty() ? user : fmt::format("{}, {}", printable(email), user));
        lines.emplace_back("session", session);
    }
    for (const Problem& problem : found.problems)
        lines.emplace_back("problem",
                           fmt::format("{}: {}", problem.code, printable(problem.detail)));
    for (const auto& [code, claim, detail] : found.unusual)
        lines.emplace_back("unusual", printable(claim.empty() ? detail : claim + ": " + detail));
    return fmt::format("header\n{}claims\n{}{}", member_lines(world, token.header),
                       member_lines(world, token.claims), name_value_lines(lines));
}

Result<Reply> run(World& world, const std::string& typed) {
    AUTH_TRY(const Secret text, token_argument(world, typed));
    AUTH_TRY(const Token token, parse_token(text.reveal()));
    const Findings found = examine(world, token, text.size());
    Reply reply;
    reply.document = document_of(world, token, found);
    reply.text = text_of(world, token, found, reply.document.at("status").get<std::string>());
    return reply;
}

Action bind(Flags& flags) {
    return bind_optional_argument(flags, "TOKEN", token_argument_help, run);
}

} // namespace

const Command token_decode_command{
    .path = "token decode",
    .group = "Tokens",
    .summary = "Show what is in a token, trusted or not",
    .examples = "auth-cli create ann@example.org --verified --password-file password.txt --login\n"
                "auth-cli token decode\n"
                "auth-cli token decode --field claims.sub",
    .bind = bind,
    .fields = fields::token_look,
    .for_subjects = true,
};

} // namespace auth
