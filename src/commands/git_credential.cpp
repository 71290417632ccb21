#include "commands/git_credential.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace auth {
namespace {

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, is_digit);
}

// The host without its port; a colon inside brackets belongs to an IPv6 address.
std::string_view without_port(std::string_view host) {
    const std::size_t colon = host.rfind(':');
    if (colon == std::string_view::npos || !is_port(host.substr(colon + 1)))
        return host;
    return host.substr(0, colon);
}

// 127.0.0.0/8, in four decimal parts: no name that only starts so.
bool is_loopback_v4(std::string_view host) {
    int parts = 0;
    for (bool more = true; more; ++parts) {
        const std::size_t dot = host.find('.');
        more = dot != std::string_view::npos;
        const std::string_view part = host.substr(0, dot);
        unsigned value = 256;
        const auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), value);
        if (failure != std::errc{} || end != part.data() + part.size() || part.size() > 3 ||
            value > 255 || (parts == 0 && value != 127))
            return false;
        host.remove_prefix(more ? dot + 1 : host.size());
    }
    return parts == 4;
}

bool is_loopback(std::string_view host) {
    const std::string name = lower_ascii(without_port(host));
    return name == "localhost" || name == "[::1]" || is_loopback_v4(name);
}

} // namespace

Result<GitRequest> parse_git_request(std::string_view text) {
    GitRequest request;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty())
            break;
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos)
            return fail(ErrorCode::usage,
                        fmt::format("{} is no line of git's credential protocol", in_quotes(line)));
        const std::string_view key = line.substr(0, equals);
        AUTH_TRY(std::string value, parse_line(key, line.substr(equals + 1), 65535));
        if (key == "protocol")
            request.protocol = std::move(value);
        else if (key == "host")
            request.host = std::move(value);
        else if (key == "username")
            request.username = std::move(value);
        else if (key == "capability[]" && value == "authtype")
            request.takes_authtype = true;
    }
    return request;
}

bool may_receive_token(const GitRequest& request) {
    return request.protocol == "https" || (request.protocol == "http" && is_loopback(request.host));
}

std::string git_answer(const GitRequest& request, std::string_view user, std::string_view token,
                       Time expires) {
    std::string answer;
    // The token dies soon: other helpers have no use for it.
    if (request.takes_authtype)
        answer = fmt::format("capability[]=authtype\nauthtype=Bearer\ncredential={}\nephemeral=1\n",
                             token);
    return answer + fmt::format("username={}\npassword={}\npassword_expiry_utc={}\n",
                                request.username.empty() ? user : request.username, token,
                                unix_seconds(expires));
}

} // namespace auth
