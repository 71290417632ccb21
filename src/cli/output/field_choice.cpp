#include "cli/output/field_choice.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

Error no_field(std::string_view name, const std::vector<std::string>& known) {
    return error(ErrorCode::not_found, fmt::format("there is no field {}", in_quotes(name)))
        .with_field("field")
        .with_hint(did_you_mean(name, known, "--json shows all fields"));
}

Error unknown_field(std::string_view name, const Json& document) {
    std::vector<std::string> known;
    if (document.is_object())
        for (const auto& [key, value] : document.items())
            known.push_back(key);
    return no_field(name, known);
}

} // namespace

Status check_fields(const OutputOptions& options) {
    std::vector<std::string> names;
    for (const Member& member : options.members)
        names.emplace_back(member.name);
    std::vector<std::string> asked = options.fields;
    if (!options.field.empty() && !options.field.starts_with('/') && options.field != "next_after")
        asked.push_back(options.field);
    for (const std::string& name : asked)
        if (!name.starts_with('/') &&
            std::find(names.begin(), names.end(), name.substr(0, name.find('.'))) == names.end())
            return fail(no_field(name, names));
    return {};
}

Result<const Json*> find_field(const Json& document, const std::string& name) {
    if (name.starts_with('/')) {
        try {
            return &document.at(Json::json_pointer(name));
        } catch (const Json::exception&) {
            return fail(unknown_field(name, document));
        }
    }
    const Json* place = &document;
    for (std::string_view rest = name; !rest.empty();) {
        const std::size_t dot = std::min(rest.find('.'), rest.size());
        const std::string key(rest.substr(0, dot));
        if (!place->is_object() || !place->contains(key))
            return fail(unknown_field(name, document));
        place = &(*place)[key];
        rest.remove_prefix(std::min(dot + 1, rest.size()));
    }
    return place;
}

Result<Json> pick_fields(const Json& record, const std::vector<std::string>& fields) {
    if (fields.empty())
        return record;
    Json picked = Json::object();
    for (const std::string& name : fields) {
        AUTH_TRY(const Json* value, find_field(record, name));
        picked[name] = *value;
    }
    return picked;
}

} // namespace auth
