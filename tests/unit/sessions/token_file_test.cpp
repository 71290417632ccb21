#include "core/base/private_file.h"
#include "core/sessions/sessions_table.h"
#include "core/sessions/use_login.h"
#include "support/at_once.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/test_realm.h"

#include <atomic>
#include <fstream>
#include <sys/stat.h>
#include <thread>
#include <vector>

using namespace auth;
using namespace std::chrono_literals;
using test::content;
using test::mode_of;
using test::TestRealm;
using test::user_ref;
namespace fs = std::filesystem;

namespace {

// Somebody who has logged in.
struct Holder : TestRealm {
    Holder() {
        test::add_user(realm());
        log_in_now();
    }
    TokenFiles files = TokenFiles::beside(directory() / "state/work.token");
    std::string session_id;

    void log_in_now() {
        const auto grant =
            log_in(realm(), user_ref("ann@example.org"), Secret(test::good_password), {});
        REQUIRE(grant);
        REQUIRE(write_login(files, *grant, random));
        session_id = grant->session.id;
    }
    Result<StoredAccess> use(Use how = Use::renew) { return use_login(realm(), files, how); }
    StoredLogin stored() {
        auto login = read_login(files);
        REQUIRE(login);
        REQUIRE(*login);
        return std::move(**login);
    }
    std::int64_t generation() { return sessions_table::find(database(), session_id)->generation; }
    bool revoked() { return sessions_table::find(database(), session_id)->revoked_at.has_value(); }
    void check_alive() {
        CHECK_FALSE(revoked());
        clock.advance(10s);
        const auto used = use();
        REQUIRE(used);
        CHECK(used->access.session.used_at == clock.now());
        CHECK(is_current(realm(), *stored().refresh_token));
        CHECK_FALSE(stored().next_refresh_token);
        CHECK(content(files.token) == std::string(used->token.reveal()) + "\n");
    }
};

} // namespace

TEST_CASE("the session and the lock stand beside the token") {
    const auto files = TokenFiles::beside("/a/work.token");
    CHECK(files.token == "/a/work.token");
    CHECK(files.session == "/a/work.session.json");
    CHECK(files.lock == "/a/work.lock");
    CHECK(TokenFiles::beside("/a/x.jwt").session == "/a/x.jwt.session.json");
    CHECK(TokenFiles::beside("/a/token").lock == "/a/token.lock");
}

TEST_CASE("the token file is the raw token and a newline, private under any umask") {
    const mode_t before = ::umask(0);
    Holder holder;
    ::umask(before);
    const StoredLogin login = holder.stored();
    CHECK(content(holder.files.token) == std::string(login.access_token.reveal()) + "\n");
    CHECK(login.session_id == holder.session_id);
    CHECK(is_current(holder, *login.refresh_token));
    CHECK_FALSE(login.next_refresh_token);
    CHECK(mode_of(holder.files.token) == 0600);
    CHECK(mode_of(holder.files.session) == 0600);
    CHECK(mode_of(holder.files.token.parent_path()) == 0700);
    const Json session = Json::parse(content(holder.files.session));
    CHECK(session.at("schema") == "auth-cli.session/1");
    CHECK(session.at("idle_expires_at") == to_rfc3339(holder.clock.now() + 600s));
    CHECK(session.at("expires_at") == to_rfc3339(holder.clock.now() + 12h));
}

