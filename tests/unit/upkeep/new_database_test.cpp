#include "core/audit/audit.h"
#include "core/base/private_file.h"
#include "core/keys/signing_keys_table.h"
#include "core/settings/setting.h"
#include "core/settings/settings_table.h"
#include "core/store/meta_table.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/upkeep/new_database.h"
#include "support/at_once.h"
#include "support/catch.h"
#include "support/fakes.h"
#include "support/files.h"
#include "support/temp_directory.h"

#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace auth;
using test::mode_of;
namespace fs = std::filesystem;

namespace {

struct Place {
    test::TempDirectory directory;
    test::FixedClock clock;
    test::SeededRandom random;
    Settings settings;
    fs::path path = directory / "new/auth.db";
    NewDatabase wanted{.key = directory / "new/auth.key", .actor = [] { return "os:tester"; }};

    Result<NewKey::Existing> make() { return make_database(path, wanted, settings, clock, random); }
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(path.parent_path()), fs::directory_iterator()));
    }
};

} // namespace

TEST_CASE("a new database is whole: schema, key and first signing key") {
    Place place;
    REQUIRE(place.make());
    CHECK(place.files() == 2);
    const auto database = SqliteDatabase::open(place.path).value();
    const auto meta = meta_table::load(*database).value();
    CHECK_FALSE(meta.test);
    CHECK(meta.created_at == place.clock.now());
    CHECK(meta.database_id.size() == 36);
    CHECK(Vault(place.wanted.key.file(), meta.database_id, meta.key_check).require_key());
    const auto keys = signing_keys_table::list(*database);
    REQUIRE(keys.size() == 1);
    CHECK(keys.front().algorithm == "ES256");
    CHECK(keys.front().state(place.clock.now()) == KeyState::active);
    CHECK(database->integrity_problems().empty());
    CHECK(verify_audit(*database).problem.empty());
    CHECK(verify_audit(*database).rows == 2);
}

TEST_CASE("files are closed to others whatever the umask") {
    Place place;
    const mode_t before = ::umask(0);
    const auto made = place.make();
    ::umask(before);
    REQUIRE(made);
    CHECK(mode_of(place.path.parent_path()) == 0700);
    CHECK(mode_of(place.path) == 0600);
    CHECK(mode_of(place.wanted.key.file()) == 0600);
    CHECK(fs::file_size(place.wanted.key.file()) == 32);
}

TEST_CASE("a test database is marked as one, and makes nobody wait") {
    const bool test = GENERATE(true, false);
    Place place;
    place.wanted.test = test;
    REQUIRE(place.make());
    const auto database = SqliteDatabase::open(place.path).value();
    CHECK(meta_table::load(*database)->test == test);
    place.settings.set_layer(SettingSource::database, settings_table::load(*database));
    CHECK(place.settings.get(setting<"lockout.waits">) == !test);
}

TEST_CASE("whatever has the database's name keeps it") {
    for (const char* kind : {"file", "directory", "link", "dangling link"}) {
        CAPTURE(kind);
        Place place;
        fs::create_directory(place.directory / "new");
        if (kind == std::string("file"))
            std::ofstream(place.path) << "mine";
        else if (kind == std::string("directory"))
            fs::create_directory(place.path);
        else
            fs::create_symlink(kind == std::string("link") ? "/dev/null" : "nowhere", place.path);
        const auto refused = place.make();
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::exists);
        CHECK(place.files() == 1);
    }
}

