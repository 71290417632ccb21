#include "core/federation/provider_answer.h"

#include "core/base/text.h"
#include "core/jose/jwk_members.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace auth {
namespace {

constexpr long ok = 200;

// "text/html; charset=utf-8" is text/html. What else is there is not repeated.
std::string kind_of(const HttpResponse& response) {
    const std::string type = response.content_type.substr(0, response.content_type.find(';'));
    const bool plain = type.size() <= 40 && type.find('/') != std::string::npos;
    return plain ? printable(type) : "no known type";
}

Error malformed(const HttpResponse& response, std::string_view what) {
    return provider_trouble(
        "malformed",
        fmt::format("the provider's {} is not a JSON object, but {}", what, kind_of(response)));
}

Secret secret_member(const Json& document, const char* name) {
    const auto found = document.find(name);
    return found != document.end() && found->is_string()
               ? Secret(found->get_ref<const std::string&>())
               : Secret();
}

} // namespace

Result<Json> read_document(const HttpResponse& response, std::string_view what) {
    if (response.status != ok)
        return fail(provider_trouble(
            "http_error",
            fmt::format("the provider answered with status {} where its {} was wanted",
                        response.status, what)));
    auto document = parse_json(response.body.reveal(), 32);
    if (!document || !document->is_object())
        return fail(malformed(response, what));
    return document;
}

Result<KeySet> read_key_set(const HttpResponse& response) {
    AUTH_CHECK(read_document(response, "key set"));
    auto keys = KeySet::from_jwks(response.body.reveal());
    if (!keys && keys.error().code == ErrorCode::usage)
        return fail(provider_trouble("malformed", "the provider's key set has no list of keys"));
    return keys;
}

Result<ProviderTokens> read_tokens(const HttpResponse& response, const SharedSecrets& secrets) {
    if (const auto said = oauth_error(response))
        return fail(refusal_of(*said, secrets));
    AUTH_TRY(Json document, read_document(response, "token answer"));
    const std::unique_ptr<Json, members::Wipe> owner(&document);
    ProviderTokens tokens{secret_member(document, "id_token"),
                          secret_member(document, "access_token")};
    if (!tokens.id_token.empty())
        return tokens;
    if (const auto said = oauth_error(document)) // some say so with status 200
        return fail(refusal_of(*said, secrets));
    return fail(provider_trouble("malformed", "the provider's answer has no ID token"));
}

} // namespace auth
