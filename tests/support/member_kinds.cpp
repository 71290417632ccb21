#include "support/member_kinds.h"

#include "commands/registry.h"
#include "core/base/clock.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth::test {
namespace {

const Command* command_of(const std::vector<std::string>& arguments) {
    if (arguments.empty())
        return nullptr;
    const Command* whole =
        arguments.size() > 1 ? commands().find(arguments[0] + " " + arguments[1]) : nullptr;
    return whole != nullptr ? whole : commands().find(arguments[0]);
}

bool fits(MemberKind kind, const Json& value) {
    switch (kind) {
    case MemberKind::text:
        return value.is_string();
    case MemberKind::time:
        return value.is_string() && parse_rfc3339(value.get<std::string>()).has_value();
    case MemberKind::number:
        return value.is_number();
    case MemberKind::boolean:
        return value.is_boolean();
    case MemberKind::object:
        return value.is_object();
    case MemberKind::list:
        return value.is_array();
    case MemberKind::any:
        return true;
    }
    return false;
}

bool is_records(const Json& value) {
    return value.is_array() && std::all_of(value.begin(), value.end(),
                                           [](const Json& element) { return element.is_object(); });
}

std::string wrong_in(const Command& command, const Json& document, bool may_be_list) {
    for (const auto& [name, value] : document.items()) {
        const auto known = std::find_if(command.fields.begin(), command.fields.end(),
                                        [&](const Member& each) { return each.name == name; });
        if (known != command.fields.end() && !value.is_null() && !fits(known->kind, value))
            return name + ": " + value.dump();
        if (known != command.fields.end() || !may_be_list || !is_records(value))
            continue;
        for (const Json& record : value)
            if (auto wrong = wrong_in(command, record, false); !wrong.empty())
                return wrong;
    }
    return "";
}

} // namespace

std::string wrong_member(const std::vector<std::string>& arguments, const std::string& out) {
    const Command* const command = command_of(arguments);
    if (command == nullptr || !out.starts_with('{'))
        return "";
    const auto document = parse_json(out, 64);
    return document && document->is_object() ? wrong_in(*command, *document, true) : "";
}

} // namespace auth::test
