#include "core/settings/profile_rules.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/settings/setting.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

tl::unexpected<Error> no_rule(std::string why) {
    return fail(ErrorCode::usage, std::move(why));
}

bool is_plain_path(std::string_view path) {
    const std::vector<std::string> parts = split(path, '/');
    return std::none_of(parts.begin(), parts.end(), [](const std::string& part) {
        return part == "." || part == ".." || part.find('*') != std::string::npos;
    });
}

Status check_rule_directory(const std::string& directory) {
    const bool placed =
        directory.starts_with('/') || directory == "~" || directory.starts_with("~/");
    if (!placed || !is_plain_path(directory) || !parse_line("directory", directory, 4096))
        return no_rule(fmt::format("the directory {} must start with / or ~/, without ., .. or *;"
                                   " all that is in it counts",
                                   in_quotes(directory)));
    return {};
}

Result<ProfileRule> parse_rule(const Json& json) {
    const std::string* directory = find_text(json, "directory");
    const std::string* profile = find_text(json, "profile");
    if (directory == nullptr || profile == nullptr || json.size() != 2)
        return no_rule(R"(each rule must be {"directory": "~/jobs/", "profile": "work"})");
    AUTH_CHECK(check_rule_directory(*directory));
    AUTH_TRY(std::string name, canonical_setting(setting<"profile">, *profile, false));
    return ProfileRule{*directory, std::move(name)};
}

} // namespace

Result<std::vector<ProfileRule>> parse_profile_rules(std::string_view json) {
    const auto list = parse_json(json);
    if (!list || !list->is_array())
        return no_rule(R"(must be a list: [{"directory": "~/jobs/", "profile": "work"}])");
    std::vector<ProfileRule> rules;
    for (const Json& one : *list) {
        AUTH_TRY(ProfileRule rule, parse_rule(one));
        const bool twice = std::any_of(rules.begin(), rules.end(), [&](const ProfileRule& other) {
            return other.directory == rule.directory;
        });
        if (twice)
            return no_rule(
                fmt::format("the directory {} has two rules", in_quotes(rule.directory)));
        rules.push_back(std::move(rule));
    }
    return rules;
}

std::string to_text(const std::vector<ProfileRule>& rules) {
    Json list = Json::array();
    for (const ProfileRule& rule : rules)
        list.push_back({{"directory", rule.directory}, {"profile", rule.profile}});
    return list.dump();
}

} // namespace auth
