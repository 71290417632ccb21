#include "core/accounts/credentials.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/subject_proof.h"
#include "core/audit/audit.h"
#include "core/base/private_file.h"
#include "core/provisioning/apply_manifest.h"
#include "core/provisioning/declared_passwords.h"
#include "core/users/users_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

using namespace auth;
using test::stored_user;
using test::TestRealm;

namespace {

// What changed, a line each: "+ user ann@example.org: name, roles".
using Told = std::vector<std::string>;

Result<std::vector<Change>> try_apply(TestRealm& realm, const std::string& json,
                                      bool prune = false) {
    const auto manifest = read_manifest(json, {});
    REQUIRE(manifest);
    ApplyOptions options;
    options.directory = realm.directory() / ".";
    options.prune = prune;
    options.threads = 2;
    return apply(realm, *manifest, options);
}

Told applied(TestRealm& realm, const std::string& json, bool prune = false) {
    const auto changes = try_apply(realm, json, prune);
    if (!changes)
        FAIL(changes.error().message);
    Told told;
    for (const Change& change : *changes) {
        std::string line(1, "+~-"[static_cast<std::size_t>(change.action)]);
        line += " " + change.kind + " " + change.name;
        for (const FieldChange& field : change.fields)
            line += (&field == &change.fields.front() ? ": " : ", ") + field.field;
        told.push_back(line);
    }
    return told;
}

std::string one_user(const std::string& members) {
    return R"({"users": [{"email": "ann@example.org")" + members + "}]}";
}

void write_password(TestRealm& realm, const std::string& name, std::string_view text) {
    Random& random = realm.random;
    REQUIRE(replace_private_file(realm.directory() / name, text, random));
}

std::string hash_of(TestRealm& realm) {
    const auto stored = passwords_table::find(realm.database(), stored_user(realm).id);
    return stored ? stored->hash : "";
}

bool fits(TestRealm& realm, std::string_view password) {
    return verify_password(Secret(password), hash_of(realm));
}

bool there(TestRealm& realm, std::string_view address) {
    return users_table::find(realm.database(), test::user_ref(address)).has_value();
}

} // namespace

TEST_CASE("apply makes what a manifest declares, and then has nothing to do") {
    TestRealm realm;
    const std::string manifest = R"({
        "roles": [{"name": "editor", "description": "May edit"}, {"name": "tester"}],
        "users": [{"email": "Ann@example.org", "username": "ann", "name": "Ann",
                   "attributes": {"team": "red"}, "roles": ["tester", "editor"],
                   "verified": true, "disabled": true, "must_change_password": true},
                  {"email": "bob@example.org"}]})";
    CHECK(applied(realm, manifest) ==
          Told{"+ role editor: description", "+ role tester",
               "+ user Ann@example.org: username, name, attributes.team, roles, verified, "
               "disabled, must_change_password",
               "+ user bob@example.org"});
    const User ann = stored_user(realm);
    CHECK(ann.email == "Ann@example.org");
    CHECK(ann.username == "ann");
    CHECK(ann.roles == std::vector<std::string>{"editor", "tester"});
    CHECK(ann.verified_at == realm.clock.now());
    CHECK(ann.disabled_at == realm.clock.now());
    CHECK(ann.must_change_password);
    CHECK_FALSE(has_password(realm, ann));
    CHECK_FALSE(stored_user(realm, "bob@example.org").verified_at);
    const auto events = realm.events();
    realm.clock.advance(std::chrono::hours(1));
    CHECK(applied(realm, manifest).empty());
    CHECK(realm.events() == events);
    CHECK(stored_user(realm).updated_at == ann.updated_at);
    CHECK(verify_audit(realm.database()).problem.empty());
}

