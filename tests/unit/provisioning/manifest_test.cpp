#include "core/base/json.h"
#include "core/provisioning/manifest.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>

using namespace auth;

namespace {

Result<Manifest> read(const std::string& text) {
    return read_manifest(text, [](std::string_view) -> Result<Json> {
        return fail(ErrorCode::internal, "this is YAML");
    });
}

Error refused(const std::string& text) {
    const auto manifest = read(text);
    REQUIRE_FALSE(manifest);
    CHECK(manifest.error().code == ErrorCode::usage);
    return manifest.error();
}

std::string refused_at(const std::string& text) {
    return refused(text).field;
}

} // namespace

TEST_CASE("a manifest says all that it can") {
    const auto manifest = read(R"( {"owner": "hr",
        "roles": [{"name": "editor", "description": "May edit"}, {"name": "old", "state": "absent"}],
        "users": [{"email": "Ann@Example.org", "username": "ann", "name": "Ann", "phone": "1",
                   "address": null, "national_id": "", "attributes": {"team": "red", "x": null},
                   "roles": ["editor", "editor"], "verified": true, "disabled": false,
                   "must_change_password": true, "state": "present",
                   "credentials": {"password_file": "ann.txt"}},
                  {"email": "bob@example.org", "state": "absent"}]})");
    REQUIRE(manifest);
    CHECK(manifest->owner == "hr");
    REQUIRE(manifest->roles.size() == 2);
    CHECK(manifest->roles[0].description == "May edit");
    CHECK(manifest->roles[1].absent);
    REQUIRE(manifest->users.size() == 2);
    const DeclaredUser& ann = manifest->users[0];
    CHECK(ann.email.canonical() == "ann@example.org");
    CHECK(ann.profile.username == "ann");
    CHECK(ann.profile.address == "");
    CHECK(ann.profile.national_id == "");
    CHECK(ann.profile.attributes == Attributes{{"team", "red"}, {"x", ""}});
    REQUIRE(ann.roles);
    CHECK(ann.roles->size() == 1);
    CHECK(ann.verified == true);
    CHECK(ann.disabled == false);
    CHECK(ann.must_change_password == true);
    CHECK(ann.credential->kind == DeclaredCredential::Kind::password_file);
    CHECK(ann.credential->text == "ann.txt");
    CHECK_FALSE(ann.absent);
    const DeclaredUser& bob = manifest->users[1];
    CHECK(bob.absent);
    CHECK_FALSE(bob.roles);
    CHECK_FALSE(bob.verified);
    CHECK_FALSE(bob.profile.name);
    CHECK_FALSE(bob.credential);
}

TEST_CASE("a manifest may declare each field of a profile") {
    for (const ProfileField& field : profile_fields) {
        CAPTURE(field.name);
        const std::string name(field.name);
        const auto manifest =
            read(R"({"users": [{"email": "ann@example.org", ")" + name + R"(": "x1"}]})");
        REQUIRE(manifest);
        CHECK(manifest->users[0].profile.*field.place == "x1");
        CHECK(refused_at(R"({"users": [{"email": "ann@example.org", ")" + name +
                         R"(": "a\u0001b"}]})") == "users[0]." + name);
    }
}

TEST_CASE("an empty manifest is the default owner's") {
    const auto manifest = read("{}");
    REQUIRE(manifest);
    CHECK(manifest->owner == "default");
    CHECK(manifest->roles.empty());
    CHECK(manifest->users.empty());
}

TEST_CASE("only what starts with a brace is JSON") {
    CHECK(read("users: []").error().message == "this is YAML");
    CHECK(read("[]").error().message == "this is YAML");
    CHECK(read("").error().message == "this is YAML");
    CHECK(refused("{\"users\": [}").reason == "malformed");
    CHECK(refused(R"({"users": [], "users": []})").reason == "duplicate_member");
}

