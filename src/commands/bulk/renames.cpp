#include "commands/bulk/renames.h"

#include "core/base/json.h"
#include "core/base/private_file.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

Error wrong(std::string_view flag, std::string_view what) {
    return error(ErrorCode::usage, fmt::format("--{}: {}", flag, what))
        .with_field(std::string(flag));
}

Result<Json> read_json_file(std::string_view flag, std::string_view path) {
    AUTH_TRY(const Secret text, read_file(fmt::format("file of --{}", flag), path));
    auto parsed = parse_json(text.reveal());
    if (!parsed)
        return fail(wrong(flag, fmt::format("{}: {}", in_quotes(path), parsed.error().message)));
    return parsed;
}

Status add(Renames& renames, std::string_view flag, const std::string& theirs,
           const std::string& ours) {
    if (theirs.empty() || ours.empty())
        return fail(wrong(flag, "a name is empty"));
    if (!renames.emplace(theirs, ours).second)
        return fail(wrong(flag, fmt::format("{} is given twice", in_quotes(theirs))));
    return {};
}

Status add_from_file(Renames& renames, std::string_view flag, std::string_view path) {
    AUTH_TRY(const Json names, read_json_file(flag, path));
    if (!names.is_object())
        return fail(wrong(flag, fmt::format("{} is not a JSON object", in_quotes(path))));
    for (const auto& [theirs, ours] : names.items()) {
        if (!ours.is_string())
            return fail(wrong(flag, fmt::format("{} is not text", in_quotes(theirs))));
        AUTH_CHECK(add(renames, flag, theirs, ours.get<std::string>()));
    }
    return {};
}

} // namespace

Result<Renames> read_renames(std::string_view flag, const std::vector<std::string>& given) {
    Renames renames;
    for (const std::string& words : given) {
        if (words.starts_with('@')) {
            AUTH_CHECK(add_from_file(renames, flag, std::string_view(words).substr(1)));
            continue;
        }
        for (const std::string& pair : split(words, ',')) {
            const std::size_t equals = pair.rfind('=');
            if (equals == std::string::npos)
                return fail(wrong(flag, fmt::format("{} is not THEIRS=OURS", in_quotes(pair)))
                                .with_hint("names with commas are given as @FILE, a JSON object"));
            AUTH_CHECK(add(renames, flag, pair.substr(0, equals), pair.substr(equals + 1)));
        }
    }
    return renames;
}

Result<std::vector<std::string>> read_names(std::string_view flag,
                                            const std::vector<std::string>& given) {
    std::vector<std::string> names;
    for (const std::string& words : given) {
        if (!words.starts_with('@')) {
            std::ranges::move(split(words, ','), std::back_inserter(names));
            continue;
        }
        AUTH_TRY(const Json list, read_json_file(flag, std::string_view(words).substr(1)));
        if (!list.is_array() ||
            !std::ranges::all_of(list, [](const Json& name) { return name.is_string(); }))
            return fail(wrong(
                flag, fmt::format("{} is not a JSON list of texts", in_quotes(words.substr(1)))));
        for (const Json& name : list)
            names.push_back(name.get<std::string>());
    }
    if (std::ranges::find(names, "") != names.end())
        return fail(wrong(flag, "a name is empty"));
    return names;
}

} // namespace auth
