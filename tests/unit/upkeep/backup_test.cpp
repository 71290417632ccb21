#include "core/base/private_file.h"
#include "core/codes/code.h"
#include "core/keys/key_lifecycle.h"
#include "core/keys/signing_keys_table.h"
#include "core/sessions/session.h"
#include "core/store/sqlite/sqlite_backup.h"
#include "core/store/sqlite/sqlite_database.h"
#include "support/backed_realm.h"
#include "support/catch.h"
#include "support/files.h"

#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace auth;
using test::Backed;
namespace fs = std::filesystem;

TEST_CASE("a backup has what the database has, and mode 0600") {
    Backed realm;
    test::add_user(realm);
    ::umask(0);
    REQUIRE(realm.back_up());
    ::umask(022);
    CHECK(test::mode_of(realm.file) == 0600);
    const auto copy = SqliteDatabase::open(realm.file).value();
    CHECK(copy->prepare("SELECT 1 FROM users").any());
}

TEST_CASE("a backup takes the place of a file only where that is wanted, never of the database") {
    Backed realm;
    REQUIRE(realm.back_up());
    CHECK(realm.back_up().error().code == ErrorCode::exists);
    CHECK(realm.back_up(true));
    for (const char* suffix : {"", "-journal", "-wal"}) {
        realm.file = realm.database_path().string() + suffix;
        CHECK(realm.back_up(true).error().code == ErrorCode::usage);
    }
}

TEST_CASE("a backup that is tried or fails leaves nothing") {
    Backed realm;
    const std::size_t before = realm.files();
    CHECK(realm.back_up(false, true));
    CHECK(realm.files() == before);
    realm.execute("PRAGMA ignore_check_constraints=ON; INSERT INTO roles VALUES ('r', NULL, 1);"
                  "INSERT INTO hash_census VALUES ('a', 'b', 'strange', '', 0, 0, 1)");
    CHECK(realm.back_up().error().code == ErrorCode::database_corrupt);
    CHECK(realm.files() == before);
}

TEST_CASE("the key is copied once, and never over another one") {
    Backed realm;
    const fs::path copy = realm.directory() / "copy/key";
    REQUIRE(back_up_key(realm.key_path(), copy));
    CHECK(back_up_key(realm.key_path(), copy));
    CHECK(back_up_key(realm.key_path(), realm.database_path()).error().code == ErrorCode::exists);
    CHECK(back_up_key(realm.directory() / "no key", copy).error().code == ErrorCode::key_mismatch);
}

TEST_CASE("a restore brings back users, and ends sessions and codes") {
    Backed realm;
    const User user = test::add_user(realm);
    {
        Transaction transaction(realm.database());
        (void)open_session(realm, user, std::nullopt);
        (void)issue_code(realm, user.id, CodePurpose::reset);
        transaction.commit();
    }
    REQUIRE(realm.back_up());
    realm.execute("DELETE FROM users");
    {
        auto restore = realm.prepare();
        REQUIRE(restore);
        CHECK(restore->content().users == 1);
        CHECK(restore->content().ended_sessions == 1);
        CHECK(realm.count("SELECT count(*) FROM users") == 0); // until it is finished
        REQUIRE(restore->finish());
    }
    realm.reopen();
    CHECK(realm.count("SELECT count(*) FROM users") == 1);
    CHECK(realm.count("SELECT count(*) FROM codes") == 0);
    CHECK(realm.query("SELECT revoke_reason FROM sessions") == "restored");
    CHECK(realm.events().back() == "database_restored");
}

TEST_CASE("a restore that is not finished leaves nothing") {
    Backed realm;
    REQUIRE(realm.back_up());
    const std::size_t before = realm.files();
    { REQUIRE(realm.prepare()); }
    CHECK(realm.files() == before);
}

TEST_CASE("a backup whose key is not there is refused, unless a copy of it is") {
    Backed realm;
    REQUIRE(realm.back_up());
    const fs::path absent = realm.directory() / "elsewhere/auth.key";
    CHECK(realm.prepare(absent).error().code == ErrorCode::key_mismatch);
    const fs::path other = realm.directory() / "other.key";
    REQUIRE(create_private_file(other, std::string(32, 'k')));
    CHECK(realm.prepare(other).error().code == ErrorCode::key_mismatch);
    CHECK(realm.prepare(absent, other).error().code == ErrorCode::key_mismatch);
    auto restore = realm.prepare(absent, realm.key_path());
    REQUIRE(restore);
    CHECK_FALSE(fs::exists(absent));
    REQUIRE(restore->finish());
    CHECK(fs::exists(absent));
}

