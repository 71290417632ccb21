#include "core/base/file_state.h"
#include "support/catch.h"
#include "support/temp_directory.h"

#include <fstream>
#include <sys/stat.h>

using namespace auth;
using test::TempDirectory;
namespace fs = std::filesystem;

TEST_CASE("a file's state is its own, not that of what a link leads to") {
    const TempDirectory directory;
    const fs::path file = directory / "file";
    CHECK_FALSE(file_state(file).present);
    std::ofstream(file) << "x";
    ::chmod(file.c_str(), 0640);
    const FileState open = file_state(file);
    CHECK(open.present);
    CHECK(open.regular);
    CHECK(open.ours);
    CHECK(open.mode == 0640);
    CHECK(open.open_to_others());
    CHECK_FALSE(open.lets_others_write);
    fs::create_symlink(file, directory / "link");
    CHECK_FALSE(file_state(directory / "link").regular);
    CHECK(file_state(directory.path()).directory);
}

TEST_CASE("others may write into a shared directory, but not replace what is not theirs") {
    const TempDirectory directory;
    ::chmod(directory.path().c_str(), 0777);
    CHECK(file_state(directory.path()).lets_others_write);
    ::chmod(directory.path().c_str(), 01777);
    CHECK_FALSE(file_state(directory.path()).lets_others_write);
}

TEST_CASE("closing takes a file or directory of ours, and no link") {
    const TempDirectory directory;
    const fs::path file = directory / "file";
    std::ofstream(file) << "x";
    ::chmod(file.c_str(), 0666);
    CHECK(close_to_others(file));
    CHECK(file_state(file).mode == 0600);
    ::chmod(directory.path().c_str(), 0755);
    CHECK(close_to_others(directory.path()));
    CHECK(file_state(directory.path()).mode == 0700);
    ::chmod(file.c_str(), 0666);
    fs::create_symlink(file, directory / "link");
    CHECK_FALSE(close_to_others(directory / "link"));
    CHECK(file_state(file).mode == 0666);
    CHECK_FALSE(close_to_others(directory / "missing"));
}
