// An issuer's key set, fetched as its discovery document says.
#pragma once

#include "core/base/clock.h"
#include "core/key_files/key_set.h"
#include "core/ports/http.h"

#include <functional>
#include <string>
#include <string_view>

namespace auth {

inline constexpr Seconds shortest_freshness{60};
inline constexpr Seconds longest_freshness{24L * 3600};

// How long an answer may be used without asking again: what its Cache-Control and Age headers say
// (RFC 9111 section 4.2), within the two limits above; 5 minutes where they say nothing.
[[nodiscard]] Seconds freshness_of(const HttpResponse& response);

struct FetchedKeys {
    std::string text; // the JWK set, which KeySet::from_jwks accepts
    Seconds freshness;
};
struct FetchFailure {
    Error error;          // as discover and read_key_set
    bool passing = false; // down or busy: unreachable, timed out, status 429 or 5xx
};
[[nodiscard]] tl::expected<FetchedKeys, FetchFailure>
fetch_issuer_keys(Http& http, const std::function<bool()>& stopped, std::string_view issuer,
                  bool past_caches);

} // namespace auth
