#include "core/base/json.h"
#include "core/passwords/forms.h"
#include "core/writers/user_writer.h"
#include "support/sources.h"

#include <nlohmann/json.hpp>

using namespace auth;

namespace {

constexpr const char* argon2_form = "$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$"
                                    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
constexpr const char* pbkdf2_form = "$pbkdf2-sha256$i=29000,l=8$c2FsdA$AAECAwQFBgc";
constexpr const char* bcrypt_form = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

UserRecord ann() {
    UserRecord user;
    user.id = "0190e3a4-0000-7000-8000-000000000001";
    user.email = "ann@example.org";
    user.username = "ann";
    user.name = "Ann \"the pen\" Lee";
    user.phone = "+47 22 00";
    user.address = "1 Side Road";
    user.attributes = R"({"team":"blue"})";
    user.roles = {"editor", "night-shift"};
    user.verified = true;
    user.disabled = false;
    user.must_change_password = false;
    user.created_at = from_unix_seconds(1769850300);
    user.password_hash = argon2_form;
    return user;
}

UserRecord bob() {
    UserRecord user;
    user.id = "0190e3a4-0000-7000-8000-000000000002";
    user.email = "bob@example.org";
    user.name = "Åsa Øst";
    user.attributes = "{}";
    user.roles.emplace();
    user.verified = false;
    user.disabled = true;
    user.must_change_password = false;
    user.password_hash = bcrypt_form;
    return user;
}

struct Written {
    std::string text;
    LeftBehind left;
};

template <class... Users> Written write(std::unique_ptr<UserWriter> writer, const Users&... users) {
    Written out;
    writer->begin(out.text);
    (writer->add(out.text, users, out.left), ...);
    writer->end(out.text);
    return out;
}

void check_back(const UserRecord& read, const UserRecord& wrote) {
    INFO(wrote.email);
    INFO((read.error ? read.error->message : ""));
    REQUIRE(!read.error);
    CHECK(read.email == wrote.email);
    CHECK(read.username == wrote.username);
    CHECK(read.name == wrote.name);
    CHECK(read.phone == wrote.phone);
    CHECK(read.address == wrote.address);
    CHECK(read.disabled.value_or(false) == wrote.disabled);
    CHECK(read.left_behind.empty());
}

} // namespace

TEST_CASE("a realm for Keycloak comes back as it was", "[writers][keycloak]") {
    const auto written =
        write(make_keycloak_writer({.roles = {{"editor", "May write"}}}), ann(), bob());
    const Json realm = Json::parse(written.text);
    CHECK(realm["roles"]["realm"][0]["name"] == "editor");
    CHECK(realm["users"][1]["enabled"] == false);
    CHECK(written.left == LeftBehind{{"hashes", 1}}); // no provider of its own checks bcrypt
    const auto back = read_users(ImportFormat::keycloak, written.text);
    REQUIRE(back.size() == 2);
    check_back(back[0], ann());
    check_back(back[1], bob());
    CHECK(back[0].id == ann().id);
    CHECK(back[0].roles == ann().roles);
    CHECK(back[0].attributes == ann().attributes);
    CHECK(back[0].verified == true);
    CHECK(back[0].created_at == ann().created_at);
    CHECK(stored_form(*back[0].password_hash) == argon2_form);
    UserRecord old = ann();
    old.password_hash = pbkdf2_form;
    old.must_change_password = true;
    const auto again =
        read_users(ImportFormat::keycloak, write(make_keycloak_writer({}), old).text);
    CHECK(stored_form(*again.front().password_hash) == pbkdf2_form);
    CHECK(again.front().must_change_password == true);
}

TEST_CASE("identities for Kratos come back as they were", "[writers][kratos]") {
    const auto written = write(make_kratos_writer({}), ann(), bob());
    CHECK(written.left.empty());
    const auto back = read_users(ImportFormat::kratos, written.text);
    REQUIRE(back.size() == 2);
    check_back(back[0], ann());
    check_back(back[1], bob());
    CHECK(back[0].roles == ann().roles);
    CHECK(back[0].attributes == ann().attributes);
    CHECK(back[0].verified == true);
    CHECK(back[1].password_hash == bcrypt_form);
}

