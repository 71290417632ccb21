#include "adapters/modules/mail/smtp_problem.h"

#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/mail/mailer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

namespace auth {
namespace {

constexpr std::size_t most_shown = 500; // of what a server says in lists and in base64

// RFC 4954 section 6, RFC 4422: about the login, not about the mail.
bool concerns_login(int code) {
    return code >= 530 && code <= 538;
}

bool by_token(const SmtpServer& server) {
    return !server.token_command.empty();
}

// An XOAUTH2 server says why it refuses a token as JSON in base64, and waits for an empty answer.
std::string last_words(const SmtpDialogue& dialogue) {
    const auto reasons = dialogue.code() == 334 ? from_base64(dialogue.first_text()) : std::nullopt;
    return reasons && !reasons->empty() ? printable(one_line(reasons->substr(0, most_shown)))
                                        : dialogue.reply();
}

// Most servers name HELO or EHLO where they want another name than that of this machine.
std::optional<Hint> hint_of_name(const std::string& reply) {
    const std::string text = lower_ascii(reply);
    if (text.find("helo") == std::string::npos && text.find("ehlo") == std::string::npos)
        return std::nullopt;
    return Hint("to introduce this machine by its full name, run",
                NextStep{"config set", {"mail.smtp_helo", "NAME"}});
}

// Before anything was asked: the server turns everybody away (RFC 5321 section 3.1).
Error turned_away(const SmtpServer& server, const SmtpDialogue& dialogue) {
    const std::string said = dialogue.reply();
    if (dialogue.code() >= 500)
        return smtp_problem(server, delivery::rejected, "accepts no mail from here: " + said,
                            NextStep{"config get", {"mail.smtp_host"}});
    return smtp_problem(server, delivery::unreachable, "accepts no mail now: " + said,
                        NextStep{"outbox send"});
}

Hint hint_of_login(const SmtpServer& server, const SmtpDialogue& dialogue) {
    if (dialogue.mechanisms().empty() && dialogue.offers("STARTTLS") &&
        server.security == SmtpSecurity::none)
        return {"it may offer a login over TLS",
                NextStep{"config set", {"mail.smtp_security", "starttls"}}};
    if (by_token(server))
        return {"to log in with a password, run",
                NextStep{"config unset", {"mail.smtp_token_command"}}};
    if (dialogue.offers_login("XOAUTH2"))
        return {"to log in with an access token, name the program that prints it",
                NextStep{"config set", {"mail.smtp_token_command", "PROGRAM"}}};
    return NextStep{"config get", {"mail.smtp_user"}};
}

// The server offers no login that the settings can make.
Error no_login_offered(const SmtpServer& server, const SmtpDialogue& dialogue) {
    const std::string offered = fmt::format("{}", fmt::join(dialogue.mechanisms(), ", "));
    std::string what = fmt::format("offers no login with {} that auth-cli supports",
                                   by_token(server) ? "an access token (XOAUTH2)" : "a password");
    what += offered.empty() ? ", and no other login"
                            : ", only " + printable(offered.substr(0, most_shown));
    if (concerns_login(dialogue.code()))
        what += ": " + dialogue.reply();
    return smtp_problem(server, delivery::login_refused, what, hint_of_login(server, dialogue));
}

Error login_problem(const SmtpServer& server, const SmtpDialogue& dialogue) {
    if (server.user.empty())
        return smtp_problem(server, delivery::login_refused,
                            "requires a login: " + dialogue.reply(),
                            NextStep{"config set", {"mail.smtp_user", "USER"}});
    if (!dialogue.tried_login())
        return no_login_offered(server, dialogue);
    return smtp_problem(
        server, delivery::login_refused,
        fmt::format("refuses the login of {}: {}", in_quotes(server.user), last_words(dialogue)),
        NextStep{"config get",
                 {by_token(server) ? "mail.smtp_token_command" : "mail.smtp_password_file"}});
}

Error no_starttls(const SmtpServer& server, const SmtpDialogue& dialogue) {
    if (dialogue.offers("STARTTLS"))
        return smtp_problem(server, delivery::insecure,
                            "refuses STARTTLS, and nothing is sent without it: " + dialogue.reply(),
                            NextStep{"outbox send"});
    return smtp_problem(
        server, delivery::insecure, "offers no STARTTLS, and nothing is sent without",
        {"if it wants TLS from the start", NextStep{"config set", {"mail.smtp_security", "tls"}}});
}

// The connection failed, not the conversation.
std::optional<Error> connection_problem(const SmtpServer& server, const SmtpEnd& end,
                                        Seconds limit) {
    switch (end.result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return smtp_problem(server, delivery::unreachable, "cannot be reached: " + end.detail,
                            NextStep{"config get", {"mail.smtp_host"}});
    case CURLE_OPERATION_TIMEDOUT:
        return smtp_problem(server, delivery::timeout, "took longer than " + to_text(limit),
                            NextStep{"config get", {"mail.timeout"}});
    case CURLE_USE_SSL_FAILED:
        return no_starttls(server, end.dialogue);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
        return smtp_problem(
            server, delivery::insecure, "cannot be trusted: " + end.detail,
            {"name its certificates by", NextStep{"config set", {"mail.smtp_ca_file", "FILE"}}});
    default:
        return std::nullopt;
    }
}

} // namespace

Error smtp_problem(const SmtpServer& server, std::string_view reason, std::string_view what,
                   Hint hint) {
    return error(ErrorCode::delivery,
                 fmt::format("the mail server {}:{} {}", server.host, server.port, what))
        .with_reason(std::string(reason))
        .with_hint(std::move(hint));
}

Error explain_smtp(const SmtpServer& server, const SmtpEnd& end, Seconds limit) {
    if (auto problem = connection_problem(server, end, limit))
        return *std::move(problem);
    const SmtpDialogue& dialogue = end.dialogue;
    // Half a reply decides nothing.
    const int code = dialogue.whole() ? dialogue.code() : 0;
    if (dialogue.replies() == 1 && code >= 400)
        return turned_away(server, dialogue);
    if (end.result == CURLE_LOGIN_DENIED || concerns_login(code))
        return login_problem(server, dialogue);
    const std::string said = dialogue.reply();
    const auto name = hint_of_name(said);
    if (code >= 500 && dialogue.replies() > 1)
        return smtp_problem(server, delivery::rejected, "refuses the mail: " + said,
                            name.value_or(Hint()));
    if (code >= 400 && dialogue.replies() > 1)
        return smtp_problem(server, delivery::deferred, "does not take the mail now: " + said,
                            name.value_or(NextStep{"outbox send"}));
    const bool complained = dialogue.code() >= 400;
    return smtp_problem(server, delivery::interrupted,
                        fmt::format("broke off: {}{}{}", end.detail, complained ? ": " : "",
                                    complained ? said : ""),
                        NextStep{"outbox send"});
}

} // namespace auth
