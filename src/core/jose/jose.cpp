#include "core/jose/jose.h"

#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/jose/numeric_date.h"
#include "core/jose/reason.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace auth {
namespace {

constexpr std::size_t max_token_size = 64UL * 1024;
constexpr std::size_t max_header_size = 8UL * 1024;
constexpr double issue_slack = 60;

Result<Json> parse_object(std::string_view what, std::string_view text) {
    return object_of(what, parse_json(text, max_token_depth));
}

// The two largest units of a span of at least 0: "3m12s". Anything a double can hold.
std::string to_distance(double span) {
    constexpr double century = 100.0 * 365 * 86400;
    if (span >= century)
        return "more than 100 years";
    struct Unit {
        std::int64_t seconds;
        char name;
    };
    constexpr std::array<Unit, 4> units{{{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}}};
    auto rest = static_cast<std::int64_t>(std::ceil(span));
    const auto* unit = std::ranges::find_if(
        units, [&](const Unit& candidate) { return rest >= candidate.seconds; });
    if (unit == units.end())
        return "0s";
    std::string out = fmt::format("{}{}", rest / unit->seconds, unit->name);
    rest %= unit->seconds;
    if (++unit != units.end() && rest >= unit->seconds)
        out += fmt::format("{}{}", rest / unit->seconds, unit->name);
    return out;
}

// "application/" may be left out of a media type (RFC 7515 section 4.1.9), and case says nothing.
std::string media_type(std::string_view type) {
    constexpr std::string_view prefix = "application/";
    std::string lower = lower_ascii(type);
    return lower.starts_with(prefix) ? lower.substr(prefix.size()) : lower;
}

// A claim of type StringOrURI under an exact rule, which may be absent.
void check_text(std::vector<Problem>& problems, const Json& claims, const std::string& claim,
                const std::optional<std::string>& wanted, Reason mismatch) {
    const Json* value = find_member(claims, claim);
    if (value == nullptr) {
        if (wanted)
            problems.push_back(
                because(Reason::missing_claim, claim, fmt::format("no \"{}\"", claim)));
    } else if (!value->is_string()) {
        problems.push_back(
            because(Reason::bad_claim, claim, fmt::format("\"{}\" is not a string", claim)));
    } else if (const auto& given = value->get_ref<const std::string&>();
               wanted && given != *wanted) {
        problems.push_back(because(
            mismatch, claim, fmt::format("{}, not {}", in_quotes(given), in_quotes(*wanted))));
    }
}

void check_audience(std::vector<Problem>& problems, const Json& claims, const ClaimRules& rules) {
    const auto& wanted = rules.audience;
    const Json* value = find_member(claims, "aud");
    if (value == nullptr) {
        if (wanted && !rules.audience_optional)
            problems.push_back(because(Reason::missing_claim, "aud", "no \"aud\""));
        return;
    }
    const auto is_string = [](const Json& item) { return item.is_string(); };
    if (!value->is_string() &&
        !(value->is_array() && std::all_of(value->begin(), value->end(), is_string))) {
        problems.push_back(
            because(Reason::bad_claim, "aud", "\"aud\" is neither a string nor a list of them"));
        return;
    }
    const auto named = [&](const Json& item) {
        return item.get_ref<const std::string&>() == *wanted;
    };
    if (wanted &&
        !(value->is_string() ? named(*value) : std::any_of(value->begin(), value->end(), named)))
        problems.push_back(
            because(Reason::wrong_audience, "aud", fmt::format("not for {}", in_quotes(*wanted))));
}

void check_type(std::vector<Problem>& problems, const Json& header, const std::string& wanted) {
    const std::string* given = find_text(header, "typ");
    if (given == nullptr || media_type(*given) != media_type(wanted))
        problems.push_back(
            because(Reason::wrong_type, "typ",
                    fmt::format("{}, not {}", given != nullptr ? in_quotes(*given) : "no type",
                                in_quotes(wanted))));
}

// A security event, such as a notice of a logout, tells by this claim what it is, whatever its
// type: an object whose names are URIs (RFC 8417 section 2.2).
bool tells_events(const Json& claims) {
    const Json* events = find_member(claims, "events");
    if (events == nullptr || !events->is_object())
        return false;
    const auto named = events->items();
    return std::any_of(named.begin(), named.end(), [](const auto& event) {
        return event.key().find(':') != std::string::npos;
    });
}

void check_purpose(std::vector<Problem>& problems, const Json& header, const Json& claims,
                   std::span<const std::string_view> passing) {
    const std::string* given = find_text(header, "typ");
    if (passing.empty())
        return;
    if (tells_events(claims))
        problems.push_back(
            because(Reason::wrong_type, "events", "a security event was made for another purpose"));
    else if (given != nullptr && std::ranges::find(passing, media_type(*given)) == passing.end())
        problems.push_back(
            because(Reason::wrong_type, "typ",
                    fmt::format("{} was made for another purpose", in_quotes(*given))));
}

std::optional<double> time_claim(std::vector<Problem>& problems, const Json& claims,
                                 const std::string& claim) {
    const Json* value = find_member(claims, claim);
    if (value == nullptr)
        return std::nullopt;
    const auto date = numeric_date(*value);
    if (!date)
        problems.push_back(
            because(Reason::bad_claim, claim, fmt::format("\"{}\" is not a time", claim)));
    return date;
}

void check_times(std::vector<Problem>& problems, const Json& claims, const ClaimRules& rules) {
    const auto now = static_cast<double>(unix_seconds(rules.now));
    const auto leeway =
        static_cast<double>(std::clamp(rules.leeway, Seconds{0}, max_leeway).count());

    if (find_member(claims, "exp") == nullptr)
        problems.push_back(because(Reason::missing_claim, "exp", "no \"exp\""));
    else if (const auto exp = time_claim(problems, claims, "exp"); exp && now >= *exp + leeway)
        problems.push_back(because(
            Reason::expired, "exp",
            now > *exp ? fmt::format("expired {} ago", to_distance(now - *exp)) : "expired now"));

    if (const auto nbf = time_claim(problems, claims, "nbf"); nbf && now + leeway < *nbf)
        problems.push_back(because(Reason::not_yet_valid, "nbf",
                                   fmt::format("valid in {}", to_distance(*nbf - now))));

    if (const auto iat = time_claim(problems, claims, "iat"); iat && *iat > now + issue_slack)
        problems.push_back(
            because(Reason::issued_in_future, "iat",
                    fmt::format("issued {} in the future", to_distance(*iat - now))));
}

void check_algorithm(std::vector<Problem>& problems, const Json& header) {
    const Json* value = find_member(header, "alg");
    if (value == nullptr)
        problems.push_back(because(Reason::missing_algorithm, "alg", "no algorithm"));
    else if (!value->is_string())
        problems.push_back(because(Reason::bad_header, "alg", "\"alg\" is not a string"));
    else if (const auto& name = value->get_ref<const std::string&>(); lower_ascii(name) == "none")
        problems.push_back(because(Reason::unsecured, "alg", "not signed"));
    else if (!parse_algorithm(name))
        problems.push_back(because(Reason::unknown_algorithm, "alg",
                                   fmt::format("{} is not supported", in_quotes(name))));
}

// No extension is understood, so any "crit" is one too many, well formed or not (RFC 7515 section
// 4.1.11). Unencoded payloads (RFC 7797) are refused even where "crit" forgets them.
void check_extensions(std::vector<Problem>& problems, const Json& header) {
    if (const Json* critical = find_member(header, "crit"); critical != nullptr) {
        const bool named =
            critical->is_array() && !critical->empty() && critical->front().is_string();
        problems.push_back(
            because(Reason::critical_header, "crit",
                    named ? fmt::format("needs {}, which is not supported",
                                        in_quotes(critical->front().get_ref<const std::string&>()))
                          : "\"crit\" is not a list of names"));
    }
    if (const Json* encoded = find_member(header, "b64"); encoded != nullptr && *encoded != true)
        problems.push_back(
            because(Reason::critical_header, "b64", "unencoded payloads are not supported"));
}

} // namespace

