#include "core/token_drill/drill_case.h"
#include "core/token_drill/forge.h"

#include <algorithm>
#include <vector>

namespace auth {
namespace {

constexpr Seconds one_year = std::chrono::days{365};
constexpr Seconds one_hour = std::chrono::hours{1};

constexpr std::string_view check_times_advice =
    "Leave the library's checks of \"exp\" and \"nbf\" on (no verify_exp: false).\n"
    "Keep the leeway at a minute or less.";
constexpr std::string_view check_audience_advice =
    "Pass the audience that this service has, and require \"aud\".\n"
    "Compare whole strings: no prefixes, no patterns, no other case.";
constexpr std::string_view check_issuer_advice =
    "Pass the issuer that you trust, and require \"iss\".\n"
    "Compare whole strings: no prefixes, no patterns, no other case.";
constexpr std::string_view check_type_advice =
    "Require the header's \"typ\" to be at+jwt, also with application/ before it.\n"
    "Many libraries have an option for it; else compare it yourself.";
constexpr std::string_view allows_other_services =
    "A token that was made for another service opens this one.";
constexpr std::string_view allows_other_issuers =
    "A token of another issuer, who may share the keys, opens this service.";
constexpr std::string_view allows_other_types =
    "A token that was made for another purpose passes for an access token.";

// A control whose times are this far from now, in seconds; `life` later it has ended.
std::string with_times(const Forge& forge, Seconds issued, Seconds expires) {
    Json claims = forge.claims;
    claims["iat"] = unix_seconds(forge.now + issued);
    claims["exp"] = unix_seconds(forge.now + expires);
    return forge.signed_json(forge.header, claims);
}

Forged for_audience(const Forge& forge, const std::optional<std::string>& audience) {
    if (!audience || std::ranges::count(forge.audiences, *audience) > 0)
        return std::nullopt;
    return forge.with_claim("aud", *audience);
}

// The audience that others come near to, or nothing.
std::optional<std::string> aimed_at(const Forge& forge) {
    return forge.audiences.empty() ? std::nullopt : std::optional(forge.audiences.front());
}

template <class Change> Forged near_audience(const Forge& forge, Change change) {
    const auto own = aimed_at(forge);
    return own ? for_audience(forge, change(*own)) : std::nullopt;
}

Forged by_issuer(const Forge& forge, const std::optional<std::string>& issuer) {
    if (!issuer || *issuer == forge.issuer)
        return std::nullopt;
    return forge.with_claim("iss", *issuer);
}

constexpr std::string_view other_service = "https://other-service.invalid";

const std::vector<DrillCase>& audience_list() {
    static const std::string_view source = "RFC 7519 section 4.1.3";
    static const std::vector<DrillCase> cases{
        {.name = "other_audience",
         .source = source,
         .why = allows_other_services,
         .mend = check_audience_advice,
         .make =
             [](const Forge& forge) { return for_audience(forge, std::string(other_service)); }},
        {.name = "audience_prefix",
         .source = source,
         .why = allows_other_services,
         .mend = check_audience_advice,
         .make =
             [](const Forge& forge) {
                 return near_audience(forge, [](const std::string& own) { return cut_short(own); });
             }},
        {.name = "audience_suffix",
         .source = source,
         .why = allows_other_services,
         .mend = check_audience_advice,
         .make =
             [](const Forge& forge) {
                 return near_audience(
                     forge, [](const std::string& own) { return std::optional(own + ".invalid"); });
             }},
        {.name = "audience_case",
         .source = source,
         .why = allows_other_services,
         .mend = check_audience_advice,
         .make = [](const Forge& forge) { return near_audience(forge, in_other_case); }},
        {.name = "audience_slash",
         .source = source,
         .why = allows_other_services,
         .mend = check_audience_advice,
         .make =
             [](const Forge& forge) {
                 return near_audience(forge, [](std::string own) {
                     return std::optional(with_other_slash(std::move(own)));
                 });
             }},
        {.name = "audience_list_of_others",
         .source = source,
         .why = allows_other_services,
         .mend = check_audience_advice,
         .make = [](const Forge& forge) -> Forged {
             Json others = Json::array({other_service});
             if (const auto own = aimed_at(forge))
                 others.push_back(*own + ".invalid");
             return forge.with_claim("aud", others);
         }},
        {.name = "no_audience",
         .level = DrillLevel::profile,
         .source = "RFC 9068 section 2.2",
         .why = "A token that says nothing of its audience may be for any service.",
         .mend = check_audience_advice,
         .make = [](const Forge& forge) -> Forged {
             if (forge.audiences.empty())
                 return std::nullopt;
             return forge.with_claim("aud", Json());
         }},
    };
    return cases;
}

const std::vector<DrillCase>& issuer_list() {
    static const std::string_view source = "RFC 9068 section 4, RFC 8725 section 3.8";
    constexpr auto level = DrillLevel::profile;
    static const std::vector<DrillCase> cases{
        {.name = "other_issuer",
         .level = level,
         .source = source,
         .why = allows_other_issuers,
         .mend = check_issuer_advice,
         .make =
             [](const Forge& forge) {
                 return by_issuer(forge, std::string("https://other-issuer.invalid"));
             }},
        {.name = "issuer_prefix",
         .level = level,
         .source = source,
         .why = allows_other_issuers,
         .mend = check_issuer_advice,
         .make = [](const Forge& forge) { return by_issuer(forge, cut_short(forge.issuer)); }},
        {.name = "issuer_suffix",
         .level = level,
         .source = source,
         .why = allows_other_issuers,
         .mend = check_issuer_advice,
         .make = [](const Forge& forge) { return by_issuer(forge, forge.issuer + ".invalid"); }},
        {.name = "issuer_case",
         .level = level,
         .source = source,
         .why = allows_other_issuers,
         .mend = check_issuer_advice,
         .make = [](const Forge& forge) { return by_issuer(forge, in_other_case(forge.issuer)); }},
        {.name = "issuer_slash",
         .level = level,
         .source = source,
         .why = allows_other_issuers,
         .mend = check_issuer_advice,
         .make =
             [](const Forge& forge) { return by_issuer(forge, with_other_slash(forge.issuer)); }},
        {.name = "issuer_list",
         .level = level,
         .source = "RFC 7519 section 4.1.1",
         .why = "\"iss\" is a string: in a list, an attacker's issuer can stand beside yours.",
         .mend = check_issuer_advice,
         .make = [](const Forge& forge) -> Forged {
             return forge.with_claim("iss", {forge.issuer, "https://other-issuer.invalid"});
         }},
        {.name = "no_issuer",
         .level = level,
         .source = "RFC 9068 section 2.2",
         .why = allows_other_issuers,
         .mend = check_issuer_advice,
         .make = [](const Forge& forge) -> Forged { return forge.with_claim("iss", Json()); }},
    };
    return cases;
}

const std::vector<DrillCase>& type_list() {
    static const std::string_view source = "RFC 9068 section 4, RFC 8725 section 3.11";
    constexpr auto level = DrillLevel::profile;
    static const std::vector<DrillCase> cases{
        {.name = "type_logout",
         .level = level,
         .source = source,
         .why = allows_other_types,
         .mend = check_type_advice,
         .make = [](const Forge& forge) -> Forged {
             return forge.with_header("typ", "logout+jwt");
         }},
        {.name = "type_jwt",
         .level = level,
         .source = source,
         .why = "An ID token, which many browsers and services see, passes for an access token.",
         .mend = check_type_advice,
         .make = [](const Forge& forge) -> Forged { return forge.with_header("typ", "JWT"); }},
        {.name = "no_type",
         .level = level,
         .source = source,
         .why = allows_other_types,
         .mend = check_type_advice,
         .make = [](const Forge& forge) -> Forged { return forge.with_header("typ", Json()); }},
    };
    return cases;
}

} // namespace

std::span<const DrillCase> time_cases() {
    static const std::string_view source = "RFC 7519 section 4.1.4";
    static const std::string_view eternal = "A token that was ever stolen opens the service for "
                                            "all time.";
    static const std::vector<DrillCase> cases{
        {.name = "expired_year",
         .source = source,
         .why = eternal,
         .mend = check_times_advice,
         .make = [](const Forge& forge) -> Forged {
             return with_times(forge, -one_year - forge.life, -one_year);
         }},
        {.name = "expired_hour",
         .source = source,
         .why = eternal,
         .mend = check_times_advice,
         .make = [](const Forge& forge) -> Forged {
             return with_times(forge, -one_hour - forge.life, -one_hour);
         }},
        {.name = "expired_second",
         .answer = RightAnswer::either,
         .level = DrillLevel::may,
         .source = source,
         .why = "Clocks differ: a service may allow for a minute or so.",
         .mend = "Nothing, if the service has a leeway that you know of.",
         .make = [](const Forge& forge) -> Forged {
             return with_times(forge, -forge.life, -Seconds(1));
         }},
        {.name = "not_yet_valid",
         .source = "RFC 7519 section 4.1.5",
         .why = "A token that is made for later opens the service now.",
         .mend = check_times_advice,
         .make = [](const Forge& forge) -> Forged {
             return forge.with_claim("nbf", unix_seconds(forge.now + one_year));
         }},
        {.name = "issued_in_future",
         .answer = RightAnswer::either,
         .level = DrillLevel::may,
         .source = "RFC 7519 section 4.1.6",
         .why = "RFC 7519 does not ask for a check of \"iat\".",
         .mend = "Nothing, unless you limit the age of tokens by \"iat\".",
         .make = [](const Forge& forge) -> Forged {
             return forge.with_claim("iat", unix_seconds(forge.now + one_year));
         }},
        // With a key that services trust these two would never expire.
        {.name = "no_expiry",
         .level = DrillLevel::profile,
         .source = "RFC 9068 section 2.2",
         .why = "A token without \"exp\" never ends.",
         .mend = "Require \"exp\": libraries check it only where it is present.",
         .make = [](const Forge& forge) -> Forged {
             if (!forge.kit)
                 return std::nullopt;
             return forge.with_claim("exp", Json());
         }},
        {.name = "expiry_as_text",
         .answer = RightAnswer::either,
         .level = DrillLevel::may,
         .source = "RFC 7519 section 4.1.4",
         .why = "\"exp\" is a number; a service that skips a text checks nothing.",
         .mend = "See that an expired text is refused as well.",
         .make = [](const Forge& forge) -> Forged {
             if (!forge.kit)
                 return std::nullopt;
             return forge.with_claim("exp", std::to_string(unix_seconds(forge.now + forge.life)));
         }},
    };
    return cases;
}

std::span<const DrillCase> claim_cases() {
    static const std::vector<DrillCase> all = [] {
        std::vector<DrillCase> cases = audience_list();
        for (const auto* more : {&issuer_list(), &type_list()})
            cases.insert(cases.end(), more->begin(), more->end());
        return cases;
    }();
    return all;
}

} // namespace auth
