// One request for authorization and the callback that answers it (RFC 6749 section 4.1, RFC 7636,
// RFC 8252, RFC 9207). Pure but for the randomness handed in.
#pragma once

#include "core/base/random.h"
#include "core/federation/provider.h"
#include "core/federation/provider_metadata.h"
#include "core/ports/loopback.h"

#include <optional>
#include <string>

namespace auth {

// What the answer must match. The secrets are 256 bits each, as base64url.
struct Authorization {
    Secret state;
    Secret nonce;
    Secret verifier; // of PKCE
    std::string redirect_uri;
};

// `port` is the listener's.
[[nodiscard]] Authorization make_authorization(const Provider& provider, int port, Random& random);

// What the browser is to open. `login_hint` may be empty.
[[nodiscard]] std::string authorization_url(const Provider& provider,
                                            const ProviderMetadata& metadata,
                                            const Authorization& authorization,
                                            std::string_view login_hint);

// What a request to the listener is: the answer (a code, or the provider's refusal, as refusal_of),
// or neither: then it is none of ours, and gets `status`, while the wait goes on.
struct Callback {
    int status = 0;
    Secret code{};
    std::optional<Error> refusal{};

    [[nodiscard]] bool ours() const { return status == 0; }
};
// Whoever has the right state speaks for the provider; all others are passed over. Even so the
// callback is refused, invalid_token "wrong_issuer", where it names another issuer, or none though
// the provider always does.
[[nodiscard]] Callback judge_callback(const PageRequest& request,
                                      const Authorization& authorization,
                                      const ProviderMetadata& metadata);

// Pages for the browser: the provider's part is done, well or not, or a request is passed over.
[[nodiscard]] std::string success_page(const Provider& provider);
[[nodiscard]] std::string failure_page(const Provider& provider);
[[nodiscard]] std::string stray_page(int status);

} // namespace auth