TEST_CASE("what is no sound backup is refused, and named as it was") {
    Backed realm;
    REQUIRE(realm.prepare().error().code == ErrorCode::io); // not there
    REQUIRE(realm.back_up());
    const auto refused = [&] {
        const Error failure = realm.prepare().error();
        CHECK(failure.message.find(realm.file.string()) != std::string::npos);
        return failure.code;
    };
    realm.edit_backup("UPDATE audit SET actor = 'nobody'");
    CHECK(refused() == ErrorCode::database_corrupt);
    fs::remove(realm.file);
    REQUIRE(create_private_file(realm.file, "no database"));
    CHECK(refused() == ErrorCode::database_corrupt);
    fs::remove(realm.file);
    fs::create_symlink(realm.database_path(), realm.file);
    CHECK(realm.prepare().error().code == ErrorCode::unsafe_permissions);
}

TEST_CASE("the seal of another backup is none") {
    Backed realm;
    REQUIRE(realm.back_up());
    const std::string before = test::content(realm.file);
    test::add_user(realm);
    REQUIRE(realm.back_up(true));
    const std::string after = test::content(realm.file);
    const auto end = [](const std::string& bytes) { return bytes.rfind("\nauth-cli.seal"); };
    realm.write_backup(before.substr(0, end(before)) + after.substr(end(after)));
    CHECK(realm.prepare().error().code == ErrorCode::database_corrupt);
    realm.write_backup(before);
    CHECK(realm.prepare());
}

TEST_CASE("a journal that somebody put beside a sealed backup is not played back") {
    Backed realm;
    REQUIRE(realm.back_up());
    REQUIRE(create_private_file(realm.file.string() + "-journal", "anything at all"));
    REQUIRE(create_private_file(realm.file.string() + "-wal", "anything at all"));
    CHECK(realm.prepare()->content().sealed);
}

TEST_CASE("what nobody sealed is restored only where that is said, and what differs is told") {
    Backed realm;
    const User mal = test::add_user(realm, {.email = "mal@example.org"});
    realm.execute("INSERT INTO roles VALUES ('admin', NULL, 1)");
    REQUIRE(realm.back_up());
    realm.edit_backup("INSERT INTO user_roles SELECT id, 'admin' FROM users;"
                      "UPDATE passwords SET hash = '$1$a$b';"
                      "INSERT INTO settings VALUES ('mail.transport', 'sendmail', 0)");
    CHECK(realm.prepare().error().code == ErrorCode::database_corrupt);
    const auto restore = realm.prepare_unsealed();
    REQUIRE(restore);
    CHECK_FALSE(restore->content().sealed);
    std::vector<std::string> told;
    for (const auto& [object, name, change] : restore->content().differences)
        told.push_back(object + " " + name + " " + change);
    CHECK(told == std::vector<std::string>{"role admin of mal@example.org added",
                                           "setting mail.transport = sendmail added",
                                           "password mal@example.org changed"});
}

TEST_CASE("a planted schema is refused whatever is said of the seal") {
    Backed realm;
    REQUIRE(realm.back_up());
    realm.edit_backup("CREATE TRIGGER calm AFTER INSERT ON attempts BEGIN"
                      " DELETE FROM attempts; END");
    CHECK(realm.prepare().error().code == ErrorCode::database_corrupt);
    const Error refused = realm.prepare_unsealed().error();
    CHECK(refused.code == ErrorCode::database_corrupt);
    CHECK(refused.message.find("trigger 'calm'") != std::string::npos);
}

TEST_CASE("a sealed backup is restored over a database with a planted schema") {
    Backed realm;
    test::add_user(realm);
    REQUIRE(realm.back_up());
    realm.execute("CREATE TRIGGER calm AFTER INSERT ON attempts BEGIN DELETE FROM attempts; END");
    REQUIRE(realm.prepare()->finish());
    realm.reopen();
    CHECK(realm.count("SELECT count(*) FROM users") == 1);
}

