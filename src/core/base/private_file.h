// Files that only their owner may read: keys, tokens, configuration, exports. The directory of each
// must be one that nobody else can write, or the act fails with unsafe_permissions.
#pragma once

#include "core/base/descriptor.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"

#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

namespace auth {

// A regular file of ours, not a link, closed to others; or nothing where there is none. Fails with
// unsafe_permissions, and the repair as its hint. `what` names the file's role in messages.
[[nodiscard]] Result<bool> check_private_file(std::string_view what,
                                              const std::filesystem::path& path);

// The whole file, at most `max_bytes`; nothing where there is none. Fails with unsafe_permissions
// or io.
[[nodiscard]] Result<std::optional<Secret>> read_private_file(std::string_view what,
                                                              const std::filesystem::path& path,
                                                              std::size_t max_bytes = 1U << 20U);

// A file that may be public, such as one that holds a hash or a shared policy. Fails with io.
[[nodiscard]] Result<Secret> read_file(std::string_view what, const std::filesystem::path& path,
                                       std::size_t max_bytes = 1U << 20U);

// All or nothing, and only in the place of a file of ours, or of none: a new file of mode 0600
// takes the old one's place, and both it and its directory are on disk when this returns. Makes
// missing directories with mode 0700.
[[nodiscard]] Status replace_private_file(const std::filesystem::path& path, std::string_view bytes,
                                          Random& random);

// All or nothing as well, for what is published: the file has mode 0644. Missing directories are
// made with mode 0755; the others stay as they are.
[[nodiscard]] Status replace_public_file(const std::filesystem::path& path, std::string_view bytes,
                                         Random& random);

// Makes a file that did not exist; fails with exists where it did.
[[nodiscard]] Status create_private_file(const std::filesystem::path& path, std::string_view bytes);

// Gives a finished file its name, durably; fails with exists, and removes it, where that is taken.
[[nodiscard]] Status publish_private_file(const std::filesystem::path& finished,
                                          const std::filesystem::path& path);

// Removes what a killed replace_private_file of this file left behind. Call under the file's lock.
void sweep_leftovers(const std::filesystem::path& path);

[[nodiscard]] Status make_private_directory(const std::filesystem::path& path);

// Removes the file, if it is there, durably.
[[nodiscard]] Status remove_private_file(const std::filesystem::path& path);

// Holds other processes off while it lives; the file stays behind, empty. Waits at most 10 s, then
// fails with io.
class FileLock {
  public:
    [[nodiscard]] static Result<FileLock> acquire(const std::filesystem::path& path);
    FileLock(FileLock&& other) noexcept = default;
    FileLock& operator=(FileLock&& other) noexcept = default;
    ~FileLock() = default;

    // Removes the file, if acquire made it: the last step of an act that failed and is to leave
    // nothing behind. Whoever waits for the lock makes a new one.
    void forget_file();

  private:
    FileLock(Descriptor descriptor, std::filesystem::path path, bool made)
        : descriptor_(std::move(descriptor)), path_(std::move(path)), made_(made) {}
    Descriptor descriptor_;
    std::filesystem::path path_;
    bool made_;
};

} // namespace auth
