// What a provider hands out for a log-in on another device (RFC 8628 section 3.2). Pure.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/ports/http.h"

#include <string>
#include <string_view>

namespace auth {

struct DeviceCode {
    Secret device_code;
    std::string user_code;        // printable ASCII
    std::string verification_uri; // a web address
    std::string complete_uri;     // the same with the user code in it; "" for none
    Seconds expires_in{0};
    Seconds interval{5}; // least time between two questions
};

// Fails as read_tokens.
[[nodiscard]] Result<DeviceCode> read_device_code(const HttpResponse& response,
                                                  std::string_view issuer);

} // namespace auth
