#include "core/base/private_file.h"

#include "core/base/encoding.h"
#include "core/base/private_descriptor.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr int lock_tries = 2000; // 10 s in all
constexpr std::chrono::milliseconds lock_pause{5};

Result<Secret> read_all(int descriptor, const fs::path& path, std::size_t max_bytes) {
    Secret out;
    std::array<char, 16384> chunk{};
    while (true) {
        const ssize_t count = ::read(descriptor, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(io_error("read", path, errno));
        if (count == 0)
            break;
        out.append({chunk.data(), static_cast<std::size_t>(count)});
        if (out.size() > max_bytes)
            return fail(ErrorCode::io,
                        fmt::format("'{}' is larger than {} bytes", path.string(), max_bytes));
    }
    wipe(chunk);
    return out;
}

// Makes what is missing of the path, with that mode whatever the umask.
Status make_directory(const fs::path& path, mode_t mode) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored))
        return {};
    if (path.has_parent_path() && path.parent_path() != path)
        AUTH_CHECK(make_directory(path.parent_path(), mode));
    if (::mkdir(path.c_str(), 0700) == 0) {
        if (mode != 0700 && ::chmod(path.c_str(), mode) != 0)
            return fail(io_error("set the mode of", path, errno));
    } else if (errno != EEXIST) {
        return fail(io_error("make the directory", path, errno));
    }
    return sync_directory(directory_of(path));
}

Status write_new(const fs::path& path, std::string_view bytes, mode_t mode = 0600) {
    const Descriptor descriptor(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (descriptor.get() < 0 && errno == EEXIST)
        return fail(file_exists(path));
    if (descriptor.get() < 0)
        return fail(io_error("create", path, errno));
    auto written = write_all(descriptor.get(), bytes, path);
    // The mode that was asked for, whatever the umask.
    if (written && mode != 0600 && ::fchmod(descriptor.get(), mode) != 0)
        written = fail(io_error("set the mode of", path, errno));
    if (!written)
        ::unlink(path.c_str());
    return written;
}

// Gives new content a random name first, then the name it is for.
Status replace(const fs::path& path, std::string_view bytes, mode_t mode, Random& random) {
    const fs::path directory = directory_of(path);
    const std::string suffix = to_hex(random_bytes(random, 8).reveal());
    const fs::path fresh = directory / fmt::format(".{}.{}", path.filename().string(), suffix);
    AUTH_CHECK(write_new(fresh, bytes, mode));
    if (::rename(fresh.c_str(), path.c_str()) != 0) {
        const int number = errno;
        ::unlink(fresh.c_str());
        return fail(io_error("replace", path, number));
    }
    return sync_directory(directory);
}

struct OpenedLock {
    Descriptor descriptor;
    bool made = false;
};

Result<OpenedLock> opened_lock(Descriptor descriptor, bool made, const fs::path& path) {
    if (descriptor.get() < 0)
        return fail(io_error("lock", path, errno));
    return OpenedLock{std::move(descriptor), made};
}

// Without a descriptor where it has to be tried again.
Result<OpenedLock> open_lock(const fs::path& path) {
    constexpr int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    Descriptor there(::open(path.c_str(), flags));
    if (there.get() >= 0 || errno != ENOENT)
        return opened_lock(std::move(there), false, path);
    Descriptor made(::open(path.c_str(), flags | O_CREAT | O_EXCL, 0600));
    if (made.get() < 0 && errno == EEXIST) // another process made it in between
        return OpenedLock{Descriptor(), false};
    return opened_lock(std::move(made), true, path);
}

// False where another process holds it. A file that was removed meanwhile locks nobody out.
Result<bool> try_lock(const Descriptor& descriptor, const fs::path& path) {
    if (descriptor.get() < 0)
        return false;
    if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR || errno == EWOULDBLOCK)
            return false;
        return fail(io_error("lock", path, errno));
    }
    struct stat held {};
    struct stat named {};
    return ::fstat(descriptor.get(), &held) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

} // namespace

