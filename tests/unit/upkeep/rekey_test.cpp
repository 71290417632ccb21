#include "core/accounts/attempts_table.h"
#include "core/accounts/enrolment.h"
#include "core/accounts/lockout.h"
#include "core/accounts/second_factor.h"
#include "core/accounts/totp_secret.h"
#include "core/accounts/verification.h"
#include "core/audit/audit.h"
#include "core/base/private_file.h"
#include "core/codes/codes_table.h"
#include "core/codes/login_link.h"
#include "core/keys/signing_key.h"
#include "core/mail/outbox.h"
#include "core/provisioning/applied_table.h"
#include "core/sessions/session.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/upkeep/backup.h"
#include "core/upkeep/key_switch.h"
#include "core/upkeep/new_database.h"
#include "core/upkeep/rekey.h"
#include "core/upkeep/restore.h"
#include "core/upkeep/sealed_table.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/test_realm.h"

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;
using test::user_ref;
namespace fs = std::filesystem;

namespace {

const char* const ann = "ann@example.org";
const char* const nobody = "nobody@example.org";

struct Keyed : TestRealm {
    Keyed() { user = test::add_user(realm()); }
    User user;
    std::string first_key = test::content(key_path());

    [[nodiscard]] fs::path next() const { return next_key_file(key_path()); }
    [[nodiscard]] fs::path old() const { return old_key_file(key_path()); }

    Rekeyed change(const RekeyOrder& order = {}) {
        auto done = rekey(realm(), order);
        REQUIRE(done);
        REQUIRE(*done);
        reopen();
        return **done;
    }
    void open_everything() {
        REQUIRE(vault().require_key());
        CHECK(sealed_table::altered(database(), vault()).value().empty());
        CHECK(current_signing_key(realm()));
        CHECK(verify_audit(database()).problem.empty());
    }
    // Leaves the files as they are between the commit and the switch.
    void undo_switch() {
        fs::rename(key_path(), next());
        fs::rename(old(), key_path());
        reopen();
    }
    void count_failure(const std::string& address) {
        Transaction transaction(database());
        attempts_table::put(database(), address_mac(realm(), address), {.failures = 7});
        transaction.commit();
    }
    std::int64_t failures(const std::string& address) {
        return attempts_table::find(database(), address_mac(realm(), address)).failures;
    }
};

} // namespace

TEST_CASE("after a rekey everything opens with the new key, and nothing with the old one") {
    Keyed realm;
    {
        Transaction transaction(realm.database());
        (void)post_verification(realm, realm.user);
        store_totp(realm, realm.user.id, totp_table::State::confirmed,
                   make_totp(HashFunction::sha1, 6, realm.random), 0, "subject");
        store_totp(realm, realm.user.id, totp_table::State::pending,
                   make_totp(HashFunction::sha256, 6, realm.random), 0, "subject");
        transaction.commit();
    }
    const auto before =
        find_totp(realm, realm.user.id, totp_table::State::confirmed)->totp.secret.copy();
    const Rekeyed done = realm.change();
    CHECK(done.sealed == 4); // a signing key, a mail and two secrets
    CHECK(done.key_file == realm.key_path());
    CHECK(test::content(realm.old()) == realm.first_key);
    CHECK(test::content(realm.key_path()) != realm.first_key);
    CHECK_FALSE(fs::exists(realm.next()));
    realm.open_everything();
    CHECK(find_totp(realm, realm.user.id, totp_table::State::confirmed)->totp.secret.reveal() ==
          before.reveal());

    const auto meta = realm.meta();
    const Vault stale(realm.old(), meta.database_id,
                      *Vault::key_check(realm.old(), meta.database_id));
    CHECK(sealed_table::altered(realm.database(), stale)->size() == 3);
    CHECK(Vault(realm.old(), meta).require_key().error().message.find("got a new key on") !=
          std::string::npos);
}

