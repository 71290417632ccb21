#include "core/base/host.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace auth {
namespace {

bool is_address(int family, const std::string& host) {
    std::array<unsigned char, 16> address{};
    return ::inet_pton(family, host.c_str(), address.data()) == 1;
}

bool is_host_letter(char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.';
}

} // namespace

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
