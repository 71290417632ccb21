#include "core/federation/provider_trouble.h"

#include "core/base/encoding.h"
#include "core/base/secret.h"
#include "core/base/text.h"
#include "core/mail/mailer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace auth {
namespace {

// In bytes, once escaped.
constexpr std::size_t longest_description = 400;
constexpr std::size_t longest_uri = 200;

bool is_error_code(std::string_view code) {
    return !code.empty() && code.size() <= 40 &&
           code.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

// As they are, and as a form or a query spells them.
std::vector<Secret> spellings_of(const SharedSecrets& secrets) {
    std::vector<Secret> spellings;
    for (const std::string_view secret : secrets) {
        if (secret.empty())
            continue;
        std::string encoded = percent_encoded(secret);
        spellings.emplace_back(secret);
        spellings.emplace_back(std::string_view(encoded));
        wipe(encoded);
    }
    return spellings;
}

std::string without(const SharedSecrets& secrets, std::string_view text) {
    const std::vector<Secret> spellings = spellings_of(secrets);
    std::string out;
    while (!text.empty()) {
        std::size_t longest = 0;
        for (const Secret& spelling : spellings)
            if (text.starts_with(spelling.reveal()))
                longest = std::max(longest, spelling.size());
        out += longest > 0 ? "[hidden]" : text.substr(0, 1);
        text.remove_prefix(std::max<std::size_t>(longest, 1));
    }
    return out;
}

std::string shortened(std::string text, std::size_t most) {
    if (text.size() <= most)
        return text;
    const auto continues = [&](std::size_t at) {
        return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
    };
    while (most > 0 && continues(most))
        --most;
    return text.substr(0, most) + "…";
}

// Line breaks are common there, and say nothing.
std::string shown(const SharedSecrets& secrets, std::string_view said, std::size_t most) {
    std::string text = without(secrets, said);
    std::ranges::replace_if(
        text, [](char c) { return white_space.find(c) != std::string_view::npos; }, ' ');
    text.erase(
        std::unique(text.begin(), text.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
        text.end());
    return shortened(printable(trimmed(text)), most);
}

struct Meaning {
    std::string_view code;
    ErrorCode kind;
    std::string_view message;
};
constexpr std::string_view person_refused = "the login was refused at the provider";
constexpr auto meanings = std::to_array<Meaning>({
    {"access_denied", ErrorCode::bad_credentials, person_refused},
    {"authorization_declined", ErrorCode::bad_credentials, person_refused}, // Microsoft's word
    {"invalid_grant", ErrorCode::bad_code, "the provider does not know the code that came back"},
    {"expired_token", ErrorCode::expired, "nobody entered the code at the provider in time"},
});

// These end the login with whatever status (RFC 6749 section 5.2, RFC 8628 section 3.5).
constexpr auto last_words = std::to_array<std::string_view>(
    {"access_denied", "authorization_declined", "expired_token", "invalid_client", "invalid_grant",
     "invalid_request", "invalid_scope", "unauthorized_client", "unsupported_grant_type"});

} // namespace

bool failed_on_its_way(const Error& failure) {
    return failure.code == ErrorCode::delivery &&
           (failure.reason == delivery::timeout || failure.reason == delivery::unreachable ||
            failure.reason == delivery::interrupted);
}

bool is_overloaded(long status, std::string_view oauth_code) {
    return status >= 500 ||
           (status == 429 && std::ranges::find(last_words, oauth_code) == last_words.end());
}

Error provider_trouble(std::string_view reason, std::string message) {
    return error(ErrorCode::delivery, std::move(message)).with_reason(std::string(reason));
}

std::optional<OAuthError> oauth_error(const Json& document) {
    OAuthError said{text_member(document, "error"), text_member(document, "error_description"),
                    text_member(document, "error_uri")};
    return said.code.empty() ? std::nullopt : std::optional(std::move(said));
}

std::optional<OAuthError> oauth_error(const HttpResponse& response) {
    if (response.status < 400 || response.status > 499)
        return std::nullopt;
    const auto document = parse_json(response.body.reveal());
    return document ? oauth_error(*document) : std::nullopt;
}

Error refusal_of(const OAuthError& said, const SharedSecrets& secrets) {
    const bool is_secret = std::ranges::find(secrets, said.code) != secrets.end();
    const std::string word = is_error_code(said.code) && !is_secret ? said.code : "unknown_error";
    const auto* const known = std::ranges::find(meanings, word, &Meaning::code);
    std::string message = known != meanings.end() ? std::string(known->message)
                                                  : fmt::format("the provider refuses: {}", word);
    if (!said.description.empty())
        message += fmt::format(": '{}'", shown(secrets, said.description, longest_description));
    if (!said.uri.empty())
        message += fmt::format(" ({})", shown(secrets, said.uri, longest_uri));
    return error(known != meanings.end() ? known->kind : ErrorCode::delivery, std::move(message))
        .with_reason(word);
}

} // namespace auth
