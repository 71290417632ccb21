// What a SQLite database contains besides rows. A trigger or a view is code that runs with our
// rights, and nobody sees it in the rows: whatever the migrations did not make is refused.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace SQLite {
class Database;
}

namespace auth {

// One row of sqlite_master: the text is what SQLite keeps of CREATE and ALTER statements, and so
// tells of columns, constraints and generated columns as well.
struct SchemaObject {
    std::string type; // table, index, view or trigger
    std::string name;
    std::string table;
    std::string sql;                                       // empty for the index of a constraint
    auto operator<=>(const SchemaObject&) const = default; // NOLINT(modernize-use-nullptr)
};

// In order of type and name, without what SQLite keeps for itself: the statistics of ANALYZE and
// the counters of AUTOINCREMENT. Exceptions of SQLite pass.
[[nodiscard]] std::vector<SchemaObject> read_schema(SQLite::Database& database);
// What the migrations make up to a version, by running them in memory.
[[nodiscard]] std::vector<SchemaObject> expected_schema(int version);

// 64 hexadecimal digits.
[[nodiscard]] std::string schema_digest(const std::vector<SchemaObject>& objects);
// That of the newest version: a database that has it needs no migrations run to know it by. A unit
// test compares it with them.
[[nodiscard]] std::string_view newest_schema_digest();

// Says what differs from the schema of a version, as "trigger 'calm' on attempts"; nothing where
// nothing does.
[[nodiscard]] std::vector<std::string> schema_differences(SQLite::Database& database, int version);

} // namespace auth
