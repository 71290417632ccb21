// What a format has no place for, counted by the one table of a user's fields.
#pragma once

#include "core/formats/user_record.h"

#include <string_view>
#include <vector>

namespace auth {

// Counts each field that the user has and the format does not keep: flags that are set, the
// elements of lists and objects. The address and what is auth-cli's alone (ids, times) are not
// counted.
void leave_out(const UserRecord& user, const std::vector<std::string_view>& kept, LeftBehind& left);

} // namespace auth