TEST_CASE("no trace of the old key or of what it sealed is left in the database") {
    Keyed realm;
    const std::string sealed = realm.query("SELECT sealed_jwk FROM signing_keys");
    const std::string check = realm.meta().key_check;
    realm.count_failure(ann);
    const std::string mac = address_mac(realm, ann);
    REQUIRE(test::content(realm.database_path()).find(sealed.substr(0, 40)) != std::string::npos);
    realm.change();
    const std::string file = test::content(realm.database_path());
    CHECK(file.find(sealed.substr(0, 40)) == std::string::npos);
    CHECK(file.find(realm.first_key) == std::string::npos);
    CHECK(file.find(check) == std::string::npos);
    CHECK(file.find(mac) == std::string::npos);
}

TEST_CASE("counters of users go on, and those of addresses that nobody has are dropped") {
    Keyed realm;
    for (int i = 0; i < 40; ++i) {
        const std::string address = "u" + std::to_string(i) + "@example.org";
        (void)test::add_user(realm, {.email = address, .password = std::nullopt});
        realm.count_failure(address);
        realm.count_failure("x" + address);
    }
    {
        Transaction transaction(realm.database());
        codes_table::add_request(realm.database(), address_mac(realm, ann), "reset",
                                 realm.clock.now());
        codes_table::add_request(realm.database(), address_mac(realm, ann), "verify",
                                 realm.clock.now());
        codes_table::add_request(realm.database(), address_mac(realm, nobody), "reset",
                                 realm.clock.now());
        transaction.commit();
    }
    const Rekeyed done = realm.change();
    CHECK(done.counters == 42);
    CHECK(done.dropped_counters == 41);
    for (int i = 0; i < 40; ++i)
        CHECK(realm.failures("u" + std::to_string(i) + "@example.org") == 7);
    CHECK(realm.failures("xu1@example.org") == 0);
    CHECK(realm.count("SELECT count(*) FROM attempts WHERE length(address) <> 32") == 0);
    CHECK(codes_table::requests(realm.database(), address_mac(realm, ann), "reset",
                                realm.clock.now() - 1h)
              .count == 2);
    CHECK(realm.count("SELECT count(*) FROM code_requests") == 2);
}

TEST_CASE("codes and links are void, and recovery codes and sessions go on") {
    Keyed realm;
    Secret link;
    std::vector<Secret> codes;
    {
        Transaction transaction(realm.database());
        (void)post_verification(realm, realm.user);
        link = issue_link(realm, realm.user.id);
        codes = issue_recovery_codes(realm, realm.user.id, "subject");
        applied_table::put_user(realm.database(), "team",
                                {.user_id = realm.user.id,
                                 .made = true,
                                 .credential_mac = realm.vault().mac(MacPurpose::applied, "x")});
        transaction.commit();
    }
    auto grant = log_in(realm, user_ref(ann), Secret(test::good_password), std::nullopt);
    REQUIRE(grant);
    const auto parsed = parse_recovery_code(codes.front().reveal());
    REQUIRE(parsed);
    const auto mac = [&] { return recovery_code_mac(realm, realm.user.id, parsed->text); };
    const auto note = [&] { return realm.vault().mac(MacPurpose::applied, "x"); };
    const std::string first = mac();
    const std::string first_note = note();
    const std::string place = realm.vault().mac(MacPurpose::place, "x");
    for (int i = 0; i < 2; ++i) {
        const Rekeyed done = realm.change();
        CHECK(done.codes == (i == 0 ? 1 : 0));
        CHECK(done.links == (i == 0 ? 1 : 0));
        CHECK(done.recovery_codes == 10);
        CHECK(mac() == first);
        CHECK(note() == first_note);
        CHECK(realm.vault().mac(MacPurpose::place, "x") != place);
        CHECK_FALSE(find_link(realm, link));
        REQUIRE(finish_rekey(realm));
    }
    auto next = next_refresh_token(realm, grant->refresh_token);
    REQUIRE(next);
    const auto renewed = renew(realm, grant->refresh_token, *next);
    REQUIRE(renewed);
    // Of the tokens from before only the current one is known.
    CHECK(next_refresh_token(realm, grant->refresh_token).error().reason == "malformed");
    CHECK(next_refresh_token(realm, renewed->refresh_token));
}

