// A user as the database keeps it.
#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/profile/profile.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace auth {

using Attributes = std::map<std::string, std::string>;

struct User : Profile {
    std::string id;        // UUID
    std::string email;     // as given
    std::string email_key; // canonical
    Attributes attributes;
    std::vector<std::string> roles; // in order of name
    std::optional<Time> verified_at;
    std::optional<Time> disabled_at;
    std::string disabled_reason;
    bool must_change_password = false;
    std::int64_t session_epoch = 0;
    Time created_at;
    Time updated_at;
    std::optional<Time> last_login_at;
    bool mfa = false; // has a confirmed second factor
};

// Whether an attribute may be called so: 1 to 64 letters, digits, '.', '_' or '-', all ASCII.
[[nodiscard]] bool is_attribute_name(std::string_view key);

// Profile fields to set: nothing leaves a field alone, an empty text clears it.
struct ProfileChange : Profile {
    Attributes attributes; // an empty value removes the attribute
};

// Brings the change into the form in which it is stored. Fails with usage, naming the field, for
// control characters, invalid UTF-8 or over-long values.
[[nodiscard]] Status check_profile(ProfileChange& change);
// Applies the change and names the fields that differ afterwards.
std::vector<std::string> apply_profile(User& user, const ProfileChange& change);

} // namespace auth
