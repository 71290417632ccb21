// Having a person sign in at a provider, in a browser here or on another device.
#pragma once

#include "core/base/random.h"
#include "core/federation/provider_client.h"
#include "core/ports/loopback.h"

#include <functional>
#include <string>
#include <string_view>

namespace auth {

// `show` has the person open the address, while a listener waits for the callback, at most for
// `patience`; requests that are not the callback are answered and passed over. Fails with expired
// where it never comes, cancelled, as judge_callback says, and as ProviderClient's calls.
[[nodiscard]] Result<ProvedIdentity>
sign_in_by_browser(ProviderClient& client, const OpenLoopback& open_loopback, Seconds patience,
                   std::string_view login_hint, Random& random, const Pause& pause,
                   const std::function<void(const std::string& url)>& show);

// `show` has the person enter the code, while the provider is asked again and again, as often as it
// likes (RFC 8628 section 3.5). Fails with expired where nobody entered it in time, and as
// ProviderClient's calls.
[[nodiscard]] Result<ProvedIdentity>
sign_in_by_device(ProviderClient& client, const Pause& pause,
                  const std::function<void(const DeviceCode&)>& show);

} // namespace auth