TEST_CASE("an existing key is shared only where that is asked for, and says what it opens") {
    Place place;
    REQUIRE(create_private_file(place.wanted.key.file(), std::string(32, 'k')));
    const auto unknown = place.make();
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == ErrorCode::refused);
    CHECK(unknown.error().reason == "key_in_use");
    CHECK(unknown.error().message == "the key file '" + place.wanted.key.file().string() +
                                         "' already exists; which database it opens is not known");
    CHECK(place.files() == 1);
    place.wanted.share_key = true;
    REQUIRE(place.make());
    CHECK((*read_private_file("key", place.wanted.key.file()))->reveal() == std::string(32, 'k'));

    Place second;
    second.wanted.key = place.wanted.key;
    const auto known = second.make();
    REQUIRE_FALSE(known);
    CHECK(known.error().message == "the key file '" + place.wanted.key.file().string() +
                                       "' already exists and opens '" + place.path.string() + "'");
    CHECK(second.files() == 0);
    second.wanted.share_key = true;
    const auto shared = second.make();
    REQUIRE(shared);
    CHECK(shared->used);
    CHECK(shared->databases == std::vector{place.path.string()});
}

TEST_CASE("a key whose database was never finished is for that database only") {
    Place place;
    const NewKey::Order order{.path = place.wanted.key.file(), .database = "auth.db"};
    {
        auto key = NewKey::prepare(order, place.random);
        REQUIRE(key);
        CHECK_FALSE(fs::exists(place.wanted.key.file()));
        REQUIRE(key->publish());
    }
    CHECK(place.files() == 2);
    Place other;
    other.wanted.key = place.wanted.key;
    other.path = other.directory / "new/other.db";
    CHECK(other.make().error().reason == "key_in_use");
    REQUIRE(place.make());
    CHECK(place.files() == 2);
    // A key that was never published leaves nothing.
    {
        REQUIRE(
            NewKey::prepare({.path = other.directory / "b.key", .database = "b"}, other.random));
    }
    CHECK_FALSE(fs::exists(other.directory / "b.key"));
}

TEST_CASE("a bad key stops it, and no database is left") {
    Place place;
    REQUIRE(create_private_file(place.wanted.key.file(), "too short"));
    CHECK(place.make().error().code == ErrorCode::key_mismatch);
    fs::remove(place.wanted.key.file());
    REQUIRE(create_private_file(place.wanted.key.file(), std::string(32, 'k')));
    fs::permissions(place.wanted.key.file(), fs::perms(0644));
    const auto refused = place.make();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::unsafe_permissions);
    CHECK(refused.error().hint == "chmod 600 '" + place.wanted.key.file().string() + "'");
    CHECK(place.files() == 1);
    CHECK_FALSE(fs::exists(place.path));
}

TEST_CASE("after a making that was cut short the next one works") {
    // The limit ends the child within the key file, then within the database's first page, then
    // further on.
    for (const rlim_t limit : {rlim_t{0}, rlim_t{16}, rlim_t{64}, rlim_t{9000}}) {
        CAPTURE(limit);
        Place place;
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            const rlimit none{0, 0};
            const rlimit bytes{limit, limit};
            ::setrlimit(RLIMIT_CORE, &none);
            ::setrlimit(RLIMIT_FSIZE, &bytes);
            ::signal(SIGXFSZ, SIG_DFL);
            (void)place.make();
            ::_exit(0);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status));
        CHECK_FALSE(fs::exists(place.path));
        place.random = test::SeededRandom(2);
        const auto again = place.make();
        CHECK((again ? "made" : again.error().message) == "made");
    }
}

TEST_CASE("of several that make one database at once, one does") {
    Place place;
    std::atomic<int> made = 0;
    std::atomic<int> taken = 0;
    const auto thrown = test::at_once(6, [&](unsigned i) {
        test::SeededRandom random(i);
        const auto status =
            make_database(place.path, place.wanted, place.settings, place.clock, random);
        if (status)
            ++made;
        else if (status.error().code == ErrorCode::exists)
            ++taken;
        else
            throw Failure(status.error());
    });
    CHECK(thrown == std::vector<std::string>{});
    CHECK(place.files() == 2);
    const auto database = SqliteDatabase::open(place.path).value();
    const auto meta = meta_table::load(*database).value();
    CHECK(Vault(place.wanted.key.file(), meta.database_id, meta.key_check).require_key());
}
