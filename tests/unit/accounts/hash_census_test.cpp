#include "core/accounts/accounts.h"
#include "core/accounts/credentials.h"
#include "core/accounts/hash_census.h"
#include "core/accounts/passwords_table.h"
#include "core/passwords/forms.h"
#include "core/store/migrations.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <algorithm>
#include <map>

using namespace auth;
using hash_census_table::Row;
using test::RealmKind;
using test::TestRealm;
using test::user_ref;

namespace {

const std::string bcrypt_tail = "$abcdefghijklmnopqrstuuMgydOUHVT1XQtelGNZ6SOJUqnCrYGva";

std::string django(std::uint32_t rounds) {
    return pbkdf2_hash("sha256", rounds, "salt", std::string(32, 'k'));
}

void add_user(TestRealm& realm, const std::string& email, const std::string& hash) {
    NewUser wanted(test::email(email));
    wanted.verified = true;
    wanted.password_hash = hash;
    REQUIRE(create_user(realm, wanted));
}

// "USERS SCHEME COST", the most users first.
std::vector<std::string> census(TestRealm& realm) {
    std::vector<std::string> out;
    for (const Row& row : hash_census(realm.database()))
        out.push_back(std::to_string(row.users) + " " + row.kind.scheme + " " + row.kind.cost);
    return out;
}

using Lines = std::vector<std::string>;
using Total = std::map<std::string, std::uint64_t>;

void spend(Total& total, const std::string& hash) {
    const HashWork work = inspect_hash(hash)->work;
    if (!work.unit.empty())
        total[work.unit] += work.amount;
}

// What a login with a wrong password computes for somebody with this hash, or none.
Total login_work(const std::vector<Row>& rows, PasswordCost current,
                 const std::optional<std::string>& stored) {
    Total total;
    std::optional<HashWork> done;
    if (stored) {
        spend(total, *stored);
        done = inspect_hash(*stored)->work;
    }
    for (const std::string& hash : hashes_beside(rows, current, done))
        spend(total, hash);
    return total;
}

Row row_of(const std::string& hash) {
    return {*inspect_hash(hash), 1};
}

} // namespace

TEST_CASE("the census follows every way a password comes and goes") {
    TestRealm realm;
    CHECK(census(realm).empty());
    test::add_user(realm);
    add_user(realm, "bob@example.org", "$2b$05" + bcrypt_tail);
    add_user(realm, "cyd@example.org", "$2a$05" + bcrypt_tail);
    add_user(realm, "dan@example.org", "{SHA}mN7MYuzjmaIu0w1JDvMzvn/ec4U=");
    test::add_user(realm, {"eve@example.org", std::nullopt});
    CHECK(census(realm) ==
          Lines{"2 bcrypt cost 5", "1 argon2id m=8 KiB, t=1, p=1", "1 sha1 one pass, no salt"});

    REQUIRE(set_password(realm, user_ref("dan@example.org"), Secret("another"), false));
    CHECK(census(realm) == Lines{"2 argon2id m=8 KiB, t=1, p=1", "2 bcrypt cost 5"});
    {
        Transaction transaction(realm.database());
        REQUIRE(delete_user(realm, user_ref("bob@example.org")));
        transaction.commit();
    }
    CHECK(census(realm) == Lines{"2 argon2id m=8 KiB, t=1, p=1", "1 bcrypt cost 5"});
    {
        Transaction undone(realm.database());
        REQUIRE(delete_user(realm, user_ref("cyd@example.org")));
    }
    CHECK(census(realm) == Lines{"2 argon2id m=8 KiB, t=1, p=1", "1 bcrypt cost 5"});
    {
        Transaction transaction(realm.database());
        const std::string id = test::stored_user(realm, "cyd@example.org").id;
        passwords_table::rehash(realm.database(), id, "other", "hash");
        CHECK(passwords_table::find(realm.database(), id)->hash == "$2a$05" + bcrypt_tail);
        passwords_table::rehash(realm.database(), id, "$2a$05" + bcrypt_tail, dummy_hash({8, 1}));
        transaction.commit();
    }
    CHECK(census(realm) == Lines{"3 argon2id m=8 KiB, t=1, p=1"});
}

TEST_CASE("bulk work counts once for all its rows") {
    TestRealm realm;
    const User user = test::add_user(realm, {"ann@example.org", std::nullopt});
    Transaction transaction(realm.database());
    HashTally tally(realm.database());
    const auto rows = passwords_table::bulk_insert(realm.database());
    passwords_table::add(*rows, user.id, {django(1000), "operator", user.created_at},
                         HashStrength::weak);
    REQUIRE(rows->finish());
    tally.add(*inspect_hash(django(1000)), 1);
    tally.write();
    tally.write();
    CHECK(census(realm) == Lines{"1 pbkdf2-sha256 1000 rounds"});
}

TEST_CASE("hashes that were there before the census are counted when it is first needed") {
    TestRealm realm;
    test::add_user(realm);
    add_user(realm, "bob@example.org", django(1000));
    realm.execute("DELETE FROM hash_census");
    realm.execute("INSERT INTO meta (name, value) VALUES ('hash_census', 'due')");
    SECTION("to be read") {
        CHECK(census(realm).size() == 2);
    }
    SECTION("to be added to") {
        add_user(realm, "cyd@example.org", django(1000));
        CHECK(census(realm).front() == "2 pbkdf2-sha256 1000 rounds");
    }
    SECTION("to be taken from") {
        Transaction transaction(realm.database());
        REQUIRE(delete_user(realm, user_ref("bob@example.org")));
        transaction.commit();
        CHECK(census(realm) == Lines{"1 argon2id m=8 KiB, t=1, p=1"});
    }
    CHECK(realm.count("SELECT count(*) FROM meta WHERE name = 'hash_census'") == 0);
}

