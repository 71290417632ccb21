// What others have made of our tables on a PostgreSQL server that changes nothing that is read or
// written: indexes and views. Opening the database refuses the rest.
#pragma once

#include "core/store/database.h"

#include <string>
#include <vector>

namespace auth::foreign_objects_table {

struct Object {
    std::string kind; // "index", "view" or "materialized view"
    std::string name; // as SQL spells it, with its schema where that is not ours
    std::string table;
};
// In order of kind and name; nothing in a SQLite database.
[[nodiscard]] std::vector<Object> list(Database& database);

} // namespace auth::foreign_objects_table
