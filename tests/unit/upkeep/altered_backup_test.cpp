// Whatever anybody makes of a sealed backup, it is not restored.
#include "core/store/copy_table.h"
#include "support/backed_realm.h"
#include "support/catch.h"
#include "support/figures.h"
#include "support/files.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <array>
#include <random>

using namespace auth;
using test::Backed;

namespace {

// What somebody who keeps backups may do to the schema; {0} is a table, {1} one of its columns.
constexpr auto schema_edits = std::to_array<const char*>({
    "CREATE TRIGGER planted AFTER INSERT ON {0} BEGIN DELETE FROM attempts; END",
    "CREATE TRIGGER planted BEFORE DELETE ON {0} BEGIN SELECT raise(IGNORE); END",
    "CREATE VIEW planted AS SELECT * FROM {0}",
    "CREATE INDEX planted ON {0} ({1})",
    "CREATE TABLE planted AS SELECT * FROM {0}",
    "ALTER TABLE {0} ADD COLUMN planted TEXT",
    "ALTER TABLE {0} RENAME TO planted",
    "ALTER TABLE {0} RENAME COLUMN {1} TO planted",
    "DROP TABLE {0}",
    "PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql = sql || ' ' WHERE name = '{0}'",
});

bool is_distrust(const Result<Restore>& prepared) {
    return !prepared && (prepared.error().code == ErrorCode::database_corrupt ||
                         prepared.error().code == ErrorCode::key_mismatch);
}

} // namespace

TEST_CASE("each byte of a backup is sealed, and so is its end") {
    Backed realm;
    REQUIRE(realm.back_up());
    const std::string whole = test::content(realm.file);
    REQUIRE(realm.prepare()->content().sealed);
    const auto refused_with = [&](const std::string& bytes) {
        realm.write_backup(bytes);
        const auto prepared = realm.prepare();
        return prepared ? ErrorCode::internal : prepared.error().code;
    };
    for (std::size_t at = 0; at < whole.size(); at += at + 300 < whole.size() ? 4099 : 1) {
        std::string bent = whole;
        bent[at] = static_cast<char>(bent[at] ^ 1);
        const ErrorCode code = refused_with(bent);
        CAPTURE(at);
        CHECK((code == ErrorCode::database_corrupt || code == ErrorCode::key_mismatch));
    }
    CHECK(refused_with(whole + "\n") == ErrorCode::database_corrupt);
    CHECK(refused_with(whole.substr(0, whole.size() - 1)) == ErrorCode::database_corrupt);
    CHECK(refused_with(whole.substr(0, whole.rfind("\nauth-cli.seal"))) ==
          ErrorCode::database_corrupt);
    realm.write_backup(whole);
    CHECK(realm.prepare());
}

TEST_CASE("a backup of which any bit was flipped is refused") {
    Backed realm;
    test::add_user(realm);
    REQUIRE(realm.back_up());
    const std::string whole = test::content(realm.file);
    std::mt19937_64 chance(20261130);
    for (std::size_t i = 0; i < test::figure(10'000, 100); ++i) {
        const std::size_t at = chance() % whole.size();
        std::string bent = whole;
        bent[at] = static_cast<char>(bent[at] ^ (1 << chance() % 8));
        realm.write_backup(bent);
        CAPTURE(at);
        CHECK(is_distrust(realm.prepare()));
    }
}

TEST_CASE("a backup whose schema was edited is refused whatever is said of the seal") {
    Backed realm;
    REQUIRE(realm.back_up());
    const std::string whole = test::content(realm.file);
    std::size_t edits = 0;
    const std::size_t step = test::figure(1, 7);
    for (const std::string_view table : copy_table::tables())
        for (const char* edit : schema_edits) {
            if (++edits % step != 0)
                continue;
            const std::string column = realm.database().columns(table).front().name;
            const std::string sql = fmt::format(fmt::runtime(edit), table, column);
            realm.write_backup(whole);
            SQLite::Database(realm.file.string(), SQLite::OPEN_READWRITE).exec(sql);
            CAPTURE(sql);
            CHECK(is_distrust(realm.prepare()));
            CHECK(is_distrust(realm.prepare_unsealed()));
        }
    CHECK(edits >= 200);
}
