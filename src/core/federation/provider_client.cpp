#include "core/federation/provider_client.h"

#include "core/base/encoding.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

// RFC 6749 section 2.3.1
Secret basic_authorization(std::string_view client_id, const Secret& secret) {
    Secret pair(percent_encoded(client_id) + ":");
    std::string encoded = percent_encoded(secret.reveal());
    pair.append(encoded);
    wipe(encoded);
    encoded = to_base64(pair.reveal());
    Secret header(std::string_view("Basic "));
    header.append(encoded);
    wipe(encoded);
    return header;
}

} // namespace

Result<ProviderMetadata> discover(Http& http, const std::function<bool()>& stopped,
                                  std::string_view issuer, Endpoints required) {
    AUTH_TRY(const HttpResponse response, http.exchange({metadata_address(issuer)}, stopped));
    AUTH_TRY(const Json document, read_document(response, "discovery document"));
    return read_metadata(document, issuer, required);
}

Result<HttpResponse> ProviderClient::post(const std::string& url, WebForm form) {
    HttpRequest request{url};
    form.add("client_id", provider_.client_id);
    if (!secret_.empty() && metadata_.secret_in_form)
        form.add("client_secret", secret_.reveal());
    else if (!secret_.empty())
        request.authorization = basic_authorization(provider_.client_id, secret_);
    request.form = form.take();
    return http_.exchange(request, stopped_);
}

Result<ProviderTokens> ProviderClient::redeem(const Secret& code,
                                              const Authorization& authorization) {
    WebForm form;
    form.add("grant_type", "authorization_code")
        .add("code", code.reveal())
        .add("redirect_uri", authorization.redirect_uri)
        .add("code_verifier", authorization.verifier.reveal());
    AUTH_TRY(const HttpResponse response, post(metadata_.token_endpoint, std::move(form)));
    return read_tokens(response);
}

Result<DeviceCode> ProviderClient::ask_device_code() {
    if (metadata_.device_authorization_endpoint.empty())
        return fail(
            provider_trouble("unsupported",
                             fmt::format("{} offers no log-in by another device", provider_.name))
                .with_hint(NextStep{"login", {"--provider", provider_.name}}));
    WebForm form;
    form.add("scope", provider_.scope);
    AUTH_TRY(const HttpResponse response,
             post(metadata_.device_authorization_endpoint, std::move(form)));
    return read_device_code(response, provider_.issuer);
}

Result<ProviderTokens> ProviderClient::redeem(const DeviceCode& code) {
    WebForm form;
    form.add("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
        .add("device_code", code.device_code.reveal());
    AUTH_TRY(const HttpResponse response, post(metadata_.token_endpoint, std::move(form)));
    return read_tokens(response);
}

Result<KeySet> ProviderClient::fetch_keys(Freshness freshness) {
    HttpRequest request{metadata_.jwks_uri};
    request.past_caches = freshness == Freshness::fresh;
    AUTH_TRY(const HttpResponse response, http_.exchange(request, stopped_));
    return read_key_set(response);
}

Result<Json> ProviderClient::fetch_userinfo(const Secret& access_token) {
    HttpRequest request{metadata_.userinfo_endpoint};
    request.authorization = Secret(std::string_view("Bearer "));
    request.authorization.append(access_token.reveal());
    AUTH_TRY(const HttpResponse response, http_.exchange(request, stopped_));
    return read_document(response, "user information");
}

Result<ProvedIdentity> ProviderClient::identify(const ProviderTokens& tokens,
                                                std::optional<std::string_view> nonce) {
    const IdTokenRules rules{provider_.issuer, provider_.client_id, nonce,
                             tokens.access_token.reveal(), clock_.now()};
    AUTH_TRY(KeySet keys, fetch_keys(Freshness::any));
    Verdict verdict = judge_id_token(keys, tokens.id_token.reveal(), rules);
    if (wants_other_keys(verdict)) {
        AUTH_TRY(keys, fetch_keys(Freshness::fresh));
        verdict = judge_id_token(keys, tokens.id_token.reveal(), rules);
    }
    if (!verdict.valid())
        return fail(refusal(std::move(verdict), TokenUse::identify));
    ProvedIdentity identity = identity_of(verdict.claims);
    identity.remarks = keys.remarks();
    for (const std::string& name : verdict.ignored_headers)
        identity.remarks.push_back(fmt::format("{} in the ID token's header chose no key", name));
    // Where an access token comes along, addresses may stand there alone (section 5.4).
    if (identity.email.empty() && !metadata_.userinfo_endpoint.empty() &&
        !tokens.access_token.empty()) {
        AUTH_TRY(const Json userinfo, fetch_userinfo(tokens.access_token));
        AUTH_CHECK(add_userinfo(identity, userinfo));
    }
    return identity;
}

} // namespace auth
