#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"
#include "support/catch.h"
#include "support/fakes.h"
#include "support/files.h"
#include "support/temp_directory.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <grp.h>
#include <iterator>
#include <pwd.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace auth;
using test::content;
using test::mode_of;
namespace fs = std::filesystem;

namespace {

// The most careless mask there is, for as long as this lives.
struct OpenUmask {
    OpenUmask() : before(::umask(0)) {}
    ~OpenUmask() { ::umask(before); }
    mode_t before;
};

std::size_t files_in(const fs::path& directory) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

// Runs the act in a child that dies at its first write to any file, as a power cut would have it.
template <class Act> void killed_at_first_write(Act act) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const rlimit none{0, 0};
        ::setrlimit(RLIMIT_CORE, &none);
        ::setrlimit(RLIMIT_FSIZE, &none);
        ::signal(SIGXFSZ, SIG_DFL);
        act();
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
}

} // namespace

TEST_CASE("private files are closed to others whatever the umask") {
    const OpenUmask open;
    test::TempDirectory directory;
    test::SeededRandom random;
    const fs::path made = directory / "a/b/made";
    REQUIRE(create_private_file(made, "one"));
    CHECK(mode_of(made) == 0600);
    CHECK(mode_of(made.parent_path()) == 0700);
    CHECK(mode_of(made.parent_path().parent_path()) == 0700);

    const fs::path replaced = directory / "c/replaced";
    REQUIRE(replace_private_file(replaced, "two", random));
    CHECK(mode_of(replaced) == 0600);
    CHECK(mode_of(replaced.parent_path()) == 0700);
    REQUIRE(replace_private_file(replaced, "three", random));
    CHECK(mode_of(replaced) == 0600);
    CHECK(content(replaced) == "three");

    const fs::path lock = directory / "d/lock";
    REQUIRE(FileLock::acquire(lock));
    CHECK(mode_of(lock) == 0600);
    CHECK(mode_of(lock.parent_path()) == 0700);
}

TEST_CASE("nothing is private in a directory that others can write") {
    test::TempDirectory directory;
    test::SeededRandom random;
    const fs::path place = directory / "place";
    const fs::path file = place / "file";
    REQUIRE(create_private_file(file, "one"));
    if (::geteuid() == 0)
        REQUIRE(::chown(place.c_str(), 0, 60999) == 0);
    for (const mode_t mode : {0777U, 0702U, 0703U, 0770U, 0720U}) {
        CAPTURE(mode);
        if (::geteuid() != 0 && (mode & 07U) == 0)
            continue; // then the group is ours, which may be nobody else's
        REQUIRE(::chmod(place.c_str(), mode) == 0);
        const auto refused = [&](const auto& result) {
            return !result && result.error().code == ErrorCode::unsafe_permissions &&
                   result.error().hint == Hint("chmod go-w '" + place.string() + "'");
        };
        CHECK(refused(check_private_file("file", file)));
        CHECK(refused(check_private_file("file", place / "none")));
        CHECK(refused(read_private_file("file", file)));
        CHECK(refused(read_private_file("file", place / "none")));
        CHECK(refused(create_private_file(place / "new", "two")));
        CHECK(refused(replace_private_file(file, "two", random)));
        CHECK(refused(FileLock::acquire(place / "lock")));
        CHECK(files_in(place) == 1);
    }
    for (const mode_t mode : {0755U, 0750U, 0711U, 0700U, 01777U}) {
        CAPTURE(mode);
        REQUIRE(::chmod(place.c_str(), mode) == 0);
        CHECK(check_private_file("file", file));
        CHECK(read_private_file("file", file));
        CHECK(replace_private_file(file, "two", random));
    }
}

TEST_CASE("a group that is the user's alone is nobody else") {
    test::TempDirectory directory;
    const passwd* user = ::getpwuid(::geteuid());
    const group* own = user != nullptr ? ::getgrgid(user->pw_gid) : nullptr;
    if (own == nullptr || std::string(own->gr_name) != user->pw_name)
        return;
    REQUIRE(::chown(directory.path().c_str(), static_cast<uid_t>(-1), user->pw_gid) == 0);
    REQUIRE(::chmod(directory.path().c_str(), 0770) == 0);
    CHECK(check_private_file("file", directory / "file"));
}