TEST_CASE("the migration that brings the census says that it is due where there are hashes") {
    TestRealm realm;
    const auto steps = sqlite_migrations();
    const auto step = std::find_if(steps.begin(), steps.end(), [](const auto& migration) {
        return migration.first.ends_with("_hash_census");
    });
    REQUIRE(step != steps.end());
    const auto migrate_again = [&] {
        realm.execute("DROP TABLE hash_census");
        realm.execute(std::string(step->second));
    };
    migrate_again();
    CHECK_FALSE(hash_census_table::due(realm.database()));
    test::add_user(realm);
    migrate_again();
    CHECK(hash_census_table::due(realm.database()));
    CHECK(census(realm) == Lines{"1 argon2id m=8 KiB, t=1, p=1"});
    CHECK_FALSE(hash_census_table::due(realm.database()));
}

TEST_CASE("a wrong password costs the same whatever hash there is") {
    const PasswordCost current{19456, 2};
    const std::string hashes[] = {
        dummy_hash(current),
        dummy_hash({65536, 3}),
        "$2b$10" + bcrypt_tail,
        "$2b$12" + bcrypt_tail,
        "bcrypt_sha256$$2b$11" + bcrypt_tail,
        django(260'000),
        django(390'000),
        django(600'000),
        "$6$peersalt$" + std::string(86, 'a'),
        "$6$rounds=20000$peersalt$" + std::string(86, 'a'),
        scrypt_hash(1U << 14U, 8, 1, "salt", std::string(32, 'k')),
        "{SHA}mN7MYuzjmaIu0w1JDvMzvn/ec4U=",
    };
    std::vector<Row> rows;
    for (const std::string& hash : hashes)
        rows.push_back(row_of(hash));
    const Total nobody = login_work(rows, current, std::nullopt);
    CHECK(nobody.size() == 6);
    CHECK(nobody.at("$2b$") == 4096);
    CHECK(nobody.at("$pbkdf2-sha256$") == 600'000);
    CHECK(nobody.at("$argon2id$v=19$m=19456,t=2,p=1$") == 1);
    for (const std::string& hash : hashes) {
        CAPTURE(hash);
        CHECK(login_work(rows, current, hash) == nobody);
    }
}

TEST_CASE("a login without outdated hashes costs one hash") {
    const PasswordCost current{19456, 2};
    const Total one{{"$argon2id$v=19$m=19456,t=2,p=1$", 1}};
    CHECK(login_work({}, current, std::nullopt) == one);
    CHECK(login_work({row_of(dummy_hash(current))}, current, std::nullopt) == one);
    CHECK(login_work({row_of(dummy_hash(current))}, current, dummy_hash(current)) == one);
    CHECK(hashes_beside({row_of(dummy_hash(current))}, current,
                        inspect_hash(dummy_hash(current))->work)
              .empty());
}

TEST_CASE("one imported hash cannot make every login slow") {
    const PasswordCost current{19456, 2};
    const std::string dear = "$argon2id$v=19$m=1048576,t=10,p=1$" +
                             dummy_hash(current).substr(dummy_hash(current).find("p=1$") + 4);
    const Total work = login_work({row_of(dear), row_of("$2b$12" + bcrypt_tail)}, current, {});
    CHECK(work.size() == 2);
    CHECK(work.at("$2b$") == 4096);

    std::vector<Row> many;
    for (std::uint32_t memory = 8192; memory < 8192 + 20; ++memory)
        many.push_back(row_of(dummy_hash({memory, 1})));
    const Total bounded = login_work(many, current, std::nullopt);
    CHECK(bounded.size() == 9);
    CHECK(bounded.count("$argon2id$v=19$m=8211,t=1,p=1$") == 1);
    CHECK(bounded.count("$argon2id$v=19$m=8192,t=1,p=1$") == 0);
}

TEST_CASE("one imported hash cannot make every login take much memory") {
    const PasswordCost current{19456, 2};
    const std::string tail = dummy_hash(current).substr(dummy_hash(current).find("p=1$") + 4);
    const auto argon2 = [&](const char* cost) {
        return "$argon2id$v=19$" + std::string(cost) + ",p=1$" + tail;
    };
    const std::string yescrypt = "$y$jET$" + std::string(22, 'a') + "$" + std::string(43, 'a');
    REQUIRE(inspect_hash(yescrypt)->memory_kib > 256 * 1024);
    const Total work = login_work({row_of(argon2("m=1048576,t=1")), row_of(argon2("m=262145,t=1")),
                                   row_of(argon2("m=262144,t=1")), row_of(yescrypt)},
                                  current, std::nullopt);
    CHECK(work ==
          Total{{"$argon2id$v=19$m=19456,t=2,p=1$", 1}, {"$argon2id$v=19$m=262144,t=1,p=1$", 1}});
}

TEST_CASE("a hash is stored in one form, without what is not needed to check it") {
    TestRealm realm(RealmKind::normal);
    add_user(realm, "ann@example.org",
             "$firescrypt$ln=14,r=8,p=1$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/"
             "LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$Bw==$"
             "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmX"
             "A==");
    CHECK(realm.query("SELECT hash FROM passwords").starts_with("$firebase-scrypt$ln=14,r=8$"));
    CHECK(realm.query("SELECT hash FROM passwords").find("jxspr8Ki") == std::string::npos);
    const auto proof = authenticate(realm, user_ref("ann@example.org"), Secret("user1password"));
    REQUIRE(proof);
    REQUIRE(proof->new_hash);
    CHECK(proof->new_hash->starts_with("$argon2id$"));
}
