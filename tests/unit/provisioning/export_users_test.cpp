#include "core/accounts/hash_census.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/totp_secret.h"
#include "core/codes/otpauth.h"
#include "core/provisioning/export_users.h"
#include "core/settings/setting.h"
#include "core/users/identities_table.h"
#include "core/users/users_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <fmt/format.h>

using namespace auth;
using test::TestRealm;

namespace {

constexpr int people = 2203; // three pages

std::string address(int number) {
    return fmt::format("user{:04}@example.org", number);
}

// Every second has a password, every seventh a second factor, every third links; ids stand in no
// order.
struct Company : TestRealm {
    Company() {
        Transaction transaction(database());
        HashTally tally(database());
        const auto passwords = passwords_table::bulk_insert(database());
        for (int i = 0; i < people; ++i) {
            User user;
            user.id = fmt::format("{:08x}-0000-7000-8000-{:012}", i * 7919 % 10007, i);
            user.email = user.email_key = address(i);
            REQUIRE(users_table::insert(database(), user));
            if (i % 2 == 0)
                passwords_table::add(*passwords, user.id,
                                     {fmt::format("hash {}", i), "operator", at(i)},
                                     HashStrength::weak);
            if (i % 7 == 0)
                store_totp(realm(), user.id, totp_table::State::confirmed, factor(i), 0, "subject");
            if (i % 5 == 0) // not confirmed yet: nothing to take elsewhere
                store_totp(realm(), user.id, totp_table::State::pending, factor(i + 1), 0,
                           "subject");
            if (i % 3 == 0)
                for (const char* const issuer : {"https://b.example", "https://a.example"})
                    identities_table::insert(
                        database(), {issuer, fmt::format("s{}", i), user.id, at(i), std::nullopt});
        }
        REQUIRE(passwords->finish());
        transaction.commit();
    }
    static Time at(int number) { return from_unix_seconds(1'700'000'000 + number); }
    static Totp factor(int number) {
        return {Secret(fmt::format("secret of {:011}", number)), HashFunction::sha1, 6,
                Seconds(30)};
    }
};

} // namespace

TEST_CASE("each of many users is exported with what is theirs", "[provisioning][export]") {
    Company company;
    const std::string issuer = company.settings.get(setting<"token.issuer">);
    Export users(company, {}, true);
    for (int i = 0; i < people; ++i) {
        INFO(i);
        const auto user = users.next();
        REQUIRE(user);
        CHECK(user->email == address(i));
        CHECK(user->password_hash ==
              (i % 2 == 0 ? std::optional(fmt::format("hash {}", i)) : std::nullopt));
        CHECK(user->password_set_by.has_value() == (i % 2 == 0));
        CHECK(user->password_changed_at ==
              (i % 2 == 0 ? std::optional(Company::at(i)) : std::nullopt));
        REQUIRE(user->totp.has_value() == (i % 7 == 0));
        if (user->totp)
            CHECK(user->totp->reveal() ==
                  otpauth_uri(Company::factor(i), issuer, address(i)).reveal());
        REQUIRE(user->identities.has_value() == (i % 3 == 0));
        if (user->identities) {
            const std::string subject = fmt::format("s{}", i);
            CHECK(user->identities == std::vector<IdentityRecord>{
                                          {"https://a.example", "", subject, Company::at(i), {}},
                                          {"https://b.example", "", subject, Company::at(i), {}}});
        }
    }
    CHECK_FALSE(users.next());
}

TEST_CASE("an export without secrets has none", "[provisioning][export]") {
    Company company;
    Export users(company, {}, false);
    int seen = 0;
    while (const auto user = users.next()) {
        ++seen;
        CHECK_FALSE(user->password_hash);
        CHECK_FALSE(user->totp);
        CHECK_FALSE(user->identities);
    }
    CHECK(seen == people);
}

TEST_CASE("an export has each field of a profile", "[provisioning][export]") {
    TestRealm realm;
    User user = test::add_user(realm);
    for (const ProfileField& field : profile_fields)
        user.*field.place = field.name;
    {
        Transaction transaction(realm.database());
        users_table::update(realm.database(), user);
        transaction.commit();
    }
    const auto record = Export(realm, {}, false).next();
    REQUIRE(record);
    for (const ProfileField& field : profile_fields)
        CHECK((*record).*field.place == field.name);
}
