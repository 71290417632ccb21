#include "core/federation/web_address.h"

#include "core/base/encoding.h"
#include "core/base/host.h"
#include "core/base/text.h"

#include <algorithm>

namespace auth {
namespace {

std::string_view authority_of(std::string_view url) {
    const std::size_t start = url.find("://") + 3;
    return url.substr(start, url.find_first_of("/?", start) - start);
}

// "host" or "host:port", the host of an IPv6 address in brackets.
bool is_authority(std::string_view text) {
    const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
    if (bracket == std::string_view::npos)
        return false;
    const std::size_t colon = text.find(':', bracket);
    const std::string_view port = colon == std::string_view::npos ? "0" : text.substr(colon + 1);
    return !text.empty() && colon != 0 && !port.empty() && port.size() <= 5 &&
           port.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const auto byte = from_hex(lower_ascii(text.substr(i + 1, 2)));
        if (!byte || byte->size() != 1)
            return std::nullopt;
        out += *byte;
        i += 2;
    }
    return out;
}

} // namespace

bool is_web_address(std::string_view url) {
    return is_http_address(url) && (url.starts_with("https://") || is_loopback_address(url));
}

bool is_http_address(std::string_view url) {
    const bool plain = std::ranges::all_of(url, [](char c) {
        return c > ' ' && c < '\x7f' &&
               std::string_view("\"<>\\^`{|}#").find(c) == std::string_view::npos;
    });
    const bool known = url.starts_with("https://") || url.starts_with("http://");
    if (!plain || !known || url.size() > 2048)
        return false;
    const std::string_view authority = authority_of(url);
    return authority.find('@') == std::string_view::npos && is_authority(authority);
}

bool is_loopback_address(std::string_view url) {
    return url.starts_with("http://") && is_on_this_machine(url);
}

bool is_on_this_machine(std::string_view url) {
    if (!url.starts_with("http://") && !url.starts_with("https://"))
        return false;
    const std::string_view authority = authority_of(url);
    return std::ranges::any_of(loopback_url_hosts, [&](std::string_view host) {
        return authority == host || (authority.starts_with(host) && authority[host.size()] == ':');
    });
}

std::string origin_of(std::string_view url) {
    const bool https = url.starts_with("https://");
    if (!https && !url.starts_with("http://"))
        return "";
    const std::string_view port = https ? ":443" : ":80";
    std::string_view authority = authority_of(url);
    if (authority.ends_with(port))
        authority.remove_suffix(port.size());
    return (https ? "https://" : "http://") + lower_ascii(authority);
}

bool stays_on_https_host(std::string_view from, std::string_view to) {
    return from.starts_with("https://") && is_web_address(to) && origin_of(from) == origin_of(to);
}

WebForm& WebForm::add(std::string_view name, std::string_view value) {
    std::string encoded = percent_encoded(value);
    if (!text_.empty())
        text_.append("&");
    text_.append(name);
    text_.append("=");
    text_.append(encoded);
    wipe(encoded);
    return *this;
}

std::optional<WebParameters> parse_query(std::string_view query) {
    WebParameters found;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.empty())
            continue;
        const std::size_t sign = std::min(pair.find('='), pair.size());
        const auto name = decoded(pair.substr(0, sign));
        const auto value = decoded(pair.substr(std::min(sign + 1, pair.size())));
        if (!name || !value || !found.emplace(*name, *value).second)
            return std::nullopt;
    }
    return found;
}

} // namespace auth
