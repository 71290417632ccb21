#include "core/accounts/credentials.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/subject_proof.h"
#include "core/accounts/totp_secret.h"
#include "core/codes/otpauth.h"
#include "core/formats/user_reader.h"
#include "core/provisioning/import_users.h"
#include "core/users/identities_table.h"
#include "core/users/roles_table.h"
#include "core/users/users_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <fmt/format.h>

#include <functional>
#include <random>
#include <tuple>
#include <utility>

using namespace auth;
using test::TestRealm;

namespace {

class Given final : public UserReader {
  public:
    explicit Given(std::vector<UserRecord> records) : records_(std::move(records)) {}
    Result<bool> next(UserRecord& record) override {
        if (at_ == records_.size())
            return false;
        record = std::move(records_[at_++]);
        return true;
    }

  private:
    std::vector<UserRecord> records_;
    std::size_t at_ = 0;
};

// Few names for many rows, so that they are often taken, and change hands.
class Rows {
  public:
    explicit Rows(unsigned seed) : chance_(seed) {}

    std::vector<UserRecord> next(int count) {
        std::vector<UserRecord> rows;
        for (int line = 1; line <= count; ++line) {
            UserRecord& row = rows.emplace_back();
            row.line = line;
            row.email = fmt::format("user{}@example.org", below(40));
            if (below(3) > 0)
                row.username = fmt::format("name{}", below(25));
            if (below(5) == 0)
                row.id = fmt::format("01900000-0000-7000-8000-0000000000{:02}", below(20));
            if (below(4) == 0)
                row.roles = std::vector<std::string>{below(6) == 0 ? "unknown" : "reader"};
            if (below(30) == 0)
                row.email = "no address";
        }
        return rows;
    }

  private:
    int below(int limit) { return std::uniform_int_distribution<>(0, limit - 1)(chance_); }
    std::mt19937 chance_;
};

struct World {
    TestRealm realm;
    Transaction transaction{realm.database()};
    ImportRules rules = *import_rules(realm);
    std::vector<std::string> said;
    RowResult last;

    World() { roles_table::insert(realm.database(), {"reader", "", {}}); }

    void import(std::vector<UserRecord> records, std::shared_ptr<RowIndex> earlier = nullptr) {
        Import import(realm, std::make_unique<Given>(std::move(records)), rules, true, 1,
                      std::move(earlier));
        std::vector<RowResult> rows;
        while (*import.next(rows))
            for (const RowResult& row : rows) {
                said.push_back(fmt::format("{} {} {}", row.line, to_name(row.outcome),
                                           row.error ? row.error->message : ""));
                last = row;
            }
        REQUIRE(import.commit());
    }

    std::vector<std::string> users() {
        std::vector<std::string> all;
        Statement& rows = realm.database().prepare(
            "SELECT email || ' ' || coalesce(username, '-') || ' ' ||"
            " (SELECT count(*) FROM user_roles WHERE user_id = id) FROM users ORDER BY email");
        while (rows.step())
            all.push_back(rows.text(0));
        return all;
    }
};

} // namespace

TEST_CASE("rows that come together fare as if each came alone") {
    const auto mode = GENERATE(OnConflict::fail, OnConflict::skip, OnConflict::update);
    const auto seed = GENERATE(range(1U, 9U));
    World together;
    World alone;
    for (World* world : {&together, &alone}) {
        world->rules.on_conflict = mode;
        for (const Right right : {Right::roles, Right::ids})
            world->rules.permissions.name(right, Permission::allow);
    }
    Rows rows(seed);
    Rows same(seed);
    for (const int count : {3, 40, 1, 300}) {
        together.import(rows.next(count));
        const auto index = std::make_shared<RowIndex>(alone.realm.random);
        for (UserRecord& record : same.next(count)) {
            std::vector<UserRecord> one;
            one.push_back(std::move(record));
            alone.import(std::move(one), index);
        }
    }
    CHECK(together.said == alone.said);
    CHECK(together.users() == alone.users());
    CHECK(together.users().size() > 20);
}

