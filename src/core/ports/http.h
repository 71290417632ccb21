// HTTP as a client, as a port.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <functional>
#include <optional>
#include <string>

namespace auth {

struct HttpRequest {
    std::string url; // https, or http on a loopback address or where an operator says so
    std::optional<Secret> form{}; // a POST of application/x-www-form-urlencoded; else a GET
    Secret authorization{};       // the header of that name; empty for none
    Secret header{};              // one more line of the header, "NAME: VALUE"; empty for none
    bool past_caches = false;     // whoever stands between is to ask again
};

// Any status. Redirects are answers like others: nothing is sent to where they point.
struct HttpResponse {
    long status = 0;
    std::string content_type; // "" where none was named
    Secret body;
    std::string cache_control{}; // all lines of that header, with commas between
    std::string age{};           // "" where none was named
    std::string location{};      // where a redirect points, as a whole address; "" for none
};

class Http {
  public:
    virtual ~Http() = default;
    // Fails with delivery, reason "unreachable", "timeout", "insecure" (no TLS, or a wrong
    // certificate), "too_long" or "interrupted", and with cancelled once `stopped` says so.
    [[nodiscard]] virtual Result<HttpResponse> exchange(const HttpRequest& request,
                                                        const std::function<bool()>& stopped) = 0;
};

} // namespace auth