Result<std::array<std::string_view, 3>> cut_token(std::string_view text) {
    if (text.size() > max_token_size)
        return refuse(Reason::too_long, fmt::format("the token is over {} bytes", max_token_size));
    const auto dots = std::ranges::count(text, '.');
    if (dots == 4)
        return refuse(Reason::encrypted, "the token is encrypted (a JWE), which is not supported");
    if (dots != 2)
        return refuse(Reason::malformed, "the token is not three segments with dots between them");
    const std::size_t first = text.find('.');
    const std::size_t second = text.rfind('.');
    return std::array{text.substr(0, first), text.substr(first + 1, second - first - 1),
                      text.substr(second + 1)};
}

Result<Json> object_of(std::string_view what, Result<Json> parsed) {
    if (!parsed) {
        const bool duplicate = parsed.error().reason == to_name(Reason::duplicate_member);
        return refuse(duplicate ? Reason::duplicate_member : Reason::malformed,
                      fmt::format("the token's {}: {}", what, parsed.error().message));
    }
    if (!parsed->is_object())
        return refuse(Reason::malformed, fmt::format("the token's {} is not a JSON object", what));
    return parsed;
}

Result<Segments> split_token(std::string_view text) {
    AUTH_TRY(const auto parts, cut_token(text));
    const auto& [header, payload, signature] = parts;
    AUTH_TRY(auto decoded, decode_segment("signature", signature));
    return Segments{header, payload, text.substr(0, header.size() + 1 + payload.size()),
                    std::move(decoded)};
}

