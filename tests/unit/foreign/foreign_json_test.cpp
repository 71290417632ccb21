// Samples are those of each system's own documentation or source, shortened.
#include "core/base/encoding.h"
#include "core/passwords/password.h"
#include "support/sources.h"

using namespace auth;

namespace {

std::vector<UserRecord> read(ImportFormat format, std::string text,
                             const ReaderOptions& options = {}) {
    auto users = read_detected(format, std::move(text), options);
    for (const UserRecord& user : users) {
        INFO((user.error ? user.error->message : ""));
        CHECK(!user.error);
    }
    return users;
}

Error error_of(ImportFormat format, std::string text, const ReaderOptions& options = {}) {
    const auto users = read_users(format, std::move(text), 1000, options);
    REQUIRE(users.size() == 1);
    const UserRecord& user = users.front();
    REQUIRE((user.error || user.hash_error));
    CHECK_FALSE(user.password_hash);
    return user.error ? *user.error : *user.hash_error;
}

std::string text_of(const std::optional<Secret>& secret) {
    return secret ? std::string(secret->reveal()) : "";
}

} // namespace

TEST_CASE("Django: dumpdata", "[provisioning][django]") {
    // manage.py dumpdata auth.group auth.user, Django 3.2
    const auto users = read(
        ImportFormat::django,
        R"([{"model": "auth.group", "pk": 7, "fields": {"name": "Site Editors", "permissions": []}},
{"model": "auth.user", "pk": 1, "fields": {"password": "pbkdf2_sha256$260000$salt$aGFzaA==", "last_login": "2026-01-02T03:04:05.678Z", "is_superuser": true, "username": "ada", "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.org", "is_staff": true, "is_active": true, "date_joined": "2025-01-01T00:00:00Z", "groups": [7], "user_permissions": []}},
{"model": "auth.user", "pk": 2, "fields": {"password": "!yZ7", "last_login": null, "is_superuser": false, "username": "bo@b", "first_name": "", "last_name": "", "email": "bo@example.org", "is_staff": false, "is_active": false, "date_joined": "2025-01-01T00:00:00Z", "groups": [["Site Editors"]], "user_permissions": []}}])");
    REQUIRE(users.size() == 2);
    CHECK(users[0].line == 2);
    CHECK(users[0].email == "ada@example.org");
    CHECK(users[0].username == "ada");
    CHECK(users[0].name == "Ada Lovelace");
    CHECK(users[0].roles == std::vector<std::string>{"site-editors", "staff", "superuser"});
    CHECK(users[0].password_hash == "pbkdf2_sha256$260000$salt$aGFzaA==");
    CHECK(users[0].disabled == false);
    CHECK(to_rfc3339(*users[0].created_at) == "2025-01-01T00:00:00Z");
    CHECK(to_rfc3339(*users[0].last_login_at) == "2026-01-02T03:04:05Z");
    CHECK(!users[1].password_hash);
    CHECK(!users[1].username);
    CHECK(users[1].attributes == R"({"username":"bo@b"})");
    CHECK(users[1].disabled == true);
    CHECK(users[1].roles == std::vector<std::string>{"site-editors"});
}

