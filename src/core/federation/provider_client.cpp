#include "core/federation/provider_client.h"

#include "core/base/encoding.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

constexpr int most_redirects = 5;

// RFC 6749 section 2.3.1
Secret basic_credentials(std::string_view client_id, const Secret& secret) {
    Secret pair(percent_encoded(client_id) + ":");
    std::string encoded = percent_encoded(secret.reveal());
    pair.append(encoded);
    wipe(encoded);
    encoded = to_base64(pair.reveal());
    Secret credentials{std::string_view(encoded)};
    wipe(encoded);
    return credentials;
}

Secret authorization_header(std::string_view scheme_name, const Secret& credentials) {
    Secret header(scheme_name);
    header.append(" ");
    header.append(credentials.reveal());
    return header;
}

bool has_moved(const HttpResponse& response) {
    switch (response.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return !response.location.empty();
    default:
        return false;
    }
}

Result<HttpResponse> fetch_discovery(Http& http, const std::function<bool()>& stopped,
                                     HttpRequest request) {
    for (int followed = 0;; ++followed) {
        AUTH_TRY(HttpResponse response, http.exchange(request, stopped));
        if (!has_moved(response))
            return response;
        if (followed == most_redirects)
            return fail(provider_trouble(
                "http_error",
                fmt::format("the provider's discovery document moves more than {} times",
                            most_redirects)));
        if (!stays_on_https_host(request.url, response.location))
            return fail(provider_trouble(
                "http_error",
                fmt::format("the provider's discovery document has moved to {}, and a redirect is"
                            " followed only by https to the same host and port",
                            in_quotes(response.location))));
        request.url = response.location;
    }
}

} // namespace

Endpoints endpoints_of(const Provider& provider) {
    return provider.workload ? Endpoints::keys_alone : Endpoints::for_people;
}

Result<ProviderMetadata> discover(Http& http, const std::function<bool()>& stopped,
                                  std::string_view issuer, Endpoints required) {
    AUTH_TRY(const HttpResponse response,
             fetch_discovery(http, stopped, {metadata_address(issuer)}));
    AUTH_TRY(const Json document, read_document(response, "discovery document"));
    return read_metadata(document, issuer, required);
}

ProviderClient::ProviderClient(Provider provider, Secret client_secret, ProviderMetadata metadata,
                               Http& http, const Clock& clock, std::function<bool()> stopped)
    : provider_(std::move(provider)), secret_(std::move(client_secret)),
      metadata_(std::move(metadata)), http_(http), clock_(clock), stopped_(std::move(stopped)) {
    if (!secret_.empty() && !metadata_.secret_in_form)
        basic_ = basic_credentials(provider_.client_id, secret_);
}

Result<HttpResponse> ProviderClient::post(const std::string& url, WebForm form) {
    HttpRequest request{url};
    if (!basic_.empty()) {
        request.authorization = authorization_header("Basic", basic_);
    } else {
        form.add("client_id", provider_.client_id);
        if (!secret_.empty())
            form.add("client_secret", secret_.reveal());
    }
    request.form = form.take();
    return http_.exchange(request, stopped_);
}

SharedSecrets ProviderClient::sent_with(SharedSecrets more) const {
    more.insert(more.end(), {secret_.reveal(), basic_.reveal()});
    return more;
}

Result<ProviderTokens>
ProviderClient::redeem(const Secret& code, const Authorization& authorization, const Pause& pause) {
    constexpr Seconds longest_pause{4};
    for (Seconds span{1};; span *= 2) {
        WebForm form;
        form.add("grant_type", "authorization_code")
            .add("code", code.reveal())
            .add("redirect_uri", authorization.redirect_uri)
            .add("code_verifier", authorization.verifier.reveal());
        AUTH_TRY(const HttpResponse response, post(metadata_.token_endpoint, std::move(form)));
        auto tokens =
            read_tokens(response, sent_with({code.reveal(), authorization.verifier.reveal()}));
        if (tokens || span > longest_pause ||
            !is_overloaded(response.status, tokens.error().reason))
            return tokens;
        AUTH_CHECK(pause(span));
    }
}

