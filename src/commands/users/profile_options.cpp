#include "commands/users/profile_options.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {

void ProfileOptions::bind(Flags& flags) {
    for (const ProfileField& field : profile_fields)
        flags.option(field.flag, this->*field.place, field.value, field.help);
    flags.list("--set", sets, "KEY=VALUE", "set an attribute; may be repeated");
}

Result<ProfileChange> ProfileOptions::change() const {
    ProfileChange change{*this, {}};
    for (const std::string& set : sets) {
        const std::size_t equals = set.find('=');
        if (equals == std::string::npos)
            return fail(error(ErrorCode::usage,
                              fmt::format("'{}' is not KEY=VALUE", printable(set.substr(0, 80))))
                            .with_field("attributes"));
        const std::string key = set.substr(0, equals);
        if (!change.attributes.emplace(key, set.substr(equals + 1)).second)
            return fail(error(ErrorCode::usage,
                              fmt::format("the attribute {} is set twice", in_quotes(key)))
                            .with_field("attributes"));
    }
    return change;
}

} // namespace auth
