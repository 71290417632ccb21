// Files of people that programs keep for themselves. Users and hashes are made up, in the forms of
// each system's documentation.
#include "support/sources.h"

#include <nlohmann/json.hpp>

using namespace auth;

TEST_CASE("Dovecot's passwd-file is cut off anywhere", "[dovecot]") {
    const auto users =
        read_detected(ImportFormat::dovecot,
                      "ann@example.org:{SHA512-CRYPT}$6$salt$x:5000:5000:Ann Lee,,:/home/ann::\n"
                      "bob@example.org:{PLAIN}violet lamp\n"
                      "cy@example.org:$6$salt$x:::::: userdb_mail=maildir:~/Mail nologin\n");
    REQUIRE(users.size() == 3);
    CHECK(users[0].name == "Ann Lee");
    CHECK(users[0].password_hash == "{SHA512-CRYPT}$6$salt$x");
    CHECK(users[0].left_behind == LeftBehind{{"gid", 1}, {"home", 1}, {"uid", 1}});
    CHECK(users[1].password->reveal() == "violet lamp");
    CHECK(users[2].password_hash == "$6$salt$x");
    CHECK(users[2].disabled == true);
    CHECK(users[2].left_behind == LeftBehind{{"userdb_mail", 1}});
}

TEST_CASE("WordPress: wp user list in CSV and JSON", "[wordpress]") {
    const auto table =
        read_detected(ImportFormat::wordpress,
                      "ID,user_login,display_name,user_email,user_registered,roles,user_pass\n"
                      "7,ann,Ann Lee,ann@example.org,2019-04-05 06:07:08,\"editor, author\",$P$B\n"
                      "8,bob,bob,bob@example.org,,,\n");
    REQUIRE(table.size() == 2);
    CHECK(table[0].username == "ann");
    CHECK(table[0].name == "Ann Lee");
    CHECK(table[0].roles == std::vector<std::string>{"editor", "author"});
    CHECK(table[0].password_hash == "$P$B");
    CHECK(to_rfc3339(*table[0].created_at) == "2019-04-05T06:07:08Z");
    CHECK(table[0].attributes == R"({"wordpress_id":"7"})");
    CHECK(!table[1].name);
    const auto json = read_detected(
        ImportFormat::wordpress,
        R"([{"ID":9,"user_login":"cy","user_email":"cy@example.org","roles":"author","spam":"1"}])");
    CHECK(json[0].disabled == true);
    CHECK(json[0].roles == std::vector<std::string>{"author"});
}

TEST_CASE("Active Directory: people have rows, computers are counted", "[ldif]") {
    const auto users = read_detected(
        ImportFormat::ldif,
        "dn: CN=Ann Lee,DC=x\nobjectClass: user\nsAMAccountName: alee\ncn: Ann Lee\n"
        "userPrincipalName: alee@corp.example.org\nmemberOf: CN=Night\\, Shift,OU=Groups,DC=x\n"
        "memberOf: CN=B\\C3\\BCro,DC=x\npostalAddress: 1 Road$Village \\241\n\n"
        "dn: CN=PC1,DC=x\nobjectClass: user\nobjectClass: computer\nsAMAccountName: PC1$\n\n"
        "dn: cn=app,DC=x\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\n"
        "userPassword: {SSHA}x\n\n"
        "dn: CN=Staff,DC=x\nobjectClass: group\nmail: staff@example.org\n\n"
        "dn: CN=Con Tact,DC=x\nobjectClass: person\ncn: Con Tact\n");
    REQUIRE(users.size() == 4);
    CHECK(users[0].email == "alee@corp.example.org");
    CHECK(users[0].username == "alee");
    CHECK(users[0].address == "1 Road\nVillage $1");
    CHECK(users[0].roles == std::vector<std::string>{"Night, Shift", "Büro"});
    CHECK_FALSE(users[1].is_user);
    CHECK(users[1].left_behind == LeftBehind{{"computers", 1}});
    CHECK(users[2].left_behind == LeftBehind{{"service_accounts", 1}});
    CHECK(users[3].error.has_value());
}

TEST_CASE("Keycloak: groups and roles of clients are roles", "[keycloak]") {
    const auto users = read_detected(ImportFormat::keycloak, R"({"realm":"shop","users":[{
        "username":"ann","email":"ann@example.org","emailVerified":true,"enabled":true,
        "attributes":{"phone":["+47"],"team":["blue"]},
        "realmRoles":["default-roles-shop","Site Editors"],"groups":["/staff/night"],
        "clientRoles":{"till":["manager"],"account":["view-profile"]}}]})");
    REQUIRE(users.size() == 1);
    CHECK(users[0].roles == std::vector<std::string>{"site-editors", "night", "till:manager"});
    CHECK(users[0].phone == "+47");
    CHECK(users[0].attributes == R"({"team":"blue"})");
    CHECK(users[0].left_behind == LeftBehind{{"client_roles", 1}});
}

TEST_CASE("text before JSON is named once", "[json]") {
    const auto failure =
        detect_format("Loading settings\n[{\"model\": \"auth.user\"}]", "dump.json");
    REQUIRE_FALSE(failure.has_value());
    CHECK(failure.error().message ==
          "the file begins with the text 'Loading settings'; its JSON begins on line 2");
    CHECK(read_failure(ImportFormat::django, "noise\n[]").message.find("line 2") !=
          std::string::npos);
}

TEST_CASE("rows of a file without a header are whole", "[firebase]") {
    const auto users = read_users(ImportFormat::firebase, "u1,a@b.c,true,,,Foo\nBar,,,\n");
    REQUIRE(users.size() == 2);
    for (const UserRecord& user : users) {
        REQUIRE(user.error.has_value());
        CHECK(user.error->message.find("cut off") != std::string::npos);
    }
}

TEST_CASE("a manifest is not a file of users", "[authelia]") {
    const auto refused = detect_format("# people\nusers:\n  - email: a@b.c\n", "people.yaml");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message == "the file is a manifest");
    CHECK(detect_format("---\nusers:\n  ann:\n    email: a@b.c\n", "") == ImportFormat::authelia);
}

TEST_CASE("Supabase: a column that nobody reads is counted where it says something", "[supabase]") {
    const auto users = read_detected(ImportFormat::supabase,
                                     "id,email,encrypted_password,role,is_super_admin,shoe_size\n"
                                     ",ann@example.org,,authenticated,t,38\n"
                                     ",bob@example.org,,authenticated,f,\n");
    CHECK(users[0].left_behind == LeftBehind{{"is_super_admin", 1}, {"shoe_size", 1}});
    CHECK(users[1].left_behind.empty());
}
