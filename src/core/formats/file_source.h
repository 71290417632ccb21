// A file that is read from its start to its end, once or more often.
#pragma once

#include "core/formats/byte_source.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace auth {

struct FileSource {
    ByteSource source;
    std::optional<std::uint64_t> size; // nothing for what has no size, such as a pipe
};
// Fails with io.
[[nodiscard]] Result<FileSource> open_source(const std::filesystem::path& path);

} // namespace auth
