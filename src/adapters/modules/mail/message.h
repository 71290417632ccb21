// A mail as an Internet message.
#pragma once

#include "core/base/mailbox.h"
#include "core/mail/mailer.h"

#include <string>

namespace auth {

enum class Newline { crlf, lf };

// The mail as an Internet message (RFC 5322, 2045, 2047): one recipient, text with HTML beside it
// where there is some, all of it ASCII in lines of at most 998. Two of the same mail are equal, so
// that whoever gets it twice can tell by its Message-ID.
[[nodiscard]] std::string compose(const Mail& mail, const Mailbox& from, Newline newline);

} // namespace auth
