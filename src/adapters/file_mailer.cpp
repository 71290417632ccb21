#include "adapters/file_mailer.h"

#include "core/base/private_file.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace auth {
namespace {

// RFC 5322 section 3.3, always UTC and in English.
std::string date_of(Time time) {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", fmt::gmtime(unix_seconds(time)));
}

std::string message_of(const Mail& mail, const std::string& from) {
    return fmt::format("From: {}\nTo: {}\nSubject: {}\nDate: {}\nMessage-ID: <{}@auth-cli>\n"
                       "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                       "Content-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n{}",
                       from, mail.to, mail.subject, date_of(mail.created_at), mail.id, mail.body);
}

} // namespace

Status FileMailer::send(const Mail& mail) {
    std::string message = message_of(mail, from_);
    const Status written = replace_private_file(directory_ / (mail.id + ".eml"), message, random_);
    wipe(message);
    if (!written)
        return fail(error(ErrorCode::delivery, written.error().message)
                        .with_hint("auth-cli config get mail.directory"));
    return {};
}

} // namespace auth
