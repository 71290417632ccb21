#include "core/base/text.h"
#include "core/federation/workload_rules.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::string_view separators = ":/";
constexpr std::size_t longest_patterns = 2048; // as JSON: what an index of either engine holds

// Every token is checked for them anyway, or has others each time.
constexpr auto checked_claims =
    std::to_array<std::string_view>({"iss", "aud", "exp", "nbf", "iat", "jti"});

tl::unexpected<Error> wrong_claim(std::string message, Hint hint = {}) {
    return fail(
        error(ErrorCode::usage, std::move(message)).with_field("claim").with_hint(std::move(hint)));
}

bool is_open(std::string_view pattern) {
    return pattern.ends_with('*');
}

// What everything that fits an open pattern begins with.
std::string_view beginning(std::string_view pattern) {
    return pattern.substr(0, pattern.size() - 1);
}

bool value_fits(std::string_view pattern, std::string_view value) {
    if (!is_open(pattern))
        return value == pattern;
    const std::string_view start = beginning(pattern);
    return value.size() > start.size() && value.starts_with(start);
}

bool pattern_is_narrower(std::string_view first, std::string_view second) {
    if (!is_open(first))
        return value_fits(second, first);
    return is_open(second) && beginning(first).starts_with(beginning(second));
}

Status check_pattern(const std::string& name, const std::string& pattern) {
    AUTH_CHECK(parse_line("claim", name));
    AUTH_CHECK(parse_line("claim", pattern));
    if (std::ranges::find(checked_claims, name) != checked_claims.end())
        return wrong_claim(
            fmt::format("a rule cannot name {}: every ID token is checked for it", name));
    const std::size_t star = pattern.find('*');
    if (star == std::string::npos)
        return {};
    const bool at_end = star + 1 == pattern.size();
    if (at_end && star > 0 && separators.find(pattern[star - 1]) != std::string_view::npos)
        return {};
    return wrong_claim(fmt::format("invalid pattern {} for {}: it may have one '*', at its end,"
                                   " after ':' or '/'",
                                   in_quotes(pattern), in_quotes(name)));
}

// "repo:*" is everybody who has a repository there.
bool says_who(const ClaimPatterns& patterns) {
    const std::string& subject = patterns.at("sub");
    if (!is_open(subject) || subject.find_first_of(separators) + 2 < subject.size())
        return true;
    return std::ranges::any_of(patterns, [](const auto& claim) { return !is_open(claim.second); });
}

} // namespace

Result<ClaimPatterns> parse_claim_patterns(const std::vector<std::string>& words) {
    ClaimPatterns patterns;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == word.size())
            return wrong_claim(
                fmt::format("invalid claim {}: must be NAME=VALUE", in_quotes(word)));
        const std::string name = word.substr(0, equals);
        const std::string pattern = word.substr(equals + 1);
        AUTH_CHECK(check_pattern(name, pattern));
        if (!patterns.emplace(name, pattern).second)
            return wrong_claim(fmt::format("the claim {} is given twice", in_quotes(name)));
    }
    if (!patterns.contains("sub"))
        return wrong_claim("a rule must name the claim sub: who the workload is at its issuer",
                           "--claim sub=VALUE");
    if (!says_who(patterns))
        return wrong_claim(
            fmt::format("{} fits every workload of the issuer", in_quotes(patterns.at("sub"))),
            "name more of sub, or a further claim in full");
    if (Json(patterns).dump().size() > longest_patterns)
        return wrong_claim(
            fmt::format("the claims of a rule take at most {} bytes together", longest_patterns));
    return patterns;
}

bool fits(const ClaimPatterns& patterns, const Json& claims) {
    return std::ranges::all_of(patterns, [&](const auto& wanted) {
        const std::string* value = find_text(claims, wanted.first);
        return value != nullptr && value->size() <= longest_line &&
               value_fits(wanted.second, *value);
    });
}

bool is_narrower(const ClaimPatterns& first, const ClaimPatterns& second) {
    return std::ranges::all_of(second, [&](const auto& other) {
        const auto same = first.find(other.first);
        return same != first.end() && pattern_is_narrower(same->second, other.second);
    });
}

const WorkloadRule* narrowest(const std::vector<WorkloadRule>& rules) {
    const auto found = std::ranges::find_if(rules, [&](const WorkloadRule& rule) {
        return std::ranges::all_of(rules, [&](const WorkloadRule& other) {
            return is_narrower(rule.claims, other.claims);
        });
    });
    return found == rules.end() ? nullptr : &*found;
}

} // namespace auth
