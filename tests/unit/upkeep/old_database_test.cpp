// Databases that an earlier version made: written by that version's own SQL, read by this one.
#include "core/audit/audit.h"
#include "core/keys/key_lifecycle.h"
#include "core/keys/signing_keys_table.h"
#include "core/sessions/access.h"
#include "core/sessions/refresh_token.h"
#include "core/sessions/session.h"
#include "core/store/migrations.h"
#include "core/store/sqlite/sqlite_database.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using namespace std::chrono_literals;

namespace {

const char* const user_id = "01900000-0000-7000-8000-000000000001";
const char* const session_id = "01900000-0000-7000-8000-000000000002";

// Of schema 1, with a user and a session that began a minute ago.
struct OldDatabase {
    OldDatabase() {
        REQUIRE(Vault::make_key(key_path(), random));
        const std::string check = *Vault::key_check(key_path(), "old");
        vault.emplace(key_path(), "old", check);
        database = SqliteDatabase::create(path()).value();
        database->execute(std::string(sqlite_migrations().front().second));
        database->set_schema_version(1);
        meta_table::store(*database, {"old", check, true, clock.now()});
        write("INSERT INTO users (id, email, email_key, verified_at, created_at, updated_at)"
              " VALUES ('{user}', 'ann@example.org', 'ann@example.org', 1, 1, 1)");
        write("INSERT INTO sessions (id, user_id, created_at, used_at, expires_at, idle_seconds,"
              " epoch, generation, refresh_hash) VALUES ('{session}', '{user}', {then}, {then},"
              " {then} + 43200, 600, 0, 0, x'00')");
        Realm realm = this->realm();
        refresh_token = make_refresh_token(realm, session_id, 0);
        database->prepare("UPDATE sessions SET refresh_hash = ?1")
            .bind_blob(1, refresh_hash(refresh_token))
            .run();
    }

    test::TempDirectory directory;
    test::FixedClock clock;
    test::SeededRandom random;
    Settings settings;
    std::optional<Vault> vault;
    std::unique_ptr<Database> database;
    Secret refresh_token;

    [[nodiscard]] std::filesystem::path path() const { return directory / "auth.db"; }
    [[nodiscard]] std::filesystem::path key_path() const { return directory / "auth.key"; }
    Realm realm() {
        return {.database = *database,
                .vault = *vault,
                .settings = settings,
                .clock = clock,
                .random = random,
                .actor = [] { return "os:tester"; },
                .test = true};
    }

    void write(std::string sql) {
        const std::pair<std::string, std::string> words[] = {
            {"{user}", user_id},
            {"{session}", session_id},
            {"{then}", std::to_string(unix_seconds(clock.now()) - 60)}};
        for (const auto& [name, value] : words)
            for (auto at = sql.find(name); at != std::string::npos; at = sql.find(name))
                sql.replace(at, name.size(), value);
        database->execute(sql);
    }
    // A key as that version kept it.
    SigningKey add_key(const char* state, Time created, Time changed) {
        SigningKey key = SigningKey::generate(Algorithm::es256);
        database
            ->prepare("INSERT INTO signing_keys (kid, algorithm, public_jwk, sealed_jwk, state,"
                      " created_at, changed_at) VALUES (?1, 'ES256', ?2, ?3, ?4, ?5, ?6)")
            .bind(1, key.kid())
            .bind(2, key.public_jwk().dump())
            .bind_blob(3, vault->seal({"signing_keys", "sealed_jwk", key.kid()},
                                      key.private_jwk().reveal(), random))
            .bind(4, state)
            .bind(5, created)
            .bind(6, changed)
            .run();
        return key;
    }
    // As that version's login signed it.
    [[nodiscard]] std::string token_by(const SigningKey& key) const {
        const auto then = unix_seconds(clock.now()) - 60;
        return sign_token(key, "at+jwt",
                          {{"iss", "auth-cli"},
                           {"sub", user_id},
                           {"aud", "auth-cli"},
                           {"exp", then + 600},
                           {"iat", then},
                           {"sid", session_id}});
    }
    // Opens it as this version does.
    void open() {
        database.reset();
        database = SqliteDatabase::open(path()).value();
    }
};

} // namespace

TEST_CASE("opening a database of schema 1 brings it up to date") {
    OldDatabase old;
    (void)old.add_key("active", old.clock.now(), old.clock.now());
    REQUIRE(old.database->schema_version() == 1);
    old.open();
    const int newest = static_cast<int>(sqlite_migrations().size());
    REQUIRE(newest > 1);
    CHECK(old.database->schema_version() == newest);
    CHECK(old.database->steps_taken() == newest - 1);
    CHECK(old.database->integrity_problems().empty());
    CHECK(meta_table::load(*old.database)->database_id == "old");
    old.open();
    CHECK(old.database->steps_taken() == 0);
}

