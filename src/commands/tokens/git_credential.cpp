#include "commands/tokens/git_credential.h"

#include "core/base/host.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

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

// An address of IPv6 without brackets cannot be told from one with a port.
bool is_this_machine(std::string_view host) {
    const std::string name = lower_ascii(without_port(host));
    return name == "[::1]" || (name.find(':') == std::string::npos && is_loopback(name));
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
            return fail(
                ErrorCode::usage,
                fmt::format("{} is not a line of git's credential protocol", in_quotes(line)));
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
    return request.protocol == "https" ||
           (request.protocol == "http" && is_this_machine(request.host));
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
