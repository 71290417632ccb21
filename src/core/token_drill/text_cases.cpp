#include "core/base/encoding.h"
#include "core/token_drill/drill_case.h"
#include "core/token_drill/forge.h"

#include <fmt/format.h>

#include <vector>

namespace auth {
namespace {

constexpr Seconds years_off = std::chrono::days{366};

constexpr std::string_view keep_extensions_out =
    "Refuse every token whose header has \"crit\", unless you support what it names.\n"
    "Some libraries ignore it: then look into the header yourself.";
constexpr std::string_view strict_json = "Refuse duplicate names, or use a parser that keeps the "
                                         "last of them.\nCheck claims and use them from one parse.";

// The object with one more member before all others.
std::string with_first_member(const Json& object, std::string_view name, const Json& value) {
    return fmt::format("{{\"{}\":{},{}", name, value.dump(), object.dump().substr(1));
}

// The object with one more member after all others.
std::string with_last_member(const Json& object, std::string_view name, const Json& value) {
    std::string text = object.dump();
    text.pop_back();
    return fmt::format("{},\"{}\":{}}}", text, name, value.dump());
}

Forged encrypted(const Forge& forge) {
    const std::string header = R"({"alg":"dir","enc":"A256GCM","cty":"JWT"})";
    return fmt::format("{}..{}.{}.{}", to_base64url(header), to_base64url(std::string(12, 'i')),
                       to_base64url(forge.claims.dump()), to_base64url(std::string(16, 't')));
}

Forged with_extensions(const Forge& forge, const char* name, const Json& value) {
    Json header = forge.header;
    header["crit"] = Json::array({name});
    header[name] = value;
    return forge.signed_json(header, forge.claims);
}

} // namespace

std::span<const DrillCase> control_cases() {
    static const std::vector<DrillCase> cases{
        {.name = "control",
         .answer = RightAnswer::accepted,
         .source = "RFC 7519 section 7.2",
         .why = "A token that is right in every respect must open the service.",
         .mend = "Give the service this database's keys ('key export'), issuer and\n"
                 "audience; see what it logs for this token.",
         .make = [](const Forge& forge) -> Forged { return forge.control(); }},
        {.name = "control_unknown_members",
         .answer = RightAnswer::accepted,
         .source = "RFC 7519 section 4, RFC 7515 section 4",
         .why = "Header members and claims that are not understood must be ignored.",
         .mend = "Check the members that you use, and nothing else.",
         .make = [](const Forge& forge) -> Forged {
             Json header = forge.header;
             Json claims = forge.claims;
             header["urn:auth-cli:drill"] = claims["urn:auth-cli:drill"] = "ignored";
             return forge.signed_json(header, claims);
         }},
        {.name = "control_audience_list",
         .answer = RightAnswer::accepted,
         .level = DrillLevel::profile,
         .source = "RFC 7519 section 4.1.3",
         .why = "A token may be for several services: then \"aud\" is a list.",
         .mend = "Accept a list that contains your audience.",
         .make = [](const Forge& forge) -> Forged {
             if (forge.audiences.empty())
                 return std::nullopt;
             return forge.with_claim("aud",
                                     {"https://other-service.invalid", forge.audiences.front()});
         }},
    };
    return cases;
}

std::span<const DrillCase> text_cases() {
    static const std::vector<DrillCase> cases{
        {.name = "not_a_token",
         .source = "RFC 7519 section 7.2",
         .why = "The service accepts any text at all.",
         .mend = "Verify the token before anything else.",
         .make = [](const Forge&) -> Forged { return "not.a.token"; }},
        {.name = "payload_is_a_list",
         .source = "RFC 7519 section 7.2",
         .why = "A payload that is not a JSON object has no claims, so none are checked.",
         .mend = "Refuse a payload that is not a JSON object.",
         .make = [](const Forge& forge) -> Forged {
             return forge.signed_text(forge.header.dump(), "[]");
         }},
        {.name = "duplicate_claim_last_bad",
         .source = "RFC 7519 section 4, RFC 7515 section 4",
         .why = "Two parsers that read different values can be played against each other.",
         .mend = strict_json,
         .make = [](const Forge& forge) -> Forged {
             return forge.signed_text(
                 forge.header.dump(),
                 with_last_member(forge.claims, "exp", unix_seconds(forge.now - years_off)));
         }},
        {.name = "duplicate_claim_last_good",
         .answer = RightAnswer::either,
         .level = DrillLevel::may,
         .source = "RFC 7519 section 4",
         .why = "A service may refuse duplicate names, or use the last of them.",
         .mend = "Nothing: RFC 7519 permits both.",
         .make = [](const Forge& forge) -> Forged {
             return forge.signed_text(
                 forge.header.dump(),
                 with_first_member(forge.claims, "exp", unix_seconds(forge.now - years_off)));
         }},
        {.name = "duplicate_header_last_good",
         .answer = RightAnswer::either,
         .level = DrillLevel::may,
         .source = "RFC 7515 section 4",
         .why = "A service may refuse duplicate names, or use the last of them.",
         .mend = "Nothing: RFC 7515 permits both.",
         .make = [](const Forge& forge) -> Forged {
             return forge.signed_text(with_first_member(forge.header, "alg", "none"),
                                      forge.claims.dump());
         }},
        {.name = "critical_extension",
         .source = "RFC 7515 section 4.1.11",
         .why = "The issuer says that this token must not be used without an extension.",
         .mend = keep_extensions_out,
         .make =
             [](const Forge& forge) { return with_extensions(forge, "urn:auth-cli:drill", 1); }},
        {.name = "critical_b64",
         .source = "RFC 7797 section 6, RFC 7515 section 4.1.11",
         .why = "What was signed and what is read can then be two different texts.",
         .mend = keep_extensions_out,
         .make = [](const Forge& forge) { return with_extensions(forge, "b64", false); }},
        {.name = "encrypted",
         .source = "RFC 7516 section 3, RFC 8725 section 3.2",
         .why = "Anybody can encrypt; a token is trusted for its signature.",
         .mend = "Accept tokens of three segments alone.",
         .make = encrypted},
        {.name = "oversized",
         .answer = RightAnswer::either,
         .level = DrillLevel::may,
         .source = "RFC 9110 section 5.4",
         .why = "A service that reads tokens of any length is easy to overload.",
         .mend = "Limit the size of tokens, or of headers, to what your issuer makes.",
         .make = [](const Forge& forge) -> Forged {
             return forge.with_claim("urn:auth-cli:drill", std::string(60'000, 'a'));
         }},
    };
    return cases;
}

} // namespace auth