TEST_CASE("a key of schema 1 goes on signing, and what it signed is good") {
    OldDatabase old;
    const SigningKey key = old.add_key("active", old.clock.now() - 1h, old.clock.now() - 1h);
    const std::string token = old.token_by(key);
    old.open();
    Realm realm = old.realm();
    const auto access = check_access(realm, token, TokenUse::act);
    REQUIRE(access);
    CHECK(access->user.email == "ann@example.org");
    const auto signing = current_signing_key(realm);
    REQUIRE(signing);
    CHECK(signing->kid() == key.kid());
    CHECK(signing->private_jwk().reveal() == key.private_jwk().reveal());

    const KeyRecord record = *signing_keys_table::find(*old.database, key.kid());
    CHECK(record.state(old.clock.now()) == KeyState::active);
    CHECK(record.created_at == old.clock.now() - 1h);
    CHECK(record.signs_from == old.clock.now() - 1h);
    CHECK(record.known_as.empty());
    CHECK_FALSE(record.imported);
    CHECK_FALSE(record.signs_until);
    CHECK_FALSE(record.last_expiry);
}

TEST_CASE("a session of schema 1 is a login's, and is renewed") {
    OldDatabase old;
    const SigningKey key = old.add_key("active", old.clock.now(), old.clock.now());
    old.open();
    Realm realm = old.realm();
    const auto access = check_access(realm, old.token_by(key), TokenUse::act);
    REQUIRE(access);
    CHECK(access->session.kind == SessionKind::login);
    const auto next = next_refresh_token(realm, old.refresh_token);
    REQUIRE(next);
    const auto renewed = renew(realm, old.refresh_token, *next);
    REQUIRE(renewed);
    CHECK(check_access(realm, renewed->access_token.reveal(), TokenUse::act));
}

TEST_CASE("a key that was revoked under schema 1 stays so") {
    OldDatabase old;
    const SigningKey revoked = old.add_key("revoked", old.clock.now() - 2h, old.clock.now() - 1h);
    const SigningKey active = old.add_key("active", old.clock.now() - 3h, old.clock.now() - 3h);
    const std::string token = old.token_by(revoked);
    old.open();
    Realm realm = old.realm();
    const auto refused = check_access(realm, token, TokenUse::act);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == "revoked_key");
    const KeyRecord record = *signing_keys_table::find(*old.database, revoked.kid());
    CHECK(record.revoked_at == old.clock.now() - 1h);
    CHECK_FALSE(record.has_private);
    CHECK(current_signing_key(realm)->kid() == active.kid());
}

TEST_CASE("a key that was retired under schema 1 signs no more, and verifies for a while") {
    OldDatabase old;
    const Time retired_at = old.clock.now() - 1h;
    const SigningKey retired = old.add_key("retired", old.clock.now() - 2h, retired_at);
    const std::string token = old.token_by(retired);
    old.open();
    Realm realm = old.realm();
    CHECK(check_access(realm, token, TokenUse::act));
    CHECK_FALSE(current_signing_key(realm));
    const KeyRecord record = *signing_keys_table::find(*old.database, retired.kid());
    CHECK(record.state(old.clock.now()) == KeyState::retired);
    CHECK_FALSE(record.has_private);
    CHECK(record.verifies(retired_at + 24h * 30 - 1s));
    CHECK_FALSE(record.verifies(retired_at + 24h * 30));
}

TEST_CASE("of several keys of schema 1 the newest signs") {
    OldDatabase old;
    const Time now = old.clock.now();
    (void)old.add_key("active", now - 3h, now - 3h);
    const SigningKey newest = old.add_key("active", now - 1h, now - 1h);
    (void)old.add_key("active", now - 2h, now - 2h);
    old.open();
    Realm realm = old.realm();
    CHECK(current_signing_key(realm)->kid() == newest.kid());
    const auto keys = signing_keys_table::list(*old.database);
    REQUIRE(keys.size() == 3);
    CHECK(keys.at(0).created_at == now - 1h);
    CHECK(keys.at(1).created_at == now - 2h);
    CHECK(keys.at(2).created_at == now - 3h);
    // One made now comes after them all.
    REQUIRE(create_key(realm, Algorithm::es256));
    CHECK(signing_record(realm)->created_at == now);
}
