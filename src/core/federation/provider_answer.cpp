#include "core/federation/provider_answer.h"

#include "core/base/text.h"
#include "core/jose/jwk_members.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

constexpr long ok = 200;

bool is_error_code(std::string_view code) {
    return !code.empty() && code.size() <= 40 &&
           code.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

// "text/html; charset=utf-8" is text/html. What else is there is not repeated.
std::string kind_of(const HttpResponse& response) {
    const std::string type = response.content_type.substr(0, response.content_type.find(';'));
    const bool plain = type.size() <= 40 && type.find('/') != std::string::npos;
    return plain ? printable(type) : "no known type";
}

Error malformed(const HttpResponse& response, std::string_view what) {
    return provider_trouble("malformed", fmt::format("the provider's {} is no JSON object, but {}",
                                                     what, kind_of(response)));
}

Secret secret_member(const Json& document, const char* name) {
    const auto found = document.find(name);
    return found != document.end() && found->is_string()
               ? Secret(found->get_ref<const std::string&>())
               : Secret();
}

} // namespace

Error provider_trouble(std::string_view reason, std::string message) {
    return error(ErrorCode::delivery, std::move(message)).with_reason(std::string(reason));
}

Error refusal_of(std::string_view code) {
    if (code == "access_denied")
        return error(ErrorCode::bad_credentials, "the log-in was refused at the provider")
            .with_reason("access_denied");
    if (code == "invalid_grant")
        return error(ErrorCode::bad_code, "the provider does not know the code that came back")
            .with_reason("invalid_grant");
    if (code == "expired_token")
        return error(ErrorCode::expired, "nobody entered the code at the provider in time")
            .with_reason("expired_token");
    const std::string word = is_error_code(code) ? std::string(code) : "unknown_error";
    return provider_trouble(word, fmt::format("the provider refuses: {}", word));
}

std::string oauth_error(const HttpResponse& response) {
    if (response.status != 400 && response.status != 401)
        return "";
    const auto document = parse_json(response.body.reveal());
    return document ? text_member(*document, "error") : "";
}

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

Result<ProviderTokens> read_tokens(const HttpResponse& response) {
    if (const std::string code = oauth_error(response); !code.empty())
        return fail(refusal_of(code));
    AUTH_TRY(Json document, read_document(response, "token answer"));
    const std::unique_ptr<Json, members::Wipe> owner(&document);
    ProviderTokens tokens{secret_member(document, "id_token"),
                          secret_member(document, "access_token")};
    if (tokens.id_token.empty())
        return fail(provider_trouble("malformed", "the provider's answer has no ID token"));
    return tokens;
}

} // namespace auth
