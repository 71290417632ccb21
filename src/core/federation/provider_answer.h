// What a provider answers over HTTP. Pure.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/federation/provider_trouble.h"
#include "core/key_files/key_set.h"
#include "core/ports/http.h"

#include <string_view>

namespace auth {

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
// Of the token endpoint. Fails as refusal_of if the provider names an error, else as read_document;
// "malformed" without an ID token.
[[nodiscard]] Result<ProviderTokens> read_tokens(const HttpResponse& response,
                                                 const SharedSecrets& secrets = {});

} // namespace auth