TEST_CASE("what is published can be read by all, whatever the umask") {
    for (const mode_t mask : {mode_t{0}, mode_t{077}}) {
        const OpenUmask restored;
        ::umask(mask);
        test::TempDirectory directory;
        test::SeededRandom random;
        const fs::path file = directory / "a/b/file";
        REQUIRE(replace_public_file(file, "one", random));
        CHECK(mode_of(file) == 0644);
        CHECK(mode_of(directory / "a/b") == 0755);
        CHECK(mode_of(directory / "a") == 0755);
        REQUIRE(replace_public_file(file, "two", random));
        CHECK(mode_of(file) == 0644);
        CHECK(content(file) == "two");
        CHECK(files_in(directory / "a/b") == 1);
    }
}

TEST_CASE("publishing leaves directories that are there as they are") {
    test::TempDirectory directory;
    test::SeededRandom random;
    fs::create_directory(directory / "shared");
    REQUIRE(::chmod((directory / "shared").c_str(), 03770) == 0);
    REQUIRE(replace_public_file(directory / "shared/x/file", "one", random));
    CHECK(mode_of(directory / "shared") == 03770);
    CHECK((mode_of(directory / "shared/x") & 0777) == 0755);
    REQUIRE(replace_public_file(directory / "shared/file", "one", random));
    CHECK(mode_of(directory / "shared") == 03770);
}

TEST_CASE("publishing goes through no link, and fails where a directory cannot be") {
    test::TempDirectory directory;
    test::SeededRandom random;
    std::ofstream(directory / "target") << "kept";
    fs::create_symlink(directory / "target", directory / "link");
    REQUIRE(replace_public_file(directory / "link", "new", random));
    CHECK(content(directory / "target") == "kept");
    CHECK(content(directory / "link") == "new");
    CHECK_FALSE(fs::is_symlink(directory / "link"));
    const Status failed = replace_public_file(directory / "target/x/file", "new", random);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == ErrorCode::io);
}

TEST_CASE("a file that others can read is refused with its repair") {
    test::TempDirectory directory;
    const fs::path path = directory / "key";
    REQUIRE(create_private_file(path, "secret"));
    for (const unsigned mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0601U, 0666U}) {
        CAPTURE(mode);
        fs::permissions(path, fs::perms(mode));
        const auto read = read_private_file("key file", path);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == ErrorCode::unsafe_permissions);
        CHECK(read.error().message ==
              "the key file '" + path.string() + "' is open to other users");
        CHECK(read.error().hint == "chmod 600 '" + path.string() + "'");
        REQUIRE_FALSE(check_private_file("key file", path));
        CHECK(check_private_file("key file", path).error().hint == read.error().hint);
    }
    fs::permissions(path, fs::perms(0400));
    CHECK(read_private_file("key file", path));
}

TEST_CASE("a link is refused, wherever it points") {
    test::TempDirectory directory;
    REQUIRE(create_private_file(directory / "real", "secret"));
    for (const char* target : {"real", "missing"}) {
        CAPTURE(target);
        const fs::path link = directory / (std::string("to-") + target);
        fs::create_symlink(directory / target, link);
        const auto read = read_private_file("token file", link);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == ErrorCode::unsafe_permissions);
        CHECK(read.error().hint == "name the file it points to instead");
        REQUIRE_FALSE(check_private_file("token file", link));
        CHECK(check_private_file("token file", link).error().code == ErrorCode::unsafe_permissions);
        CHECK_FALSE(FileLock::acquire(link));
    }
}

