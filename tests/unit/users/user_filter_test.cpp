#include "core/accounts/hash_census.h"
#include "core/accounts/passwords_table.h"
#include "core/users/roles.h"
#include "core/users/user_filter.h"
#include "core/users/users_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using test::TestRealm;

namespace {

// ann: verified, admin, a name with a space, a phone; bob: disabled, an attribute; cyd: nothing.
struct People : TestRealm {
    People() {
        NewUser ann(*Email::parse("Ann@example.org"));
        ann.verified = true;
        ann.profile.name = "Ann O'Hara 100%";
        ann.profile.phone = "+47 22";
        ann.roles.push_back(*RoleName::parse("admin"));
        REQUIRE(create_role(realm(), *RoleName::parse("admin"), ""));
        REQUIRE(create_user(realm(), ann));
        clock.advance(Seconds(3600));
        NewUser bob(*Email::parse("bob@example.org"));
        bob.disabled = true;
        bob.profile.attributes = {{"team.name", "Blue"}, {"1st", "x"}};
        REQUIRE(create_user(realm(), bob));
        clock.advance(Seconds(3600));
        REQUIRE(create_user(realm(), NewUser(*Email::parse("cyd@example.com"))));
    }

    std::string met(std::string_view text) {
        users_table::Page page;
        const auto filter = parse_user_filter(text, clock.now());
        INFO(text);
        REQUIRE(filter);
        page.filter = *filter;
        std::string names;
        for (const auto& row : users_table::list(database(), page))
            names += row.user.email_key.substr(0, 1);
        CHECK(users_table::count(database(), *filter) == static_cast<std::int64_t>(names.size()));
        return names;
    }
};

void check_refused(std::string_view text, ErrorCode code = ErrorCode::usage) {
    INFO(text);
    const auto filter = parse_user_filter(text, from_unix_seconds(0));
    REQUIRE_FALSE(filter);
    CHECK(filter.error().code == code);
    CHECK(filter.error().field == "where");
}

} // namespace

TEST_CASE_METHOD(People, "a filter meets whom it says") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"verified=true", "a"},
        {"verified", "a"},
        {"not verified", "bc"},
        {"verified!=true", "bc"},
        {"disabled", "b"},
        {"must_change_password=false", "abc"},
        {"password=true", ""},
        {"role=admin", "a"},
        {"role!=admin", "bc"},
        {"email=ANN@Example.ORG", "a"},
        {"email=*@example.org", "ab"},
        {"email!=*@example.org", "c"},
        {"email=*n*", "a"},
        {"name='ann o\\'hara 100%'", "a"},
        {"name=\"Ann O'Hara*\"", "a"},
        {"name='*100%'", "a"},
        {"name='*10_%'", ""},
        {"name=null", "bc"},
        {"name!=null", "a"},
        {"name!='somebody else'", "abc"},
        {"name='null'", ""},
        {"attributes.team.name=blue", "b"},
        {"attributes.team.name!=blue", "ac"},
        {"attributes.team.name=null", "ac"},
        {"attributes.1st=x", "b"},
        {"created<-90m", "a"},
        {"created_at<=-1h", "ab"},
        {"created>-90m", "bc"},
        {"created>=now", "c"},
        {"last_login=null", "abc"},
        {"last_login<now", ""},
        {"not last_login<now", "abc"},
        {"verified and role=admin or disabled", "ab"},
        {"verified and (role=admin or disabled)", "a"},
        {"not (verified or disabled)", "c"},
        {"not not verified", "a"},
        {" phone = '+47 22' ", "a"},
    }));
    CHECK(met(text) == expected);
}

TEST_CASE_METHOD(People, "what is typed is a value and never SQL") {
    CHECK(met("name=\"x' OR '1'='1\"").empty());
    CHECK(met("email='*%*'").empty());
    CHECK(met("email='_nn@example.org'").empty());
}

TEST_CASE_METHOD(People, "pages of a filtered list go on where they ended") {
    users_table::Page page;
    page.filter = *parse_user_filter("email=*@example.org and created<now", clock.now());
    page.limit = 1;
    const auto first = users_table::list(database(), page);
    REQUIRE(first.size() == 1);
    page.after_id = first.front().user.id;
    page.after_value = first.front().sort_value;
    const auto second = users_table::list(database(), page);
    REQUIRE(second.size() == 1);
    CHECK(second.front().user.email == "bob@example.org");
    page.sort = users_table::Sort::created_at;
    page.descending = true;
    page.after_id = second.front().user.id;
    page.after_value = std::to_string(unix_seconds(second.front().user.created_at));
    REQUIRE(users_table::list(database(), page).size() == 1);
}

TEST_CASE_METHOD(People, "a filter finds those whose hashes are weak") {
    const auto give = [&](const char* email, const char* hash) {
        const auto user = users_table::find(database(), UserRef(*Email::parse(email)));
        passwords_table::put(database(), user->id, {hash, "operator", clock.now()});
        return user->id;
    };
    const std::string ann = give("ann@example.org", "{SHA}g8dMxYoTgno9Shgxe9FSmqQ3JvA=");
    (void)give("bob@example.org", "$2b$10$n4DsDQaF8ARkbt6H1SwHu.nOwVfVW4Rw7r6DNJm1eu5OrdD5c/Xru");
    CHECK(met("hash=weak") == "a");
    CHECK(met("hash=strong") == "b");
    CHECK(met("hash=fair") == "");
    CHECK(met("hash=null") == "c");
    CHECK(met("hash!=weak") == "bc");
    CHECK(met("not hash=null and not hash=weak") == "b");
    // A login replaces the hash.
    const auto stored = passwords_table::find(database(), ann);
    passwords_table::rehash(database(), ann, stored->hash, dummy_hash({}));
    CHECK(met("hash=weak") == "");
    CHECK(met("hash=strong") == "ab");
    // After a migration all of them are judged, with the census.
    execute("UPDATE passwords SET hash = '$1$saltsalt$BsXyQbZiQujHkdhwPwdol.'");
    recount_hashes(database());
    CHECK(met("hash=weak") == "ab");
    CHECK(asks_for_hashes(*parse_user_filter("not (verified or hash=weak)", clock.now())));
    CHECK_FALSE(asks_for_hashes(*parse_user_filter("verified or role=admin", clock.now())));
}

TEST_CASE("a filter that makes no sense is refused") {
    for (const char* bad : {"",
                            "=x",
                            "verified and",
                            "verified=",
                            "verified=maybe",
                            "verified<true",
                            "(verified",
                            "verified)",
                            "email",
                            "email x",
                            "email=",
                            "email==a@x.org",
                            "email!==a@x.org",
                            "email= =a@x.org",
                            "name<x",
                            "created=yesterday",
                            "role=Admin!",
                            "role=null",
                            "created<null",
                            "verified=null",
                            "name='open",
                            "verified verified",
                            "!verified",
                            "email='a' 'b'",
                            "not"})
        check_refused(bad);
    check_refused("veriffied=true", ErrorCode::not_found);
    check_refused("and", ErrorCode::not_found);
    check_refused("email~x", ErrorCode::not_found);
    check_refused("attributes.=x", ErrorCode::not_found);
    check_refused("attributes.$=x", ErrorCode::not_found);
    CHECK(parse_user_filter("veriffied=true", {}).error().hint == "did you mean 'verified'?");
    check_refused(std::string(5000, 'x'));
    check_refused(std::string(100, '(') + "verified" + std::string(100, ')'));
    check_refused("name='\xff'");
}
