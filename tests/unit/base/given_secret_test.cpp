#include "core/base/given_secret.h"
#include "support/catch.h"
#include "support/temp_directory.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using namespace auth;

TEST_CASE("a secret that somebody mounted is read through its link", "[given_secret]") {
    const test::TempDirectory directory;
    const auto file = directory / "..data";
    const auto link = directory / "password";
    std::ofstream(file, std::ios::binary) << "\xef\xbb\xbf"
                                             "purple lamp\r\n";
    ::chmod(file.c_str(), 0440);
    std::filesystem::create_symlink(file, link);
    const auto given = read_given_secret("password file", link);
    REQUIRE(given.has_value());
    CHECK(given->text.reveal() == "purple lamp");
    CHECK_FALSE(given->open_to_all);
    ::chmod(file.c_str(), 0444);
    CHECK(read_given_secret("password file", link)->open_to_all);
    CHECK(is_open_to_all(link));
}

TEST_CASE("only one line end and one mark are taken off a secret", "[given_secret]") {
    CHECK(without_newline(Secret("a\n\n")).reveal() == "a\n");
    CHECK(without_newline(Secret("a\r")).reveal() == "a\r");
    CHECK(without_newline(Secret("\xef\xbb\xbf\xef\xbb\xbf")).reveal() == "\xef\xbb\xbf");
    CHECK(without_newline(Secret("")).reveal().empty());
}
