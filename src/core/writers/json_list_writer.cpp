#include "core/writers/json_list_writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {

void JsonListWriter::begin(std::string& out) {
    out += head_;
    out += '[';
}

void JsonListWriter::add(std::string& out, const UserRecord& user, LeftBehind& left) {
    out += std::exchange(any_, true) ? ",\n" : "\n";
    std::string text = element(user, left).dump();
    out += text;
    wipe(text);
}

void JsonListWriter::end(std::string& out) {
    out += any_ ? "\n]" : "]";
    out += tail_;
    out += '\n';
}

Json attributes_of(const UserRecord& user) {
    return Json::parse(user.attributes.value_or("{}"));
}

void put_profile(Json& object, const UserRecord& user,
                 std::initializer_list<std::string_view> names) {
    for (const ProfileField& field : profile_fields)
        if (const auto& value = user.*field.place;
            value && !value->empty() && std::ranges::find(names, field.name) != names.end())
            object[std::string(field.name)] = *value;
}

} // namespace auth