namespace {

constexpr auto their_hash = "$2b$04$hyawuDP0bg6zlKGwFiwVVuEIfj.XRgkEOvCfFEu1MRTGrUPAajzfC";
constexpr auto her_hash = "$2b$04$7JR2ThPzXBRGSaHqPKcYAuRCWrf4UBDjqgfJPWzBxvzdSDf2cDDhS";
constexpr auto their_secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
constexpr auto issuer = "https://idp.example";

// Updates users by the rows of a file.
struct Update : World {
    Update() {
        rules.on_conflict = OnConflict::update;
        realm.execute("INSERT INTO providers (name, issuer, client_id, scope, domains, auto_create,"
                      " link_verified_email, created_at)"
                      " VALUES ('corp', 'https://idp.example', 'x', '', '', 0, 0, 0)");
    }

    void permit(std::optional<ImportFormat> named, const std::vector<std::string>& allow = {}) {
        rules.permissions = import_permissions(named, allow, {}).value();
    }

    // One file with one row for ann.
    RowResult row(const std::function<void(UserRecord&)>& fill) {
        std::vector<UserRecord> records(1);
        records.front().line = 1;
        records.front().email = "ann@example.org";
        fill(records.front());
        import(std::move(records));
        return last;
    }
    RowResult attack() {
        return row([](UserRecord& record) {
            record.name = "Ann";
            record.password_hash = their_hash;
            record.totp = Secret(fmt::format("otpauth://totp/x?secret={}", their_secret));
            record.identities = std::vector<IdentityRecord>{{issuer, "", "theirs", {}, {}}};
        });
    }

    // Ann, with what is given.
    std::string make_ann(bool password, bool factor, bool identity) {
        User user;
        user.id = "01900000-0000-7000-8000-000000000001";
        user.email = user.email_key = "ann@example.org";
        REQUIRE(users_table::insert(realm.database(), user));
        if (password)
            passwords_table::put(realm.database(), user.id, {her_hash, "subject", {}});
        if (factor)
            store_totp(realm, user.id, totp_table::State::confirmed,
                       {Secret("her secret of twenty"), HashFunction::sha1, 6, Seconds(30)}, 0,
                       "subject");
        if (identity)
            identities_table::insert(realm.database(), {issuer, "hers", user.id, {}, {}});
        return user.id;
    }

    // What ann logs in with.
    std::string hash(const std::string& id) {
        const auto stored = passwords_table::find(realm.database(), id);
        return stored ? stored->hash : "";
    }
    std::string secret(const std::string& id) {
        const auto stored = find_totp(realm, id, totp_table::State::confirmed);
        return stored ? std::string(stored->totp.secret.reveal()) : "";
    }
    std::string subject(const std::string& id) {
        const auto links = identities_table::of_user(realm.database(), id);
        return links.empty() ? "" : links.front().subject;
    }
};

} // namespace

TEST_CASE("moving in is not taking over: what somebody logs in with stays") {
    const auto [password, factor, identity] =
        GENERATE(std::tuple{true, false, false}, std::tuple{false, true, false},
                 std::tuple{false, false, true}, std::tuple{true, true, true});
    Update world;
    const std::string id = world.make_ann(password, factor, identity);
    world.permit(ImportFormat::kratos);
    const RowResult row = world.attack();
    CHECK(row.outcome == RowOutcome::updated); // the name
    CHECK_FALSE(row.error);
    CHECK(row.kept == Rights{Right::hashes, Right::mfa, Right::identities});
    CHECK(row.credentials_replaced == 0);
    CHECK(world.hash(id) == (password ? her_hash : ""));
    CHECK(world.secret(id) == (factor ? "her secret of twenty" : ""));
    CHECK(world.subject(id) == (identity ? "hers" : ""));
}

TEST_CASE("--allow replaces what existing users log in with, and it is counted") {
    Update world;
    const std::string id = world.make_ann(true, true, true);
    world.permit(ImportFormat::kratos, {"hashes,identities"});
    const RowResult row = world.attack();
    CHECK(row.outcome == RowOutcome::updated);
    CHECK(row.kept.empty());
    CHECK(row.credentials_replaced == 3);
    CHECK(world.hash(id) == their_hash);
    CHECK(world.secret(id) != "her secret of twenty");
    CHECK(world.subject(id) == "theirs");
    // The same again changes nothing, with the permission and without.
    CHECK(world.attack().outcome == RowOutcome::unchanged);
    world.permit(ImportFormat::kratos);
    const RowResult same = world.attack();
    CHECK(same.outcome == RowOutcome::unchanged);
    CHECK(same.kept.empty());
}

