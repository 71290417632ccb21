// How a file or directory that should be private lies on disk, for those who look for what is
// wrong.
#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace auth {

struct FileState {
    bool present = false;
    bool regular = false;
    bool directory = false;
    bool ours = false;    // owned by the user that the program runs as
    bool roots = false;   // owned by root
    unsigned owner = 0;   // the user id
    unsigned mode = 0;    // the permission bits, 0 to 07777
    std::int64_t age = 0; // seconds since it was last written, at `now`

    // Others can put another file in the place of one in this directory.
    bool lets_others_write = false;

    [[nodiscard]] bool open_to_others() const { return (mode & 077U) != 0; }
};

// Of the thing itself, not of what a link leads to. Whatever cannot be looked at is not present.
[[nodiscard]] FileState file_state(const std::filesystem::path& path, std::int64_t now = 0);

// Gives a regular file of ours mode 0600, a directory of ours 0700. Fails with unsafe_permissions
// or io.
[[nodiscard]] Status close_to_others(const std::filesystem::path& path);

} // namespace auth
