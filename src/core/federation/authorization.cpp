#include "core/federation/authorization.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/host.h"
#include "core/base/text.h"
#include "core/federation/provider_trouble.h"
#include "core/federation/web_address.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t path_bytes = 16;
constexpr std::string_view scheme = "http://";

struct Place {
    std::string_view port; // ":40000"
    std::string_view path;
};

Place place_of_redirect(std::string_view redirect_uri) {
    redirect_uri.remove_prefix(scheme.size());
    const std::size_t slash = redirect_uri.find('/');
    const std::size_t colon = redirect_uri.find(':');
    return {redirect_uri.substr(colon, slash - colon), redirect_uri.substr(slash)};
}

// A page of another name that points here is not ours (DNS rebinding).
bool is_this_machine(std::string_view host, std::string_view port) {
    return std::ranges::any_of(loopback_url_hosts, [&](std::string_view name) {
        return host.starts_with(name) && host.substr(name.size()) == port;
    });
}

std::string_view value_of(const WebParameters& parameters, std::string_view name) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<Error> check_issuer(const WebParameters& parameters,
                                  const ProviderMetadata& metadata) {
    const bool named = parameters.contains("iss");
    if (named ? value_of(parameters, "iss") == metadata.issuer : !metadata.names_itself)
        return std::nullopt;
    return error(ErrorCode::invalid_token,
                 named ? fmt::format("the answer came from another issuer: {}",
                                     in_quotes(value_of(parameters, "iss")))
                       : "the answer does not say which issuer it came from")
        .with_reason("wrong_issuer");
}

Error refusal_in(const WebParameters& parameters, const Authorization& authorization) {
    return refusal_of({std::string(value_of(parameters, "error")),
                       std::string(value_of(parameters, "error_description")),
                       std::string(value_of(parameters, "error_uri"))},
                      {authorization.state.reveal(), authorization.nonce.reveal(),
                       authorization.verifier.reveal()});
}

std::string page(std::string_view title, std::string_view text) {
    return fmt::format("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                       "<meta name=\"viewport\" content=\"width=device-width\">"
                       "<title>{0}</title><style>body{{font:1.1rem/1.5 system-ui,sans-serif;"
                       "max-width:32rem;margin:20vh auto;padding:0 1rem;color:#222;"
                       "background:#fff}}</style></head>\n"
                       "<body><h1>{0}</h1><p>{1}</p></body></html>\n",
                       title, text);
}

} // namespace

Authorization make_authorization(const Provider& provider, int port, Random& random) {
    Authorization made{random_token(random, secret_bytes), random_token(random, secret_bytes),
                       random_token(random, secret_bytes), ""};
    const Secret path = random_token(random, path_bytes);
    made.redirect_uri = fmt::format("{}127.0.0.1:{}{}{}", scheme, port,
                                    provider.redirect_path.empty() ? "/" : provider.redirect_path,
                                    provider.redirect_path.empty() ? path.reveal() : "");
    return made;
}

std::string authorization_url(const Provider& provider, const ProviderMetadata& metadata,
                              const Authorization& authorization, std::string_view login_hint) {
    WebForm query;
    query.add("response_type", "code")
        .add("client_id", provider.client_id)
        .add("redirect_uri", authorization.redirect_uri)
        .add("scope", provider.scope)
        .add("state", authorization.state.reveal())
        .add("nonce", authorization.nonce.reveal())
        .add("code_challenge", to_base64url(sha256(authorization.verifier.reveal())))
        .add("code_challenge_method", "S256");
    if (!login_hint.empty())
        query.add("login_hint", login_hint);
    const bool has_query = metadata.authorization_endpoint.find('?') != std::string::npos;
    return fmt::format("{}{}{}", metadata.authorization_endpoint, has_query ? '&' : '?',
                       query.text().reveal());
}

Callback judge_callback(const PageRequest& request, const Authorization& authorization,
                        const ProviderMetadata& metadata) {
    const Place place = place_of_redirect(authorization.redirect_uri);
    const std::string_view target = request.target;
    const std::size_t mark = std::min(target.find('?'), target.size());
    if (!is_this_machine(request.host, place.port))
        return {400};
    if (target.substr(0, mark) != place.path)
        return {404};
    if (request.method != "GET")
        return {405};
    const auto parameters = parse_query(target.substr(std::min(mark + 1, target.size())));
    if (!parameters ||
        !equal_in_constant_time(value_of(*parameters, "state"), authorization.state.reveal()))
        return {400};
    const std::string_view code = value_of(*parameters, "code");
    const std::string_view refusal = value_of(*parameters, "error");
    if (code.empty() == refusal.empty())
        return {400};
    if (auto wrong = check_issuer(*parameters, metadata))
        return {0, {}, std::move(wrong)};
    if (!refusal.empty())
        return {0, {}, refusal_in(*parameters, authorization)};
    return {0, Secret(code)};
}

std::string success_page(const Provider& provider) {
    return page("It worked", fmt::format("{} says who you are. The terminal has the rest; this page"
                                         " can be closed.",
                                         provider.name));
}

std::string failure_page(const Provider& provider) {
    return page("That did not work",
                fmt::format("The login with {} failed. The terminal says why.", provider.name));
}

std::string stray_page(int status) {
    return page(status == 404 ? "Nothing here" : "Not for us",
                "This is not an answer to the login that is waiting.");
}

} // namespace auth
