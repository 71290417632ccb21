// What a database says of itself.
#pragma once

#include "core/store/database.h"

#include <string>

namespace auth::meta_table {

struct Meta {
    std::string database_id; // UUID
    std::string key_check;   // recognises the key file
    bool test = false;       // marked for ever as a test database
    Time created_at;
};

[[nodiscard]] Result<Meta> load(Database& database); // database_corrupt where it is incomplete
void store(Database& database, const Meta& meta);

} // namespace auth::meta_table
