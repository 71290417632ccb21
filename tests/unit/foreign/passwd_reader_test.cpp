#include "support/sources.h"

using namespace auth;

namespace {

std::vector<UserRecord> read_passwd(ImportFormat format, std::string text,
                                    std::string domain = "") {
    return read_users(format, std::move(text), 7, {.domain = std::move(domain)});
}

ImportFormat detected(std::string_view text, std::string_view name = "") {
    const auto format = detect_format(text, name);
    INFO((format ? std::string() : format.error().message));
    REQUIRE(format.has_value());
    return *format;
}

} // namespace

TEST_CASE("htpasswd: names with hashes", "[provisioning][htpasswd]") {
    // htpasswd -nbB, -nbm, -nbs of apache2-utils
    const std::string text =
        "# staff\nada:$2y$05$nUeTFRV1XdBbDkpDPYO8Zu3VxMKS7xtNOlzrbkv6oBbVvEuv1vV2G\n\n"
        "bo@b.org:$apr1$8sRSLMbF$AUHPCjtnSLaA0sAvxLv9H1\r\n"
        "cy:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n";
    CHECK(detected(text) == ImportFormat::htpasswd);
    const auto users = read_passwd(ImportFormat::htpasswd, text, "example.org");
    REQUIRE(users.size() == 3);
    CHECK(users[0].line == 2);
    CHECK(users[0].email == "ada@example.org");
    CHECK(users[0].username == "ada");
    CHECK(users[0].password_hash == "$2y$05$nUeTFRV1XdBbDkpDPYO8Zu3VxMKS7xtNOlzrbkv6oBbVvEuv1vV2G");
    CHECK(users[1].line == 4);
    CHECK(users[1].email == "bo@b.org");
    CHECK(!users[1].username);
    CHECK(users[1].password_hash == "$apr1$8sRSLMbF$AUHPCjtnSLaA0sAvxLv9H1");
    CHECK(users[2].password_hash == "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=");

    const auto bad = read_passwd(ImportFormat::htpasswd,
                                 "ada:$2y$x\nbo\n:x\ncy@b.org:\nd d:$2y$\n\xff:x\ne:f:g\n");
    REQUIRE(bad.size() == 7);
    CHECK(bad[0].error->message == "the user 'ada' has no email");
    CHECK(bad[0].error->hint == "--domain example.org makes addresses of user names");
    CHECK(bad[1].error->message == "the line is not NAME:HASH");
    CHECK(bad[2].error->message == "the line is not NAME:HASH");
    CHECK(bad[3].hash_error->field == "password_hash");
    CHECK(bad[4].error->field == "username");
    CHECK(bad[5].error->message == "the line is not valid UTF-8");
    CHECK(bad[6].error->message == "the line has 3 fields, not NAME:HASH");
    CHECK(bad[6].line == 7);
}

TEST_CASE("shadow: hashes, locks and dates", "[provisioning][shadow]") {
    const std::string text = "root:*:19700:0:99999:7:::\n"
                             "ada:$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC."
                             "5i5rd.RhAtQ7:19723:0:99999:7:::\n"
                             "bo:!$6$salt$hash:19723:0:99999:7:::\n"
                             "cy:!!:::::::\n"
                             "di::19723:0:99999:7:::\n";
    CHECK(detected(text) == ImportFormat::shadow);
    const auto users = read_passwd(ImportFormat::shadow, text, "example.org");
    REQUIRE(users.size() == 5);
    CHECK(users[0].disabled == true);
    CHECK(!users[0].password_hash);
    CHECK(users[1].email == "ada@example.org");
    CHECK(users[1].disabled == false);
    CHECK(users[1].password_hash->starts_with("$y$j9T$"));
    CHECK(to_rfc3339(*users[1].password_changed_at) == "2024-01-01T00:00:00Z");
    CHECK(users[2].disabled == true);
    CHECK(users[2].disabled_reason == "locked");
    CHECK(users[2].password_hash == "$6$salt$hash");
    CHECK(users[3].disabled == true);
    CHECK(!users[3].password_hash);
    CHECK(!users[3].password_changed_at);
    CHECK(users[4].disabled == false);
    CHECK(!users[4].password_hash);

    const std::string passwd = "ada:x:1000:1000:Ada Lovelace,,,:/home/ada:/bin/bash\n";
    CHECK(detected(passwd) == ImportFormat::shadow);
    const auto from_passwd = read_passwd(ImportFormat::shadow, passwd, "example.org");
    CHECK(from_passwd[0].name == "Ada Lovelace");
    CHECK(from_passwd[0].left_behind ==
          LeftBehind{{"gid", 1}, {"home", 1}, {"shell", 1}, {"uid", 1}});
    CHECK(!from_passwd[0].password_hash);
    CHECK(from_passwd[0].disabled == false);
    CHECK(read_passwd(ImportFormat::shadow, "ada:x:1\n", "e.org")[0].error->message ==
          "the line has 3 fields; shadow(5) has 9, passwd(5) 7");
}