TEST_CASE("Keycloak: the export of a realm", "[provisioning][keycloak]") {
    // Keycloak 24, kc.sh export --users realm_file
    const auto users = read(ImportFormat::keycloak, R"({
  "id" : "x", "realm" : "my-realm", "enabled" : true,
  "roles" : { "realm" : [ { "name" : "users" } ] },
  "users" : [ {
    "id" : "826731b2-bf17-4bd9-b45c-6a26c76ddaae",
    "createdTimestamp" : 1693887631918,
    "username" : "test-user",
    "enabled" : true,
    "totp" : true,
    "emailVerified" : true,
    "firstName" : "John",
    "lastName" : "Doe",
    "email" : "test-user@mail.com",
    "attributes" : { "locale" : [ "de" ], "teams" : [ "a", "b" ] },
    "credentials" : [ {
      "type" : "password",
      "createdDate" : 1693888572700,
      "secretData" : "{\"value\":\"ng6oDRung/pBLayd5ro7IU3mL/p86pg3WvQNQc+N1Eg=\",\"salt\":\"RaXjs4RiUKgJGkX6kp277w==\",\"additionalParameters\":{}}",
      "credentialData" : "{\"hashIterations\":27500,\"algorithm\":\"pbkdf2-sha256\",\"additionalParameters\":{}}"
    }, {
      "type" : "password",
      "secretData" : "{\"value\":\"AAAA\",\"salt\":\"AAAA\"}",
      "credentialData" : "{\"hashIterations\":27500,\"algorithm\":\"pbkdf2-sha256\"}"
    }, {
      "type" : "webauthn", "secretData" : "{}", "credentialData" : "{}"
    }, {
      "type" : "otp",
      "secretData" : "{\"value\":\"DJmQfC73VGFhw7D4QJ8A\"}",
      "credentialData" : "{\"subType\":\"totp\",\"digits\":6,\"counter\":0,\"period\":30,\"algorithm\":\"HmacSHA256\"}"
    } ],
    "requiredActions" : [ "UPDATE_PASSWORD", "CONFIGURE_TOTP" ],
    "realmRoles" : [ "default-roles-my-realm", "offline_access", "admin" ],
    "federatedIdentities" : [ { "identityProvider" : "google", "userId" : "1078", "userName" : "john@gmail.com" } ],
    "notBefore" : 0,
    "groups" : [ "/staff", "/staff/night" ],
    "clientRoles" : { "shop" : [ "buyer", "seller" ], "account" : [ "view-profile" ] },
    "federationLink" : "f7a1"
  }, {
    "username" : "service-account-x", "enabled" : true, "serviceAccountClientId" : "x"
  }, {
    "username" : "admin1@solo.io", "enabled" : false,
    "credentials" : [ {
      "type" : "password",
      "secretData" : "{\"value\":\"BruFLfFkjH/8erZ26NnrbkOrWiZuQyDRCHD9o0R6Scg=\",\"salt\":\"Cf9AYCE5pAbb4CKEF0GUTA==\",\"additionalParameters\":{}}",
      "credentialData" : "{\"hashIterations\":5,\"algorithm\":\"argon2\",\"additionalParameters\":{\"hashLength\":[\"32\"],\"memory\":[\"7168\"],\"type\":[\"id\"],\"version\":[\"1.3\"],\"parallelism\":[\"1\"]}}"
    } ]
  } ],
  "clients" : [ { "users" : [ 1 ] } ]
})");
    REQUIRE(users.size() == 3);
    CHECK_FALSE(users[1].is_user);
    CHECK(users[1].left_behind == LeftBehind{{"service_accounts", 1}});
    const UserRecord& john = users[0];
    CHECK(john.is_user);
    CHECK(john.left_behind == LeftBehind{{"CONFIGURE_TOTP", 1},
                                         {"client_roles", 1},
                                         {"federationLink", 1},
                                         {"second_factors", 1},
                                         {"second_passwords", 1}});
    CHECK(john.line == 4);
    CHECK(john.id == "826731b2-bf17-4bd9-b45c-6a26c76ddaae");
    CHECK(john.identities == std::vector<IdentityRecord>{{"", "google", "1078", {}, {}}});
    CHECK_FALSE(users[2].identities);
    CHECK(john.email == "test-user@mail.com");
    CHECK(john.username == "test-user");
    CHECK(john.name == "John Doe");
    CHECK(john.verified == true);
    CHECK(john.disabled == false);
    CHECK(john.must_change_password == true);
    CHECK(john.roles ==
          std::vector<std::string>{"admin", "staff", "night", "shop:buyer", "shop:seller"});
    CHECK(john.attributes == R"({"locale":"de","teams":"[\"a\",\"b\"]"})");
    CHECK(to_rfc3339(*john.created_at) == "2023-09-05T04:20:31Z");
    CHECK(to_rfc3339(*john.password_changed_at) == "2023-09-05T04:36:12Z");
    CHECK(john.password_hash == "$pbkdf2-sha256$i=27500,l=32$RaXjs4RiUKgJGkX6kp277w$"
                                "ng6oDRung/pBLayd5ro7IU3mL/p86pg3WvQNQc+N1Eg");
    // base32(b"DJmQfC73VGFhw7D4QJ8A") by Python
    CHECK(text_of(john.totp) ==
          "otpauth://totp/test-user@mail.com?secret=IRFG2ULGIM3TGVSHIZUHON2EGRIUUOCB&"
          "algorithm=SHA256&digits=6&period=30");
    CHECK(users[2].email == "admin1@solo.io");
    CHECK(!users[2].username);
    CHECK(users[2].disabled == true);
    CHECK(users[2].left_behind.empty());
    CHECK(users[2].password_hash == "$argon2id$v=19$m=7168,t=5,p=1$Cf9AYCE5pAbb4CKEF0GUTA$"
                                    "BruFLfFkjH/8erZ26NnrbkOrWiZuQyDRCHD9o0R6Scg");
}