TEST_CASE("what a manifest does not mention stays as it is") {
    TestRealm realm;
    (void)applied(realm, R"({"roles": [{"name": "editor", "description": "May edit"}],
        "users": [{"email": "ann@example.org", "name": "Ann", "phone": "1", "roles": ["editor"],
                   "attributes": {"a": "1", "b": "2"}, "verified": true}]})");
    CHECK(applied(realm, R"({"roles": [{"name": "editor"}],
        "users": [{"email": "ann@example.org"}]})")
              .empty());
    CHECK(applied(realm, one_user(R"(, "phone": null, "attributes": {"a": "", "b": "3"})")) ==
          Told{"~ user ann@example.org: phone, attributes.a, attributes.b"});
    const User ann = stored_user(realm);
    CHECK(ann.name == "Ann");
    CHECK_FALSE(ann.phone);
    CHECK(ann.attributes == Attributes{{"b", "3"}});
    CHECK(ann.roles.size() == 1);
    CHECK(ann.verified_at);
    CHECK(applied(realm, R"({"users": []})", true).size() == 2);
}

TEST_CASE("what was changed by hand is changed back, and nothing else") {
    TestRealm realm;
    const std::string manifest = R"({"roles": [{"name": "editor", "description": "May edit"},
        {"name": "tester"}], "users": [{"email": "ann@example.org", "name": "Ann",
        "roles": ["editor"], "verified": true, "disabled": false}]})";
    (void)applied(realm, manifest);
    UserChange change;
    change.profile.name = "Anne";
    change.profile.phone = "1";
    REQUIRE(update_user(realm, test::user_ref("ann@example.org"), change));
    {
        Transaction transaction(realm.database());
        User ann = stored_user(realm);
        REQUIRE(revoke_roles(realm, ann, {test::role("editor")}));
        REQUIRE(grant_roles(realm, ann, {test::role("tester")}));
        REQUIRE(set_disabled(realm, test::user_ref("ann@example.org"), true, "left"));
        REQUIRE(describe_role(realm, test::role("editor"), "Something else"));
        transaction.commit();
    }
    const auto changes = try_apply(realm, manifest);
    REQUIRE(changes);
    REQUIRE(changes->size() == 2);
    CHECK((*changes)[0].fields[0].from == FieldValue("Something else"));
    CHECK((*changes)[0].fields[0].to == FieldValue("May edit"));
    const auto& fields = (*changes)[1].fields;
    REQUIRE(fields.size() == 3);
    CHECK(fields[0].field == "name");
    CHECK(fields[0].from == FieldValue("Anne"));
    CHECK(fields[0].to == FieldValue("Ann"));
    CHECK(fields[1].from == FieldValue(std::vector<std::string>{"tester"}));
    CHECK(fields[1].to == FieldValue(std::vector<std::string>{"editor"}));
    CHECK(fields[2].field == "disabled");
    CHECK(fields[2].to == FieldValue(false));
    CHECK(stored_user(realm).phone == "1");
    CHECK(applied(realm, manifest).empty());
}

TEST_CASE("a dry run plans the same and does nothing") {
    TestRealm realm;
    const std::string manifest = one_user(R"(, "name": "Ann", "credentials": {"generate": "f"})");
    realm.realm().dry_run = true;
    realm.database().set_dry_run(true);
    const Told plan = applied(realm, manifest);
    CHECK(realm.count("SELECT count(*) FROM users") == 0);
    CHECK(realm.count("SELECT count(*) FROM applied_users") == 0);
    CHECK_FALSE(std::filesystem::exists(realm.directory() / "f"));
    realm.realm().dry_run = false;
    realm.database().set_dry_run(false);
    CHECK(applied(realm, manifest) == plan);
    CHECK(std::filesystem::exists(realm.directory() / "f"));
}

TEST_CASE("a password is set once, and again when another one is declared") {
    TestRealm realm;
    write_password(realm, "p", std::string(test::good_password) + "\n");
    const std::string manifest = one_user(R"(, "credentials": {"password_file": "p"})");
    CHECK(applied(realm, manifest) == Told{"+ user ann@example.org: password"});
    CHECK(fits(realm, test::good_password));
    CHECK(applied(realm, manifest).empty());

    // What the user chose later stands.
    REQUIRE(set_password(realm, test::user_ref("ann@example.org"), Secret("another one of hers"),
                         false));
    CHECK(applied(realm, manifest).empty());
    CHECK(fits(realm, "another one of hers"));

    const auto epoch = stored_user(realm).session_epoch;
    write_password(realm, "p", test::other_password);
    CHECK(applied(realm, manifest) == Told{"~ user ann@example.org: password"});
    CHECK(fits(realm, test::other_password));
    CHECK(stored_user(realm).session_epoch > epoch);
    CHECK(applied(realm, manifest).empty());

    Transaction transaction(realm.database());
    REQUIRE(passwords_table::remove(realm.database(), stored_user(realm).id));
    transaction.commit();
    CHECK(applied(realm, manifest) == Told{"~ user ann@example.org: password"});
}