Result<DeviceCode> ProviderClient::ask_device_code() {
    if (metadata_.device_authorization_endpoint.empty())
        return fail(
            provider_trouble("unsupported",
                             fmt::format("{} offers no login with another device", provider_.name))
                .with_hint(NextStep{"login", {"--provider", provider_.name}}));
    WebForm form;
    form.add("scope", provider_.scope);
    AUTH_TRY(const HttpResponse response,
             post(metadata_.device_authorization_endpoint, std::move(form)));
    return read_device_code(response, provider_.issuer, sent_with({}));
}

Result<DevicePoll> ProviderClient::poll(const DeviceCode& code, Seconds interval) {
    WebForm form;
    form.add("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
        .add("device_code", code.device_code.reveal());
    return read_poll(post(metadata_.token_endpoint, std::move(form)), interval,
                     sent_with({code.device_code.reveal()}));
}

Result<KeySet> ProviderClient::fetch_keys(Freshness freshness) {
    HttpRequest request{metadata_.jwks_uri};
    request.past_caches = freshness == Freshness::fresh;
    AUTH_TRY(const HttpResponse response, http_.exchange(request, stopped_));
    return read_key_set(response);
}

Result<Json> ProviderClient::fetch_userinfo(const Secret& access_token) {
    HttpRequest request{metadata_.userinfo_endpoint};
    request.authorization = authorization_header("Bearer", access_token);
    AUTH_TRY(const HttpResponse response, http_.exchange(request, stopped_));
    return read_document(response, "user information");
}

Result<ProviderClient::Proof>
ProviderClient::require_valid(const std::function<Verdict(const KeySet& keys)>& judge) {
    AUTH_TRY(KeySet keys, fetch_keys(Freshness::any));
    Proof proof{judge(keys), {}};
    if (wants_other_keys(proof.verdict)) {
        AUTH_TRY(keys, fetch_keys(Freshness::fresh));
        proof.verdict = judge(keys);
    }
    if (!proof.verdict.valid())
        return fail(refusal(std::move(proof.verdict), TokenUse::identify));
    proof.remarks = keys.remarks();
    for (const std::string& name : proof.verdict.ignored_headers)
        proof.remarks.push_back(fmt::format("{} in the ID token's header chose no key", name));
    return proof;
}

Result<ProvedWorkload> ProviderClient::prove_workload(const Secret& id_token) {
    const IssuerRules rules{provider_.issuer, provider_.client_id, clock_.now()};
    AUTH_TRY(Proof proof, require_valid([&](const KeySet& keys) {
                 return judge_workload_token(keys, id_token.reveal(), rules);
             }));
    ProvedWorkload workload = proved_workload(proof.verdict, id_token.reveal());
    workload.remarks = std::move(proof.remarks);
    return workload;
}

Result<ProvedIdentity> ProviderClient::identify(const ProviderTokens& tokens,
                                                std::optional<std::string_view> nonce) {
    const IdTokenRules rules{provider_.issuer, provider_.client_id, nonce,
                             tokens.access_token.reveal(), clock_.now()};
    AUTH_TRY(Proof proof, require_valid([&](const KeySet& keys) {
                 return judge_id_token(keys, tokens.id_token.reveal(), rules);
             }));
    ProvedIdentity identity = identity_of(proof.verdict.claims);
    identity.remarks = std::move(proof.remarks);
    // Where an access token comes along, addresses may stand there alone (section 5.4).
    if (identity.email.empty() && !metadata_.userinfo_endpoint.empty() &&
        !tokens.access_token.empty()) {
        AUTH_TRY(const Json userinfo, fetch_userinfo(tokens.access_token));
        AUTH_CHECK(add_userinfo(identity, userinfo));
    }
    return identity;
}

} // namespace auth
