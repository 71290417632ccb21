#include "core/formats/csv_dialect.h"
#include "support/sources.h"

#include <nlohmann/json.hpp>

using namespace auth;

namespace {

UserRecord only(std::string text, const ReaderOptions& options = {}) {
    auto users = read_users(ImportFormat::csv, std::move(text), 1000, options);
    REQUIRE(users.size() == 1);
    INFO((users.front().error ? users.front().error->message : ""));
    CHECK(!users.front().error);
    return std::move(users.front());
}

std::string dialect_refusal(std::string text, const ReaderOptions& options = {}) {
    return read_failure(ImportFormat::csv, std::move(text), options).message;
}

} // namespace

TEST_CASE("the delimiter is seen from the first row", "[csv]") {
    CHECK(csv_dialect("email,name\n").delimiter == ',');
    CHECK(csv_dialect("email;name;\"a,b,c,d\"\n").delimiter == ';');
    CHECK(csv_dialect("email\tname\r\n").delimiter == '\t');
    CHECK(csv_dialect("\n\nemail|name").delimiter == '|');
    CHECK(csv_dialect("email\nx;y;z\n").delimiter == ',');
    CHECK(csv_dialect("SEP=;\r\nemail;name\n").preamble == 7);
    CHECK(csv_dialect("sep=|\nemail|name\n").delimiter == '|');
    CHECK(csv_names("sep=;\n\"Email\";\"Full; name\"\nx;y") ==
          std::vector<std::string>{"Email", "Full; name"});
}

TEST_CASE("headers are read in any case and spacing", "[csv]") {
    const auto user = only(" EMAIL ;National ID;attributes.Shoe Size;;\n"
                           ";;;;\n \n ann@example.org ;AB-12;38;;\n");
    CHECK(user.line == 4);
    CHECK(user.email == "ann@example.org");
    CHECK(user.national_id == "AB-12");
    CHECK(user.attributes == R"({"Shoe Size":"38"})");
    CHECK(dialect_refusal("email,name,Name\n") ==
          "the columns 'name' and 'Name' are the same field");
    CHECK(dialect_refusal("email,,name\n") == "a column within the header has no name");
    const auto rows = read_users(ImportFormat::csv, "email,name,\na@b.c,x,y\n");
    REQUIRE(rows.front().error.has_value());
    CHECK(rows.front().error->message == "the row has 3 cells, the header names 2");
}

TEST_CASE("columns have the names that the operator gives them", "[csv]") {
    const ReaderOptions options{.columns = {{"Mail", "email"}, {"cell", "phone"}},
                                .ignored_columns = {"shoe size"}};
    const auto user = only("Mail,Cell,Shoe Size\nann@example.org,+47,38\n", options);
    CHECK(user.email == "ann@example.org");
    CHECK(user.phone == "+47");
    CHECK(dialect_refusal("Mail,Cell\nx,y\n", options) == "the file has no column 'shoe size'");
    CHECK(dialect_refusal("Mail,shoe size\n", options) == "the file has no column 'cell'");
    CHECK(dialect_refusal("Mail,Cell,shoe size,hobby\n", options) == "there is no column 'hobby'");
    CHECK(dialect_refusal("Mail\n", {.columns = {{"Mail", "emial"}}}) ==
          "there is no column 'emial'");
}

TEST_CASE("values are read as databases and spreadsheets write them", "[csv]") {
    const std::string header = "email,verified,created_at,roles\n";
    for (const char* yes : {"t", "TRUE", "yes", "1", "on"})
        CHECK(only(header + "a@b.c," + yes + ",,").verified == true);
    for (const char* no : {"f", "False", "NO", "0"})
        CHECK(only(header + "a@b.c," + no + ",,").verified == false);
    for (const char* time :
         {"2024-03-05T10:20:30Z", "2024-03-05 10:20:30.5", "1709634030", "1709634030000",
          "2024-03-05 12:20:30+02", "2024-03-05 12:50:30+02:30", "2024-03-05T10:20:30",
          "2024/03/05 10:20:30 UTC", "2024-03-05 12:50:30.123 +0230 UTC", "2024-03-05 10:20:30+00"})
        CHECK(to_rfc3339(*only(header + "a@b.c,," + time + ",").created_at) ==
              "2024-03-05T10:20:30Z");
    CHECK(to_rfc3339(*only(header + "a@b.c,,2024-03-05 10:20,").created_at) ==
          "2024-03-05T10:20:00Z");
    CHECK(only(header + "a@b.c,,,\"editor, author;x\"").roles ==
          std::vector<std::string>{"editor", "author", "x"});
    for (const char* wrong :
         {"a@b.c,maybe,,", "a@b.c,,soon,", "a@b.c,,12,", "a@b.c,,2024-13-05 10:20,",
          "a@b.c,,2024-03-05 10:20 CET,", "a@b.c,,05.03.2024,"})
        CHECK(read_users(ImportFormat::csv, header + wrong).front().error.has_value());
}

TEST_CASE("roles are called as the operator says", "[csv]") {
    const ReaderOptions options{.role_names = {{"1", "customer"}, {"Press Office", "press"}}};
    CHECK(only("email,roles\na@b.c,1;2;Press Office\n", options).roles ==
          std::vector<std::string>{"customer", "2", "press"});
}

TEST_CASE("text that is not UTF-8 is called what it probably is", "[csv]") {
    const auto users = read_users(ImportFormat::csv, "email,name\na@b.c,J\xf6rg\n");
    REQUIRE(users.front().error.has_value());
    CHECK(users.front().error->message.find("cp1252") != std::string::npos);
}

TEST_CASE("options for CSV are refused for other files", "[csv]") {
    CHECK(read_failure(ImportFormat::jsonl, "{}", {.columns = {{"a", "email"}}}).field ==
          "columns");
}