TEST_CASE("Keycloak: passwords in clear, and what cannot be used", "[provisioning][keycloak]") {
    const auto users = read(
        ImportFormat::keycloak,
        R"({"users":[{"username":"ada","enabled":true,"credentials":[{"type":"password","value":"pass","temporary":true}]}]})",
        {.domain = "example.org"});
    REQUIRE(users.size() == 1);
    CHECK(users[0].email == "ada@example.org");
    CHECK(text_of(users[0].password) == "pass");
    CHECK(users[0].must_change_password == true);
    CHECK(error_of(ImportFormat::keycloak, R"([{"username":"ada","enabled":true}])").hint ==
          "--domain example.org makes addresses of user names");
    const auto with = [](std::string data) {
        return R"([{"email":"a@b.c","credentials":[{"type":"password","secretData":"{\"value\":\"AAAA\",\"salt\":\"AAAA\"}","credentialData":")" +
               data + R"("}]}])";
    };
    CHECK(error_of(ImportFormat::keycloak, with(R"({\"hashIterations\":5,\"algorithm\":\"md5\"})"))
              .message.starts_with("the password algorithm 'md5' is not known"));
    CHECK(error_of(ImportFormat::keycloak, with("{")).field == "password_hash");
    CHECK(error_of(ImportFormat::keycloak, with(R"({\"algorithm\":\"pbkdf2\"})")).field ==
          "password_hash");
}

TEST_CASE("Firebase: auth:export", "[provisioning][firebase]") {
    // Parameters and user of https://github.com/firebase/scrypt, password "user1password".
    const ReaderOptions options{.hash_config = R"(hash_config {
  algorithm: SCRYPT,
  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 14,
})"};
    const auto json = read(ImportFormat::firebase, R"({"users": [
{
  "localId": "0wjLNmdZ",
  "email": "user1@example.org",
  "emailVerified": true,
  "passwordHash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
  "salt": "42xEC+ixf3L2lw==",
  "displayName": "User One",
  "photoUrl": "https://example.org/1.png",
  "lastSignedInAt": "1693888572700",
  "createdAt": "1693887631918",
  "phoneNumber": "+15555550100",
  "disabled": false,
  "customAttributes": "{\"admin\":true}",
  "providerUserInfo": []
}]})",
                           options);
    const auto csv =
        read(ImportFormat::firebase,
             "0wjLNmdZ,user1@example.org,true,"
             "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/"
             "qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==,42xEC+ixf3L2lw==,User "
             "One,https://example.org/"
             "1.png,,,,,,,,,,,,,,,,,1693887631918,1693888572700,+15555550100,false,"
             "\"{\"\"admin\"\":true}\",\n",
             options);
    for (const auto* users : {&json, &csv}) {
        REQUIRE(users->size() == 1);
        const UserRecord& one = users->front();
        CHECK(one.email == "user1@example.org");
        CHECK(one.verified == true);
        CHECK(one.disabled == false);
        CHECK(one.name == "User One");
        CHECK(one.phone == "+15555550100");
        CHECK(to_rfc3339(*one.created_at) == "2023-09-05T04:20:31Z");
        CHECK(to_rfc3339(*one.last_login_at) == "2023-09-05T04:36:12Z");
        CHECK(
            one.attributes ==
            R"({"admin":"true","firebase_uid":"0wjLNmdZ","picture":"https://example.org/1.png"})");
        REQUIRE(one.password_hash.has_value());
        CHECK(one.password_hash->starts_with("$firebase-scrypt$ln=14,r=8$42xEC+ixf3L2lwc$"));
    }
    CHECK(json.front().password_hash == csv.front().password_hash);
    CHECK(verify_password(Secret("user1password"), *json.front().password_hash));
    CHECK(!verify_password(Secret("user2password"), *json.front().password_hash));
}