Result<std::string> decode_segment(std::string_view what, std::string_view segment) {
    auto decoded = from_base64url(segment);
    if (!decoded)
        return refuse(Reason::malformed,
                      fmt::format("the token's {} is not canonical base64url", what));
    return *std::move(decoded);
}

Result<Json> parse_header(std::string_view segment) {
    AUTH_TRY(const std::string decoded, decode_segment("header", segment));
    if (decoded.size() > max_header_size)
        return refuse(Reason::too_long,
                      fmt::format("the token's header is over {} bytes", max_header_size));
    return parse_object("header", decoded);
}

Result<Json> parse_claims(std::string_view payload) {
    return parse_object("payload", payload);
}

Result<Token> parse_token(std::string_view text) {
    AUTH_TRY(Segments segments, split_token(text));
    AUTH_TRY(auto header, parse_header(segments.header));
    AUTH_TRY(const std::string payload, decode_segment("payload", segments.payload));
    AUTH_TRY(auto claims, parse_claims(payload));
    return Token{std::move(header), std::move(claims), std::string(segments.signing_input),
                 std::move(segments.signature)};
}

std::vector<Problem> check_header(const Json& header) {
    std::vector<Problem> problems;
    check_algorithm(problems, header);
    for (const char* name : {"typ", "cty", "kid"})
        if (const Json* value = find_member(header, name); value != nullptr && !value->is_string())
            problems.push_back(
                because(Reason::bad_header, name, fmt::format("\"{}\" is not a string", name)));
    check_extensions(problems, header);
    return problems;
}

std::vector<std::string> keys_in_header(const Json& header) {
    std::vector<std::string> names;
    for (const char* name : {"jwk", "jku", "x5u", "x5c"})
        if (find_member(header, name) != nullptr)
            names.emplace_back(name);
    return names;
}

std::optional<Problem> check_signature(const Json& header, std::string_view signing_input,
                                       std::string_view signature, const VerificationKey& key) {
    const std::string* name = find_text(header, "alg");
    if (name == nullptr || parse_algorithm(*name) != key.algorithm())
        return because(Reason::wrong_algorithm, "alg",
                       fmt::format("{}, but the key is for {}",
                                   name != nullptr ? in_quotes(*name) : "no algorithm",
                                   to_name(key.algorithm())));
    if (!key.verify(signing_input, signature))
        return because(Reason::bad_signature, "", "the signature does not match");
    return std::nullopt;
}

std::vector<Problem> check_claims(const Json& header, const Json& claims, const ClaimRules& rules) {
    std::vector<Problem> problems;
    if (rules.type)
        check_type(problems, header, *rules.type);
    else
        check_purpose(problems, header, claims, rules.types);
    check_times(problems, claims, rules);
    check_text(problems, claims, "iss", rules.issuer, Reason::wrong_issuer);
    check_audience(problems, claims, rules);
    check_text(problems, claims, "sub", rules.subject, Reason::wrong_subject);
    check_text(problems, claims, "jti", std::nullopt, Reason::bad_claim);
    return problems;
}

