#include "core/audit/audit.h"
#include "core/keys/imported_key.h"
#include "core/keys/key_lifecycle.h"
#include "core/keys/signing_keys_table.h"
#include "core/sessions/access.h"
#include "core/sessions/issued_token.h"
#include "core/sessions/session.h"
#include "core/settings/settings_table.h"
#include "support/catch.h"
#include "support/data.h"
#include "support/test_realm.h"

#include <algorithm>

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;

namespace {

constexpr auto es256 = Algorithm::es256;

// With the key that it was made with.
struct WithKey : TestRealm {
    std::string first = signing();

    std::string signing() {
        const auto key = signing_record(realm());
        return key ? key->kid : "";
    }
    KeyRecord key(const std::string& kid) {
        auto found = signing_keys_table::find(database(), kid);
        REQUIRE(found);
        return *std::move(found);
    }
    KeyState state(const std::string& kid) { return key(kid).state(clock.now()); }
    bool verifies(const std::string& kid) { return key(kid).verifies(clock.now()); }
    bool sealed(const std::string& kid) {
        return signing_keys_table::sealed(database(), kid).has_value();
    }
    KeyChange rotate(Time at, Algorithm algorithm = es256) {
        auto change = rotate_keys(realm(), algorithm, at);
        REQUIRE(change);
        return *std::move(change);
    }
    KeyChange rotate() { return rotate(clock.now()); }
    KeyChange retire(const std::string& kid) {
        auto change = retire_key(realm(), kid);
        REQUIRE(change);
        return *std::move(change);
    }
    KeyChange revoke(const std::string& kid) {
        auto change = revoke_key(realm(), kid);
        REQUIRE(change);
        return *std::move(change);
    }
    std::vector<std::string> published() {
        std::vector<std::string> kids;
        for (const KeyRecord& each : published_keys(realm()))
            kids.push_back(each.kid);
        return kids;
    }
};

void check_fails(const Result<KeyChange>& result, ErrorCode code, const std::string& reason = "") {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == code);
    CHECK(result.error().reason == reason);
}

using Kids = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(WithKey, "a key that never had its private half here is not published") {
    const Secret public_half(data_file("pem/p256_public.pem"));
    const auto imported = import_key(realm(), public_half, {.issuer = "https://partner.example"});
    REQUIRE(imported);
    CHECK(find_verification_key(realm(), Json{{"alg", "ES256"}, {"kid", imported->key.kid}},
                                clock.now())
              ->has_value());
    CHECK(published() == Kids{first});
    REQUIRE(import_key(realm(), Secret(data_file("pem/p256_pkcs8.pem")), {.issuer = "auth-cli"}));
    CHECK(published().size() == 2);
}

TEST_CASE("a key's state follows from its times") {
    KeyRecord key;
    const Time start = from_unix_seconds(1'000'000);
    key.created_at = start - 10s;
    key.signs_from = start;
    CHECK(key.state(start - 1s) == KeyState::planned);
    CHECK(key.state(start) == KeyState::active);
    CHECK(key.verifies(start - 1s));
    CHECK_FALSE(key.last_use(start));

    key.signs_until = start + 100s;
    key.verifies_until = start + 200s;
    CHECK(key.state(start + 99s) == KeyState::active);
    CHECK_FALSE(key.last_use(start + 99s));
    CHECK(key.state(start + 100s) == KeyState::retired);
    CHECK(key.last_use(start + 100s) == start + 200s);
    CHECK(key.verifies(start + 199s));
    CHECK_FALSE(key.verifies(start + 200s));

    key.last_expiry = start + 300s;
    CHECK(key.last_use(start + 100s) == start + 300s);
    CHECK(key.verifies(start + 299s));
    CHECK_FALSE(key.verifies(start + 300s));
    key.last_expiry = start + 150s;
    CHECK(key.last_use(start + 100s) == start + 200s);

    key.revoked_at = start + 1s;
    for (const Time at : {start - 1s, start, start + 150s}) {
        CHECK(key.state(at) == KeyState::revoked);
        CHECK_FALSE(key.verifies(at));
    }
}

TEST_CASE("a clock that is set back does not undo a key") {
    WithKey realm;
    realm.clock.advance(-1h);
    CHECK(realm.state(realm.first) == KeyState::active);
    CHECK(realm.signing() == realm.first);
}

