// Machines by name or address.
#pragma once

#include "core/base/result.h"

#include <array>
#include <string>
#include <string_view>

namespace auth {

// A host name in lower-case ASCII, an IPv4 or an IPv6 address without brackets. Fails with usage.
[[nodiscard]] Result<std::string> parse_host(std::string_view text);
// localhost, 127.0.0.0/8 or ::1.
[[nodiscard]] bool is_loopback(std::string_view host);
// What a URL calls this machine, where no other name or address of it will do.
inline constexpr std::array<std::string_view, 3> loopback_url_hosts{"127.0.0.1", "[::1]",
                                                                    "localhost"};

} // namespace auth