std::optional<Time> time_of_issue(std::vector<Problem>& problems, const Json& claims, Time now) {
    const bool dated = find_member(claims, "iat") != nullptr;
    const char* const claim = dated ? "iat" : "signedDate";
    if (find_member(claims, claim) == nullptr)
        return now;
    auto issued = time_claim(problems, claims, claim);
    if (!issued)
        return std::nullopt;
    if (!dated)
        *issued /= 1000; // milliseconds
    const double ahead = *issued - static_cast<double>(unix_seconds(now));
    if (ahead > issue_slack)
        problems.push_back(because(Reason::issued_in_future, claim,
                                   fmt::format("issued {} in the future", to_distance(ahead))));
    else if (*issued < 0)
        problems.push_back(
            because(Reason::bad_claim, claim, fmt::format("\"{}\" is before 1970", claim)));
    else
        return from_unix_seconds(static_cast<std::int64_t>(*issued));
    return std::nullopt;
}

bool is_access_token(const Json& header) {
    const std::string* type = find_text(header, "typ");
    return type != nullptr && media_type(*type) == access_type;
}

bool is_ours(const KeyOrigin& origin, const Json& header, const Json& claims) {
    if (!origin.signs_here)
        return false;
    const std::string* issuer = find_text(claims, "iss");
    const bool claimed = issuer != nullptr && *issuer == origin.own_issuer;
    return !origin.others || claimed || is_access_token(header);
}

void check_origin(std::vector<Problem>& problems, const Json& header, const Json& claims,
                  const KeyOrigin& origin) {
    // The caller's rules may have found the same.
    const auto found = [&](const char* claim) {
        return std::ranges::find(problems, claim, &Problem::claim) != problems.end();
    };
    if (is_access_token(header) && !found("typ"))
        problems.push_back(because(
            Reason::wrong_type, "typ",
            fmt::format("{}, by a key of another service", in_quotes(*find_text(header, "typ")))));
    if (found("iss"))
        return;
    const auto refuse_issuer = [&](std::string detail) {
        problems.push_back(because(Reason::wrong_issuer, "iss", std::move(detail)));
    };
    const std::string* issuer = find_text(claims, "iss");
    if (!origin.others)
        return refuse_issuer("its key speaks for no issuer");
    if (issuer == nullptr && origin.others->empty())
        return;
    if (issuer == nullptr)
        problems.push_back(because(Reason::missing_claim, "iss", "no \"iss\""));
    else if (*issuer == origin.own_issuer)
        refuse_issuer(fmt::format("{}, by a key of another service", in_quotes(*issuer)));
    else if (origin.others->empty() || issuer->empty())
        refuse_issuer(fmt::format("{}, but its key is for tokens without one", in_quotes(*issuer)));
    else if (*origin.others != any_issuer && *issuer != *origin.others)
        refuse_issuer(fmt::format("{}, but its key is for {}", in_quotes(*issuer),
                                  in_quotes(*origin.others)));
}

std::string token_status(const std::vector<Problem>& problems) {
    const auto only = [&](std::initializer_list<Reason> reasons) {
        return std::ranges::all_of(problems, [&](const Problem& problem) {
            return std::ranges::any_of(reasons, [&](Reason reason) { return is(problem, reason); });
        });
    };
    if (problems.empty())
        return "valid";
    if (only({Reason::expired}))
        return "expired";
    // A clock that is behind sees "iat" ahead as well.
    const bool early = std::ranges::any_of(
        problems, [](const Problem& problem) { return is(problem, Reason::not_yet_valid); });
    return early && only({Reason::not_yet_valid, Reason::issued_in_future}) ? "not_yet_valid"
                                                                            : "invalid";
}

std::string sign_token(const SigningKey& key, std::string_view type, const Json& claims) {
    Json header{{"alg", to_name(key.algorithm())}};
    if (!type.empty())
        header["typ"] = type;
    if (!key.kid().empty())
        header["kid"] = key.kid();
    std::string token = to_base64url(header.dump()) + "." + to_base64url(claims.dump());
    token += "." + to_base64url(key.sign(token));
    return token;
}

} // namespace auth
