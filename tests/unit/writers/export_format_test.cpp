#include "core/writers/export_format.h"
#include "support/catch.h"

using namespace auth;

namespace {

std::string told_by(const char* name) {
    const auto format = format_of_file(name);
    return format ? std::string((*format)->name) : "refused: " + format.error().message;
}

} // namespace

TEST_CASE("the name of a file tells its format", "[writers]") {
    CHECK(told_by("") == "jsonl");
    CHECK(told_by("people") == "jsonl");
    CHECK(told_by("people.txt") == "jsonl");
    CHECK(told_by("out/PEOPLE.CSV") == "csv");
    CHECK(told_by("people.ndjson") == "jsonl");
    CHECK(told_by("people.yml") == "manifest");
    CHECK(told_by("people.ldif") == "ldif");
    CHECK(told_by("site.htpasswd") == "htpasswd");
    CHECK(told_by("people.json") == "refused: 'people.json' does not tell the format");
}

TEST_CASE("every format has a name of its own and is found by it", "[writers]") {
    for (const ExportFormat& format : export_formats())
        CHECK(*find_export_format(format.name) == &format);
    CHECK_FALSE(find_export_format("xml").has_value());
}
