// Who sends mail.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace auth {

// A mailbox (RFC 5322 section 3.4): an address that Email::parse takes, with or without a name.
struct Mailbox {
    std::string name; // one line of UTF-8, or ""
    std::string address;

    // "Example Accounts <accounts@example.org>", the name quoted or not, or an address alone. Fails
    // with usage.
    [[nodiscard]] static Result<Mailbox> parse(std::string_view text);
    // What parse() takes.
    [[nodiscard]] std::string text() const;
    // The part of the address behind the @.
    [[nodiscard]] std::string domain() const;
};

} // namespace auth