TEST_CASE("passlib: a table of hashes", "[provisioning][passlib]") {
    const std::string text =
        "username,email,hash\nada,,$pbkdf2-sha256$29000$x$y\n,bo@b.org,$2b$12$x\n"
        ",cy@b.org,\n";
    CHECK(detected(text) == ImportFormat::passlib_csv);
    const auto users = read_passwd(ImportFormat::passlib_csv, text, "example.org");
    REQUIRE(users.size() == 3);
    CHECK(users[0].email == "ada@example.org");
    CHECK(users[0].password_hash == "$pbkdf2-sha256$29000$x$y");
    CHECK(users[1].email == "bo@b.org");
    CHECK(users[2].hash_error->field == "password_hash");
}

TEST_CASE("LDIF: entries of people", "[provisioning][ldif]") {
    // RFC 2849's examples, with what slapcat adds.
    const std::string text = R"(# a comment
 that goes on
version: 1
dn: dc=airius, dc=com
objectclass: top
dc: airius

dn: cn=Barbara Jensen, ou=Product Development, dc=airius, dc=com
objectclass: person
cn: Barbara Jensen
cn: Barbara J Jensen
cn;lang-ja:: 5bCP56yg5Y6f
sn: Jensen
uid: bjensen
mail: bjensen@example.org
telephonenumber: +1 408 555 1212
postalAddress: 1234 Main St.$Anytown, CA 12345$USA
userPassword:: e1NTSEF9Z1ZLOFdDOVlGSExhTWZ4RmdFQ2xNUT09
description: Babs is a big sailing fan, and travels extensively in sea
 rch of perfect sailing conditions.
title:Product Manager, Rod and Reel Division
jpegphoto:< file:///usr/local/directory/photos/fiona.jpg
entryUUID: 597ae2f6-16a6-1027-98f4-d28b5365dc14
createTimestamp: 20250101120000Z


# the next
dn:: dWlkPXNlYywgZGM9ZXg=
uid: rogers
userPassword: {CRYPT}$6$salt$hash
)";
    CHECK(detected(text) == ImportFormat::ldif);
    for (const std::size_t step : {3U, 100000U}) {
        const auto users = read_users(ImportFormat::ldif, text, step, {.domain = "example.org"});
        REQUIRE(users.size() == 2);
        const UserRecord& barbara = users[0];
        CHECK(!barbara.error);
        CHECK(barbara.line == 8);
        CHECK(barbara.email == "bjensen@example.org");
        CHECK(barbara.username == "bjensen");
        CHECK(barbara.name == "Barbara Jensen");
        CHECK(barbara.phone == "+1 408 555 1212");
        CHECK(barbara.address == "1234 Main St.\nAnytown, CA 12345\nUSA");
        CHECK(barbara.password_hash == "{SSHA}gVK8WC9YFHLaMfxFgEClMQ==");
        CHECK(barbara.id == "597ae2f6-16a6-1027-98f4-d28b5365dc14");
        CHECK(to_rfc3339(*barbara.created_at) == "2025-01-01T12:00:00Z");
        CHECK(barbara.attributes ==
              "{\"description\":\"Babs is a big sailing fan, and travels extensively in search of "
              "perfect sailing conditions.\",\"title\":\"Product Manager, Rod and Reel "
              "Division\"}");
        CHECK(users[1].line == 28);
        CHECK(users[1].email == "rogers@example.org");
        CHECK(users[1].password_hash == "{CRYPT}$6$salt$hash");
    }
}