TEST_CASE("of two keys made in one second the later signs") {
    WithKey realm;
    for (int i = 0; i < 8; ++i) {
        const auto made = create_key(realm, es256);
        REQUIRE(made);
        CHECK(made->changed);
        CHECK(made->key.kid != realm.first);
        CHECK(realm.signing() == made->key.kid);
        CHECK(realm.published().front() == made->key.kid);
    }
    CHECK(realm.published().size() == 9);
    CHECK(realm.state(realm.first) == KeyState::active);
}

TEST_CASE("a key of another algorithm waits for its setting") {
    WithKey realm;
    const auto made = create_key(realm, Algorithm::eddsa);
    REQUIRE(made);
    CHECK(realm.signing() == realm.first);
    realm.set("token.algorithm", "EdDSA");
    CHECK(realm.signing() == made->key.kid);
    CHECK(realm.published().front() == made->key.kid);
}

TEST_CASE("no key's name looks like a flag") {
    TestRealm realm;
    // One in 64 would.
    for (int i = 0; i < 300; ++i)
        REQUIRE(create_key(realm, Algorithm::eddsa)->key.kid.front() != '-');
}

TEST_CASE("a rotation makes a new key sign and lets the old ones verify") {
    WithKey realm;
    const std::string second = create_key(realm, es256)->key.kid;
    realm.clock.advance(10s);
    const Time now = realm.clock.now();
    const KeyChange change = realm.rotate();
    realm.reopen();
    CHECK(realm.signing() == change.key.kid);
    REQUIRE(change.retired.size() == 2);
    for (const std::string& kid : {realm.first, second}) {
        CHECK(realm.state(kid) == KeyState::retired);
        CHECK(realm.verifies(kid));
        CHECK(realm.key(kid).verifies_until == now + 12h);
        CHECK_FALSE(realm.sealed(kid));
    }
    CHECK_FALSE(change.retired.front().has_private);
    CHECK(realm.sealed(change.key.kid));
    CHECK(realm.published().front() == change.key.kid);
    CHECK(realm.published().size() == 3);
    realm.clock.set(now + 12h);
    CHECK(realm.published() == Kids{change.key.kid});
}

TEST_CASE("a rotation overlaps by the longest that a session's token can live") {
    for (const char* longest : {"1h", "12h", "30d"}) {
        TestRealm realm;
        realm.set("session.max", longest);
        realm.set("token.ttl", "1d");
        test::add_user(realm);
        const Seconds cap = *parse_duration(longest);
        // The longest that anybody gets, in the last second of the key.
        const auto grant =
            log_in(realm, test::user_ref("ann@example.org"), Secret(test::good_password), cap);
        REQUIRE(grant);
        REQUIRE(rotate_keys(realm, es256, realm.clock.now()));
        realm.clock.set(grant->access_expires_at - 1s);
        CHECK(check_access(realm, grant->access_token.reveal(), TokenUse::act));
        realm.clock.advance(1s);
        const auto late = check_access(realm, grant->access_token.reveal(), TokenUse::act);
        REQUIRE_FALSE(late);
        CHECK((late.error().code == ErrorCode::expired || late.error().reason == "retired_key"));
    }
}

TEST_CASE("a retired key verifies as long as the last token issued with it") {
    WithKey realm;
    test::add_user(realm);
    const auto user = test::user_ref("ann@example.org");
    const Time now = realm.clock.now();
    for (const Seconds ttl : {Seconds(24h * 30), Seconds(1h)})
        REQUIRE(issue_token(realm, user, {ttl, {}, {}, Json::object()}));
    realm.rotate();
    realm.reopen();
    CHECK(realm.key(realm.first).last_use(now) == now + 24h * 30);
    realm.clock.set(now + 24h * 30 - 1s);
    CHECK(realm.verifies(realm.first));
    realm.clock.set(now + 24h * 30);
    CHECK_FALSE(realm.verifies(realm.first));
}

