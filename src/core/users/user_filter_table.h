// A filter in SQL.
#pragma once

#include "core/store/database.h"
#include "core/users/user_filter.h"

namespace auth::user_filter_table {

// A condition on a row of users; its placeholders count on from the number it was given. What the
// user typed stands only in the values.
struct Condition {
    std::string sql;
    std::vector<std::variant<std::int64_t, std::string>> values;

    // Binds the values from `position` on.
    void bind(Statement& statement, int position) const;
};
[[nodiscard]] Condition condition(Database& database, const UserFilter& filter, int first_position);

} // namespace auth::user_filter_table
