#include "core/profile/profile.h"

#include "core/base/ids.h"
#include "core/base/text.h"

namespace auth {

Status check_line(const ProfileField& field, std::string_view value) {
    AUTH_CHECK(parse_line(field.name, value));
    return {};
}

Status check_username(const ProfileField& /*field*/, std::string_view value) {
    AUTH_CHECK(Username::parse(value));
    return {};
}

} // namespace auth
