// What is said to a provider over HTTP, and what is made of its answers.
#pragma once

#include "core/base/clock.h"
#include "core/federation/authorization.h"
#include "core/federation/device_code.h"
#include "core/federation/id_token.h"
#include "core/federation/provider_answer.h"
#include "core/federation/web_address.h"
#include "core/federation/workload_token.h"
#include "core/ports/http.h"

#include <functional>
#include <optional>

namespace auth {

// What the provider's kind of login needs.
[[nodiscard]] Endpoints endpoints_of(const Provider& provider);
// Follows redirects of the document by https to the same host and port, five at most; refuses every
// other, "http_error", without asking there. Fails as Http::exchange, read_document and
// read_metadata.
[[nodiscard]] Result<ProviderMetadata> discover(Http& http, const std::function<bool()>& stopped,
                                                std::string_view issuer,
                                                Endpoints required = Endpoints::for_people);

// Does nothing for that long; fails with cancelled if the person wants to stop.
using Pause = std::function<Status(Seconds)>;

// Every call fails as Http::exchange does as well.
class ProviderClient {
  public:
    ProviderClient(Provider provider, Secret client_secret, ProviderMetadata metadata, Http& http,
                   const Clock& clock, std::function<bool()> stopped);

    [[nodiscard]] const Provider& provider() const { return provider_; }
    [[nodiscard]] const ProviderMetadata& metadata() const { return metadata_; }
    [[nodiscard]] const Clock& clock() const { return clock_; }
    [[nodiscard]] const std::function<bool()>& stopped() const { return stopped_; }

    // For the code of a callback. A provider that is overloaded is asked four times, within seven
    // seconds: codes are short-lived. Fails as read_tokens and as `pause`.
    [[nodiscard]] Result<ProviderTokens>
    redeem(const Secret& code, const Authorization& authorization, const Pause& pause);
    // Fails as read_device_code, and with delivery, "unsupported", where there are none.
    [[nodiscard]] Result<DeviceCode> ask_device_code();
    // As read_poll.
    [[nodiscard]] Result<DevicePoll> poll(const DeviceCode& code, Seconds interval);

    // Who the tokens speak of. Keys are fetched for each login, and once more for a token that
    // names an unknown one. Fails with invalid_token (judge_id_token, KeySet::from_jwks,
    // add_userinfo).
    [[nodiscard]] Result<ProvedIdentity> identify(const ProviderTokens& tokens,
                                                  std::optional<std::string_view> nonce);
    // What an ID token that a workload brought proves. Keys are fetched in the same way. Fails with
    // invalid_token (judge_workload_token, KeySet::from_jwks).
    [[nodiscard]] Result<ProvedWorkload> prove_workload(const Secret& id_token);

  private:
    enum class Freshness { any, fresh };
    // With the client's name, and its secret if it has one: in the header or in the form, never in
    // both (RFC 6749 section 2.3).
    [[nodiscard]] Result<HttpResponse> post(const std::string& url, WebForm form);
    // Those that such a request contains, in addition to `more`.
    [[nodiscard]] SharedSecrets sent_with(SharedSecrets more) const;
    [[nodiscard]] Result<KeySet> fetch_keys(Freshness freshness);
    struct Proof {
        Verdict verdict; // valid
        Remarks remarks; // of the keys and of the token's header
    };
    // By the keys as they are, or by new ones where the token names an unknown one. Fails with
    // invalid_token.
    [[nodiscard]] Result<Proof>
    require_valid(const std::function<Verdict(const KeySet& keys)>& judge);
    [[nodiscard]] Result<Json> fetch_userinfo(const Secret& access_token);

    Provider provider_;
    Secret secret_;
    ProviderMetadata metadata_;
    Secret basic_; // the header's credentials; "" if the header is not used
    Http& http_;
    const Clock& clock_;
    std::function<bool()> stopped_;
};

} // namespace auth
