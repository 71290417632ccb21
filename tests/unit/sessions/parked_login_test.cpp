// What happens to a user while a question for the second factor stands counts for the login that
// asked it.
#include "core/accounts/attempts_table.h"
#include "core/accounts/enrolment.h"
#include "core/accounts/lockout.h"
#include "core/accounts/verification.h"
#include "core/federation/federated_login.h"
#include "core/sessions/change_password.h"
#include "core/sessions/link_login.h"
#include "core/users/roles.h"
#include "core/users/users_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <functional>

using namespace auth;
using namespace std::chrono_literals;
using test::ann;
using test::TestRealm;
using test::user_ref;

namespace {

const Secret& password() {
    static const Secret typed(test::good_password);
    return typed;
}

// Ann has an authenticator app, whose next code is fresh, a link and an identity elsewhere.
struct Parked : TestRealm {
    Parked() {
        test::add_user(realm());
        REQUIRE(create_role(realm(), test::role("admin"), ""));
        change([](Realm& realm, User& user) {
            REQUIRE(grant_roles(realm, user, {test::role("admin")}));
        });
        clock.advance(1s);
        totp = make_totp(HashFunction::sha1, 6, random);
        REQUIRE(enroll_totp(realm(), user(), totp, std::nullopt));
        REQUIRE(confirm_totp(realm(), user(), {FactorAnswer::Kind::totp, code()}, true));
        clock.advance(30s);
        provider =
            make_provider({"corp", "https://idp.example", "client", {}, {}, {}, "", true, false},
                          clock.now())
                .value();
        REQUIRE(add_provider(realm(), provider, std::nullopt, false));
        REQUIRE(link_identity(realm(), user(), {"corp", "ann-1"}));
        REQUIRE(request_link(realm(), user_ref(ann)));
        link = Secret(test::posted_mails(realm(), Departure::unseen).back().link);
    }

    Totp totp;
    Provider provider;
    Secret link;

    User user() { return test::stored_user(realm()); }
    Secret code() const { return hotp(totp, time_step(totp, clock.now())); }
    // The right code, after something else has happened.
    AskFactor after(std::function<void()> meanwhile) {
        return [this, meanwhile = std::move(meanwhile)]() -> Result<FactorAnswer> {
            meanwhile();
            return FactorAnswer{FactorAnswer::Kind::totp, code()};
        };
    }
    void change(const std::function<void(Realm&, User&)>& act) {
        Transaction transaction(database());
        User now = user();
        act(realm(), now);
        transaction.commit();
    }
    void disable(bool disabled = true) {
        change([&](Realm& realm, User&) {
            REQUIRE(set_disabled(realm, user_ref(ann), disabled, "left"));
        });
    }

    // Each way to log in.
    Result<Grant> by_password(const AskFactor& ask) {
        return log_in(realm(), user_ref(ann), password(), std::nullopt, ask);
    }
    Result<Grant> by_link(const AskFactor& ask) {
        return log_in_by_link(realm(), link, std::nullopt, std::nullopt, ask);
    }
    Result<Grant> by_provider(const AskFactor& ask) {
        return log_in_by_provider(realm(), provider,
                                  {"https://idp.example", "ann-1", ann, true, "Ann", ""},
                                  std::nullopt, std::nullopt, ask);
    }
    Result<Grant> by_change(const AskFactor& ask) {
        return change_own_password(realm(), user_ref(ann), password(), Secret(test::other_password),
                                   ask);
    }
    std::int64_t sessions() { return count("SELECT count(*) FROM sessions"); }
};

using Way = Result<Grant> (Parked::*)(const AskFactor&);
const std::pair<const char*, Way> ways[] = {{"password", &Parked::by_password},
                                            {"link", &Parked::by_link},
                                            {"provider", &Parked::by_provider},
                                            {"change", &Parked::by_change}};

// Of a login that was refused for what happened meanwhile.
std::string reason_of(Parked& realm, Way way, const std::function<void()>& meanwhile) {
    const auto grant = (realm.*way)(realm.after(meanwhile));
    REQUIRE_FALSE(grant);
    CHECK(realm.sessions() == 0);
    // A right code is no failure, whatever else was wrong.
    CHECK(attempts_table::find(realm.database(), address_mac(realm, ann)).factor_failures == 0);
    return grant.error().code == ErrorCode::refused
               ? grant.error().reason
               : std::string(grant.error().code == ErrorCode::bad_credentials ? "credentials"
                             : grant.error().code == ErrorCode::locked_out    ? "locked"
                                                                              : "other");
}

} // namespace

TEST_CASE("who is disabled while the question stands is not let in") {
    for (const auto& [name, way] : ways) {
        CAPTURE(name);
        Parked realm;
        CHECK(reason_of(realm, way, [&] { realm.disable(); }) == "disabled");
    }
}

TEST_CASE("who is disabled and enabled again must begin again") {
    for (const auto& [name, way] : ways) {
        CAPTURE(name);
        Parked realm;
        CHECK(reason_of(realm, way, [&] {
                  realm.disable();
                  realm.disable(false);
              }) == "credentials");
    }
}

TEST_CASE("a password that is changed while the question stands lets nobody in") {
    for (const auto& [name, way] : ways) {
        CAPTURE(name);
        Parked realm;
        CHECK(reason_of(realm, way, [&] {
                  REQUIRE(set_password(realm, user_ref(ann), Secret(test::other_password), false));
              }) == "credentials");
    }
}

TEST_CASE("a lock that comes while the question stands counts") {
    for (const auto& [name, way] : ways) {
        CAPTURE(name);
        Parked realm;
        const std::string address = address_mac(realm, ann);
        const auto grant = (realm.*way)(realm.after([&] {
            Transaction transaction(realm.database());
            Attempts attempts = attempts_table::find(realm.database(), address);
            attempts.failures = 100;
            attempts.blocked_until = locked_for_good;
            attempts_table::put(realm.database(), address, attempts);
            transaction.commit();
        }));
        REQUIRE_FALSE(grant);
        CHECK(grant.error().code == ErrorCode::locked_out);
        CHECK(realm.sessions() == 0);
        CHECK_FALSE(check_not_locked(realm, address));
    }
}

TEST_CASE("what must be done first is asked for although it came while the question stood") {
    for (const auto& [name, way] : ways) {
        CAPTURE(name);
        if (std::string_view(name) == "change")
            continue; // it does what must be done
        Parked realm;
        CHECK(reason_of(realm, way, [&] {
                  realm.change([](Realm& inside, User& user) {
                      user.must_change_password = true;
                      users_table::update(inside.database, user);
                  });
              }) == "must_change_password");
    }
}

TEST_CASE("a role that was taken away while the question stood is in no token") {
    for (const auto& [name, way] : ways) {
        CAPTURE(name);
        Parked realm;
        const auto grant = (realm.*way)(realm.after([&] {
            realm.change([](Realm& inside, User& user) {
                REQUIRE(revoke_roles(inside, user, {test::role("admin")}));
            });
        }));
        REQUIRE(grant);
        CHECK(grant->user.roles.empty());
        const auto token = parse_token(grant->access_token.reveal());
        REQUIRE(token);
        CHECK(token->claims.at("roles").empty());
    }
}

TEST_CASE("a change of one's own password alone obeys what happened while the question stood") {
    Parked realm;
    const auto change =
        set_own_password(realm, user_ref(ann), password(), Secret(test::other_password),
                         realm.after([&] { realm.disable(); }));
    REQUIRE_FALSE(change);
    CHECK(change.error().reason == "disabled");
}