namespace {

// Ann with an app, two recovery codes, a live session and a linked identity; bob with an app and a
// recovery code.
struct Lived : Backed {
    std::string ann = test::add_user(*this).id;
    std::string bob = test::add_user(*this, {.email = "bob@example.org"}).id;
    std::string key = create_key(*this, Algorithm::es256)->key.kid;
    Lived() {
        for (const std::string& user : {ann, bob}) {
            execute("INSERT INTO recovery_codes (user_id, mac) VALUES ('" + user + "', x'01')");
            execute("INSERT INTO totp (user_id, state, algorithm, digits, period, sealed_secret,"
                    " last_step, changed_at, held_since) VALUES ('" +
                    user + "', 'confirmed', 'SHA1', 6, 30, x'00', 5, 1, 1)");
        }
        execute("INSERT INTO recovery_codes (user_id, mac) VALUES ('" + ann + "', x'02')");
        execute("INSERT INTO identities VALUES ('https://i.example', 's', '" + ann + "', 1, NULL)");
        execute("INSERT INTO providers (name, issuer, client_id, scope, domains, auto_create,"
                " link_verified_email, created_at, workload)"
                " VALUES ('ci', 'https://i.example', 'a', '', '', 0, 0, 1, 1);"
                "INSERT INTO workload_rules VALUES ('w', 'ci', '" +
                ann +
                "', '{\"sub\":\"a\"}', '[]', 900, 1);"
                "INSERT INTO used_id_tokens VALUES (x'01', 9)");
        log_in();
        REQUIRE(back_up());
    }
    void log_in() {
        Transaction transaction(database());
        (void)open_session(*this, test::stored_user(*this), std::nullopt);
        transaction.commit();
    }
    std::string of_ann(const std::string& what) {
        return query("SELECT " + what + " = '" + ann + "'");
    }
    void restore() {
        auto prepared = prepare();
        REQUIRE(prepared);
        REQUIRE(prepared->finish());
        reopen();
        CHECK(verify_audit(database()).problem.empty());
    }
    std::int64_t newest_step() { return unix_seconds(clock.now()) / 30 + 1; }
};

} // namespace

