#include "core/accounts/enrolment.h"
#include "core/accounts/lockout.h"
#include "core/federation/federated_login.h"
#include "core/sessions/access.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using test::ann;
using test::TestRealm;
using test::user_ref;

namespace {

struct WithProvider : TestRealm {
    WithProvider() {
        provider =
            make_provider({"corp", "https://idp.example", "client", {}, {}, {}, "", false, false},
                          clock.now())
                .value();
        REQUIRE(add_provider(realm(), provider, Secret(std::string_view("client secret")), false));
    }
    Result<Grant> log_in(const AskFactor& ask = {}, const std::optional<UserRef>& whose = {}) {
        return log_in_by_provider(realm(), provider, identity, whose, std::nullopt, ask);
    }
    std::string reason(const std::optional<UserRef>& whose = {}) {
        const auto grant = log_in({}, whose);
        return grant ? "" : grant.error().reason;
    }

    Provider provider;
    ProvedIdentity identity{"https://idp.example", "ann-1", ann, true, "Ann", ""};
};

} // namespace

TEST_CASE("a provider's secret is sealed") {
    WithProvider realm;
    CHECK(client_secret(realm, realm.provider).reveal() == "client secret");
    CHECK(realm.query("SELECT sealed_secret FROM providers").find("client secret") ==
          std::string::npos);
}

TEST_CASE("path and port of the callback are kept") {
    WithProvider realm;
    for (const auto& [path, port] :
         {std::pair<std::string, int>{"", 0}, {"/callback", 0}, {"", 8400}, {"/a/b", 65535}}) {
        Provider wanted = realm.provider;
        wanted.redirect_path = path;
        wanted.redirect_port = port;
        REQUIRE(add_provider(realm, wanted, std::nullopt, true));
        const Provider kept = find_provider(realm, "corp").value();
        CHECK(kept.redirect_path == path);
        CHECK(kept.redirect_port == port);
    }
}

TEST_CASE("a stranger is refused unless users are made for strangers") {
    WithProvider realm;
    CHECK(realm.reason() == "unlinked");
    CHECK(realm.events().back() == "authn_login_fail");
    realm.provider.auto_create = true;
    const auto grant = realm.log_in();
    REQUIRE(grant);
    CHECK(grant->user.verified_at);
    CHECK(grant->user.name == "Ann");
    CHECK_FALSE(has_password(realm, grant->user));
    CHECK(check_access(realm, grant->access_token.reveal(), TokenUse::act));
    const auto again = realm.log_in();
    REQUIRE(again);
    CHECK(again->user.id == grant->user.id);
    CHECK(identities_of(realm, again->user).front().last_login_at == realm.clock.now());
}

TEST_CASE("an address is no link by itself") {
    WithProvider realm;
    test::add_user(realm);
    realm.provider.auto_create = true;
    CHECK(realm.reason() == "unlinked");
    realm.provider.link_verified_email = true;
    realm.identity.email_verified = false;
    CHECK(realm.reason() == "unverified_address");
    realm.identity.email_verified = true;
    CHECK(realm.reason().empty());
    // From here on it is the subject that counts.
    realm.identity.email = "other@example.org";
    CHECK(realm.log_in()->user.email == ann);
}

TEST_CASE("linking voids the password of whoever signed up with the address") {
    WithProvider realm;
    realm.realm().operated = false;
    test::add_user(realm, {ann, std::string(test::good_password), false});
    realm.provider.link_verified_email = true;
    const auto grant = realm.log_in();
    REQUIRE(grant);
    CHECK(grant->user.verified_at);
    CHECK_FALSE(has_password(realm, grant->user));
}

TEST_CASE("a link stays with its user's other address") {
    WithProvider realm;
    test::add_user(realm, {"ann@home.example", std::nullopt, false});
    const User user = test::stored_user(realm, "ann@home.example");
    REQUIRE(link_identity(realm, user, {"corp", "ann-1"}));
    CHECK(realm.reason() == "unverified"); // the provider vouches for another address
}

TEST_CASE("who may not log in may not do so elsewhere") {
    WithProvider realm;
    test::add_user(realm, {ann});
    REQUIRE(link_identity(realm, test::stored_user(realm), {"corp", "ann-1"}));
    SECTION("disabled") {
        Transaction transaction(realm.database());
        REQUIRE(set_disabled(realm, user_ref(ann), true, ""));
        transaction.commit();
        CHECK(realm.reason() == "disabled");
    }
    SECTION("locked") {
        realm.set("lockout.waits", "false");
        for (int i = 0; i < 100; ++i)
            (void)log_in(realm, user_ref(ann), Secret("wrong"), std::nullopt);
        CHECK(realm.log_in().error().code == ErrorCode::locked_out);
    }
    SECTION("without the factor that is required") {
        realm.set("mfa.required", "all");
        CHECK(realm.reason() == "mfa_enrolment_required");
    }
    SECTION("from another domain") {
        realm.provider.domains = {"corp.example"};
        CHECK(realm.reason() == "domain_not_allowed");
        realm.provider.domains.emplace_back("example.org");
        CHECK(realm.reason().empty());
        realm.identity.email_verified = false;
        CHECK(realm.reason() == "domain_not_allowed");
    }
    SECTION("as somebody else") {
        test::add_user(realm, {"bob@example.org"});
        CHECK(realm.reason(user_ref("bob@example.org")) == "other_user");
        CHECK(realm.reason(user_ref("nobody@example.org")) == "other_user");
        CHECK(realm.reason(user_ref(ann)).empty());
    }
}