TEST_CASE("a user who was there keeps a password that fits") {
    TestRealm realm;
    test::add_user(realm);
    const std::string before = hash_of(realm);
    write_password(realm, "p", test::good_password);
    const std::string manifest = one_user(R"(, "credentials": {"password_file": "p"})");
    CHECK(applied(realm, manifest).empty());
    CHECK(hash_of(realm) == before);
    // It counts as applied.
    REQUIRE(set_password(realm, test::user_ref("ann@example.org"), Secret("another one of hers"),
                         false));
    CHECK(applied(realm, manifest).empty());

    test::add_user(realm, {.email = "bob@example.org"});
    write_password(realm, "q", test::other_password);
    CHECK(applied(realm, R"({"users": [{"email": "bob@example.org",
                             "credentials": {"password_file": "q"}}]})") ==
          Told{"~ user bob@example.org: password"});
}

TEST_CASE("a hash is stored as import would, and a better one of the same password stays") {
    TestRealm realm;
    // crypt_blowfish's test vector for "U*U".
    const std::string bcrypt = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    const std::string manifest =
        one_user(R"(, "verified": true, "credentials": {"password_hash": ")" + bcrypt + "\"}");
    CHECK(applied(realm, manifest) == Told{"+ user ann@example.org: verified, password"});
    CHECK(hash_of(realm) == bcrypt);
    CHECK(applied(realm, manifest).empty());
    Transaction transaction(realm.database());
    const auto proof = authenticate(realm, test::user_ref("ann@example.org"), Secret("U*U"));
    REQUIRE(proof);
    REQUIRE(use_proof(realm, proof->user, {.password = *proof}));
    transaction.commit();
    CHECK(hash_of(realm) != bcrypt);
    CHECK(applied(realm, manifest).empty());

    const auto bad = try_apply(realm, one_user(R"(, "credentials": {"password_hash": "x"})"));
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == ErrorCode::usage);
    CHECK(bad.error().field == "users[0].credentials.password_hash");
    const auto dear = try_apply(
        realm, one_user(R"(, "credentials": {"password_hash":)"
                        R"( "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"})"));
    REQUIRE_FALSE(dear);
    CHECK(dear.error().reason == "hash_too_costly");
}

TEST_CASE("a password is made for who has none, and kept in a file of its own") {
    TestRealm realm;
    const std::string manifest = one_user(R"(, "credentials": {"generate": "new/ann.txt"})");
    CHECK(applied(realm, manifest) == Told{"+ user ann@example.org: password"});
    const auto file = realm.directory() / "new/ann.txt";
    const auto text = read_private_file("file", file);
    REQUIRE(text);
    REQUIRE(*text);
    const std::string line((*text)->reveal());
    CHECK(line.back() == '\n');
    CHECK(fits(realm, line.substr(0, line.size() - 1)));
    CHECK(applied(realm, manifest).empty());

    // The file is good for the user who takes the place.
    {
        Transaction transaction(realm.database());
        REQUIRE(delete_user(realm, test::user_ref("ann@example.org")));
        transaction.commit();
    }
    CHECK(applied(realm, manifest) == Told{"+ user ann@example.org: password"});
    CHECK(fits(realm, line.substr(0, line.size() - 1)));
}

TEST_CASE("a file made for nothing is removed") {
    TestRealm realm;
    (void)applied(realm, one_user(R"(, "credentials": {"generate": "a"})"));
    const auto unreadable = try_apply(realm, R"({"users": [
        {"email": "cyd@example.org", "credentials": {"generate": "d"}},
        {"email": "dan@example.org", "credentials": {"password_file": "c"}}]})");
    REQUIRE_FALSE(unreadable);
    CHECK(unreadable.error().code == ErrorCode::io);
    CHECK(unreadable.error().field == "users[1].credentials.password_file");
    CHECK_FALSE(std::filesystem::exists(realm.directory() / "d"));
    CHECK_FALSE(there(realm, "cyd@example.org"));
    // "a" is a file, so that nothing can be in it; "e" was written before that came out.
    const auto broken = try_apply(realm, R"({"users": [
        {"email": "eve@example.org", "credentials": {"generate": "e"}},
        {"email": "fay@example.org", "credentials": {"generate": "a/f"}}]})");
    REQUIRE_FALSE(broken);
    CHECK_FALSE(std::filesystem::exists(realm.directory() / "e"));
    CHECK_FALSE(there(realm, "eve@example.org"));
}

