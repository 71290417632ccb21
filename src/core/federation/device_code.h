// Login with a code that is entered on another device (RFC 8628). Pure.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/federation/provider_answer.h"
#include "core/ports/http.h"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

// What the provider hands out for it (section 3.2).
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
                                                  std::string_view issuer,
                                                  const SharedSecrets& secrets = {});

// One question whether somebody has entered the code (RFC 8628 section 3.5), answered.
struct DevicePoll {
    std::optional<ProviderTokens> tokens; // nothing: not yet
    Seconds interval{0};                  // from now on, at least, between two questions
};
// `interval` is what has been kept so far. It grows by five seconds if the provider wants that, has
// too many requests (429) or is out of order (5xx), and doubles, up to a minute, if the exchange
// failed on its way. Fails as read_tokens and as the exchange, if asking again is of no use.
[[nodiscard]] Result<DevicePoll> read_poll(const Result<HttpResponse>& response, Seconds interval,
                                           const SharedSecrets& secrets = {});

} // namespace auth
