#include "core/formats/csv_cells.h"
#include "core/formats/csv_rows.h"
#include "support/sources.h"

#include <fmt/format.h>

using namespace auth;

namespace {

std::vector<UserRecord> read(std::string text, std::size_t step = 1U << 20U) {
    return read_users(ImportFormat::csv, std::move(text), step);
}

Error failure_of(std::string text) {
    return read_failure(ImportFormat::csv, std::move(text));
}

Error error_of(std::string text) {
    auto users = read(std::move(text));
    REQUIRE(users.size() == 1);
    REQUIRE(users.front().error.has_value());
    return *users.front().error;
}

} // namespace

TEST_CASE("columns of a CSV file may stand in any order", "[provisioning][csv]") {
    const auto users = read("verified,attributes.team,email,roles,attributes,created_at,password\n"
                            "true,blue,a@b.c,admin; tester,\"{\"\"x\"\": \"\"1\"\"}\","
                            "2025-01-01T00:00:00Z,\"a, \"\"b\"\"\"\n"
                            ",,d@e.f,,,,\n"
                            ",\"\",g@h.i,\"\",{},,\n");
    REQUIRE(users.size() == 3);
    CHECK(users[0].verified == true);
    CHECK(users[0].roles == std::vector<std::string>{"admin", "tester"});
    CHECK(users[0].attributes == R"({"x":"1","team":"blue"})");
    CHECK(to_rfc3339(*users[0].created_at) == "2025-01-01T00:00:00Z");
    CHECK(users[0].password->reveal() == "a, \"b\"");
    CHECK(!users[1].verified);
    CHECK(!users[1].roles);
    CHECK(!users[1].attributes);
    CHECK(!users[1].password);
    CHECK(users[2].roles == std::vector<std::string>{});
    CHECK(users[2].attributes == R"({"team":""})");
}

TEST_CASE("byte order mark, line ends and breaks in cells", "[provisioning][csv]") {
    const std::string texts[] = {"email,address\na@b.c,\"x\ny\"\n\nd@e.f,z\n",
                                 "\xef\xbb\xbf"
                                 "email,address\r\na@b.c,\"x\ny\"\r\n\r\nd@e.f,z",
                                 "email,address\ra@b.c,\"x\ny\"\r\rd@e.f,z\r"};
    for (const std::string& text : texts)
        for (const std::size_t step : {3U, 1000U}) {
            const auto users = read(text, step);
            REQUIRE(users.size() == 2);
            CHECK(users[0].email == "a@b.c");
            CHECK(users[0].address == "x\ny");
            CHECK(users[0].line == 2);
            CHECK(users[1].address == "z");
            CHECK(users[1].line == 5);
        }
    CHECK(read("email,address\n a@b.c , x \n")[0].address == " x ");
    CHECK(read("email,name\na@b.c,6\"7'\"\nd@e.f,\"x\"\n", 4)[0].name == "6\"7'\"");
}

TEST_CASE("what is wrong with a CSV file is told by line and column", "[provisioning][csv]") {
    CHECK(failure_of("").message == "the file is empty: no row names the columns");
    CHECK(failure_of("name,phone\n").message == "the header names no column 'email'");
    CHECK(failure_of("email,verfied\n").message == "there is no column 'verfied'");
    CHECK(failure_of("email,verfied\n").hint == "did you mean verified?");
    CHECK(failure_of("email,name,email\n").message == "the header has the column 'email' twice");
    CHECK(failure_of("email,name\na@b.c,\"x\"y\n").message ==
          "line 2: text stands behind the quote that ends a cell; a quote within quotes is "
          "doubled");
    CHECK(failure_of("email,name\na@b.c,\"x\n").message == "line 2: a quoted cell does not end");

    CHECK(error_of("email,name\na@b.c\n").message == "the row has 1 cells, the header names 2");
    CHECK(error_of("email,verified\na@b.c,maybe\n").message ==
          "the verified must be true or false, not 'maybe'");
    CHECK(error_of("email,created_at\na@b.c,yesterday\n").field == "created_at");
    CHECK(error_of("email,attributes\na@b.c,[]\n").field == "attributes");
    CHECK(error_of("email,name\na@b.c,\xff\n").message.starts_with("the name is not valid UTF-8"));
    CHECK(error_of("email,name\n,x\n").message == "the user has no email");
    CHECK(error_of("email,attributes,attributes.a\na@b.c,\"{\"\"a\"\":\"\"1\"\"}\",2\n").message ==
          "the attribute 'a' stands twice");
}

TEST_CASE("identities in a cell are the list that JSON has", "[provisioning][csv]") {
    const auto users = read_users(
        ImportFormat::csv, "email,identities\n"
                           "a@b.c,\"[{\"\"provider\"\":\"\"corp\"\",\"\"subject\"\":\"\"7\"\"}]\"\n"
                           "d@e.f,\n"
                           "g@h.i,corp=7\n");
    REQUIRE(users.size() == 3);
    CHECK(users[0].identities == std::vector<IdentityRecord>{{"", "corp", "7", {}, {}}});
    CHECK_FALSE(users[1].identities);
    CHECK(users[2].error->field == "identities");
    CHECK(users[2].error->message == "the identities must be a JSON list of objects");
}

TEST_CASE("a cell of 1 MB and rows without end are refused", "[provisioning][csv]") {
    const std::string large(1'000'000, 'x');
    CHECK(failure_of("email,name\nd@e.f,y\na@b.c," + large + "\n").message ==
          "line 3: a cell takes more than 524288 bytes; does its quote not end?");
    CHECK(failure_of("email,name\na@b.c,\"" + large).message ==
          "line 2: a cell takes more than 524288 bytes; does its quote not end?");
    CHECK(failure_of("email,name\na@b.c" + std::string(1'100'000, ',') + "\n").message ==
          "line 2: the row takes more than 1048576 bytes");
    const std::string most(max_cell_bytes - 1, 'x');
    CHECK(read("email,name\na@b.c," + most + "\n")[0].name == most);
}

TEST_CASE("what comes before a break in the file is read", "[provisioning][csv]") {
    auto reader = open_reader(ImportFormat::csv, source_of("email\na@b.c\n\"x\"y\n"));
    UserRecord user;
    CHECK((*reader)->next(user).value());
    CHECK(user.email == "a@b.c");
    CHECK(!(*reader)->next(user).has_value());
}

TEST_CASE("formulas are marked and found again", "[provisioning][csv]") {
    const std::pair<std::string, std::string> marked[] = {
        {"=1+1", "'=1+1"}, {"+4712", "'+4712"}, {"-1", "'-1"},  {"@x", "'@x"},    {"\tx", "'\tx"},
        {"\rx", "'\rx"},   {"'=1", "''=1"},     {"''", "'''"},  {"'tis", "'tis"}, {"'", "'"},
        {"", ""},          {"a=b", "a=b"},      {"''a", "'''a"}};
    for (const auto& [text, cell] : marked) {
        CHECK(without_formula(text) == cell);
        CHECK(with_formula(cell) == text);
    }
    CHECK(read("email,phone\na@b.c,'+47\n")[0].phone == "+47");
    CHECK(read_users(ImportFormat::csv, "email,phone\na@b.c,'+47\n", 100, {.raw_csv = true})[0]
              .phone == "'+47");
}