TEST_CASE("Firebase: hash parameters are needed, and must be some", "[provisioning][firebase]") {
    const std::string file =
        R"({"users":[{"localId":"x","email":"a@b.c","passwordHash":"AAAA","salt":"AAAA"}]})";
    CHECK(error_of(ImportFormat::firebase, file).message ==
          "the user's password hash needs the project's parameters");
    const auto failure = [&](std::string config) {
        return read_failure(ImportFormat::firebase, file, {.hash_config = std::move(config)})
            .message;
    };
    CHECK(failure("nonsense").starts_with("hash parameters: the algorithm '' is not known"));
    CHECK(failure("algorithm: MD5,").starts_with("hash parameters: the algorithm 'MD5'"));
    CHECK(failure("algorithm: SCRYPT,\nbase64_signer_key: ?,") ==
          "hash parameters: base64_signer_key and base64_salt_separator must be base 64");
    const auto bcrypt = read(ImportFormat::firebase,
                             R"({"users":[{"localId":"x","email":"a@b.c","passwordHash":")" +
                                 to_base64("$2b$10$abc") + R"("}]})",
                             {.hash_config = R"({"algorithm":"BCRYPT"})"});
    CHECK(bcrypt.front().password_hash == "$2b$10$abc");
    const auto scrypt = read(
        ImportFormat::firebase,
        R"({"users":[{"localId":"x","email":"a@b.c","passwordHash":"aGFzaA==","salt":"c2FsdA=="}]})",
        {.hash_config =
             R"({"algorithm":"STANDARD_SCRYPT","mem_cost":1024,"block_size":8,"parallelization":16})"});
    CHECK(scrypt.front().password_hash == "$scrypt$ln=10,r=8,p=16$c2FsdA$aGFzaA");
}

TEST_CASE("Auth0: bulk import files", "[provisioning][auth0]") {
    // Of "Bulk User Import Database Schema and Examples".
    const auto users = read(ImportFormat::auth0, R"([
  {
    "email": "john.doe@contoso.com",
    "email_verified": false,
    "app_metadata": { "roles": ["admin"], "plan": "premium" },
    "user_metadata": { "theme": "light" }
  },
  {
    "email": "antoinette@contoso.com",
    "email_verified": true,
    "user_id": "abc123",
    "username": "antoinette",
    "given_name": "Antoinette", "family_name": "A",
    "blocked": true,
    "custom_password_hash": {
      "algorithm": "sha512",
      "hash": { "value": "0AFF", "encoding": "hex" },
      "salt": { "value": "abc", "encoding": "utf8", "position": "suffix" }
    },
    "mfa_factors": [ { "phone": { "value": "+15551112233" } }, { "totp": { "secret": "2PRXZWZAYYDAWCD" } } ]
  },
  {
    "email": "mary@contoso.com",
    "custom_password_hash": { "algorithm": "bcrypt", "hash": { "value": "$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K", "encoding": "utf8" } }
  },
  {
    "email": "p@contoso.com",
    "custom_password_hash": { "algorithm": "pbkdf2", "hash": { "value": "$pbkdf2-sha512$i=100000,l=64$c2FsdA$aGFzaA", "encoding": "utf8" } }
  },
  {
    "email": "s@contoso.com",
    "custom_password_hash": { "algorithm": "scrypt", "hash": { "value": "aGFzaA==", "encoding": "base64" }, "salt": { "value": "73616c74", "encoding": "hex" }, "keylen": 4, "cost": 16384, "blockSize": 8, "parallelization": 1 }
  },
  {
    "email": "h@contoso.com",
    "custom_password_hash": { "algorithm": "hmac", "hash": { "value": "aGFzaA", "encoding": "base64", "digest": "sha256", "key": { "value": "key", "encoding": "utf8" } } }
  },
  {
    "email": "l@contoso.com",
    "custom_password_hash": { "algorithm": "ldap", "hash": { "value": "{SSHA}abc", "encoding": "utf8" } }
  }
])");
    REQUIRE(users.size() == 7);
    CHECK(users[0].verified == false);
    CHECK(users[0].attributes == R"({"app_metadata.plan":"premium","theme":"light"})");
    CHECK(users[0].roles == std::vector<std::string>{"admin"});
    CHECK(!users[0].password_hash);
    CHECK(users[1].verified == true);
    CHECK(users[1].disabled == true);
    CHECK(users[1].username == "antoinette");
    CHECK(users[1].name == "Antoinette A");
    CHECK(users[1].attributes == R"({"auth0_user_id":"abc123"})");
    // "{PASSWORD}{SALT}", "abc" and 0x0aff in base 64
    CHECK(users[1].password_hash == "$sha512$pf=e1BBU1NXT1JEfXtTQUxUfQ$YWJj$Cv8");
    CHECK(text_of(users[1].totp) == "otpauth://totp/antoinette@contoso.com?secret=2PRXZWZAYYDAWCD&"
                                    "algorithm=SHA1&digits=6&period=30");
    CHECK(users[2].password_hash == "$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K");
    CHECK(users[3].password_hash == "$pbkdf2-sha512$i=100000,l=64$c2FsdA$aGFzaA");
    CHECK(users[4].password_hash == "$scrypt$ln=14,r=8,p=1$c2FsdA$aGFzaA");
    CHECK(users[5].password_hash == "$hmac-sha256$aGFzaA$a2V5");
    CHECK(users[6].password_hash == "{SSHA}abc");
}