TEST_CASE("a planned rotation needs nobody to be there") {
    WithKey realm;
    const Time now = realm.clock.now();
    const Time at = now + 1h;
    const KeyChange change = realm.rotate(at);
    const std::string next = change.key.kid;
    REQUIRE(change.retired.size() == 1);
    CHECK(change.retired.front().has_private);
    CHECK(realm.signing() == realm.first);
    CHECK(realm.state(realm.first) == KeyState::active);
    CHECK(realm.state(next) == KeyState::planned);
    // Whoever fetches the keys has both from the start; the one that signs comes first.
    CHECK(realm.published() == Kids{realm.first, next});
    realm.clock.set(at - 1s);
    CHECK(realm.signing() == realm.first);
    realm.clock.set(at);
    realm.reopen();
    CHECK(realm.signing() == next);
    CHECK(realm.state(realm.first) == KeyState::retired);
    CHECK(realm.state(next) == KeyState::active);
    CHECK(realm.published() == Kids{next, realm.first});
    realm.clock.set(at + 12h - 1s);
    CHECK(realm.verifies(realm.first));
    realm.clock.set(at + 12h);
    CHECK_FALSE(realm.verifies(realm.first));
}

TEST_CASE("a private half that retired as planned is forgotten at the next change") {
    WithKey realm;
    realm.rotate(realm.clock.now() + 1h);
    CHECK(realm.sealed(realm.first));
    realm.clock.advance(1h);
    const std::string other = create_key(realm, Algorithm::eddsa)->key.kid;
    realm.retire(other);
    CHECK_FALSE(realm.sealed(realm.first));
    CHECK(realm.key(realm.first).state(realm.clock.now()) == KeyState::retired);
}

TEST_CASE("a plan may be made anew, earlier or later, or be overtaken") {
    WithKey realm;
    const Time now = realm.clock.now();
    const std::string never = realm.rotate(now + 2h).key.kid;
    const std::string earlier = realm.rotate(now + 1h).key.kid;
    CHECK(realm.signing() == realm.first);
    CHECK(realm.key(realm.first).signs_until == now + 1h);
    CHECK(realm.key(never).signs_until == now + 1h);
    realm.clock.set(now + 1h);
    CHECK(realm.signing() == earlier);
    realm.clock.set(now + 3h);
    CHECK(realm.signing() == earlier);
    CHECK(realm.state(never) == KeyState::retired);

    const std::string planned = realm.rotate(now + 5h).key.kid;
    const std::string at_once = realm.rotate().key.kid;
    CHECK(realm.signing() == at_once);
    realm.clock.set(now + 5h);
    CHECK(realm.signing() == at_once);
    CHECK(realm.state(planned) == KeyState::retired);
    CHECK_FALSE(realm.sealed(planned));
}

TEST_CASE("another algorithm becomes the setting, and cannot be planned") {
    WithKey realm;
    check_fails(rotate_keys(realm, Algorithm::eddsa, realm.clock.now() + 1s), ErrorCode::usage);
    CHECK(realm.count("SELECT count(*) FROM signing_keys") == 1);
    const KeyChange change = realm.rotate(realm.clock.now(), Algorithm::eddsa);
    CHECK(settings_table::load(realm.database()).at("token.algorithm") == "EdDSA");
    realm.set("token.algorithm", "EdDSA"); // as the next process reads it
    CHECK(realm.signing() == change.key.kid);
    CHECK(realm.state(realm.first) == KeyState::retired);
    const auto events = realm.events();
    CHECK(std::count(events.begin(), events.end(), "config_changed") == 1);
    realm.clock.advance(1s);
    realm.rotate(realm.clock.now(), Algorithm::eddsa);
    CHECK(realm.events().back() == "key_created");
}

TEST_CASE("a rotation leaves keys alone that only verify") {
    WithKey realm;
    // As an imported public key is.
    const std::string theirs = create_key(realm, Algorithm::eddsa)->key.kid;
    realm.execute("UPDATE signing_keys SET imported = 1, sealed_jwk = NULL WHERE kid = '" + theirs +
                  "'");
    const KeyChange change = realm.rotate();
    REQUIRE(change.retired.size() == 1);
    CHECK(change.retired.front().kid == realm.first);
    realm.clock.advance(24h * 365);
    CHECK(realm.state(theirs) == KeyState::active);
    CHECK(realm.verifies(theirs));
}

