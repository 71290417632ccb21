#include "core/base/mailbox.h"

#include "core/base/ids.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

// The name without the quotes around it (RFC 5322 section 3.2.4).
std::string unquoted(std::string_view name) {
    if (name.size() < 2 || name.front() != '"' || name.back() != '"')
        return std::string(name);
    name = name.substr(1, name.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '\\' && i + 1 < name.size())
            ++i;
        out += name[i];
    }
    return out;
}

} // namespace

Result<Mailbox> Mailbox::parse(std::string_view text) {
    AUTH_TRY(const std::string line, parse_line("mailbox", text));
    const std::string_view whole = trimmed(line);
    const std::size_t open = whole.rfind('<');
    if (open == std::string_view::npos || !whole.ends_with('>')) {
        AUTH_TRY(const Email email, Email::parse(whole));
        return Mailbox{"", email.canonical()};
    }
    AUTH_TRY(const Email email, Email::parse(whole.substr(open + 1, whole.size() - open - 2)));
    return Mailbox{unquoted(trimmed(whole.substr(0, open))), email.canonical()};
}

std::string Mailbox::text() const {
    return name.empty() ? address : fmt::format("{} <{}>", name, address);
}

std::string Mailbox::domain() const {
    return address.substr(address.rfind('@') + 1);
}

} // namespace auth