TEST_CASE("an existing user who cannot log in yet gets what a named format brings") {
    Update world;
    const std::string id = world.make_ann(false, false, false);
    world.permit(ImportFormat::kratos);
    const RowResult row = world.attack();
    CHECK(row.outcome == RowOutcome::updated);
    CHECK(row.kept.empty());
    CHECK(row.credentials_replaced == 0);
    CHECK(world.hash(id) == their_hash);
    CHECK(world.subject(id) == "theirs");
}

TEST_CASE("a password in plain text replaces none without --allow hashes either") {
    Update world;
    const std::string id = world.make_ann(true, false, false);
    const auto give = [](UserRecord& record) {
        record.password = Secret("copper lantern ferries tuesday");
    };
    CHECK(world.row(give).kept == Rights{Right::hashes});
    CHECK(world.hash(id) == her_hash);
    world.permit(std::nullopt, {"hashes"});
    const RowResult row = world.row(give);
    CHECK(row.outcome == RowOutcome::updated);
    CHECK(row.credentials_replaced == 1);
    CHECK(world.hash(id) != her_hash);
    CHECK(world.row(give).outcome == RowOutcome::unchanged);
}

TEST_CASE("an existing user keeps their id where only the format was named") {
    Update world;
    (void)world.make_ann(true, false, false);
    const auto give = [](UserRecord& record) {
        record.id = "01900000-0000-7000-8000-000000000002";
    };
    world.permit(ImportFormat::kratos);
    CHECK(world.row(give).outcome == RowOutcome::unchanged);
    world.permit(ImportFormat::kratos, {"ids"});
    CHECK(world.row(give).error->code == ErrorCode::exists);
}

TEST_CASE("a row that sets what it may not is refused before anything else, with a command") {
    Update world;
    world.rules.again = {"import", {"users.json"}};
    world.rules.recognised = ImportFormat::kratos;
    const RowResult row = world.attack();
    CHECK(row.outcome == RowOutcome::failed);
    CHECK(row.refused == Rights{Right::hashes, Right::mfa, Right::identities});
    REQUIRE(row.error);
    CHECK(row.error->reason == "not_allowed");
    CHECK(
        row.error->hint ==
        Hint(std::vector{NextStep{"import", {"users.json", "--from", "kratos"}},
                         NextStep{"import", {"users.json", "--allow", "hashes,mfa,identities"}}}));
    CHECK(world.users().empty());
}

namespace {

// Imported by a file that comes again and again.
struct Hourly : Update {
    Hourly() { permit(std::nullopt, {"all"}); }

    const UserRef ann = UserRef(*Email::parse("ann@example.org"));
    User user() { return *users_table::find(realm.database(), ann); }
    std::string hash_now() { return hash(user().id); }
    void log_in(const char* password) {
        const auto proof = authenticate(realm, ann, Secret(password));
        REQUIRE(proof);
        REQUIRE(use_proof(realm, proof->user, {.password = *proof}));
    }
    void choose(const char* password) {
        REQUIRE(set_password(realm, ann, Secret(password), false));
    }
};

constexpr auto known = "correct horse battery staple";
// Python bcrypt 3.2.2, of `known`.
constexpr auto known_hash = "$2b$04$CX3uGz9oC9FasMSEzmsj4OpBWw7R5yw/t2vk.K5r9Cxz3wMFkCfIy";

void give_hash(UserRecord& record) {
    record.password_hash = known_hash;
    record.verified = true;
}

void give_password(UserRecord& record) {
    record.password = Secret(known);
    record.verified = true;
}

} // namespace

TEST_CASE("an unchanged file undoes no rehash and no chosen password") {
    const auto give = GENERATE(give_hash, give_password);
    Hourly world;
    CHECK(world.row(give).outcome == RowOutcome::created);
    CHECK(world.row(give).outcome == RowOutcome::unchanged);
    world.log_in(known);
    const std::string rehashed = world.hash_now();
    CHECK(rehashed.starts_with("$argon2id$"));
    const std::int64_t epoch = world.user().session_epoch;
    CHECK(world.row(give).outcome == RowOutcome::unchanged);
    CHECK(world.hash_now() == rehashed);
    CHECK(world.user().session_epoch == epoch);
    for (const char* const chosen : {"violet kettle marches nine", "another one altogether"}) {
        world.choose(chosen);
        const std::string hash = world.hash_now();
        const RowResult again = world.row(give);
        CHECK(again.outcome == RowOutcome::unchanged);
        CHECK(again.kept.empty());
        CHECK(world.hash_now() == hash);
    }
    // Other fields of the row still come in.
    const auto renamed = [&](UserRecord& record) {
        give(record);
        record.name = "Ann West";
    };
    CHECK(world.row(renamed).outcome == RowOutcome::updated);
    CHECK(verify_password(Secret("another one altogether"), world.hash_now()));
}

