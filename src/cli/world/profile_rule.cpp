#include "cli/world/profile_rule.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

namespace auth {
namespace {

namespace fs = std::filesystem;

bool contains(const fs::path& directory, const fs::path& here) {
    return std::mismatch(directory.begin(), directory.end(), here.begin(), here.end()).first ==
           directory.end();
}

// Without a slash at its end, which would be one part more.
fs::path tidy(const fs::path& path) {
    fs::path normal = path.lexically_normal();
    return normal.has_filename() || normal == normal.root_path() ? normal : normal.parent_path();
}

// Empty for a rule that names no directory here.
fs::path directory_of_rule(const ProfileRule& rule, const fs::path& home) {
    if (!rule.directory.starts_with('~'))
        return tidy(rule.directory);
    if (!home.is_absolute())
        return {};
    return tidy(home.string() + rule.directory.substr(1));
}

std::optional<ProfileRule> longest(const std::vector<ProfileRule>& rules, const fs::path& here,
                                   const fs::path& home) {
    std::optional<ProfileRule> found;
    std::ptrdiff_t depth = 0;
    for (const ProfileRule& rule : rules) {
        const fs::path directory = directory_of_rule(rule, home);
        const auto parts = std::distance(directory.begin(), directory.end());
        if (directory.empty() || parts < depth || !contains(directory, here))
            continue;
        found = rule;
        depth = parts;
    }
    return found;
}

} // namespace

std::optional<ProfileRule> rule_for(const std::vector<ProfileRule>& rules,
                                    const Surroundings& surroundings) {
    const fs::path here = rules.empty() ? fs::path() : surroundings.directory();
    if (!here.is_absolute())
        return std::nullopt;
    std::error_code failed;
    const fs::path home = fs::canonical(surroundings.home, failed);
    if (auto found = longest(rules, here, failed ? surroundings.home : home))
        return found;
    const fs::path named = surroundings.variable("PWD");
    const bool good = named.is_absolute() && named == tidy(named) && named != here;
    if (!good || !fs::equivalent(named, here, failed) || failed)
        return std::nullopt;
    return longest(rules, named, surroundings.home);
}

} // namespace auth