TEST_CASE("a user who had places keeps one that matches nothing") {
    Keyed realm;
    realm.realm().place = [] { return "laptop"; };
    REQUIRE(log_in(realm, user_ref(ann), Secret(test::good_password), std::nullopt));
    realm.realm().place = [] { return "phone"; };
    REQUIRE(log_in(realm, user_ref(ann), Secret(test::good_password), std::nullopt));
    REQUIRE(realm.count("SELECT count(*) FROM login_places") == 2);
    CHECK(realm.change().places == 2);
    CHECK(realm.count("SELECT count(*) FROM login_places") == 1);
    realm.set("mail.notices", "true");
    realm.realm().place = [] { return "laptop"; };
    REQUIRE(log_in(realm, user_ref(ann), Secret(test::good_password), std::nullopt));
    CHECK(realm.count("SELECT count(*) FROM outbox WHERE kind = 'notice'") == 1);
}

TEST_CASE("cut off before the commit the old key opens, after it the new one") {
    Keyed realm;
    SECTION("a key waits and nothing was committed: the next rekey takes it") {
        REQUIRE(Vault::make_key(realm.next(), realm.random));
        const std::string waiting = test::content(realm.next());
        realm.reopen();
        realm.open_everything();
        CHECK(realm.vault().key_path() == realm.key_path());
        realm.change();
        CHECK(test::content(realm.key_path()) == waiting);
    }
    SECTION("committed, not switched: the next rekey completes it") {
        realm.change();
        const std::string fresh = test::content(realm.key_path());
        realm.undo_switch();
        realm.open_everything();
        CHECK(realm.vault().key_path() == realm.next());
        const Rekeyed done = realm.change();
        CHECK(done.completed);
        CHECK(test::content(realm.key_path()) == fresh);
        CHECK(test::content(realm.old()) == realm.first_key);
        CHECK_FALSE(fs::exists(realm.next()));
        realm.open_everything();
    }
    SECTION("between the two steps of the switch") {
        realm.change();
        realm.undo_switch();
        fs::create_hard_link(realm.key_path(), realm.old());
        realm.reopen();
        realm.open_everything();
        CHECK(realm.change().completed);
        CHECK(test::content(realm.old()) == realm.first_key);
    }
    SECTION("finishing completes it as well") {
        realm.change();
        realm.undo_switch();
        REQUIRE(finish_rekey(realm).value() == realm.old());
        realm.reopen();
        realm.open_everything();
        CHECK_FALSE(fs::exists(realm.old()));
        CHECK_FALSE(fs::exists(realm.next()));
    }
    SECTION("a switch does not overwrite another key") {
        realm.change();
        realm.undo_switch();
        REQUIRE(create_private_file(realm.old(), std::string(32, 'o')));
        CHECK(switch_key_files(realm.key_path()).error().code == ErrorCode::exists);
        realm.reopen();
        realm.open_everything();
    }
    realm.open_everything();
}

TEST_CASE("a rekey that is stopped, tried or refused changes nothing") {
    Keyed realm;
    const auto unchanged = [&] {
        realm.reopen();
        CHECK(test::content(realm.key_path()) == realm.first_key);
        CHECK_FALSE(fs::exists(realm.old()));
        CHECK(realm.vault().key_path() == realm.key_path());
        realm.open_everything();
    };
    SECTION("stopped") {
        const auto done = rekey(realm, {.progress = [](std::int64_t) { return false; }});
        REQUIRE(done);
        CHECK_FALSE(*done);
        unchanged();
    }
    SECTION("a dry run") {
        realm.realm().dry_run = true;
        realm.database().set_dry_run(true);
        const auto done = rekey(realm, {});
        REQUIRE(done);
        CHECK((*done)->sealed == 1);
        unchanged();
        CHECK_FALSE(fs::exists(realm.next()));
    }
    SECTION("a value that does not open") {
        realm.execute("UPDATE signing_keys SET sealed_jwk = x'00'");
        CHECK(rekey(realm, {}).error().code == ErrorCode::database_corrupt);
        CHECK(test::content(realm.key_path()) == realm.first_key);
    }
    SECTION("the same key") {
        CHECK(rekey(realm, {.new_key_file = realm.key_path()}).error().code == ErrorCode::usage);
        CHECK_FALSE(fs::exists(realm.next()));
        unchanged();
    }
}

