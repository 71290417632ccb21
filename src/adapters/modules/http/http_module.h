// The module "http": what needs libcurl to fetch.
#pragma once

#include "core/base/clock.h"
#include "core/ports/http.h"

#include <filesystem>

namespace auth {

struct HttpLimits {
    Seconds time{15};                // for a whole exchange
    std::size_t size = 1U << 20U;    // of an answer's body, in bytes
    std::filesystem::path ca_file{}; // "" for the system's authorities
};

} // namespace auth

// One exchange, as Http::exchange. Proxies are those of the environment (http_proxy, https_proxy,
// no_proxy), but never for this machine, and none where the program has more rights than its
// caller.
extern "C" void auth_http_exchange(const auth::HttpLimits& limits, const auth::HttpRequest& request,
                                   const std::function<bool()>& stopped,
                                   auth::Result<auth::HttpResponse>& response);
