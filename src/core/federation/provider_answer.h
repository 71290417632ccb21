// What a provider answers over HTTP, and what is wrong with it. Pure.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/key_files/key_set.h"
#include "core/ports/http.h"

#include <string>
#include <string_view>

namespace auth {

// Of the provider, not of the person: code delivery, with its reason.
[[nodiscard]] Error provider_trouble(std::string_view reason, std::string message);

// What an error code of OAuth means for the person (RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628
// section 3.5): bad_credentials for "access_denied", bad_code for "invalid_grant", expired for
// "expired_token", delivery for the rest. The code is the reason; what is not made as one is
// "unknown_error". Descriptions are left out: they may repeat secrets.
[[nodiscard]] Error refusal_of(std::string_view code);

// The error that an endpoint for tokens names with status 400 or 401, or "".
[[nodiscard]] std::string oauth_error(const HttpResponse& response);

// The JSON object of an answer of status 200; `what` names the answer: "discovery document". Fails
// with delivery: "http_error" for another status, "malformed" for anything but a JSON object.
[[nodiscard]] Result<Json> read_document(const HttpResponse& response, std::string_view what);

// The keys that an answer publishes. Fails as read_document, and with invalid_token as
// KeySet::from_jwks; "malformed" where it is not a key set.
[[nodiscard]] Result<KeySet> read_key_set(const HttpResponse& response);

struct ProviderTokens {
    Secret id_token;
    Secret access_token;
};
// Of the token endpoint. Fails as refusal_of where it says what is wrong, else as read_document;
// "malformed" without an ID token.
[[nodiscard]] Result<ProviderTokens> read_tokens(const HttpResponse& response);

} // namespace auth