TEST_CASE("a hash that changed in the file is set, also back to an earlier one") {
    Hourly world;
    (void)world.row(give_hash);
    world.log_in(known);
    const auto newer = [](UserRecord& record) { record.password_hash = their_hash; };
    CHECK(world.row(newer).outcome == RowOutcome::updated);
    CHECK(world.hash_now() == their_hash);
    CHECK(world.row(give_hash).outcome == RowOutcome::updated);
    CHECK(world.hash_now() == known_hash);
    CHECK(world.row(give_hash).outcome == RowOutcome::unchanged);
}

TEST_CASE("what a file never set is not taken for something it said") {
    Hourly world;
    const std::string id = world.make_ann(true, false, false);
    world.choose("violet kettle marches nine");
    const auto hers = [](UserRecord& record) { record.password_hash = her_hash; };
    CHECK(world.row(hers).outcome == RowOutcome::updated);
    CHECK(world.hash(id) == her_hash);
    // The same hash, by hand and in the file: from now on it is the file's.
    Hourly other;
    (void)other.make_ann(true, false, false);
    CHECK(other.row(hers).outcome == RowOutcome::unchanged);
    other.choose("violet kettle marches nine");
    CHECK(other.row(hers).outcome == RowOutcome::unchanged);
    CHECK(verify_password(Secret("violet kettle marches nine"), other.hash_now()));
}

TEST_CASE("a password that was kept for want of permission is not taken for one that was set") {
    Hourly world;
    (void)world.make_ann(true, true, false);
    world.permit(ImportFormat::kratos);
    const auto give = [](UserRecord& record) {
        record.password_hash = their_hash;
        record.totp = Secret(fmt::format("otpauth://totp/x?secret={}", their_secret));
    };
    CHECK(world.row(give).kept == Rights{Right::hashes, Right::mfa});
    world.permit(ImportFormat::kratos, {"hashes"});
    CHECK(world.row(give).credentials_replaced == 2);
    CHECK(world.hash_now() == their_hash);
}

TEST_CASE("a second factor that the user replaced stays") {
    Hourly world;
    const auto give = [](UserRecord& record) {
        record.totp = Secret(fmt::format("otpauth://totp/x?secret={}", their_secret));
    };
    (void)world.row(give);
    const std::string id = world.user().id;
    store_totp(world.realm, id, totp_table::State::confirmed,
               {Secret("her secret of twenty"), HashFunction::sha1, 6, Seconds(30)}, 0, "subject");
    CHECK(world.row(give).outcome == RowOutcome::unchanged);
    CHECK(world.secret(id) == "her secret of twenty");
}

TEST_CASE("a demand for a new password is made once, and again with another password") {
    Hourly world;
    const auto give = [](UserRecord& record) {
        give_hash(record);
        record.must_change_password = true;
    };
    (void)world.row(give);
    CHECK(world.user().must_change_password);
    world.choose("violet kettle marches nine");
    CHECK_FALSE(world.user().must_change_password);
    CHECK(world.row(give).outcome == RowOutcome::unchanged);
    CHECK_FALSE(world.user().must_change_password);
    // The file takes the demand back, and makes it anew.
    (void)world.row(give_hash);
    CHECK(world.row(give).outcome == RowOutcome::updated);
    CHECK(world.user().must_change_password);
    world.choose("another one altogether");
    const auto fresh = [](UserRecord& record) {
        record.password_hash = their_hash;
        record.must_change_password = true;
    };
    CHECK(world.row(fresh).outcome == RowOutcome::updated);
    CHECK(world.user().must_change_password);
}

