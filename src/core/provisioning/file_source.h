// A file that is read from its start to its end, once or more often.
#pragma once

#include "core/provisioning/byte_source.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace auth {

struct FileSource {
    ByteSource source;
    std::optional<std::uint64_t> size; // nothing for what has no size, such as a pipe
};
// Fails with io. `read` counts what was read so far, by whatever thread.
[[nodiscard]] Result<FileSource> open_source(const std::filesystem::path& path,
                                             std::shared_ptr<std::atomic<std::uint64_t>> read);

} // namespace auth
