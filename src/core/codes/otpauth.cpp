#include "core/codes/otpauth.h"

#include "core/base/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace auth {
namespace {

constexpr std::size_t strong_bytes = 16;
constexpr std::size_t weak_bytes = 10;
constexpr std::size_t most_bytes = 128;

tl::unexpected<Error> wrong(std::string message) {
    return fail(error(ErrorCode::usage, std::move(message)).with_field("uri"));
}

// Base32 as people copy it: any case, with spaces, dashes and padding.
Result<Secret> parse_secret(std::string_view text, bool weak) {
    std::string letters;
    for (const char c : text)
        if (c != ' ' && c != '-' && c != '+')
            letters += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    while (letters.ends_with('='))
        letters.pop_back();
    auto bytes = from_base32(letters);
    wipe(letters);
    if (!bytes || bytes->size() > most_bytes)
        return wrong("the secret of the otpauth URI is not base32");
    Secret secret(*bytes);
    wipe(*bytes);
    const std::size_t least = weak ? weak_bytes : strong_bytes;
    if (secret.size() < least)
        return wrong(fmt::format("the secret of the otpauth URI has {} bits, and at least {} are"
                                 " needed",
                                 secret.size() * 8, least * 8));
    return secret;
}

using Parameters = std::map<std::string_view, std::string_view>;

Result<Parameters> parse_parameters(std::string_view query) {
    Parameters parameters;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view one = query.substr(0, end);
        const std::size_t equals = std::min(one.find('='), one.size());
        const std::string_view value = one.substr(std::min(equals + 1, one.size()));
        if (!parameters.emplace(one.substr(0, equals), value).second)
            return wrong("the otpauth URI has a parameter twice");
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return parameters;
}

std::string_view value_of(const Parameters& parameters, std::string_view name,
                          std::string_view fallback) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? fallback : found->second;
}

} // namespace

Secret otpauth_uri(const Totp& totp, std::string_view issuer, std::string_view account) {
    const std::string from = percent_encoded(issuer);
    std::string secret = to_base32(totp.secret.reveal());
    Secret uri(fmt::format("otpauth://totp/{}:{}?secret=", from, percent_encoded(account)));
    uri.append(secret);
    wipe(secret);
    uri.append(fmt::format("&issuer={}&algorithm={}&digits={}&period={}", from,
                           to_name(totp.algorithm), totp.digits, totp.period.count()));
    return uri;
}

Result<Totp> parse_otpauth_uri(std::string_view uri, bool weak) {
    while (!uri.empty() && (uri.back() == '\n' || uri.back() == '\r' || uri.back() == ' '))
        uri.remove_suffix(1);
    constexpr std::string_view scheme = "otpauth://totp/";
    if (uri.starts_with("otpauth://hotp/"))
        return wrong("codes by counter (hotp) are not taken, only codes by time (totp)");
    if (!uri.starts_with(scheme))
        return wrong("that is not an otpauth URI: it does not start with otpauth://totp/");
    const std::size_t mark = std::min(uri.find('?'), uri.size());
    AUTH_TRY(const Parameters parameters,
             parse_parameters(uri.substr(std::min(mark + 1, uri.size()))));
    if (!parameters.contains("secret"))
        return wrong("the otpauth URI has no secret");
    Totp totp;
    AUTH_TRY(totp.secret, parse_secret(value_of(parameters, "secret", ""), weak));
    const auto algorithm = parse_hash_function(value_of(parameters, "algorithm", "SHA1"));
    if (!algorithm)
        return wrong("the algorithm of the otpauth URI is not SHA1, SHA256 or SHA512");
    totp.algorithm = *algorithm;
    const std::string_view digits = value_of(parameters, "digits", "6");
    if (digits != "6" && digits != "8")
        return wrong("the digits of the otpauth URI are not 6 or 8");
    totp.digits = digits == "8" ? 8 : 6;
    const std::string_view period = value_of(parameters, "period", "30");
    if (period != "30" && period != "60")
        return wrong("the period of the otpauth URI is not 30 or 60");
    totp.period = Seconds(period == "60" ? 60 : 30);
    return totp;
}

} // namespace auth