Result<bool> check_private_file(std::string_view what, const fs::path& path) {
    AUTH_CHECK(check_directory(directory_of(path)));
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return false;
        return fail(io_error("look at", path, errno));
    }
    AUTH_CHECK(check_status(what, path, status));
    return true;
}

Result<std::optional<Secret>> read_private_file(std::string_view what, const fs::path& path,
                                                std::size_t max_bytes) {
    AUTH_CHECK(check_directory(directory_of(path)));
    // O_NONBLOCK so that a FIFO put in the file's place cannot hold the program.
    const Descriptor descriptor(
        ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (descriptor.get() < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return std::nullopt;
        if (errno == ELOOP)
            return fail(
                unsafe(what, path, "is a symbolic link", "name the file it points to instead"));
        return fail(io_error("read", path, errno));
    }
    struct stat status {};
    if (::fstat(descriptor.get(), &status) != 0)
        return fail(io_error("look at", path, errno));
    AUTH_CHECK(check_status(what, path, status));
    AUTH_TRY(Secret bytes, read_all(descriptor.get(), path, max_bytes));
    return std::optional(std::move(bytes));
}

Result<Secret> read_file(std::string_view what, const fs::path& path, std::size_t max_bytes) {
    const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (descriptor.get() < 0)
        return fail(io_error(fmt::format("read the {}", what), path, errno));
    return read_all(descriptor.get(), path, max_bytes);
}

Status replace_private_file(const fs::path& path, std::string_view bytes, Random& random) {
    AUTH_CHECK(make_private_directory(directory_of(path)));
    AUTH_CHECK(check_private_file("file", path));
    return replace(path, bytes, 0600, random);
}

Status replace_public_file(const fs::path& path, std::string_view bytes, Random& random) {
    AUTH_CHECK(make_directory(directory_of(path), 0755));
    return replace(path, bytes, 0644, random);
}

void sweep_leftovers(const fs::path& path) {
    const std::string prefix = fmt::format(".{}.", path.filename().string());
    std::error_code failed;
    for (fs::directory_iterator entry(directory_of(path), failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const std::string name = entry->path().filename().string();
        if (name.size() == prefix.size() + 16 && name.starts_with(prefix) &&
            from_hex(std::string_view(name).substr(prefix.size())))
            ::unlink(entry->path().c_str());
    }
}

Status create_private_file(const fs::path& path, std::string_view bytes) {
    AUTH_CHECK(make_private_directory(directory_of(path)));
    AUTH_CHECK(write_new(path, bytes));
    return sync_directory(directory_of(path));
}

Status publish_private_file(const fs::path& finished, const fs::path& path) {
    const int linked = ::link(finished.c_str(), path.c_str());
    const int number = errno;
    ::unlink(finished.c_str());
    if (linked != 0 && number == EEXIST)
        return fail(file_exists(path));
    if (linked != 0)
        return fail(io_error("create", path, number));
    return sync_directory(directory_of(path));
}

Status make_private_directory(const fs::path& path) {
    AUTH_CHECK(make_directory(path, 0700));
    return check_directory(path);
}

Status remove_private_file(const fs::path& path) {
    if (::unlink(path.c_str()) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return {};
        return fail(io_error("remove", path, errno));
    }
    return sync_directory(directory_of(path));
}

Result<FileLock> FileLock::acquire(const fs::path& path) {
    AUTH_CHECK(make_private_directory(directory_of(path)));
    for (int tries = 0; tries < lock_tries; ++tries) {
        AUTH_TRY(OpenedLock opened, open_lock(path));
        AUTH_TRY(const bool held, try_lock(opened.descriptor, path));
        if (held)
            return FileLock(std::move(opened.descriptor), path, opened.made);
        std::this_thread::sleep_for(lock_pause);
    }
    return fail(ErrorCode::io, fmt::format("'{}' is locked by another process", path.string()),
                "try again");
}

void FileLock::forget_file() {
    if (made_)
        ::unlink(path_.c_str());
}

} // namespace auth
