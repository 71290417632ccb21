#include "support/sources.h"

#include <fmt/format.h>

using namespace auth;

namespace {

std::vector<UserRecord> read_json(std::string text, std::size_t step = 1U << 20U) {
    return read_users(ImportFormat::jsonl, std::move(text), step);
}

Error json_error(std::string text) {
    auto users = read_json(std::move(text));
    REQUIRE(users.size() == 1);
    REQUIRE(users.front().error.has_value());
    return *users.front().error;
}

} // namespace

TEST_CASE("a line of NDJSON gives every member", "[provisioning]") {
    const auto users = read_json(
        R"({"schema":"auth-cli.user/1","id":"0190d1a7-8c0e-7000-8000-000000000001","email":"ada@example.org","username":"ada","name":"Ada \u00c5","phone":"+4712345678","address":"","national_id":null,"roles":["admin","tester"],"attributes":{ "team" : "a\/b", "tab":"\t" },"verified":true,"verified_at":"2026-01-31T10:05:00+01:00","disabled":false,"disabled_at":null,"disabled_reason":"left","must_change_password":true,"mfa":false,"locked_until":null,"created_at":"2025-01-01T00:00:00Z","updated_at":"2025-01-02T00:00:00Z","last_login_at":"2025-01-03T00:00:00Z","changed":true,"password_hash":"$2b$x","password_set_by":"operator","password_changed_at":"2025-01-04T00:00:00Z","totp":"otpauth://totp/x?secret=A","identities":[{"provider":"corp","issuer":"https://idp.example","subject":"7","linked_at":"2026-01-31T10:05:00+01:00","last_login_at":null},{"provider":"corp","subject":"8"}]})"
        "\n");
    REQUIRE(users.size() == 1);
    const UserRecord& ada = users.front();
    CHECK(!ada.error);
    CHECK(ada.line == 1);
    CHECK(ada.id == "0190d1a7-8c0e-7000-8000-000000000001");
    CHECK(ada.email == "ada@example.org");
    CHECK(ada.username == "ada");
    CHECK(ada.name == "Ada \xc3\x85");
    CHECK(ada.phone == "+4712345678");
    CHECK(ada.address == "");
    CHECK(!ada.national_id);
    CHECK(ada.roles == std::vector<std::string>{"admin", "tester"});
    CHECK(ada.attributes == R"({"team":"a/b","tab":"\t"})");
    CHECK(ada.verified == true);
    CHECK(to_rfc3339(*ada.verified_at) == "2026-01-31T09:05:00Z");
    CHECK(ada.disabled == false);
    CHECK(!ada.disabled_at);
    CHECK(ada.disabled_reason == "left");
    CHECK(ada.must_change_password == true);
    CHECK(to_rfc3339(*ada.created_at) == "2025-01-01T00:00:00Z");
    CHECK(to_rfc3339(*ada.updated_at) == "2025-01-02T00:00:00Z");
    CHECK(to_rfc3339(*ada.last_login_at) == "2025-01-03T00:00:00Z");
    CHECK(!ada.password);
    CHECK(ada.password_hash == "$2b$x");
    CHECK(ada.password_set_by == "operator");
    CHECK(to_rfc3339(*ada.password_changed_at) == "2025-01-04T00:00:00Z");
    CHECK(ada.totp->reveal() == "otpauth://totp/x?secret=A");
    CHECK(ada.identities ==
          std::vector<IdentityRecord>{
              {"https://idp.example", "", "7", parse_rfc3339("2026-01-31T09:05:00Z").value(), {}},
              {"", "corp", "8", {}, {}}});
}

TEST_CASE("lines are counted where users start, however the file is laid out", "[provisioning]") {
    const std::string layouts[] = {
        "\n{\"email\":\"a@b.c\"}\n\n  \r\n{\"email\":\"d@e.f\"}",
        "\xef\xbb\xbf\n{\"email\":\"a@b.c\"}\r\n\r\n\r\n {\"email\":\"d@e.f\"} \r\n",
        "[\n{\"email\":\"a@b.c\"},\n\n\n{\"email\":\"d@e.f\"}]\n",
        "{\"schema\":\"auth-cli.users/1\",\n\"users\":[{\"email\":\"a@b.c\"}\n,\n\n{\n\"email\""
        ":\"d@e.f\"}],\"next_after\":null,\"x\":{\"users\":[]}}",
        "\n{\n\"email\":\"a@b.c\"\n}\n{\"email\":\"d@e.f\"\n}"};
    for (const std::string& text : layouts)
        for (const std::size_t step : {1U, 7U, 1000U}) {
            INFO(text);
            const auto users = read_json(text, step);
            REQUIRE(users.size() == 2);
            CHECK(users[0].email == "a@b.c");
            CHECK(users[0].line == 2);
            CHECK(users[1].email == "d@e.f");
            CHECK(users[1].line == 5);
        }
}

TEST_CASE("no users are no mistake", "[provisioning]") {
    CHECK(read_json("").empty());
    CHECK(read_json("\n \n").empty());
    CHECK(read_json("[]").empty());
    CHECK(read_json("{\"users\": [ ]}").empty());
}

