#include "core/base/private_descriptor.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

namespace auth {

namespace fs = std::filesystem;

namespace {

// Whether a group is nobody's but the user's, as far as its name and its list of members tell.
bool is_private_group(gid_t group) {
    std::array<char, 16384> user_text{};
    std::array<char, 16384> group_text{};
    passwd user{};
    passwd* user_found = nullptr;
    ::group entry{};
    ::group* group_found = nullptr;
    if (::getpwuid_r(::geteuid(), &user, user_text.data(), user_text.size(), &user_found) != 0 ||
        ::getgrgid_r(group, &entry, group_text.data(), group_text.size(), &group_found) != 0 ||
        user_found == nullptr || group_found == nullptr)
        return false;
    const std::string_view name = user.pw_name;
    bool alone = user.pw_gid == group && name == entry.gr_name;
    for (char** member = entry.gr_mem; alone && *member != nullptr; ++member)
        alone = name == *member;
    return alone;
}

std::string user_name(uid_t id) {
    std::array<char, 16384> text{};
    passwd user{};
    passwd* found = nullptr;
    const bool known = ::getpwuid_r(id, &user, text.data(), text.size(), &found) == 0;
    return known && found != nullptr ? in_quotes(user.pw_name) : fmt::format("user {}", id);
}

} // namespace

Error file_exists(const fs::path& path) {
    return error(ErrorCode::exists, fmt::format("'{}' already exists", path.string()));
}

Error io_error(std::string_view act, const fs::path& path, int number) {
    return error(ErrorCode::io,
                 fmt::format("cannot {} '{}': {}", act, path.string(), std::strerror(number)));
}

Error unsafe(std::string_view what, const fs::path& path, std::string_view why, Hint hint) {
    return error(ErrorCode::unsafe_permissions,
                 fmt::format("the {} '{}' {}", what, path.string(), why))
        .with_hint(std::move(hint));
}

Hint owner_hint(const fs::path& path, uid_t owner) {
    if (::geteuid() == 0)
        return fmt::format("run the command as {}, who owns it", user_name(owner));
    if (owner == 0)
        return fmt::format("chown {} {}", ::geteuid(), shell_word(path.string()));
    return "name a file of your own";
}

Status check_status(std::string_view what, const fs::path& path, const struct stat& status) {
    if (S_ISLNK(status.st_mode))
        return fail(unsafe(what, path, "is a symbolic link", "name the file it points to instead"));
    if (!S_ISREG(status.st_mode))
        return fail(unsafe(what, path, "is not a regular file", "name a regular file"));
    if (status.st_uid != ::geteuid())
        return fail(unsafe(what, path, "belongs to another user", owner_hint(path, status.st_uid)));
    if ((status.st_mode & 077U) != 0)
        return fail(unsafe(what, path, "is open to other users",
                           fmt::format("chmod 600 '{}'", path.string())));
    return {};
}

bool lets_others_write(const struct stat& directory) {
    if ((directory.st_mode & S_ISVTX) != 0)
        return false;
    return (directory.st_mode & S_IWOTH) != 0 ||
           ((directory.st_mode & S_IWGRP) != 0 && !is_private_group(directory.st_gid));
}

Status check_directory(const fs::path& directory) {
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
        return {};
    const uid_t user = ::geteuid();
    const bool ours = status.st_uid == user;
    // Root could do as it likes anyway, and works in other people's directories.
    if (!ours && status.st_uid != 0 && user != 0)
        return fail(unsafe("directory", directory, "belongs to another user",
                           "keep the files in a directory of your own"));
    if (lets_others_write(status))
        return fail(unsafe("directory", directory, "can be written by other users",
                           fmt::format("chmod go-w '{}'", directory.string())));
    return {};
}

Status write_bytes(int descriptor, std::string_view bytes, const fs::path& path) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(io_error("write", path, errno));
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Status write_all(int descriptor, std::string_view bytes, const fs::path& path) {
    AUTH_CHECK(write_bytes(descriptor, bytes, path));
    if (::fsync(descriptor) != 0)
        return fail(io_error("write", path, errno));
    return {};
}

Status sync_directory(const fs::path& directory) {
    const Descriptor descriptor(
        ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); // NOLINT
    if (descriptor.get() < 0 || ::fsync(descriptor.get()) != 0)
        return fail(io_error("write to the directory", directory, errno));
    return {};
}

Error called(Error said, const fs::path& file, const fs::path& name) {
    if (const std::size_t at = said.message.find(file.string()); at != std::string::npos)
        said.message.replace(at, file.string().size(), name.string());
    return said;
}

fs::path directory_of(const fs::path& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

} // namespace auth
