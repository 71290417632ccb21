// Table login_places: where each user has logged in from.
#pragma once

#include "core/store/database.h"

#include <string_view>

namespace auth::login_places_table {

struct Known {
    bool any = false;      // the user has logged in before
    bool this_one = false; // from this place
};
// Places are MACs.
[[nodiscard]] Known look(Database& database, std::string_view user_id, std::string_view place);
// As Statement::expect, for look().
void expect(Database& database, std::string_view user_id, std::string_view place);
void insert(Database& database, std::string_view user_id, std::string_view place, Time now);

} // namespace auth::login_places_table