TEST_CASE("an unknown member is named by its path, with the one that was meant") {
    const Error unknown =
        refused(R"({"users": [{"email": "a@example.org"}, {"emial": "b@example.org"}]})");
    CHECK(unknown.field == "users[1].emial");
    CHECK(unknown.message == "users[1].emial is not known");
    CHECK(unknown.hint == "did you mean 'email'?");
    CHECK(refused(R"({"user": []})").hint == "did you mean 'users'?");
    CHECK(refused(R"({"zzzz": []})").hint == "known here: owner, roles, users");
    CHECK(refused_at(R"({"roles": [{"name": "a", "desc": ""}]})") == "roles[0].desc");
    CHECK(refused_at(R"({"users": [{"email": "a@example.org", "credentials": {"pass": ""}}]})") ==
          "users[0].credentials.pass");
    CHECK(refused_at("{\"\\u001b[31m\": 1}") == "\\x1b[31m");
}

TEST_CASE("what is not of its type is named by its path") {
    const std::pair<const char*, const char*> wrong[] = {
        {R"("name": 7)", "name"},
        {R"("phone": true)", "phone"},
        {R"("verified": "yes")", "verified"},
        {R"("verified": null)", "verified"},
        {R"("disabled": 1)", "disabled"},
        {R"("roles": "editor")", "roles"},
        {R"("roles": null)", "roles"},
        {R"("roles": ["editor", 1])", "roles[1]"},
        {R"("roles": ["No Role"])", "roles[0]"},
        {R"("attributes": [])", "attributes"},
        {R"("attributes": {"team": 1})", "attributes.team"},
        {R"("attributes": {"a b": "c"})", "attributes"},
        {R"("name": "a\u0001b")", "name"},
        {R"("username": "-x")", "username"},
        {R"("state": "gone")", "state"},
        {R"("state": true)", "state"},
        {R"("credentials": "x")", "credentials"},
        {R"("credentials": {})", "credentials"},
        {R"("credentials": {"generate": "a", "password_file": "b"})", "credentials"},
        {R"("credentials": {"generate": ""})", "credentials.generate"},
        {R"("credentials": {"password_hash": null})", "credentials.password_hash"},
    };
    for (const auto& [member, path] : wrong) {
        CAPTURE(member);
        CHECK(refused_at(std::string(R"({"users": [{"email": "a@example.org", )") + member +
                         "}]}") == std::string("users[0].") + path);
    }
    CHECK(refused_at(R"({"users": {}})") == "users");
    CHECK(refused_at(R"({"users": null})") == "users");
    CHECK(refused_at(R"({"users": ["a@example.org"]})") == "users[0]");
    CHECK(refused_at(R"({"users": [{"name": "A"}]})") == "users[0].email");
    CHECK(refused_at(R"({"users": [{"email": "nobody"}]})") == "users[0].email");
    CHECK(refused_at(R"({"roles": [{"name": "a", "description": "b\nc"}]})") ==
          "roles[0].description");
    CHECK(refused_at(R"({"roles": [{"description": "b"}]})") == "roles[0].name");
    CHECK(refused_at(R"({"owner": "a b"})") == "owner");
    CHECK(refused_at(R"({"owner": ""})") == "owner");
    CHECK(read_manifest(Json::array()).error().message == "the manifest must be a mapping");
}

TEST_CASE("nothing is declared twice, or against itself") {
    const Error twice = refused(
        R"({"users": [{"email": "a@example.org"}, {"email": "A@EXAMPLE.org", "state": "absent"}]})");
    CHECK(twice.field == "users[1]");
    CHECK(twice.message == "users[1] repeats users[0]");
    CHECK(refused_at(R"({"users": [{"email": "a@example.org", "username": "x"},
                                   {"email": "b@example.org", "username": "X"}]})") ==
          "users[1].username");
    CHECK(refused_at(R"({"users": [{"email": "a@example.org", "credentials": {"generate": "f"}},
                                   {"email": "b@example.org", "credentials": {"generate": "f"}}]})") ==
          "users[1].credentials.generate");
    CHECK(refused_at(R"({"roles": [{"name": "a"}, {"name": "a"}]})") == "roles[1]");
    CHECK(refused_at(R"({"roles": [{"name": "a", "state": "absent"}],
                         "users": [{"email": "a@example.org", "roles": ["a"]}]})") ==
          "users[0].roles");
    CHECK(read(R"({"roles": [{"name": "a", "state": "absent"}],
                   "users": [{"email": "a@example.org", "roles": ["a"], "state": "absent"}]})"));
}
