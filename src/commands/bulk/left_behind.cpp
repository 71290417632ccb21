#include "commands/bulk/left_behind.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <vector>

namespace auth {
namespace {

struct Noun {
    std::string_view name;
    std::string_view one;
    std::string_view more;
};

constexpr Noun nouns[] = {
    {"users", "user", "users"},
    {"service_accounts", "service account", "service accounts"},
    {"computers", "computer", "computers"},
    {"deleted_accounts", "deleted account", "deleted accounts"},
    {"unusable_hashes", "unusable password hash", "unusable password hashes"},
    {"second_passwords", "second password", "second passwords"},
    {"second_factors", "second factor of another kind", "second factors of other kinds"},
    {"groups", "group membership", "group memberships"},
    {"client_roles", "client role", "client roles"},
    {"addresses", "further address", "further addresses"},
    {"expiry_dates", "expiry date", "expiry dates"},
    {"password_lifetimes", "password lifetime", "password lifetimes"},
    {"smart_card_rules", "rule that demands a smart card", "rules that demand a smart card"},
    {"user_permissions", "permission of a single user", "permissions of single users"},
    {"roles", "role", "roles"},
    {"attributes", "attribute", "attributes"},
    {"must_change_password", "duty to change the password", "duties to change the password"},
    {"disabled_reason", "reason for disabling", "reasons for disabling"},
    {"national_id", "national id", "national ids"},
    {"phone", "phone number", "phone numbers"},
    {"address", "postal address", "postal addresses"},
    {"username", "user name", "user names"},
    {"name", "name", "names"},
    {"verified", "verified mark", "verified marks"},
    {"hashes", "password hash", "password hashes"},
    {"mfa", "second factor", "second factors"},
    {"ids", "id", "ids"},
    {"identities", "identity", "identities"},
};

bool has_noun(const std::string& name) {
    return std::ranges::any_of(nouns, [&](const Noun& noun) { return noun.name == name; });
}

} // namespace

void add_to(LeftBehind& sum, const LeftBehind& more) {
    for (const auto& [name, count] : more)
        sum[name] += count;
}

Json left_behind_document(const LeftBehind& sum) {
    Json out = Json::object();
    for (const auto& [name, count] : sum)
        out[name] = count;
    return out;
}

std::string in_words(const LeftBehind& sum) {
    constexpr std::size_t most_names = 6;
    std::vector<std::string> parts;
    for (const Noun& noun : nouns)
        if (const auto found = sum.find(noun.name); found != sum.end())
            parts.push_back(
                fmt::format("{} {}", found->second, found->second == 1 ? noun.one : noun.more));
    std::vector<std::pair<std::string, std::int64_t>> others;
    for (const auto& entry : sum)
        if (!has_noun(entry.first))
            others.emplace_back(entry);
    std::ranges::stable_sort(others, std::ranges::greater(), &decltype(others)::value_type::second);
    for (std::size_t i = 0; i < std::min(others.size(), most_names); ++i)
        parts.push_back(fmt::format("{} {}", others[i].second, printable(others[i].first)));
    if (others.size() > most_names)
        parts.push_back(
            counted(static_cast<std::int64_t>(others.size() - most_names), "more kind"));
    return parts.empty() ? "" : fmt::format("left behind: {}", fmt::join(parts, ", "));
}

} // namespace auth