TEST_CASE("LDIF: what is wrong, and what is too large", "[provisioning][ldif]") {
    const auto message = [](std::string text) {
        const auto users = read_users(ImportFormat::ldif, std::move(text));
        REQUIRE(users.size() == 1);
        return users[0].error ? users[0].error->message : "";
    };
    CHECK(message("dn: x\nmail: a@b.c\nnonsense\n") == "the line 'nonsense' is not NAME: VALUE");
    CHECK(message("dn: x\nmail:: ?\n") == "the mail is not base 64");
    CHECK(message("dn: x\nmail: a@b.c\ncn:: /w==\n") == "the cn is not valid UTF-8");
    CHECK(message("dn: x\nchangetype: modify\nmail: a@b.c\n") ==
          "the entry is a change ('modify'), not a user");
    CHECK(message("mail: a@b.c\n") == "the entry has no dn");
    CHECK(message("dn: x\nuid: a\n") == "the user 'a' has no email");
    std::string photo = "dn: x\nmail: a@b.c\njpegPhoto:: AA\n";
    for (int i = 0; i < 30000; ++i)
        photo += " " + std::string(75, 'A') + "\n";
    CHECK(message(photo + "cn: A\n").empty());
    std::string name = "dn: x\nmail: a@b.c\ncn: A\n";
    for (int i = 0; i < 30000; ++i)
        name += " " + std::string(75, 'A') + "\n";
    CHECK(message(name) == "the user takes more than 1048576 bytes");
    CHECK(message("dn: x\nmail: a@b.c\ncn: " + std::string(max_record_bytes, 'A') + "\n") ==
          "the user takes more than 1048576 bytes");
    const auto clear = read_users(ImportFormat::ldif, "dn: x\nmail: a@b.c\nuserPassword: secret\n");
    CHECK(clear[0].password->reveal() == "secret");
}

TEST_CASE("formats are told by what stands in the file", "[provisioning]") {
    CHECK(detected("{\"email\":\"a@b.c\"}\n") == ImportFormat::jsonl);
    CHECK(
        detected("{\"schema\":\"auth-cli.users/1\",\"users\":[{\"id\":\"x\",\"email\":\"a\"}]}") ==
        ImportFormat::jsonl);
    CHECK(detected(R"({"email":"a@b.c","identities":[{"issuer":"x","subject":"y"}]})") ==
          ImportFormat::jsonl);
    CHECK(detected("[]") == ImportFormat::jsonl);
    CHECK(detected("\xef\xbb\xbfname,\"email\"\r\n") == ImportFormat::csv);
    CHECK(detected("", "users.csv") == ImportFormat::csv);
    CHECK(detected("name;mail\n", "USERS.CSV") == ImportFormat::csv);

    const auto refused = [](std::string_view text) {
        const auto format = detect_format(text, "");
        REQUIRE(!format.has_value());
        CHECK(format.error().code == ErrorCode::usage);
        CHECK(format.error().hint.words.starts_with("say it with --from jsonl|csv|htpasswd|"));
        return format.error().message;
    };
    CHECK(refused("") == "cannot detect the format: the file is empty");
    CHECK(refused("hunter2:secret\n") ==
          "cannot detect the format: its first line starts with 'hunter2'");
    CHECK(refused("{\"a\":1,\"b\\n\":2}") ==
          "cannot detect the format: this is JSON, and its first user has the members a, b\\n");
    CHECK(refused("[1]") ==
          "cannot detect the format: the file is JSON but contains no user objects");
    CHECK(parse_format("passlib-csv").value() == ImportFormat::passlib_csv);
    CHECK(parse_format("keyclok").error().hint == "did you mean keycloak?");
    for (const std::string& name : format_names())
        CHECK(format_name(parse_format(name).value()) == name);
}
