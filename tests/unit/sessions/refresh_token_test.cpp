#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/sessions/refresh_token.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <set>

using namespace auth;
using test::TestRealm;

namespace {

const char* const session = "0198a0b1-0000-7000-8000-00000000000a";

void check_malformed(Realm& realm, const Secret& token) {
    const auto read = read_refresh_token(realm, token);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::invalid_token);
    CHECK(read.error().reason == "malformed");
}

} // namespace

TEST_CASE("a refresh token names its session and generation") {
    TestRealm realm;
    for (const std::int64_t generation : {0, 1, 9, 10, 123456789}) {
        const Secret token = make_refresh_token(realm, session, generation);
        const auto claims = read_refresh_token(realm, token);
        REQUIRE(claims);
        CHECK(claims->session_id == session);
        CHECK(claims->generation == generation);
    }
}

TEST_CASE("whatever bytes its random part holds, a refresh token is read right") {
    TestRealm realm;
    for (int i = 0; i < 500; ++i) {
        const auto claims = read_refresh_token(realm, make_refresh_token(realm, session, i));
        REQUIRE(claims);
        REQUIRE(claims->session_id == session);
        REQUIRE(claims->generation == i);
    }
}

TEST_CASE("no two refresh tokens are the same") {
    TestRealm realm;
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i)
        CHECK(seen.insert(std::string(make_refresh_token(realm, session, 1).reveal())).second);
}

TEST_CASE("any change to a refresh token is noticed") {
    TestRealm realm;
    const Secret token = make_refresh_token(realm, session, 1);
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string altered(token.reveal());
        altered[i] = altered[i] == 'A' ? 'B' : 'A';
        check_malformed(realm, Secret(altered));
    }
    std::string bytes = *from_base64url(token.reveal());
    bytes[bytes.find("/1/") + 1] = '2';
    check_malformed(realm, Secret(to_base64url(bytes)));
}

TEST_CASE("what is no refresh token is malformed") {
    TestRealm realm;
    const std::string token(make_refresh_token(realm, session, 1).reveal());
    for (const std::string& text :
         {std::string(), std::string("x"), std::string("=="), token + "\n", token + "=",
          token.substr(4), token + token, to_base64url(std::string(64, '\0')),
          to_base64url(std::string(65, '\0'))})
        check_malformed(realm, Secret(text));
}

TEST_CASE("another database's refresh token is malformed here") {
    TestRealm here;
    TestRealm there;
    // The same randomness made both, so give one another key.
    const auto other = there.directory() / "other.key";
    test::SeededRandom random(7);
    REQUIRE(Vault::make_key(other, random));
    const Vault vault(other, "other", *Vault::key_check(other, "other"));
    Realm foreign{.database = there.database(),
                  .vault = vault,
                  .settings = there.settings,
                  .clock = there.clock,
                  .random = random,
                  .actor = [] { return "os:x"; },
                  .test = true};
    check_malformed(here, make_refresh_token(foreign, session, 1));
}

TEST_CASE("the database keeps only a hash of the token") {
    TestRealm realm;
    const Secret token = make_refresh_token(realm, session, 1);
    CHECK(refresh_hash(token) == sha256(token.reveal()));
}