TEST_CASE("a login takes the place of no file but a login's") {
    Holder holder;
    const auto grant =
        log_in(holder.realm(), user_ref("ann@example.org"), Secret(test::good_password), {});
    REQUIRE(grant);
    const fs::path place = holder.directory() / "other/x.token";
    const auto files = TokenFiles::beside(place);
    const auto put = [&](const fs::path& path, std::string_view text) {
        REQUIRE(replace_private_file(path, text, holder.random));
    };
    for (const std::string_view kept :
         {std::string_view("\0\1\2\3 32 bytes of a key, or so", 28),
          std::string_view("www.example.org\n"), std::string_view("{}"), std::string_view("\n"),
          std::string_view("e30.e30.\n\n")}) {
        CAPTURE(kept);
        put(files.token, kept);
        for (const Status& refused :
             {write_login(files, *grant, holder.random), remove_login(files)}) {
            REQUIRE_FALSE(refused);
            CHECK(refused.error().code == ErrorCode::io);
            CHECK(refused.error().reason == "not_a_login");
            CHECK(refused.error().message.find(place.string()) != std::string::npos);
        }
        CHECK(content(files.token) == kept);
        CHECK_FALSE(fs::exists(files.session));
    }
    for (const std::string_view replaced : {"", "e30.e30.", "e30.e30.\n"}) {
        put(files.token, replaced);
        REQUIRE(remove_private_file(files.session));
        CHECK(write_login(files, *grant, holder.random));
    }
    // A damaged one beside a session of ours is a login's all the same.
    put(files.token, "damaged");
    CHECK(write_login(files, *grant, holder.random));
    for (const std::string_view kept : {"[]", "{}", R"({"schema":"of another/1"})", "damaged"}) {
        put(files.session, kept);
        CHECK(write_login(files, *grant, holder.random).error().reason == "not_a_login");
        CHECK(remove_login(files).error().reason == "not_a_login");
        CHECK(content(files.session) == kept);
    }
}

TEST_CASE("where there is no token nobody is logged in") {
    Holder holder;
    REQUIRE(remove_login(holder.files));
    CHECK_FALSE(fs::exists(holder.files.session));
    CHECK_FALSE(*read_login(holder.files));
    const auto used = holder.use();
    REQUIRE_FALSE(used);
    CHECK(used.error().code == ErrorCode::login_required);
    CHECK(used.error().hint == NextStep{"login", {"EMAIL"}});
    CHECK(remove_login(holder.files));
}

TEST_CASE("a login that cannot be written whole leaves the files as they were") {
    Holder holder;
    const std::string before = content(holder.files.session) + content(holder.files.token);
    const auto grant =
        log_in(holder.realm(), user_ref("ann@example.org"), Secret(test::good_password), {});
    REQUIRE(grant);
    TokenFiles files = holder.files;
    files.own = true;
    files.token = holder.directory() / "state/taken";
    fs::create_directory(files.token);
    CHECK_FALSE(write_login(files, *grant, holder.random));
    CHECK(content(holder.files.session) + content(holder.files.token) == before);

    TokenFiles none = TokenFiles::beside(holder.directory() / "state/none.token");
    none.own = true;
    fs::create_directory(none.token);
    CHECK_FALSE(write_login(none, *grant, holder.random));
    CHECK_FALSE(fs::exists(none.session));
}

TEST_CASE("an empty token file is nobody's login, unless its session stands beside it") {
    Holder holder;
    REQUIRE(replace_private_file(holder.files.token, "", holder.random));
    CHECK(holder.use().error().code == ErrorCode::invalid_token);
    CHECK(holder.stored().access_token.empty());
    REQUIRE(replace_private_file(holder.files.session, "", holder.random));
    CHECK_FALSE(*read_login(holder.files));
    const auto used = holder.use();
    REQUIRE_FALSE(used);
    CHECK(used.error().code == ErrorCode::login_required);
    CHECK(used.error().message ==
          "nobody is logged in: the token file '" + holder.files.token.string() + "' is empty");
}

TEST_CASE("a token file that holds something else is named") {
    Holder holder;
    for (const char* text :
         {"hello", R"({"access_token": "x"})", "<html>", "e30.e30", "e30=.e30."}) {
        REQUIRE(replace_private_file(holder.files.token, text, holder.random));
        for (const Use how : {Use::look, Use::renew}) {
            const auto used = holder.use(how);
            REQUIRE_FALSE(used);
            CHECK(used.error().code == ErrorCode::invalid_token);
            CHECK(used.error().reason == "malformed");
            CHECK(used.error().message.starts_with(
                "the token file '" + holder.files.token.string() + "' does not hold a token: "));
            CHECK(used.error().hint == NextStep{"login"});
            REQUIRE(used.error().problems.size() == 1);
        }
        CHECK(refresh_login(holder, holder.files, {}).error().reason == "malformed");
    }
    REQUIRE(remove_private_file(holder.files.session));
    CHECK(holder.use().error().hint == "name another file with --token-file");
}