TEST_CASE("a bad user is told by member, and those after it are read", "[provisioning]") {
    const auto users = read_json("{\"email\":\"a@b.c\",\"verfied\":true}\n{\"email\":\"d@e.f\"}\n");
    REQUIRE(users.size() == 2);
    CHECK(users[0].email == "a@b.c");
    CHECK(users[0].error->message == "there is no member 'verfied'");
    CHECK(users[0].error->hint == "did you mean verified?");
    CHECK(users[0].error->field == "verfied");
    CHECK(!users[1].error);

    CHECK(json_error(R"({"email":"a@b.c","name":"x","name":"y"})").message ==
          "the member 'name' stands twice");
    CHECK(json_error(R"({"verified":"yes","email":"a@b.c"})").message ==
          "the verified must be true, false or null");
    CHECK(json_error(R"({"email":"a@b.c","created_at":"yesterday"})").field == "created_at");
    CHECK(json_error(R"({"email":"a@b.c","roles":"admin"})").field == "roles");
    CHECK(json_error(R"({"email":"a@b.c","roles":[1]})").field == "roles");
    CHECK(json_error(R"({"email":"a@b.c","attributes":{"n":1}})").message ==
          "the attribute 'n' must be text");
    CHECK(json_error(R"({"email":"a@b.c","attributes":{"n":"1","n":"2"}})").message ==
          "the attribute 'n' stands twice");
    CHECK(json_error(R"({"email":"a@b.c","identities":"7"})").message ==
          "the identities must be a list of objects, or null");
    CHECK(json_error(R"({"email":"a@b.c","identities":["7"]})").field == "identities");
    CHECK(json_error(R"({"email":"a@b.c","identities":[{"sub":"7"}]})").message ==
          "an identity has no 'sub'");
    CHECK(json_error(R"({"email":"a@b.c","identities":[{"subject":7}]})").message ==
          "the subject of an identity must be text or null");
    CHECK(json_error(R"({"email":"a@b.c","identities":[{"subject":"7","subject":"8"}]})").message ==
          "the subject of an identity stands twice");
    CHECK(json_error(R"({"email":"a@b.c","identities":[{"linked_at":"once"}]})").field ==
          "identities");
    CHECK(json_error(R"({"name":"x"})").field == "email");
    CHECK(json_error(R"({"email":"a@b.c","password":"p","password_hash":"h"})").field ==
          "password");
    CHECK(json_error(R"("a@b.c")").message == "a user must be a JSON object");
    CHECK(json_error(R"({"email":"a@b.c")").message.starts_with("this is not JSON: "));
    CHECK(json_error(R"({"email":"a@b.c"} {})").message.starts_with("this is not JSON: "));
    CHECK(json_error(R"({"email":"a@b.c","attributes":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]})")
              .message == "the user nests deeper than 16 levels");
}

TEST_CASE("invalid UTF-8 is told by the member it stands in", "[provisioning]") {
    const auto users =
        read_json("\n{\"email\":\"a@b.c\",\"name\":\"\xc3\xa5\",\"phone\":\"x\xff\"}\n");
    REQUIRE(users.size() == 1);
    CHECK(users[0].line == 2);
    CHECK(users[0].error->message == "the phone is not valid UTF-8");
    CHECK(users[0].error->field == "phone");
    CHECK(json_error("{\"email\":\"a@b.c\",\"name\":\"\xc3\"}").field == "name");
}

TEST_CASE("a user over 1 MiB is passed over with an error", "[provisioning]") {
    const std::string most(max_record_bytes - 27, 'x');
    for (const std::size_t step : {4000U, 1U << 20U}) {
        const std::string big = fmt::format("{{\"email\":\"a@b.c\",\"name\":\"{}\"}}", most + "xx");
        for (const std::string& text :
             {big + "\n{\"email\":\"d@e.f\"}\n", "[" + big + ",\n{\"email\":\"d@e.f\"}]"}) {
            const auto users = read_json(text, step);
            REQUIRE(users.size() == 2);
            CHECK(users[0].error->message == "the user takes more than 1048576 bytes");
            CHECK(users[0].email.empty());
            CHECK(users[1].email == "d@e.f");
            CHECK(users[1].line == 2);
        }
    }
    CHECK(read_json(fmt::format("{{\"email\":\"a@b.c\",\"name\":\"{}\"}}\n", most))[0].name ==
          most);
}

TEST_CASE("a document that was cut off, or is none, stops the reader", "[provisioning]") {
    const auto message = [](std::string text) {
        return read_failure(ImportFormat::jsonl, std::move(text)).message;
    };
    CHECK(message("[\n{\"email\":\"a@b.c\"}\n") == "line 3: the file ends where ',' should stand");
    CHECK(message("[{\"email\":\"a@b.c\"") == "line 1: the file ends within a value");
    CHECK(message("[{\"email\":\"a@b.c\"},]") == "line 1: ']' where a value should stand");
    CHECK(message("[{\"email\":\"a@b.c\"}] []") == "line 1: text behind the end of the document");
    CHECK(message("{\"users\":[]") == "line 1: the file ends where ',' should stand");
}
