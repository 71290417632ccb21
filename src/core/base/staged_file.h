// Private files that cannot always be replaced: a container or a sandbox may mount one file alone,
// or make all of its directory read-only but that file.
#pragma once

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"

#include <filesystem>
#include <optional>
#include <string_view>

namespace auth {

// New content of a private file, which waits until put(). All of this under the file's lock.
class StagedFile {
  public:
    // Writes it to disk beside the file, under a passing name; where nothing can be made there, but
    // the file is there, it is kept in memory. Nothing else changes, and the directory is made.
    // Fails as replace_private_file.
    [[nodiscard]] static Result<StagedFile> prepare(const std::filesystem::path& path,
                                                    std::string_view bytes, Random& random);
    StagedFile(StagedFile&& other) noexcept;
    StagedFile& operator=(StagedFile&&) = delete;
    ~StagedFile(); // what was not put leaves nothing

    // Gives it the file's name: all or nothing. Where the system refuses that, as for a file that
    // is mounted, the content is written in place; then others may read half of it before the
    // lock is free.
    [[nodiscard]] Status put();
    // After put(), whether it failed or not: the old content again, or no file, as far as that is
    // possible.
    void take_back(Random& random);

  private:
    StagedFile(std::filesystem::path path, std::optional<Secret> before);

    std::filesystem::path path_;
    std::filesystem::path fresh_; // the passing name, or empty
    Secret bytes_;
    std::optional<Secret> before_;
    bool touched_ = false; // the file may have changed
};

// Prepares and puts.
[[nodiscard]] Status store_private_file(const std::filesystem::path& path, std::string_view bytes,
                                        Random& random);

// Removes the file, as remove_private_file; one that cannot be removed is emptied.
[[nodiscard]] Status clear_private_file(const std::filesystem::path& path);

} // namespace auth
