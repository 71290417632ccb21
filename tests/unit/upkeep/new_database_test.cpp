#include "core/audit/audit.h"
#include "core/base/private_file.h"
#include "core/keys/signing_keys_table.h"
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
    NewDatabase wanted{directory / "new/auth.key", false, [] { return "os:tester"; }};

    Status make() { return make_database(path, wanted, settings, clock, random); }
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
    const Status made = place.make();
    ::umask(before);
    REQUIRE(made);
    CHECK(mode_of(place.path.parent_path()) == 0700);
    CHECK(mode_of(place.path) == 0600);
    CHECK(mode_of(place.wanted.key.file()) == 0600);
    CHECK(fs::file_size(place.wanted.key.file()) == 32);
}

TEST_CASE("a test database is marked for ever") {
    Place place;
    place.wanted.test = true;
    REQUIRE(place.make());
    CHECK(meta_table::load(*SqliteDatabase::open(place.path).value())->test);
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
        const Status refused = place.make();
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::exists);
        CHECK(place.files() == 1);
    }
}

TEST_CASE("a good key that is there is used as it is") {
    Place place;
    REQUIRE(create_private_file(place.wanted.key.file(), std::string(32, 'k')));
    REQUIRE(place.make());
    CHECK((*read_private_file("key", place.wanted.key.file()))->reveal() == std::string(32, 'k'));
    Place second;
    second.wanted.key = place.wanted.key;
    CHECK(second.make());
}

TEST_CASE("a bad key stops it, and no database is left") {
    Place place;
    REQUIRE(create_private_file(place.wanted.key.file(), "too short"));
    CHECK(place.make().error().code == ErrorCode::key_mismatch);
    fs::remove(place.wanted.key.file());
    REQUIRE(create_private_file(place.wanted.key.file(), std::string(32, 'k')));
    fs::permissions(place.wanted.key.file(), fs::perms(0644));
    const Status refused = place.make();
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
        const Status again = place.make();
        CHECK((again ? "made" : again.error().message) == "made");
    }
}

TEST_CASE("of several that make one database at once, one does") {
    Place place;
    std::atomic<int> made = 0;
    std::atomic<int> taken = 0;
    const auto thrown = test::at_once(6, [&](unsigned i) {
        test::SeededRandom random(i);
        const Status status =
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
