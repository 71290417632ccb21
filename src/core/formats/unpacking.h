// Compressed bytes as the bytes they stand for.
#pragma once

#include "core/formats/byte_source.h"

namespace auth {

// All members of a gzip file (RFC 1952 section 2.2), by zlib.
[[nodiscard]] ByteSource unpacked_gzip(ByteSource source);
// All frames of a zstd file (RFC 8878), by libzstd.
[[nodiscard]] ByteSource unpacked_zstd(ByteSource source);

} // namespace auth
