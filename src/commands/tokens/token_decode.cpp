#include "cli/input/one_argument.h"
#include "cli/output/document.h"
#include "commands/registry.h"
#include "commands/tokens/token_argument.h"
#include "commands/tokens/verdict_view.h"
#include "core/base/text.h"
#include "core/jose/exact_json.h"
#include "core/jose/oddities.h"
#include "core/jose/token_look.h"
#include "core/keys/database_keys.h"
#include "core/keys/signing_key.h"
#include "core/sessions/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace auth {
namespace {

// Whose the token is, in words.
struct HolderWords {
    std::string_view session = "unknown";
    std::string_view user = "unknown";
    std::string email{}; // empty where the user is not there
};

std::optional<HolderWords> words_for(const Judgment& judged) {
    if (!judged.holder)
        return std::nullopt;
    HolderWords words;
    if (const auto& state = judged.holder->state)
        words.session = to_name(*state);
    if (const auto& user = judged.holder->user) {
        words.user = user->disabled_at ? "disabled" : "active";
        words.email = user->email;
    } else if (!text_member(judged.verdict.claims, "sub").empty()) {
        words.user = "deleted";
    }
    return words;
}

// What is in the token, and what was found out about it.
struct Look {
    TokenLook read;
    Judgment judged{};
    std::optional<HolderWords> holder{};
    std::vector<Problem> unusual{};
    std::string status{};

    [[nodiscard]] const Verdict& verdict() const { return judged.verdict; }
    [[nodiscard]] bool checked() const { return judged.verdict.signature.has_value(); }
    // The signature is right, and its key still counts.
    [[nodiscard]] bool valid() const {
        const auto withdrawn = [](const Problem& problem) {
            return is(problem, Reason::revoked_key) || is(problem, Reason::retired_key);
        };
        return verdict().signature.value_or(false) &&
               std::ranges::none_of(verdict().problems, withdrawn);
    }
};

Json document_of(World& world, const Look& look) {
    const Token& token = look.read.token;
    const ShownExpiry expiry = expiry_of(token.claims, world.clock().now());
    const auto& holder = look.holder;
    return {{"schema", "auth-cli.token/1"},
            {"header", look.read.header},
            {"claims", look.read.claims},
            {"signature",
             {{"checked", look.checked()},
              {"valid", look.checked() ? Json(look.valid()) : Json()},
              {"kid", or_null(text_member(token.header, "kid"))}}},
            {"status", look.status},
            {"expires_at", time_or_null(expiry.at)},
            {"expires_in", or_null(expiry.in)},
            {"problems", problem_records(look.verdict().problems)},
            {"certificate", nullptr},
            {"ignored_headers", keys_in_header(token.header)},
            {"key", {{"state", look.verdict().key_state}}},
            {"session", holder ? Json{{"state", holder->session}} : Json()},
            {"user",
             holder ? Json{{"state", holder->user}, {"email", or_null(holder->email)}} : Json()},
            {"unusual", problem_records(look.unusual)}};
}

std::string member_lines(World& world, const Json& object) {
    std::vector<std::pair<std::string, std::string>> lines;
    for (const auto& [name, value] : object.items()) {
        std::string text =
            printable(value.is_string() ? value.get<std::string>() : write_json(value));
        const bool timed = name == "exp" || name == "nbf" || name == "iat" || name == "auth_time";
        if (const auto time = timed ? shown_time(rounded(value)) : std::nullopt)
            text += fmt::format("  ({})", show_time(world, *time));
        lines.emplace_back("  " + printable(name), std::move(text));
    }
    return name_value_lines(lines);
}

std::string signature_words(const Look& look) {
    if (look.checked())
        return look.valid() ? "valid" : "NOT VALID";
    const bool readable = std::ranges::none_of(look.verdict().problems, [](const Problem& problem) {
        return is_about_text(problem.code);
    });
    return readable ? "not checked: the key is not known here"
                    : "not checked: verifiers refuse the token as it is written";
}

std::string text_of(World& world, const Look& look) {
    Lines lines{{"signature", signature_words(look)},
                {"status", look.status},
                {"key", look.checked() ? std::string(look.verdict().key_state) : ""}};
    if (look.holder) {
        const auto& [session, user, email] = *look.holder;
        lines.emplace_back("user", email.empty() ? std::string(user)
                                                 : fmt::format("{}, {}", printable(email), user));
        lines.emplace_back("session", session);
    }
    for (const Problem& problem : look.verdict().problems)
        lines.emplace_back("problem",
                           fmt::format("{}: {}", problem.code, printable(problem.detail)));
    for (const auto& [code, claim, detail] : look.unusual)
        lines.emplace_back(
            "unusual", printable(claim.empty() ? detail : fmt::format("{}: {}", claim, detail)));
    return fmt::format("header\n{}claims\n{}{}", member_lines(world, look.read.header),
                       member_lines(world, look.read.claims), name_value_lines(lines));
}

// With the keys at hand; only a token that looks like one of ours is worth opening the database.
Result<Judgment> judge_at_hand(World& world, const Question& question, const Token& token,
                               std::string_view text) {
    if (may_be_ours(token)) {
        AUTH_TRY(Realm* const realm, world.realm_if_any());
        if (realm != nullptr)
            return TokenJudge(*realm, question).judge(text);
    }
    return TokenJudge(shared_keys(world.settings), question).judge(text);
}

// Looking never gates: a store or a key that cannot be read leaves unsaid what only it knows.
Result<Judgment> look_at(World& world, const Token& token, std::string_view text) {
    const Question question = own_question(world.settings, TokenUse::look, world.clock().now());
    try {
        if (auto judged = judge_at_hand(world, question, token, text))
            return judged;
    } catch (const Failure&) {
    }
    const FindKey no_keys = [](const Json&) -> Result<KeyAnswer> { return KeyAnswer{}; };
    return TokenJudge(no_keys, question).judge(text);
}

Result<Reply> run(World& world, const std::string& typed) {
    AUTH_TRY(const GivenToken given, token_argument(world, typed));
    const std::string_view text = given.text.reveal();
    auto read = look_into_token(text);
    if (!read)
        return fail(at_place(std::move(read).error(), given.place));
    Look look{.read = *std::move(read)};
    AUTH_TRY(look.judged, look_at(world, look.read.token, text));
    // Said by the signature, which was not checked.
    std::erase_if(look.judged.verdict.problems,
                  [](const Problem& problem) { return is(problem, Reason::unknown_key); });
    look.holder = words_for(look.judged);
    look.unusual = look.read.unusual;
    std::ranges::copy(find_oddities(look.read.token, text.size()),
                      std::back_inserter(look.unusual));
    look.status = look.checked() ? token_status(look.verdict().problems) : "unverified";
    Reply reply;
    reply.document = document_of(world, look);
    reply.text = text_of(world, look);
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
