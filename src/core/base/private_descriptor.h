// What writing private files is made of: descriptors, and the checks of what they are opened on.
#pragma once

#include "core/base/descriptor.h"
#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace auth {

// `number` is an errno.
[[nodiscard]] Error io_error(std::string_view act, const std::filesystem::path& path, int number);
// exists: "'PATH' already exists".
[[nodiscard]] Error file_exists(const std::filesystem::path& path);
[[nodiscard]] Error unsafe(std::string_view what, const std::filesystem::path& path,
                           std::string_view why, Hint hint);

// What to do about a file of another user. Root, as under sudo, must not take it away from them:
// only what root owns is given to the user who runs the program.
[[nodiscard]] Hint owner_hint(const std::filesystem::path& path, uid_t owner);

// Fails with unsafe_permissions unless it is a regular file of ours that is closed to others.
[[nodiscard]] Status check_status(std::string_view what, const std::filesystem::path& path,
                                  const struct stat& status);

// Whether somebody else can put another file in the place of one in this directory. In a sticky
// directory, such as /tmp, nobody else can: whatever others have put there is refused for its
// owner. Nor is the group anybody else that has the user's own name and no other members, as where
// the umask is 002.
[[nodiscard]] bool lets_others_write(const struct stat& directory);
// Fails with unsafe_permissions where it lets others write, or is theirs. A parent that others can
// write is none of this: what they put in this one's place is theirs as well. One that is not there
// passes.
[[nodiscard]] Status check_directory(const std::filesystem::path& directory);

// All of it, then to the disk. Fails with io.
[[nodiscard]] Status write_all(int descriptor, std::string_view bytes,
                               const std::filesystem::path& path);
[[nodiscard]] Status write_bytes(int descriptor, std::string_view bytes,
                                 const std::filesystem::path& path);
[[nodiscard]] Status sync_directory(const std::filesystem::path& directory);
// The error with one file named in its message as another: what is written under a passing name is
// spoken of by its own.
[[nodiscard]] Error called(Error said, const std::filesystem::path& file,
                           const std::filesystem::path& name);
[[nodiscard]] std::filesystem::path directory_of(const std::filesystem::path& path);

} // namespace auth
