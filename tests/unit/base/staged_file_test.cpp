#include "core/base/private_file.h"
#include "core/base/staged_file.h"
#include "support/catch.h"
#include "support/fakes.h"
#include "support/files.h"
#include "support/temp_directory.h"

#include <filesystem>
#include <functional>
#include <iterator>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace auth;
using test::content;
using test::mode_of;
namespace fs = std::filesystem;

namespace {

std::size_t entries_of(const fs::path& directory) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

// Runs the act in a process whose mounts nobody else sees. Its exit code, or 77 where no mount can
// be made.
int among_own_mounts(const std::function<bool()>& prepare, const std::function<int()>& act) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const bool apart = ::unshare(CLONE_NEWNS) == 0 &&
                           ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                           prepare();
        ::_exit(apart ? act() : 77);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

bool mount_over(const fs::path& from, const fs::path& at) {
    return ::mount(from.c_str(), at.c_str(), nullptr, MS_BIND, nullptr) == 0;
}

bool make_small(const fs::path& directory) {
    return ::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=4k,mode=700") == 0;
}

// A directory that cannot be changed, with a file that can.
bool mount_read_only(const fs::path& directory, const fs::path& file, const fs::path& real) {
    return mount_over(directory, directory) &&
           ::mount(nullptr, directory.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY,
                   nullptr) == 0 &&
           mount_over(real, file);
}

} // namespace

TEST_CASE("nothing changes until a staged file is put") {
    test::TempDirectory directory;
    test::SeededRandom random;
    const fs::path path = directory / "a/file";
    {
        auto staged = StagedFile::prepare(path, "one", random);
        REQUIRE(staged);
        CHECK_FALSE(fs::exists(path));
        REQUIRE(staged->put());
    }
    CHECK(content(path) == "one");
    CHECK(mode_of(path) == 0600);
    { REQUIRE(StagedFile::prepare(path, "two", random)); }
    CHECK(content(path) == "one");
    CHECK(entries_of(path.parent_path()) == 1);
}

TEST_CASE("what was put is taken back") {
    test::TempDirectory directory;
    test::SeededRandom random;
    const fs::path path = directory / "file";
    for (const char* before : {"", "old"}) {
        if (*before != '\0')
            REQUIRE(replace_private_file(path, before, random));
        auto staged = StagedFile::prepare(path, "new", random);
        REQUIRE(staged);
        REQUIRE(staged->put());
        CHECK(content(path) == "new");
        staged->take_back(random);
        CHECK(fs::exists(path) == (*before != '\0'));
        CHECK(content(path) == before);
    }
    auto unused = StagedFile::prepare(path, "new", random);
    REQUIRE(unused);
    unused->take_back(random);
    CHECK(content(path) == "old");
}

TEST_CASE("only a file of ours is staged for") {
    test::TempDirectory directory;
    test::SeededRandom random;
    REQUIRE(create_private_file(directory / "target", "kept"));
    fs::create_symlink(directory / "target", directory / "link");
    REQUIRE(create_private_file(directory / "open", "kept"));
    fs::permissions(directory / "open", fs::perms(0644));
    for (const char* name : {"link", "open"}) {
        const Status refused = store_private_file(directory / name, "new", random);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::unsafe_permissions);
    }
    CHECK(content(directory / "target") == "kept");
    CHECK(entries_of(directory.path()) == 3);
}

TEST_CASE("a file that is mounted is written, and emptied, in place") {
    test::TempDirectory directory;
    test::SeededRandom random;
    const fs::path real = directory / "real";
    const fs::path path = directory / "there/file";
    REQUIRE(create_private_file(real, "a long old content"));
    REQUIRE(create_private_file(path, ""));
    const int code = among_own_mounts([&] { return mount_over(real, path); },
                                      [&] {
                                          if (!store_private_file(path, "new", random))
                                              return 1;
                                          if (content(path) != "new" || mode_of(path) != 0600)
                                              return 2;
                                          if (entries_of(path.parent_path()) != 1)
                                              return 3;
                                          if (!clear_private_file(path) || !content(path).empty())
                                              return 4;
                                          return store_private_file(path, "last", random) ? 0 : 5;
                                      });
    if (code == 77)
        return;
    CHECK(code == 0);
    CHECK(content(real) == "last");
}

TEST_CASE("in a directory that cannot be changed a file that can be is written in place") {
    test::TempDirectory directory;
    test::SeededRandom random;
    const fs::path real = directory / "real";
    const fs::path path = directory / "there/file";
    REQUIRE(create_private_file(real, "old"));
    REQUIRE(create_private_file(path, ""));
    const int code =
        among_own_mounts([&] { return mount_read_only(directory / "there", path, real); },
                         [&] {
                             if (!store_private_file(path, "new", random) || content(path) != "new")
                                 return 1;
                             const Status none =
                                 store_private_file(directory / "there/none", "new", random);
                             return none || none.error().code != ErrorCode::io ? 2 : 0;
                         });
    if (code == 77)
        return;
    CHECK(code == 0);
    CHECK(content(real) == "new");
}

TEST_CASE("a full disk leaves a mounted file as it was") {
    test::TempDirectory directory;
    test::SeededRandom random;
    fs::create_directory(directory / "small");
    const fs::path path = directory / "there/file";
    REQUIRE(create_private_file(path, ""));
    const int code = among_own_mounts(
        [&] {
            return make_small(directory / "small") &&
                   create_private_file(directory / "small/real", "old") &&
                   mount_over(directory / "small/real", path);
        },
        [&] {
            auto staged = StagedFile::prepare(path, std::string(20'000, 'x'), random);
            if (!staged || staged->put())
                return 1;
            staged->take_back(random);
            return content(path) == "old" ? 0 : 2;
        });
    if (code != 77)
        CHECK(code == 0);
}

TEST_CASE("clearing removes, and accepts that there is nothing") {
    test::TempDirectory directory;
    REQUIRE(create_private_file(directory / "file", "x"));
    CHECK(clear_private_file(directory / "file"));
    CHECK_FALSE(fs::exists(directory / "file"));
    CHECK(clear_private_file(directory / "file"));
}