TEST_CASE("a pipe or a directory in the file's place is refused at once") {
    test::TempDirectory directory;
    const fs::path pipe = directory / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    fs::create_directory(directory / "directory");
    fs::permissions(directory / "directory", fs::perms(0700));
    for (const char* name : {"pipe", "directory"}) {
        CAPTURE(name);
        const auto read = read_private_file("token file", directory / name);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == ErrorCode::unsafe_permissions);
        CHECK(read.error().hint == "name a regular file");
    }
}

TEST_CASE("another user's file is refused, and no hint takes it away from them") {
    if (::geteuid() != 0)
        return; // only root can make one
    test::TempDirectory directory;
    const fs::path path = directory / "key";
    REQUIRE(create_private_file(path, "secret"));
    REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
    const auto read = read_private_file("key file", path);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::unsafe_permissions);
    const passwd* owner = ::getpwuid(65534);
    CHECK(read.error().hint ==
          (owner != nullptr
               ? "run the command as '" + std::string(owner->pw_name) + "', who owns it"
               : std::string("run the command as user 65534, who owns it")));
    REQUIRE(::chown(path.c_str(), 60999, 60999) == 0);
    CHECK(read_private_file("key file", path).error().hint ==
          "run the command as user 60999, who owns it");
}

TEST_CASE("a missing file is no failure, one that is too large is") {
    test::TempDirectory directory;
    const auto missing = read_private_file("token file", directory / "none");
    REQUIRE(missing);
    CHECK_FALSE(*missing);
    REQUIRE(check_private_file("token file", directory / "none"));
    CHECK_FALSE(*check_private_file("token file", directory / "none"));
    const auto under_a_file = [&] {
        REQUIRE(create_private_file(directory / "file", "x"));
        return read_private_file("token file", directory / "file/below");
    }();
    REQUIRE(under_a_file);
    CHECK_FALSE(*under_a_file);

    REQUIRE(create_private_file(directory / "long", std::string(101, 'x')));
    CHECK(read_private_file("token file", directory / "long", 101));
    const auto read = read_private_file("token file", directory / "long", 100);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::io);
}

TEST_CASE("bytes come back as they were written") {
    test::TempDirectory directory;
    test::SeededRandom random;
    std::string bytes("\0\n\xff", 3);
    bytes += std::string(40000, 'z');
    REQUIRE(replace_private_file(directory / "file", bytes, random));
    CHECK((*read_private_file("file", directory / "file"))->reveal() == bytes);
    CHECK(read_file("file", directory / "file")->reveal() == bytes);
    CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("making a file never touches one that is there") {
    test::TempDirectory directory;
    REQUIRE(create_private_file(directory / "file", "first"));
    const auto again = create_private_file(directory / "file", "second");
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::exists);
    CHECK(content(directory / "file") == "first");
    fs::create_symlink(directory / "elsewhere", directory / "link");
    CHECK_FALSE(create_private_file(directory / "link", "second"));
    CHECK_FALSE(fs::exists(directory / "elsewhere"));
}

TEST_CASE("readers see the old file or the new one, never half of either") {
    test::TempDirectory directory;
    const fs::path path = directory / "token";
    test::SeededRandom random;
    const std::string old_bytes(30000, 'a');
    const std::string new_bytes(50000, 'b');
    REQUIRE(replace_private_file(path, old_bytes, random));
    std::atomic<bool> done = false;
    std::thread writer([&] {
        for (int i = 0; i < 20; ++i)
            (void)replace_private_file(path, i % 2 == 0 ? new_bytes : old_bytes, random);
        done = true;
    });
    int torn = 0;
    while (!done) {
        const auto seen = read_private_file("token", path);
        torn +=
            !seen || !*seen || ((*seen)->reveal() != old_bytes && (*seen)->reveal() != new_bytes);
    }
    writer.join();
    CHECK(torn == 0);
}

TEST_CASE("a replacement that is cut short leaves the old file whole") {
    test::TempDirectory directory;
    const fs::path path = directory / "token";
    test::SeededRandom random;
    REQUIRE(replace_private_file(path, "old", random));
    killed_at_first_write([&] { (void)replace_private_file(path, "new", random); });
    CHECK(content(path) == "old");
    test::SeededRandom other(2);
    REQUIRE(replace_private_file(path, "newer", other));
    CHECK(content(path) == "newer");
}

