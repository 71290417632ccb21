#include "core/base/file_state.h"

#include "core/base/private_descriptor.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace auth {

namespace fs = std::filesystem;

FileState file_state(const fs::path& path, std::int64_t now) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0)
        return {};
    FileState state;
    state.present = true;
    state.regular = S_ISREG(status.st_mode);
    state.directory = S_ISDIR(status.st_mode);
    state.ours = status.st_uid == ::geteuid();
    state.roots = status.st_uid == 0;
    state.owner = status.st_uid;
    state.mode = status.st_mode & 07777U;
    state.lets_others_write = state.directory && lets_others_write(status);
    state.age = now - status.st_mtim.tv_sec;
    return state;
}

Status close_to_others(const fs::path& path) {
    const FileState state = file_state(path);
    if (!state.ours || (!state.regular && !state.directory))
        return fail(unsafe("file", path, "is not one of ours", "look at it yourself"));
    // Without opening it: closing a descriptor of the database would drop SQLite's locks.
    if (::fchmodat(AT_FDCWD, path.c_str(), state.directory ? 0700 : 0600, AT_SYMLINK_NOFOLLOW) != 0)
        return fail(io_error("set the mode of", path, errno));
    return {};
}

} // namespace auth
