#include "core/jose/oddities.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/jose/numeric_date.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace auth {
namespace {

using Oddities = std::vector<Problem>;

constexpr double day = 86400;
constexpr double year = 365 * day;
constexpr double too_late_for_seconds = 1e11; // the year 5138
constexpr std::size_t large = 4096;

// A NumericDate, whose seconds may have been written as milliseconds.
struct Date {
    double seconds = 0;
    bool milliseconds = false;
};

std::optional<Date> date(const Json& claims, std::string_view name) {
    const Json* value = find_member(claims, name);
    const auto number = value != nullptr ? numeric_date(*value) : std::nullopt;
    if (!number)
        return std::nullopt;
    const bool milliseconds = *number > too_late_for_seconds;
    return Date{milliseconds ? *number / 1000 : *number, milliseconds};
}

std::string to_life(double span) {
    if (span >= 1000 * year)
        return "more than 1000 years";
    const bool long_lived = span >= year;
    return counted(static_cast<std::int64_t>(span / (long_lived ? year : day)),
                   long_lived ? "year" : "day");
}

void check_signing(Oddities& found, const Json& header) {
    const std::string algorithm = text_member(header, "alg");
    if (lower_ascii(algorithm) == "none")
        found.push_back({"unsecured", "alg", "anybody can make such a token"});
    for (const std::string& name : keys_in_header(header))
        found.push_back({"key_in_header", name, "names a key, which chooses none here"});
    if (!algorithm.starts_with("HS"))
        return;
    for (const char* name : {"x5t", "x5t#S256"})
        if (find_member(header, name) != nullptr)
            found.push_back(
                {"odd_header", name,
                 fmt::format("names a certificate, and {} has none", in_quotes(algorithm))});
}

void check_times(Oddities& found, const Json& claims) {
    for (const char* name : {"exp", "nbf", "iat", "auth_time"})
        if (const auto time = date(claims, name); time && time->milliseconds)
            found.push_back({"milliseconds", name, "looks like milliseconds; seconds are meant"});
    const auto expires = date(claims, "exp");
    const auto begins = date(claims, "nbf");
    const auto issued = date(claims, "iat");
    if (find_member(claims, "exp") == nullptr)
        found.push_back({"no_expiry", "exp", "never expires"});
    if (!expires)
        return;
    if (begins && begins->seconds >= expires->seconds)
        found.push_back({"never_valid", "nbf", "begins only when it has expired"});
    if (issued && issued->seconds > expires->seconds)
        found.push_back({"issued_after_expiry", "iat", "had expired when it was issued"});
    const auto from = issued ? issued : begins;
    if (from && expires->seconds - from->seconds > day)
        found.push_back(
            {"long_lived", "exp", "lives " + to_life(expires->seconds - from->seconds)});
}

void check_missing(Oddities& found, const Token& token) {
    struct Wanted {
        const char* name;
        const char* code;
        const char* detail;
    };
    constexpr std::array<Wanted, 3> wanted{{{"aud", "no_audience", "any service may take it"},
                                            {"iss", "no_issuer", "does not say who made it"},
                                            {"jti", "no_id", "has no name to revoke it by"}}};
    for (const Wanted& claim : wanted)
        if (find_member(token.claims, claim.name) == nullptr)
            found.push_back({claim.code, claim.name, claim.detail});
    if (find_member(token.header, "typ") == nullptr)
        found.push_back({"no_type", "typ", "does not say what kind of token it is"});
}

// Whoever sees the token reads them.
void check_profile(Oddities& found, const Json& claims) {
    for (const char* name : {"email", "phone", "phone_number", "address", "birthdate",
                             "national_id", "ssn", "password"})
        if (find_member(claims, name) != nullptr)
            found.push_back({"personal_data", name, "is readable to whoever sees the token"});
    const Json* subject = find_member(claims, "sub");
    if (subject == nullptr || !subject->is_string())
        return;
    const auto& name = subject->get_ref<const std::string&>();
    if (name.empty())
        found.push_back({"empty_subject", "sub", "names nobody"});
    const std::size_t at = name.find('@');
    if (at != std::string::npos && at > 0 && name.find('.', at) != std::string::npos &&
        name.find_first_of(":/|") == std::string::npos)
        found.push_back({"personal_data", "sub", "looks like an e-mail address"});
}

// A registered name, and other words for it: in lower case, without "_" and "-".
struct Name {
    std::string_view meant;
    std::array<std::string_view, 5> others{};
};
constexpr std::array<Name, 7> claim_names{
    {{"exp", {"expires", "expiry", "expiration", "expiresat", "expiresin"}},
     {"iat", {"issuedat"}},
     {"nbf", {"notbefore"}},
     {"iss", {"issuer"}},
     {"sub", {"subject"}},
     {"aud", {"audience", "audiences"}},
     {"jti", {"jwtid"}}}};
constexpr std::array<Name, 4> header_names{
    {{"alg", {"algorithm"}}, {"typ", {"type"}}, {"kid", {"keyid"}}, {"cty", {"contenttype"}}}};

bool rewords(const std::string& name, const Name& known) {
    std::string folded = lower_ascii(name);
    std::erase_if(folded, [](char c) { return c == '_' || c == '-'; });
    return !folded.empty() && std::ranges::find(known.others, folded) != known.others.end();
}

// Some parsers take such a name for the registered one, and others pass it over.
void check_names(Oddities& found, const Json& object, std::span<const Name> names) {
    for (const auto& [name, value] : object.items()) {
        for (const Name& known : names) {
            const bool respelt = name != known.meant && lower_ascii(name) == known.meant;
            const bool instead =
                find_member(object, known.meant) == nullptr && rewords(name, known);
            if (respelt || instead)
                found.push_back(
                    {"misnamed", name, fmt::format("did you mean \"{}\"?", known.meant)});
        }
    }
}

void check_repeats(Oddities& found, const Json& claims) {
    for (const char* name : {"roles", "groups", "aud", "amr"}) {
        const Json* list = find_member(claims, name);
        if (list == nullptr || !list->is_array())
            continue;
        std::set<std::string> seen;
        const auto twice = std::find_if(list->begin(), list->end(), [&](const Json& item) {
            return !seen.insert(item.dump()).second;
        });
        if (twice != list->end())
            found.push_back({"repeated", name,
                             fmt::format("{} stands there twice",
                                         in_quotes(twice->is_string() ? twice->get<std::string>()
                                                                      : twice->dump()))});
    }
}

} // namespace

std::vector<Problem> find_oddities(const Token& token, std::size_t size) {
    Oddities found;
    check_signing(found, token.header);
    check_names(found, token.header, header_names);
    check_times(found, token.claims);
    check_missing(found, token);
    check_profile(found, token.claims);
    check_names(found, token.claims, claim_names);
    check_repeats(found, token.claims);
    if (size > large)
        found.push_back(
            {"large", "", fmt::format("{} bytes; many servers refuse headers over 8 KiB", size)});
    return found;
}

} // namespace auth