TEST_CASE("Auth0: NDJSON of an export, and hashes that cannot be used", "[provisioning][auth0]") {
    const auto users =
        read(ImportFormat::auth0,
             "{\"_id\":{\"$oid\":\"60425dc43519d90068f82973\"},\"email_verified\":false,\"email\":"
             "\"a@b.c\",\"passwordHash\":\"$2b$10$Z6hUTEEeoJXN5/AmSm/4.eZ75RYgFVriQM9LPhNEC7kbAbS/"
             "VAaJ2\",\"tenant\":\"dev\",\"connection\":\"Username-Password-Authentication\"}\n");
    CHECK(users.front().password_hash ==
          "$2b$10$Z6hUTEEeoJXN5/AmSm/4.eZ75RYgFVriQM9LPhNEC7kbAbS/VAaJ2");
    const auto message = [](std::string custom) {
        return error_of(ImportFormat::auth0,
                        R"([{"email":"a@b.c","custom_password_hash":)" + custom + "}]")
            .message;
    };
    CHECK(message(R"({"algorithm":"md4","hash":{"value":"00","encoding":"hex"}})") ==
          "the password algorithm 'md4' is not known");
    CHECK(message(R"({"algorithm":"md5","hash":{"value":"0g","encoding":"hex"}})") ==
          "a value of custom_password_hash is not 'hex'");
    CHECK(message(R"({"algorithm":"md5","hash":{"value":"00"},"password":{"encoding":"utf16le"}})")
              .starts_with("the password encoding 'utf16le' is not known"));
}

TEST_CASE("Kratos: identities", "[provisioning][kratos]") {
    // Of "Import identities", and what the admin API lists.
    const auto users = read(ImportFormat::kratos, R"([{
  "id": "9f425a8d-7efc-4768-8f23-7647a74fdf13",
  "schema_id": "preset://email",
  "state": "inactive",
  "traits": { "email": "docs-verify@example.org", "name": {"first":"Ada","last":"L"}, "newsletter": true, "phone": "+4712345678" },
  "verifiable_addresses": [
    { "value": "docs-verify@example.org", "verified": true, "via": "email", "status": "completed", "verified_at": "2024-03-01T10:00:00.5Z" }
  ],
  "credentials": {
    "password": { "config": { "hashed_password": "$2a$10$ZsCsoVQ3xfBG/K2z2XpBf.tm90GZmtOqtqWcB5.pYd5Eq8y7RlDyq" } },
    "totp": { "config": { "totp_url": "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP" } },
    "oidc": { "config": { "providers": [ { "subject": "some-subject", "provider": "google" } ] } }
  },
  "metadata_public": { "plan": "pro" },
  "created_at": "2024-01-01T00:00:00Z"
}, { "schema_id": "x", "traits": { "email": "plain@example.org" }, "credentials": { "password": { "config": { "password": "clear text" } } } }])");
    REQUIRE(users.size() == 2);
    CHECK(users[0].id == "9f425a8d-7efc-4768-8f23-7647a74fdf13");
    CHECK(users[0].email == "docs-verify@example.org");
    CHECK(users[0].name == "Ada L");
    CHECK(users[0].phone == "+4712345678");
    CHECK(users[0].verified == true);
    CHECK(to_rfc3339(*users[0].verified_at) == "2024-03-01T10:00:00Z");
    CHECK(users[0].disabled == true);
    CHECK(users[0].attributes == R"({"newsletter":"true","plan":"pro"})");
    CHECK(users[0].password_hash == "$2a$10$ZsCsoVQ3xfBG/K2z2XpBf.tm90GZmtOqtqWcB5.pYd5Eq8y7RlDyq");
    CHECK(text_of(users[0].totp) == "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP");
    CHECK(users[0].identities ==
          std::vector<IdentityRecord>{{"", "google", "some-subject", {}, {}}});
    CHECK(text_of(users[1].password) == "clear text");
    CHECK_FALSE(users[1].identities);
}

