// Addresses and forms of the web, as OAuth uses them. Pure.
#pragma once

#include "core/base/secret.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

// Plain HTTP to this machine: http://127.0.0.1, http://[::1] or http://localhost, any port.
[[nodiscard]] bool is_loopback_address(std::string_view url);
// https:// with a host, or as above: printable ASCII without user, fragment, quotes or backslash.
[[nodiscard]] bool is_web_address(std::string_view url);

// The same, but http may go anywhere: for an operator who names an address and says so.
[[nodiscard]] bool is_http_address(std::string_view url);
// Whether it is this machine by one of loopback_url_hosts, over http or https.
[[nodiscard]] bool is_on_this_machine(std::string_view url);

// "https://host:8443": scheme, host and port in lower case, without the scheme's own port; "" if
// there is no scheme of the web.
[[nodiscard]] std::string origin_of(std::string_view url);
// Whether both are https, on the same host and port.
[[nodiscard]] bool stays_on_https_host(std::string_view from, std::string_view to);

// A body of application/x-www-form-urlencoded, or a query: "a=b&c=d".
class WebForm {
  public:
    WebForm& add(std::string_view name, std::string_view value);
    [[nodiscard]] const Secret& text() const { return text_; }
    [[nodiscard]] Secret take() { return std::move(text_); }

  private:
    Secret text_;
};

// The parameters of a query. Nothing where an escape is wrong, or a name stands twice (RFC 6749
// section 3.1).
using WebParameters = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] std::optional<WebParameters> parse_query(std::string_view query);

} // namespace auth