TEST_CASE("a file that is just being written in place is read when that is done") {
    Holder holder;
    const std::string whole = content(holder.files.token);
    auto lock = FileLock::acquire(holder.files.lock);
    REQUIRE(lock);
    std::ofstream(holder.files.token) << whole.substr(0, whole.size() / 2);
    std::thread writer([&] {
        std::this_thread::sleep_for(50ms);
        std::ofstream(holder.files.token) << whole;
        const FileLock done = *std::move(lock);
    });
    const auto used = holder.use();
    writer.join();
    CHECK(used);
}

TEST_CASE("use renews the login, and a loop of uses writes once") {
    Holder holder;
    const std::string before = content(holder.files.session);
    for (int i = 0; i < 9; ++i) {
        holder.clock.advance(1s);
        REQUIRE(holder.use());
    }
    CHECK(holder.generation() == 0);
    CHECK(content(holder.files.session) == before);
    holder.clock.advance(1s);
    const auto used = holder.use();
    REQUIRE(used);
    CHECK(holder.generation() == 1);
    CHECK(used->access.expires_at == holder.clock.now() + 600s);
    CHECK(content(holder.files.session) != before);
    holder.check_alive();
}

TEST_CASE("looking writes nothing and prolongs nothing") {
    Holder holder;
    holder.clock.advance(599s);
    const std::string before = content(holder.files.session) + content(holder.files.token);
    const auto rows = holder.count("SELECT count(*) FROM audit");
    const auto seen = holder.use(Use::look);
    REQUIRE(seen);
    CHECK(seen->access.expires_at == holder.clock.now() + 1s);
    CHECK(content(holder.files.session) + content(holder.files.token) == before);
    CHECK(holder.generation() == 0);
    CHECK(holder.count("SELECT count(*) FROM audit") == rows);
    holder.clock.advance(1s);
    CHECK(holder.use(Use::look).error().code == ErrorCode::expired);
}

TEST_CASE("a dry run looks") {
    Holder holder;
    holder.clock.advance(60s);
    holder.realm().dry_run = true;
    CHECK(holder.use());
    CHECK(holder.generation() == 0);
}

TEST_CASE("a token shorter than its session is renewed by use") {
    Holder holder;
    holder.set("token.ttl", "5s");
    holder.log_in_now();
    holder.clock.advance(6s);
    CHECK(holder.use(Use::look).error().code == ErrorCode::expired);
    const auto used = holder.use();
    REQUIRE(used);
    CHECK(used->access.expires_at == holder.clock.now() + 5s);
    CHECK(holder.use(Use::look));
}

TEST_CASE("an idle session is not brought back by use") {
    Holder holder;
    holder.clock.advance(600s);
    CHECK(holder.use().error().code == ErrorCode::expired);
    CHECK(holder.generation() == 0);
}

TEST_CASE("a crash before the renewal counts leaves a login that works") {
    Holder holder;
    const StoredLogin login = holder.stored();
    const auto next = next_refresh_token(holder, *login.refresh_token);
    REQUIRE(next);
    REQUIRE(write_next(holder.files, login, *next, holder.random));
    // The process ends here.
    CHECK(holder.stored().next_refresh_token);
    CHECK(holder.use(Use::look));
    holder.check_alive();
    holder.check_alive();
}

TEST_CASE("a crash after the renewal counted leaves a login that works") {
    Holder holder;
    const StoredLogin login = holder.stored();
    const auto next = next_refresh_token(holder, *login.refresh_token);
    REQUIRE(next);
    REQUIRE(write_next(holder.files, login, *next, holder.random));
    REQUIRE(renew(holder, *login.refresh_token, *next));
    // The process ends here.
    CHECK(holder.use(Use::look));
    holder.check_alive();
    holder.check_alive();
}