TEST_CASE("a user who is disabled here is enabled by --allow enabled only") {
    Hourly world;
    (void)world.row([](UserRecord& record) { record.disabled = true; });
    REQUIRE(world.user().disabled_at);
    const auto enable = [](UserRecord& record) { record.disabled = false; };
    world.permit(ImportFormat::keycloak, {"hashes"});
    const RowResult kept = world.row(enable);
    CHECK(kept.outcome == RowOutcome::unchanged);
    CHECK(kept.kept == Rights{Right::enabled});
    CHECK(world.user().disabled_at);
    world.permit(ImportFormat::keycloak, {"enabled"});
    CHECK(world.row(enable).outcome == RowOutcome::updated);
    CHECK_FALSE(world.user().disabled_at);
    CHECK(world.row(enable).kept.empty());
}

TEST_CASE("two rows of one address are an error that names the first, whatever else is so") {
    const auto mode = GENERATE(OnConflict::fail, OnConflict::skip, OnConflict::update);
    Update world;
    world.rules.on_conflict = mode;
    std::vector<UserRecord> records(5);
    const std::pair<const char*, const char*> rows[] = {{"dup@example.org", "one"},
                                                        {"not an address", "x"},
                                                        {"Dup@Example.org", "two"},
                                                        {"fine@example.org", "one"},
                                                        {"DUP@example.org", "three"}};
    for (std::size_t i = 0; i < records.size(); ++i) {
        records[i].line = static_cast<std::int64_t>(i) + 2;
        records[i].email = rows[i].first;
        records[i].username = rows[i].second;
    }
    world.import(std::move(records));
    REQUIRE(world.said.size() == 5);
    CHECK(world.said[0] == "2 created ");
    CHECK(world.said[2] == "4 error 'Dup@Example.org' is the same address as on line 2");
    CHECK(world.said[3] == "5 error the username 'one' is taken, by line 2");
    CHECK(world.said[4] == "6 error 'DUP@example.org' is the same address as on line 2");
    CHECK(world.last.error->code == ErrorCode::exists);
    CHECK(world.last.error->hint.empty());
    CHECK(world.users() == std::vector<std::string>{"dup@example.org one 0"});
}

TEST_CASE(
    "what is no user is passed by with a result, and unusable hashes are dropped on request") {
    Hourly world;
    std::vector<UserRecord> records(3);
    records[0].is_user = false;
    records[0].left_behind["service_accounts"] = 1;
    records[1].email = "odd@example.org";
    records[1].password_hash = "{ROT13}pbccre ynqqre";
    records[2].email = "cut@example.org";
    records[2].hash_error = error(ErrorCode::usage, "cut off").with_field("password_hash");
    const auto again = [&] {
        std::vector<UserRecord> copies(3);
        for (std::size_t i = 0; i < copies.size(); ++i) {
            copies[i].line = static_cast<std::int64_t>(i) + 1;
            copies[i].is_user = records[i].is_user;
            copies[i].left_behind = records[i].left_behind;
            copies[i].email = records[i].email;
            copies[i].password_hash = records[i].password_hash;
            copies[i].hash_error = records[i].hash_error;
        }
        return copies;
    };
    world.import(again());
    CHECK(world.said ==
          std::vector<std::string>{"1 left_behind ",
                                   "2 error password hashes of the form {ROT13} are not known",
                                   "3 error cut off"});
    world.said.clear();
    world.rules.drop_unusable_hashes = true;
    world.import(again());
    CHECK(world.said == std::vector<std::string>{"1 left_behind ", "2 created ", "3 created "});
    CHECK(world.last.left_behind == LeftBehind{{"unusable_hashes", 1}});
    CHECK(world.realm.count("SELECT count(*) FROM passwords") == 0);
}

TEST_CASE("what --ignore drops is left behind") {
    Hourly world;
    world.rules.permissions = import_permissions(std::nullopt, {}, {"all"}).value();
    const RowResult row = world.row([](UserRecord& record) {
        give_hash(record);
        record.roles = std::vector<std::string>{"admin", "reader"};
    });
    CHECK(row.outcome == RowOutcome::created);
    CHECK(row.left_behind == LeftBehind{{"hashes", 1}, {"roles", 2}, {"verified", 1}});
}

TEST_CASE("an index of rows grows and keeps what it knows") {
    test::SeededRandom random;
    RowIndex index(random);
    for (int line = 1; line <= 5000; ++line)
        CHECK_FALSE(index.put(fmt::format("user{}@example.org", line), line));
    for (int line = 1; line <= 5000; ++line)
        CHECK(index.put(fmt::format("user{}@example.org", line), line + 9000) == line);
    CHECK(index.find("user77@example.org") == 77);
    CHECK_FALSE(index.find("user0@example.org"));
}