TEST_CASE("the second factor is asked for, and nothing is linked before") {
    WithProvider realm;
    test::add_user(realm);
    realm.provider.link_verified_email = true;
    const Totp totp = make_totp(HashFunction::sha1, 6, realm.random);
    REQUIRE(adopt_totp(realm, test::stored_user(realm), totp));
    CHECK(realm.reason() == "mfa_required");
    CHECK(identities_of(realm, test::stored_user(realm)).empty());
    const auto right = [&]() -> Result<FactorAnswer> {
        return FactorAnswer{FactorAnswer::Kind::totp,
                            hotp(totp, time_step(totp, realm.clock.now()))};
    };
    CHECK(realm.log_in(right));
    CHECK(identities_of(realm, test::stored_user(realm)).size() == 1);
}

TEST_CASE("a user who must enrol first is made all the same") {
    WithProvider realm;
    realm.provider.auto_create = true;
    realm.set("mfa.required", "all");
    CHECK(realm.reason() == "mfa_enrolment_required");
    CHECK(identities_of(realm, test::stored_user(realm)).size() == 1);
    CHECK(realm.count("SELECT count(*) FROM sessions") == 0);
}

TEST_CASE("an identity is one user's") {
    WithProvider realm;
    User user = test::add_user(realm);
    const User bob = test::add_user(realm, {"bob@example.org"});
    CHECK(link_identity(realm, user, {"corp", "ann-1"}).value());
    CHECK_FALSE(link_identity(realm, user, {"corp", "ann-1"}).value());
    CHECK(link_identity(realm, bob, {"corp", "ann-1"}).error().code == ErrorCode::exists);
    CHECK(link_identity(realm, bob, {"corp", ""}).error().code == ErrorCode::usage);
    CHECK(link_identity(realm, bob, {"crop", "x"}).error().hint == "did you mean 'corp'?");
    const std::int64_t epoch = user.session_epoch;
    CHECK_FALSE(unlink_identity(realm, user, {"corp", "other"}).value());
    CHECK(unlink_identity(realm, user, {"corp", ""}).value());
    CHECK(user.session_epoch == epoch + 1);
    CHECK(link_identity(realm, bob, {"corp", "ann-1"}).value());
}

TEST_CASE("links go with the last provider of their issuer, and with their user") {
    WithProvider realm;
    test::add_user(realm);
    REQUIRE(link_identity(realm, test::stored_user(realm), {"corp", "ann-1"}));
    Provider twin = realm.provider;
    twin.name = "twin";
    REQUIRE(add_provider(realm, twin, std::nullopt, false));
    CHECK(delete_provider(realm, "twin")->users == 0);
    CHECK(realm.count("SELECT count(*) FROM identities") == 1);
    SECTION("provider") {
        CHECK(delete_provider(realm, "corp")->users == 1);
    }
    SECTION("user") {
        Transaction transaction(realm.database());
        REQUIRE(delete_user(realm, user_ref(ann)));
        transaction.commit();
    }
    CHECK(realm.count("SELECT count(*) FROM identities") == 0);
}

TEST_CASE("what a provider must be") {
    const auto field = [](NewProvider wanted) {
        if (wanted.client_id.empty())
            wanted.client_id = "c";
        const auto made = make_provider(wanted, Time());
        return made ? made->scope + "|" + made->issuer : made.error().field;
    };
    const std::string google = "openid email profile|https://accounts.google.com";
    CHECK(field({"google", "", "", {}, {}, {}, "", false, false}) == google);
    CHECK(field({"corp", "", "", {}, {}, {}, "", false, false}) == "issuer");
    CHECK(field({"Corp", "https://a", "", {}, {}, {}, "", false, false}) == "name");
    CHECK(field({"-c", "https://a", "", {}, {}, {}, "", false, false}) == "name");
    CHECK(field({"c", "https://a?b", "", {}, {}, {}, "", false, false}) == "issuer");
    CHECK(field({"c", "https://a", "", {}, {"groups", "openid"}, {}, "", false, false}) ==
          "openid groups|https://a");
    CHECK(field({"c", "https://a", "", {}, {"a\"b"}, {}, "", false, false}) == "scope");
    CHECK(field({"c", "https://a", "", {}, {}, {"a b"}, "", false, false}) == "allow_domain");
    CHECK(field({"c", "https://a", "", {}, {}, {}, "callback", false, false}) == "redirect_path");
    CHECK(field({"c", "https://a", "", {}, {}, {}, "/a?b", false, false}) == "redirect_path");
    CHECK(field({"c",
                 "https://a/.well-known/openid-configuration",
                 "",
                 {},
                 {},
                 {},
                 "",
                 false,
                 false}) == "issuer");
    for (const std::int64_t port : {-1, 0, 80, 1023, 65536, 1 << 30})
        CHECK(field({"c", "https://a", "", {}, {}, {}, "", false, false, port}) == "redirect_port");
}