TEST_CASE("crashes in a row leave a login that works") {
    Holder holder;
    for (int i = 0; i < 3; ++i) {
        StoredLogin login = holder.stored();
        if (login.next_refresh_token && is_current(holder, *login.next_refresh_token))
            login.refresh_token = std::move(login.next_refresh_token);
        const auto next = next_refresh_token(holder, *login.refresh_token);
        REQUIRE(next);
        REQUIRE(write_next(holder.files, login, *next, holder.random));
        if (i != 1)
            REQUIRE(renew(holder, *login.refresh_token, *next));
    }
    holder.check_alive();
}

TEST_CASE("a crash between the two files leaves a login that works") {
    Holder holder;
    const std::string old_token = content(holder.files.token);
    holder.clock.advance(10s);
    REQUIRE(holder.use());
    REQUIRE(replace_private_file(holder.files.token, old_token, holder.random));
    holder.check_alive();
}

TEST_CASE("a stolen copy of the files ends the session when both are used") {
    Holder holder;
    const std::string token = content(holder.files.token);
    const std::string session = content(holder.files.session);
    holder.clock.advance(10s);
    REQUIRE(holder.use());
    const auto copy = TokenFiles::beside(holder.directory() / "thief/work.token");
    REQUIRE(create_private_file(copy.token, token));
    REQUIRE(create_private_file(copy.session, session));
    holder.clock.advance(10s);
    const auto theft = use_login(holder, copy, Use::renew);
    REQUIRE_FALSE(theft);
    CHECK(theft.error().reason == "reused");
    CHECK(holder.use().error().reason == "revoked");
}

TEST_CASE("many uses of one token file at once make one renewal and leave the session alive") {
    Holder holder;
    holder.clock.advance(60s);
    std::atomic<int> worked = 0;
    const auto thrown = test::at_once(6, [&](unsigned i) {
        test::OtherProcess process(holder, i + 50);
        process.database().execute("PRAGMA busy_timeout=1000");
        worked += use_login(process.realm(), holder.files, Use::renew).has_value();
    });
    CHECK(thrown == std::vector<std::string>());
    CHECK(worked == 6);
    CHECK(holder.generation() == 1);
    holder.check_alive();
}

TEST_CASE("files that others can read are refused with their repair") {
    for (const bool token : {true, false}) {
        Holder holder;
        const fs::path& path = token ? holder.files.token : holder.files.session;
        fs::permissions(path, fs::perms(0640));
        for (const Use how : {Use::look, Use::renew}) {
            const auto used = holder.use(how);
            REQUIRE_FALSE(used);
            CHECK(used.error().code == ErrorCode::unsafe_permissions);
            CHECK(used.error().hint == "chmod 600 '" + path.string() + "'");
        }
        fs::permissions(path, fs::perms(0600));
        CHECK(holder.use());
        fs::rename(path, path.string() + ".real");
        fs::create_symlink(path.string() + ".real", path);
        CHECK(holder.use().error().code == ErrorCode::unsafe_permissions);
    }
}

TEST_CASE("a session file that is none is said to be damaged") {
    Holder holder;
    for (const char* text : {"", "{", "[]", "null", R"({"a": 1, "a": 2})"}) {
        CAPTURE(text);
        REQUIRE(replace_private_file(holder.files.session, text, holder.random));
        const auto used = holder.use();
        REQUIRE_FALSE(used);
        CHECK(used.error().code == ErrorCode::invalid_token);
        CHECK(used.error().reason == "malformed");
    }
}

TEST_CASE("a token without its session file can be used, but not renewed") {
    Holder holder;
    fs::remove(holder.files.session);
    holder.clock.advance(60s);
    const auto used = holder.use();
    REQUIRE(used);
    CHECK(holder.generation() == 0);
    holder.clock.advance(540s);
    CHECK(holder.use().error().code == ErrorCode::expired);
}
