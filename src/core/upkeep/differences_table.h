// In what one database differs from another, for people: two files of SQLite, through one
// connection.
#pragma once

#include "core/store/database.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace auth::differences_table {

struct Difference {
    std::string object; // user, password, second factor, role, setting, key, provider, identity
    std::string name;   // "admin of ann@example.org"
    std::string change; // "added", "removed", "changed"
};

// Makes another database, of the same schema version, readable through the connection, under the
// name `present`. With an empty path it is one without rows. Call outside of a Transaction.
void attach(Database& database, const std::filesystem::path& present);

// What the database has that `present` has not, or has otherwise, or lacks; of each kind of object
// at most 100, and then one that says that there are more.
[[nodiscard]] std::vector<Difference> find(Database& database);

} // namespace auth::differences_table