TEST_CASE("a restore over a database that can be read undoes no decision made since") {
    Lived realm;
    REQUIRE(revoke_key(realm, realm.key));
    realm.execute("UPDATE sessions SET revoked_at = 7, revoke_reason = 'logout'");
    realm.log_in();
    realm.execute(
        "UPDATE users SET disabled_at = 5, session_epoch = 7, must_change_password = 1"
        " WHERE id = '" +
        realm.ann +
        "';"
        "DELETE FROM recovery_codes WHERE mac = x'01'; UPDATE totp SET last_step = 9;"
        "DELETE FROM identities; DELETE FROM workload_rules;"
        "INSERT INTO used_id_tokens VALUES (x'02', 9); UPDATE passwords SET hash = "
        "'new', changed_at ="
        " changed_at + 1; INSERT INTO attempts VALUES (x'aa', 3, 2, 9999999999, 1, 0, NULL, 0)");
    REQUIRE(delete_user(realm, test::user_ref("bob@example.org")));
    const std::int64_t rows = realm.count("SELECT count(*) FROM audit");
    realm.restore();

    CHECK_FALSE(
        realm.query("SELECT revoked_at FROM signing_keys WHERE kid = '" + realm.key + "'").empty());
    CHECK(realm.count("SELECT count(*) FROM sessions WHERE revoked_at = 7") == 1);
    CHECK(realm.count("SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == 1);
    CHECK(realm.of_ann("disabled_at FROM users WHERE id") == "5");
    CHECK(realm.of_ann("hex(mac) FROM recovery_codes WHERE user_id") == "02");
    CHECK(realm.of_ann("last_step FROM totp WHERE user_id") == "9");
    CHECK(realm.of_ann("hash FROM passwords WHERE user_id") == "new");
    CHECK(realm.count("SELECT count(*) FROM identities") == 0);
    CHECK(realm.count("SELECT count(*) FROM workload_rules") == 0);
    CHECK(realm.count("SELECT count(*) FROM used_id_tokens") == 2);
    CHECK(realm.query("SELECT failures || ' ' || code_failures || ' ' || blocked_until || ' ' ||"
                      " factor_failures FROM attempts") == "3 2 9999999999 1");
    CHECK(realm.of_ann("session_epoch FROM users WHERE id") == "7");
    CHECK(realm.of_ann("must_change_password FROM users WHERE id") == "1");
    CHECK(realm.count("SELECT count(*) FROM audit") == rows + 1);
    // Whoever came back: nobody knows what was used before the deletion.
    CHECK(realm.count("SELECT count(*) FROM users") == 2);
    CHECK(realm.query("SELECT last_step FROM totp WHERE user_id = '" + realm.bob + "'") ==
          std::to_string(realm.newest_step()));
    CHECK(realm.count("SELECT count(*) FROM recovery_codes") == 1);
    CHECK(realm.database().integrity_problems().empty());
}

TEST_CASE("a restore tells what it carries over, and what comes back") {
    Lived realm;
    realm.execute("UPDATE users SET disabled_at = 5 WHERE id = '" + realm.ann + "'");
    REQUIRE(delete_user(realm, test::user_ref("bob@example.org")));
    const auto restore = realm.prepare();
    REQUIRE(restore);
    CHECK(restore->content().compared);
    CHECK(restore->content().trail_kept);
    const auto told = [](const Restore::Changes& changes) {
        std::string out;
        for (const auto& [object, name, change] : changes)
            out += object + " " + name + " " + change + "; ";
        return out;
    };
    CHECK(told(restore->content().carried) == "user ann@example.org stays disabled; "
                                              "user bob@example.org needs new recovery codes; ");
    CHECK(told(restore->content().differences) == "user bob@example.org added; "
                                                  "password bob@example.org added; "
                                                  "second factor bob@example.org added; ");
}

TEST_CASE("a restore that was prepared on another state of the database is not finished") {
    Lived realm;
    auto restore = realm.prepare();
    REQUIRE(restore);
    realm.log_in();
    {
        Transaction transaction(realm.database());
        record(realm, {"authn_login_fail", realm.ann, false});
        transaction.commit();
    }
    CHECK(restore->finish().error().code == ErrorCode::database_busy);
    CHECK(realm.count("SELECT count(*) FROM sessions") == 2);
}

TEST_CASE("with nothing to compare with, a restore voids all that may have been used or revoked") {
    Lived realm;
    fs::remove(realm.database_path());
    realm.restore();
    CHECK(realm.count("SELECT count(*) FROM recovery_codes") == 0);
    CHECK(realm.count("SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == 0);
    CHECK(realm.count("SELECT min(last_step) FROM totp") == realm.newest_step());
    CHECK(realm.count("SELECT count(*) FROM passwords") == 2);
    const auto old = signing_keys_table::find(realm.database(), realm.key);
    REQUIRE(old);
    CHECK(old->state(realm.clock.now()) == KeyState::retired);
    CHECK_FALSE(old->verifies(realm.clock.now()));
    CHECK_FALSE(old->has_private);
    const auto signing = signing_record(realm);
    REQUIRE(signing);
    CHECK(signing->kid != realm.key);
}

TEST_CASE("a database of another origin, or with a planted schema, is none to compare with") {
    Lived realm;
    realm.execute("UPDATE meta SET value = 'another' WHERE name = 'database_id'");
    CHECK_FALSE(realm.prepare()->content().compared);
    realm.execute("UPDATE meta SET value = '" + realm.meta().database_id +
                  "' WHERE name = 'database_id'");
    CHECK(realm.prepare()->content().compared);
    realm.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 1");
    CHECK_FALSE(realm.prepare()->content().trail_kept);
    realm.execute("CREATE VIEW planted AS SELECT 1");
    CHECK_FALSE(realm.prepare()->content().compared);
}

TEST_CASE("a damaged database is moved aside, and no journal stays") {
    Backed realm;
    REQUIRE(realm.back_up());
    const fs::path journal = realm.database_path().string() + "-journal";
    std::ofstream(realm.database_path(), std::ios::trunc) << "no database any more";
    std::ofstream(journal) << "nor this";
    auto restore = realm.prepare();
    REQUIRE(restore);
    const auto aside = restore->finish();
    REQUIRE(aside);
    CHECK(fs::exists(*aside));
    CHECK_FALSE(fs::exists(journal));
    realm.reopen();
    CHECK(realm.count("SELECT count(*) FROM audit") > 0);
}

TEST_CASE("a copy of a database in WAL mode is one file in no such mode") {
    Backed realm;
    realm.execute("PRAGMA journal_mode=WAL");
    REQUIRE(copy_sqlite(realm.database_path(), realm.file, realm.file));
    const auto copy = SqliteDatabase::open(realm.file).value();
    Statement& mode = copy->prepare("PRAGMA journal_mode");
    REQUIRE(mode.step());
    CHECK(mode.text(0) == "delete");
}

TEST_CASE("where there is no room for the backup it is the backup that is named") {
    Backed realm;
    test::add_user(realm);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    struct sigaction ignore {};
    struct sigaction signal_before {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGXFSZ, &ignore, &signal_before);
    const rlimit little{16384, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &little) == 0);
    const Status made = realm.back_up();
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::sigaction(SIGXFSZ, &signal_before, nullptr);
    REQUIRE_FALSE(made);
    CHECK(made.error().message == "cannot write '" + realm.file.string() + "': disk I/O error");
    CHECK(realm.files() == 2);
    REQUIRE(realm.back_up());
}