TEST_CASE("the policy holds for declared passwords") {
    TestRealm realm(test::RealmKind::normal);
    write_password(realm, "p", "short");
    const auto weak = try_apply(realm, one_user(R"(, "credentials": {"password_file": "p"})"));
    REQUIRE_FALSE(weak);
    CHECK(weak.error().reason == "weak_password");
    CHECK(weak.error().field == "users[0].credentials.password_file");
    const auto missing = try_apply(realm, one_user(R"(, "credentials": {"password_file": "q"})"));
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == ErrorCode::io);
    CHECK_FALSE(there(realm, "ann@example.org"));
}

TEST_CASE("who was asked for a new password once is not asked again") {
    TestRealm realm;
    write_password(realm, "p", test::good_password);
    const std::string manifest =
        one_user(R"(, "must_change_password": true, "credentials": {"password_file": "p"})");
    (void)applied(realm, manifest);
    CHECK(stored_user(realm).must_change_password);
    REQUIRE(set_password(realm, test::user_ref("ann@example.org"), Secret("another one of hers"),
                         false));
    CHECK(applied(realm, manifest).empty());
    CHECK_FALSE(stored_user(realm).must_change_password);
    write_password(realm, "p", test::other_password);
    CHECK(applied(realm, manifest) ==
          Told{"~ user ann@example.org: must_change_password, password"});
    CHECK(applied(realm, one_user(R"(, "must_change_password": false)")) ==
          Told{"~ user ann@example.org: must_change_password"});
    CHECK(applied(realm, one_user(R"(, "must_change_password": true)")).size() == 1);
}

TEST_CASE("prune deletes what this owner's manifests made, and nothing else") {
    TestRealm realm;
    test::add_user(realm, {.email = "before@example.org"});
    test::add_user(realm, {.email = "hand@example.org"});
    REQUIRE(create_role(realm, test::role("before"), ""));
    (void)applied(realm, R"({"owner": "it", "roles": [{"name": "it"}],
                             "users": [{"email": "it@example.org"}]})");
    (void)applied(realm, R"({"owner": "hr", "roles": [{"name": "before"}, {"name": "made"},
        {"name": "used"}, {"name": "both"}], "users": [{"email": "before@example.org"},
        {"email": "made@example.org"}, {"email": "both@example.org"}]})");
    (void)applied(realm, R"({"owner": "it", "roles": [{"name": "it"}, {"name": "both"}],
        "users": [{"email": "it@example.org"}, {"email": "both@example.org"}]})");
    const std::string smaller =
        R"({"owner": "hr", "users": [{"email": "new@example.org", "roles": ["used"]}]})";
    CHECK(applied(realm, smaller) == Told{"+ user new@example.org: roles"});
    CHECK(applied(realm, smaller, true) == Told{"- user made@example.org", "- role made"});
    CHECK(applied(realm, smaller, true).empty());
    for (const char* email : {"before@example.org", "hand@example.org", "it@example.org",
                              "both@example.org", "new@example.org"})
        CHECK(there(realm, email));
    CHECK(list_roles(realm).size() == 4);
    CHECK(applied(realm, R"({"owner": "hr"})", true) ==
          Told{"- user new@example.org", "- role used"});
    CHECK(applied(realm, "{}", true).empty());
}

TEST_CASE("prune spares what was made by hand under an old name") {
    TestRealm realm;
    (void)applied(realm,
                  R"({"roles": [{"name": "editor"}], "users": [{"email": "ann@example.org"}]})");
    {
        Transaction transaction(realm.database());
        REQUIRE(delete_user(realm, test::user_ref("ann@example.org")));
        REQUIRE(delete_role(realm, test::role("editor")));
        transaction.commit();
    }
    test::add_user(realm);
    REQUIRE(create_role(realm, test::role("editor"), ""));
    CHECK(applied(realm, "{}", true).empty());
    CHECK(there(realm, "ann@example.org"));
}