TEST_CASE("only a file of ours is replaced") {
    test::TempDirectory directory;
    test::SeededRandom random;
    REQUIRE(create_private_file(directory / "target", "kept"));
    fs::create_symlink(directory / "target", directory / "link");
    REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
    REQUIRE(create_private_file(directory / "open", "kept"));
    fs::permissions(directory / "open", fs::perms(0644));
    for (const char* name : {"link", "pipe", "open"}) {
        CAPTURE(name);
        const Status refused = replace_private_file(directory / name, "new", random);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::unsafe_permissions);
    }
    CHECK(fs::is_symlink(directory / "link"));
    CHECK(content(directory / "target") == "kept");
    CHECK(content(directory / "open") == "kept");
    CHECK(files_in(directory.path()) == 4);
}

TEST_CASE("a failed write leaves nothing behind") {
    test::TempDirectory directory;
    test::SeededRandom random;
    fs::create_directory(directory / "taken");
    CHECK_FALSE(replace_private_file(directory / "taken", "new", random));
    CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("a finished file is published once") {
    test::TempDirectory directory;
    REQUIRE(create_private_file(directory / "draft", "whole"));
    REQUIRE(publish_private_file(directory / "draft", directory / "name"));
    CHECK(content(directory / "name") == "whole");
    CHECK_FALSE(fs::exists(directory / "draft"));
    REQUIRE(create_private_file(directory / "late", "other"));
    const auto second = publish_private_file(directory / "late", directory / "name");
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::exists);
    CHECK(content(directory / "name") == "whole");
    CHECK_FALSE(fs::exists(directory / "late"));
}

TEST_CASE("removing is done once and asked twice") {
    test::TempDirectory directory;
    REQUIRE(create_private_file(directory / "file", "x"));
    CHECK(remove_private_file(directory / "file"));
    CHECK_FALSE(fs::exists(directory / "file"));
    CHECK(remove_private_file(directory / "file"));
}

TEST_CASE("a user who is not root gets back what root owns, and nothing else") {
    if (::geteuid() != 0)
        return; // only root can be somebody else
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const bool changed = ::setgid(65534) == 0 && ::setuid(65534) == 0;
        const bool right = owner_hint("/a b", 0) == "chown 65534 '/a b'" &&
                           owner_hint("/a b", 60999) == "name a file of your own";
        ::_exit(changed && right ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a lock's file goes with an act that failed, if that made it") {
    test::TempDirectory directory;
    const fs::path path = directory / "lock";
    {
        auto made = FileLock::acquire(path);
        REQUIRE(made);
        made->forget_file();
        CHECK_FALSE(fs::exists(path));
    }
    { REQUIRE(FileLock::acquire(path)); }
    auto found = FileLock::acquire(path);
    REQUIRE(found);
    found->forget_file();
    CHECK(fs::exists(path));
}

TEST_CASE("whoever waits for a lock whose file goes away gets one that others see") {
    test::TempDirectory directory;
    const fs::path path = directory / "lock";
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;
    std::atomic<int> held = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 20; ++n) {
                auto lock = FileLock::acquire(path);
                if (!lock)
                    continue;
                ++held;
                most = std::max(most.load(), ++inside);
                --inside;
                lock->forget_file();
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(most == 1);
    CHECK(held == 80);
}

TEST_CASE("a lock keeps others out until it is let go") {
    test::TempDirectory directory;
    const fs::path path = directory / "lock";
    auto held = FileLock::acquire(path);
    REQUIRE(held);
    std::atomic<bool> entered = false;
    std::thread other([&] {
        const auto second = FileLock::acquire(path);
        entered = second.has_value();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CHECK_FALSE(entered);
    FileLock moved = *std::move(held);
    CHECK_FALSE(entered);
    { const FileLock gone = std::move(moved); }
    other.join();
    CHECK(entered);
    CHECK(fs::file_size(path) == 0);
}
