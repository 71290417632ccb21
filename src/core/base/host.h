// Machines by name or address.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace auth {

// A host name in lower-case ASCII, an IPv4 or an IPv6 address without brackets. Fails with usage.
[[nodiscard]] Result<std::string> parse_host(std::string_view text);
// localhost, 127.0.0.0/8 or ::1.
[[nodiscard]] bool is_loopback(std::string_view host);

} // namespace auth