TEST_CASE("what is declared absent goes, whoever made it") {
    TestRealm realm;
    User ann = test::add_user(realm);
    REQUIRE(create_role(realm, test::role("editor"), ""));
    Transaction transaction(realm.database());
    REQUIRE(grant_roles(realm, ann, {test::role("editor")}));
    transaction.commit();
    const std::string manifest = R"({"roles": [{"name": "editor", "state": "absent"},
        {"name": "never", "state": "absent"}], "users": [
        {"email": "never@example.org", "state": "absent"}]})";
    CHECK(applied(realm, manifest) == Told{"- role editor: users"});
    CHECK(stored_user(realm).roles.empty());
    CHECK(applied(realm, one_user(R"(, "name": "Ann", "state": "absent")")) ==
          Told{"- user ann@example.org"});
    CHECK(applied(realm, one_user(R"(, "state": "absent")")).empty());
    CHECK(applied(realm, one_user("")) == Told{"+ user ann@example.org"});
}

TEST_CASE("it is everything or nothing") {
    TestRealm realm;
    test::add_user(realm, {.email = "bob@example.org"});
    (void)applied(realm, R"({"users": [{"email": "bob@example.org", "username": "bob"}]})");
    const auto unknown = try_apply(realm, R"({"roles": [{"name": "editor"}], "users": [
        {"email": "ann@example.org"}, {"email": "bob@example.org", "roles": ["edtor"]}]})");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == ErrorCode::not_found);
    CHECK(unknown.error().field == "users[1].roles");
    CHECK(unknown.error().hint == "did you mean 'editor'?");
    CHECK_FALSE(there(realm, "ann@example.org"));
    CHECK(list_roles(realm).empty());
    const auto second = try_apply(realm, one_user(R"(, "username": "BOB")"));
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::exists);
    CHECK(second.error().field == "username");
    CHECK_FALSE(there(realm, "ann@example.org"));
}

TEST_CASE("a username may pass from one user to another") {
    TestRealm realm;
    (void)applied(realm, R"({"users": [{"email": "ann@example.org", "username": "a"},
                                       {"email": "bob@example.org", "username": "b"},
                                       {"email": "cyd@example.org", "username": "c"}]})");
    CHECK(applied(realm, R"({"users": [{"email": "ann@example.org", "username": "b"},
                                       {"email": "bob@example.org", "username": "a"},
                                       {"email": "dan@example.org", "username": "c"}]})",
                  true) == Told{"- user cyd@example.org", "~ user ann@example.org: username",
                                "~ user bob@example.org: username",
                                "+ user dan@example.org: username"});
    CHECK(stored_user(realm).username == "b");
}

TEST_CASE("what is kept of applied passwords says nothing without the key") {
    TestRealm realm;
    write_password(realm, "p", test::good_password);
    (void)applied(realm, R"({"users": [
        {"email": "ann@example.org", "credentials": {"password_file": "p"}},
        {"email": "bob@example.org", "credentials": {"password_file": "p"}}]})");
    CHECK(realm.count("SELECT count(DISTINCT credential_mac) FROM applied_users") == 2);
    CHECK(realm.count("SELECT length(credential_mac) FROM applied_users LIMIT 1") == 32);
}

TEST_CASE("nothing of a password is computed under the lock") {
    TestRealm realm;
    write_password(realm, "p", test::good_password);
    const auto manifest = read_manifest(one_user(R"(, "credentials": {"password_file": "p"})"), {});
    REQUIRE(manifest);
    DeclaredPasswords passwords(realm, *manifest, realm.directory() / ".", {});
    CHECK_FALSE(passwords.mac(0));
    REQUIRE(passwords.prepare(2));
    const auto mac = passwords.mac(0);
    REQUIRE(mac);
    // Computed now it would be another one.
    realm.realm().test = false;
    CHECK(passwords.mac(0) == mac);
    DeclaredPasswords dear(realm, *manifest, realm.directory() / ".", {});
    REQUIRE(dear.prepare(2));
    CHECK(dear.mac(0) != mac);
}