TEST_CASE("users for Auth0 come back as they were", "[writers][auth0]") {
    const auto written = write(make_auth0_writer({}), ann(), bob());
    CHECK(written.left.empty());
    CHECK(Json::parse(written.text)[1]["blocked"] == true);
    const auto back = read_users(ImportFormat::auth0, written.text);
    REQUIRE(back.size() == 2);
    check_back(back[0], ann());
    check_back(back[1], bob());
    CHECK(back[0].roles == ann().roles);
    CHECK(back[0].id == ann().id);
    CHECK(back[0].attributes == ann().attributes);
    CHECK(back[0].password_hash == argon2_form);
    CHECK(back[1].password_hash == bcrypt_form);
}

TEST_CASE("LDIF is folded, in ASCII, and comes back", "[writers][ldif]") {
    UserRecord user = ann();
    user.username = "ann, \"the\" pen";
    user.address = "1 Side Road\nVillage $1";
    const auto written =
        write(make_ldif_writer({.base_dn = "ou=people,dc=example,dc=org"}), ann(), bob(), user);
    for (const char c : written.text)
        CHECK((c == '\n' || (c >= ' ' && c < '\x7f')));
    CHECK(written.text.find("dn: uid=ann,ou=people,dc=example,dc=org\n") != std::string::npos);
    CHECK(written.text.find(R"(dn: uid=ann\, \"the\" pen,ou=people)") != std::string::npos);
    CHECK(written.text.find("postalAddress: 1 Side Road$Village \\241\n") != std::string::npos);
    CHECK(written.left == LeftBehind{{"attributes", 2}, {"roles", 4}, {"verified", 2}});
    const auto back =
        read_users(ImportFormat::ldif, write(make_ldif_writer({}), ann(), bob()).text);
    REQUIRE(back.size() == 2);
    check_back(back[0], ann());
    check_back(back[1], bob());
    CHECK(stored_form(*back[0].password_hash) == argon2_form);
    CHECK(stored_form(*back[1].password_hash) == bcrypt_form);
}

TEST_CASE("a directory gets digests as RFC 2307 has them", "[writers][ldif]") {
    UserRecord user = ann();
    for (const auto& [salt, start] :
         {std::pair("", "userPassword: {SHA}"), std::pair("salt", "userPassword: {SSHA}")}) {
        user.password_hash =
            salted_digest("sha1", SaltPosition::after, salt, "0123456789abcdefghij");
        const std::string text = write(make_ldif_writer({}), user).text;
        CHECK(text.find(start) != std::string::npos);
        CHECK(stored_form(*read_users(ImportFormat::ldif, text).front().password_hash) ==
              user.password_hash);
    }
    user.password_hash = pbkdf2_form;
    CHECK(stored_form(*read_users(ImportFormat::ldif, write(make_ldif_writer({}), user).text)
                           .front()
                           .password_hash) == pbkdf2_form);
}

TEST_CASE("nobody who is disabled gets in by an htpasswd file", "[writers][htpasswd]") {
    UserRecord cy = bob();
    cy.email = "cy@example.org";
    cy.disabled = false;
    const auto written = write(make_htpasswd_writer({}), ann(), bob(), cy);
    CHECK(written.text == "cy@example.org:$2y$" + std::string(bcrypt_form).substr(4) + "\n");
    CHECK(written.left == LeftBehind{{"name", 1}, {"users", 2}});
}

TEST_CASE("Authelia gets whom it can check", "[writers][authelia]") {
    UserRecord nobody = bob();
    nobody.password_hash.reset();
    UserRecord old = ann();
    old.username = "old";
    old.password_hash = pbkdf2_form;
    const auto written = write(make_authelia_writer({}), bob(), nobody, old);
    CHECK(written.text == R"(users:
  bob@example.org:
    disabled: true
    displayname: "Åsa Øst"
    password: "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
    email: bob@example.org
    groups: []
  old:
    disabled: false
    displayname: "Ann \"the pen\" Lee"
    password: "$pbkdf2-sha256$29000$c2FsdA$AAECAwQFBgc"
    email: ann@example.org
    groups:
      - editor
      - night-shift
)");
    CHECK(written.left.at("users") == 1);
    CHECK(write(make_authelia_writer({})).text == "users: {}\n");
}

TEST_CASE("Authelia gets the rounds of SHA-crypt always", "[writers][authelia]") {
    const auto spelling = [](const char* hash) {
        UserRecord user = ann();
        user.password_hash = hash;
        const std::string text = write(make_authelia_writer({}), user).text;
        const std::size_t start = text.find("password: ");
        return text.substr(start, text.find('\n', start) - start);
    };
    CHECK(spelling("$6$salt$digest") == R"(password: "$6$rounds=5000$salt$digest")");
    CHECK(spelling("$5$rounds=9000$salt$digest") == R"(password: "$5$rounds=9000$salt$digest")");
}