TEST_CASE("Supabase: the table auth.users", "[provisioning][supabase]") {
    const auto csv = read(
        ImportFormat::supabase,
        "instance_id,id,aud,role,email,encrypted_password,email_confirmed_at,last_sign_in_at,raw_"
        "app_meta_data,raw_user_meta_data,created_at,phone,banned_until,deleted_at\n"
        "00000000-0000-0000-0000-000000000000,f1ab4a2b-5e6b-4a0c-9f3a-0c4f5d6e7f80,authenticated,"
        "authenticated,ada@example.org,$2a$10$abc,2022-10-04 03:41:27.391146+00,,"
        "\"{\"\"provider\"\": \"\"email\"\", \"\"providers\"\": [\"\"email\"\"], "
        "\"\"plan\"\":\"\"pro\"\"}\",\"{\"\"full_name\"\": \"\"Ada\"\", \"\"age\"\": "
        "36}\",2022-10-04 03:41:27+00,,,\n"
        "x,y,authenticated,authenticated,gone@example.org,$2a$10$abc,,,{},{},,,,2024-01-01 "
        "00:00:00+00\n"
        "x,f1ab4a2b-5e6b-4a0c-9f3a-0c4f5d6e7f81,a,a,bo@example.org,,,,,,,4712345678,2100-01-01 "
        "00:00:00+00,\n");
    const auto json = read(
        ImportFormat::supabase,
        R"([{"id":"f1ab4a2b-5e6b-4a0c-9f3a-0c4f5d6e7f80","aud":"authenticated","email":"ada@example.org","encrypted_password":"$2a$10$abc","email_confirmed_at":"2022-10-04T03:41:27.391146Z","raw_app_meta_data":{"provider":"email","plan":"pro"},"raw_user_meta_data":{"full_name":"Ada","age":36},"created_at":"2022-10-04T03:41:27+00:00"}])");
    REQUIRE(csv.size() == 3);
    REQUIRE(json.size() == 1);
    CHECK_FALSE(csv[1].is_user);
    CHECK(csv[1].email == "gone@example.org");
    CHECK(csv[1].left_behind == LeftBehind{{"deleted_accounts", 1}});
    for (const UserRecord* ada : {&csv.front(), &json.front()}) {
        CHECK(ada->id == "f1ab4a2b-5e6b-4a0c-9f3a-0c4f5d6e7f80");
        CHECK(ada->email == "ada@example.org");
        CHECK(ada->name == "Ada");
        CHECK(ada->password_hash == "$2a$10$abc");
        CHECK(ada->verified == true);
        CHECK(to_rfc3339(*ada->verified_at) == "2022-10-04T03:41:27Z");
        CHECK(to_rfc3339(*ada->created_at) == "2022-10-04T03:41:27Z");
        CHECK(ada->attributes == R"({"age":"36","app_metadata.plan":"pro"})");
        CHECK(!ada->phone);
    }
    CHECK(csv[2].verified == false);
    CHECK(csv[2].phone == "4712345678");
    CHECK(csv[2].disabled == true);
    CHECK(csv[2].disabled_reason == "banned until 2100-01-01 00:00:00+00");
    CHECK(csv[2].line == 4);
}
