#include "core/base/mailbox.h"

#include "core/base/ids.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>

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

bool is_address(int family, const std::string& host) {
    std::array<unsigned char, 16> address{};
    return ::inet_pton(family, host.c_str(), address.data()) == 1;
}

bool is_host_letter(char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.';
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

Result<std::string> parse_host(std::string_view text) {
    std::string host = lower_ascii(text);
    if (is_address(AF_INET, host) || is_address(AF_INET6, host))
        return host;
    const bool name = !host.empty() && host.size() <= 253 && host.front() != '-' &&
                      host.front() != '.' && host.find("..") == std::string::npos &&
                      std::all_of(host.begin(), host.end(), is_host_letter);
    if (!name)
        return fail(ErrorCode::usage, fmt::format("{} is not a host", in_quotes(text)));
    return host;
}

bool is_loopback(std::string_view host) {
    const std::string text(host);
    return text == "localhost" || text == "::1" ||
           (text.starts_with("127.") && is_address(AF_INET, text));
}

} // namespace auth
