// What goes wrong at a provider, and what it says of that itself. Pure.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/ports/http.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// Of the provider, not of the person: code delivery, with its reason.
[[nodiscard]] Error provider_trouble(std::string_view reason, std::string message);

// Whether the exchange failed on its way: the same question may do better the next time.
[[nodiscard]] bool failed_on_its_way(const Error& failure);
// Whether a server that answered so may do better in a moment: it has too many requests (429) or is
// out of order (5xx), and the error that it names, if any, is not final.
[[nodiscard]] bool is_overloaded(long status, std::string_view oauth_code = "");

// An error as OAuth words it (RFC 6749 sections 4.1.2.1 and 5.2).
struct OAuthError {
    std::string code;
    std::string description{}; // "" for none
    std::string uri{};         // of a page that explains it; "" for none
};
// The error that a document names, if any.
[[nodiscard]] std::optional<OAuthError> oauth_error(const Json& document);
// The error that an answer names with a status of 4xx, whichever the provider uses.
[[nodiscard]] std::optional<OAuthError> oauth_error(const HttpResponse& response);

// The secrets that the provider knows from this login. It may repeat them; a message never does.
using SharedSecrets = std::vector<std::string_view>;

// What the error means for the person (RFC 8628 section 3.5): bad_credentials if they refused,
// bad_code for "invalid_grant", expired for "expired_token", delivery for the rest. The code is the
// reason; one that is not spelt as a code is "unknown_error". The message repeats description and
// address, escaped and shortened.
[[nodiscard]] Error refusal_of(const OAuthError& said, const SharedSecrets& secrets = {});

} // namespace auth
