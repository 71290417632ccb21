// Why an SMTP server did not take a mail, as its error says it.
#pragma once

#include "core/mail/mail_settings.h"
#include "core/mail/smtp_dialogue.h"

#include <curl/curl.h>
#include <string>
#include <string_view>

namespace auth {

// An error of code delivery, about the server.
[[nodiscard]] Error smtp_problem(const SmtpServer& server, std::string_view reason,
                                 std::string_view what, Hint hint);

// How a transfer ended that failed.
struct SmtpEnd {
    CURLcode result;
    std::string detail; // in the library's words
    const SmtpDialogue& dialogue;
};
// `limit` is the time that the transfer had.
[[nodiscard]] Error explain_smtp(const SmtpServer& server, const SmtpEnd& end, Seconds limit);

} // namespace auth