TEST_CASE("the last key that signs is followed by a new one") {
    for (const bool revoked : {false, true}) {
        WithKey realm;
        const KeyChange change = revoked ? realm.revoke(realm.first) : realm.retire(realm.first);
        realm.reopen();
        CHECK(change.changed);
        REQUIRE(change.successor);
        CHECK(change.successor->algorithm == "ES256");
        CHECK(realm.signing() == change.successor->kid);
        CHECK_FALSE(change.key.has_private);
        CHECK_FALSE(realm.sealed(realm.first));
        CHECK(realm.verifies(realm.first) == !revoked);
        CHECK(realm.state(realm.first) == (revoked ? KeyState::revoked : KeyState::retired));
        const auto events = realm.events();
        CHECK(events.at(events.size() - 2) == (revoked ? "key_revoked" : "key_retired"));
        CHECK(events.back() == "key_created");
    }
}

TEST_CASE("a key that is not needed to sign goes without a successor") {
    WithKey realm;
    const std::string second = create_key(realm, es256)->key.kid;
    CHECK_FALSE(realm.retire(second).successor);
    CHECK(realm.signing() == realm.first);
    const std::string other = create_key(realm, Algorithm::eddsa)->key.kid;
    CHECK_FALSE(realm.revoke(other).successor);
    CHECK(realm.signing() == realm.first);
    realm.set("token.algorithm", "HS256"); // then no key pair signs
    CHECK_FALSE(realm.revoke(realm.first).successor);
}

TEST_CASE("a key stays where the one that was to follow it goes") {
    for (const bool revoked : {false, true}) {
        WithKey realm;
        const Time at = realm.clock.now() + 1h;
        const std::string next = realm.rotate(at).key.kid;
        const KeyChange change = revoked ? realm.revoke(next) : realm.retire(next);
        REQUIRE(change.successor);
        CHECK(change.successor->kid == realm.first);
        CHECK(realm.events().back() == "key_retirement_cancelled");
        for (const Time then : {realm.clock.now(), at, at + 24h}) {
            realm.clock.set(then);
            CHECK(realm.signing() == realm.first);
        }
    }
}

TEST_CASE("no moment is left without a key to sign") {
    WithKey realm;
    const Time now = realm.clock.now();
    const std::string second = realm.rotate(now + 1h).key.kid;
    const std::string third = realm.rotate(now + 2h).key.kid;
    realm.revoke(second);
    for (Time then = now; then < now + 4h; then += 10min) {
        realm.clock.set(then);
        CHECK(realm.signing() == (then < now + 2h ? realm.first : third));
    }
}

TEST_CASE("retiring and revoking twice changes nothing more") {
    WithKey realm;
    realm.retire(realm.first);
    const auto until = realm.key(realm.first).verifies_until;
    realm.clock.advance(1h);
    CHECK_FALSE(realm.retire(realm.first).changed);
    CHECK(realm.key(realm.first).verifies_until == until);
    realm.revoke(realm.first);
    const auto revoked_at = realm.key(realm.first).revoked_at;
    realm.clock.advance(1h);
    const auto events = realm.events().size();
    CHECK_FALSE(realm.revoke(realm.first).changed);
    CHECK(realm.key(realm.first).revoked_at == revoked_at);
    check_fails(retire_key(realm, realm.first), ErrorCode::refused, "revoked");
    CHECK(realm.events().size() == events);
}

TEST_CASE("a key is known by its name alone") {
    WithKey realm;
    for (const std::string& kid :
         {std::string("nonsense"), std::string(), std::string("%"), realm.first.substr(0, 42)}) {
        check_fails(retire_key(realm, kid), ErrorCode::not_found);
        check_fails(revoke_key(realm, kid), ErrorCode::not_found);
        CHECK(find_key(realm, kid).error().field == "kid");
    }
    CHECK(find_key(realm, realm.first)->kid == realm.first);
    CHECK(realm.signing() == realm.first);
}

TEST_CASE("what was not committed has changed no key") {
    WithKey realm;
    {
        const Transaction outer(realm.database());
        realm.rotate();
        realm.revoke(realm.first);
    }
    CHECK(realm.signing() == realm.first);
    CHECK(realm.sealed(realm.first));
    CHECK(realm.count("SELECT count(*) FROM signing_keys") == 1);
}
