#include "core/store/sqlite/sqlite_schema.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/store/migrations.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace auth {
namespace {

// SQLite makes these tables by itself, with these words only.
constexpr auto own_tables = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"sqlite_sequence", "CREATE TABLE sqlite_sequence(name,seq)"},
    {"sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"},
    {"sqlite_stat2", "CREATE TABLE sqlite_stat2(tbl,idx,sampleno,sample)"},
    {"sqlite_stat3", "CREATE TABLE sqlite_stat3(tbl,idx,neq,nlt,ndlt,sample)"},
    {"sqlite_stat4", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"},
});

bool is_sqlites_own(const SchemaObject& object) {
    return object.type == "table" && object.table == object.name &&
           std::find(own_tables.begin(), own_tables.end(),
                     std::pair<std::string_view, std::string_view>(object.name, object.sql)) !=
               own_tables.end();
}

std::string spoken(const SchemaObject& object) {
    const bool is_virtual = object.sql.starts_with("CREATE VIRTUAL");
    const std::string on =
        object.table == object.name ? "" : fmt::format(" on {}", printable(object.table));
    return fmt::format("{}{} '{}'{}", is_virtual ? "virtual " : "", printable(object.type),
                       printable(object.name), on);
}

bool same_name(const SchemaObject& a, const SchemaObject& b) {
    return a.type == b.type && a.name == b.name;
}

bool has_name(const std::vector<SchemaObject>& objects, const SchemaObject& wanted) {
    return std::any_of(objects.begin(), objects.end(),
                       [&](const SchemaObject& each) { return same_name(each, wanted); });
}

bool has(const std::vector<SchemaObject>& objects, const SchemaObject& wanted) {
    return std::find(objects.begin(), objects.end(), wanted) != objects.end();
}

} // namespace

std::vector<SchemaObject> read_schema(SQLite::Database& database) {
    std::vector<SchemaObject> out;
    // By its old name: a table that somebody managed to call sqlite_schema would hide it.
    SQLite::Statement rows(database, "SELECT type, name, tbl_name, sql FROM main.sqlite_master");
    const auto text = [&](int column) { return rows.getColumn(column).getString(); };
    while (rows.executeStep()) {
        SchemaObject object{text(0), text(1), text(2), text(3)};
        if (!is_sqlites_own(object))
            out.push_back(std::move(object));
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::vector<SchemaObject> expected_schema(int version) {
    SQLite::Database database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    for (const auto& [name, sql] : sqlite_migrations())
        if (version_of(name) <= version)
            database.exec(std::string(sql));
    return read_schema(database);
}

std::string schema_digest(const std::vector<SchemaObject>& objects) {
    std::string all;
    for (const SchemaObject& object : objects)
        for (const std::string* part : {&object.type, &object.name, &object.table, &object.sql})
            all.append(std::to_string(part->size())).append(":").append(*part);
    return to_hex(sha256(all));
}

std::string_view newest_schema_digest() {
    return "265972ca78ed11d320e45cc27c94cecdb0ca1345239f5177de4a0e598da32012";
}

std::vector<std::string> schema_differences(SQLite::Database& database, int version) {
    const std::vector<SchemaObject> found = read_schema(database);
    if (version == newest_version(sqlite_migrations()) &&
        schema_digest(found) == newest_schema_digest())
        return {};
    const std::vector<SchemaObject> expected = expected_schema(version);
    std::vector<std::string> out;
    for (const SchemaObject& object : found)
        if (!has_name(expected, object))
            out.push_back(spoken(object));
    for (const SchemaObject& object : found)
        if (has_name(expected, object) && !has(expected, object))
            out.push_back(fmt::format("altered {}", spoken(object)));
    for (const SchemaObject& object : expected)
        if (!has_name(found, object))
            out.push_back(fmt::format("missing {}", spoken(object)));
    return out;
}

} // namespace auth
