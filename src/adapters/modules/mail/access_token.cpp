#include "adapters/modules/mail/access_token.h"

#include "adapters/modules/mail/program.h"
#include "core/base/text.h"
#include "core/mail/mailer.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

bool is_token(std::string_view text) {
    const std::size_t end = std::min(text.find('='), text.size());
    constexpr std::string_view marks = "-._~+/";
    const auto good = [&](char c) {
        return is_letter_or_digit(c) || marks.find(c) != std::string_view::npos;
    };
    return end > 0 && text.size() <= longest_output &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), good) &&
           text.find_first_not_of('=', end) == std::string_view::npos;
}

Error token_problem(const std::string& program, std::string_view reason, std::string_view what) {
    return error(ErrorCode::delivery,
                 fmt::format("{} of mail.smtp_token_command {}", in_quotes(program), what))
        .with_reason(std::string(reason))
        .with_hint(NextStep{"config get", {"mail.smtp_token_command"}});
}

} // namespace

Result<Secret> fetch_access_token(const std::vector<std::string>& command, Seconds limit) {
    const auto refuse = [&](std::string_view what) {
        return fail(token_problem(command.front(), delivery::misconfigured, what));
    };
    auto ended = run_program(command, "", Output::kept, limit);
    if (!ended)
        return refuse("cannot be run: " + ended.error().message);
    if (ended->late)
        return fail(token_problem(command.front(), delivery::timeout,
                                  "took longer than " + to_text(limit)));
    // A program that fails half-way may complain about the token that it printed.
    const std::string said = ended->printed.empty() ? complaint_of(*ended) : "";
    if (ended->status != 0)
        return refuse(fmt::format("failed with exit code {}{}{}", ended->status.value_or(-1),
                                  said.empty() ? "" : ": ", said));
    Secret token = without_newline(std::move(ended->printed));
    if (!is_token(token.reveal()))
        return refuse("must print an access token and nothing else");
    return token;
}

} // namespace auth
