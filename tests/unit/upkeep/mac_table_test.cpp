#include "core/store/copy_table.h"
#include "core/upkeep/mac_table.h"
#include "core/upkeep/sealed_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

using namespace auth;
using test::TestRealm;

namespace {

// Bytes that no key made: digests, and the salts of digests.
constexpr auto unkeyed = std::to_array<std::string_view>(
    {"sessions.refresh_hash", "audit.hash", "audit.salt", "audit.detail_digest", "audit_lanes.hash",
     "used_id_tokens.digest", "audit_archives.digest"});

std::set<std::string> known_columns() {
    std::set<std::string> known(unkeyed.begin(), unkeyed.end());
    for (const auto& each : sealed_table::columns())
        known.insert(std::string(each.table) + "." + std::string(each.column));
    for (const auto& each : mac_table::columns())
        known.insert(std::string(each.table) + "." + std::string(each.column));
    return known;
}

} // namespace

TEST_CASE("every column of bytes is sealed, a MAC, or known to need no key") {
    TestRealm realm;
    const std::set<std::string> known = known_columns();
    std::set<std::string> found;
    for (const std::string_view table : copy_table::tables())
        for (const TableColumn& column : realm.database().columns(table))
            if (column.type == TableColumn::Type::blob)
                found.insert(std::string(table) + "." + column.name);
    CHECK(found == known);
}

TEST_CASE("whatever has the name of a MAC is on the list") {
    TestRealm realm;
    const std::set<std::string> known = known_columns();
    for (const std::string_view table : copy_table::tables())
        for (const TableColumn& column : realm.database().columns(table))
            if (column.name == "mac" || column.name.ends_with("_mac"))
                CHECK(known.contains(std::string(table) + "." + column.name));
}

TEST_CASE("a column whose MAC key is kept is not touched, and every other one is") {
    for (const auto& column : mac_table::columns()) {
        CAPTURE(std::string(column.table));
        CHECK((column.fate == mac_table::Fate::kept) == outlives_rekey(column.purpose));
    }
}