TEST_CASE("there is one old key at a time") {
    Keyed realm;
    realm.change();
    const Error refused = rekey(realm, {}).error();
    CHECK(refused.code == ErrorCode::exists);
    CHECK(refused.hint == NextStep{"db rekey", {"--finish"}});
    REQUIRE(finish_rekey(realm).value() == realm.old());
    CHECK_FALSE(finish_rekey(realm).value());
    realm.change();
    CHECK(realm.events().back() == "database_rekeyed");
}

TEST_CASE("finishing keeps the old key where something does not open") {
    Keyed realm;
    realm.change();
    realm.execute("UPDATE signing_keys SET sealed_jwk = x'00'");
    CHECK(finish_rekey(realm).error().code == ErrorCode::database_corrupt);
    CHECK(fs::exists(realm.old()));
}

TEST_CASE("another process that has the old key may write nothing more") {
    Keyed realm;
    test::OtherProcess other(realm, 5);
    meta_table::hold_to_key(other.database(), realm.meta().key_check);
    realm.change();
    try {
        Transaction transaction(other.database());
        FAIL("it began");
    } catch (const Failure& failure) {
        CHECK(failure.error().code == ErrorCode::database_busy);
    }
    meta_table::hold_to_key(other.database(), realm.meta().key_check);
    const Transaction transaction(other.database());
}

TEST_CASE("a database that shares the key file opens with the old key and joins the new one") {
    Keyed realm;
    const fs::path second = realm.directory() / "second.db";
    REQUIRE(make_database(
        second,
        {.key = realm.key_path(), .share_key = true, .test = true, .actor = [] { return "os:x"; }},
        realm.settings, realm.clock, realm.random));
    realm.change();
    const std::string fresh = test::content(realm.key_path());

    const auto database = std::move(*SqliteDatabase::open(second));
    const Vault vault(realm.key_path(), *meta_table::load(*database));
    REQUIRE(vault.require_key());
    CHECK(vault.key_path() == realm.old());
    Realm shared{.database = *database,
                 .vault = vault,
                 .settings = realm.settings,
                 .clock = realm.clock,
                 .random = realm.random,
                 .actor = [] { return "os:x"; },
                 .test = true};
    CHECK(finish_rekey(shared).error().reason == "key_in_use");
    REQUIRE(rekey(shared, {}));
    CHECK(test::content(realm.key_path()) == fresh);
    CHECK(test::content(realm.old()) == realm.first_key);
    const Vault after(realm.key_path(), *meta_table::load(*database));
    REQUIRE(after.require_key());
    CHECK(after.key_path() == realm.key_path());
}

TEST_CASE("a key that is kept elsewhere is replaced by one in a file that is named") {
    Keyed realm;
    const KeySource elsewhere("the key from 'pass'", Secret(realm.first_key));
    const Vault vault(elsewhere, realm.meta());
    Realm kept{.database = realm.database(),
               .vault = vault,
               .settings = realm.settings,
               .clock = realm.clock,
               .random = realm.random,
               .actor = [] { return "os:x"; },
               .test = true};
    CHECK(rekey(kept, {}).error().field == "new-key-file");
    const fs::path file = realm.directory() / "fresh.key";
    const auto done = rekey(kept, {.new_key_file = file});
    REQUIRE(done);
    CHECK((*done)->key_file == file);
    CHECK((*done)->old_key_file.empty());
    const auto meta = *meta_table::load(realm.database());
    CHECK(Vault(file, meta).require_key());
    CHECK(Vault(elsewhere, meta).require_key().error().code == ErrorCode::key_mismatch);
}

TEST_CASE("a backup from before a rekey is restored with the key that was kept") {
    Keyed realm;
    const fs::path file = realm.directory() / "backup.db";
    REQUIRE(back_up({realm.database_path(), file}, realm.vault(), realm.random));
    realm.change();
    {
        auto restore = Restore::prepare(
            {file, realm.database_path(), realm.key_path(), {}, [] { return "os:x"; }},
            realm.settings, realm.clock, realm.random);
        REQUIRE(restore);
        REQUIRE(restore->finish());
    }
    realm.reopen();
    realm.open_everything();
    CHECK(realm.vault().key_path() == realm.old());
    realm.change();
    CHECK(realm.vault().require_key());
    CHECK(realm.vault().key_path() == realm.key_path());
    realm.open_everything();
}
