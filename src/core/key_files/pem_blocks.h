// The blocks of a PEM text (RFC 7468).
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <string>
#include <string_view>
#include <vector>

namespace auth::pem {

struct Block {
    std::string label;
    bool encrypted = false;
    Secret der;
};

inline constexpr std::string_view block_start = "-----BEGIN ";
inline constexpr std::string_view certificate_label = "CERTIFICATE";

// In order, without what stands between them and without "EC PARAMETERS", which only name the curve
// of the key that follows. Fails with usage for more than 1 MiB, and where a block is malformed.
[[nodiscard]] Result<std::vector<Block>> read_blocks(std::string_view text);
[[nodiscard]] Secret write_block(std::string_view label, std::string_view der);

} // namespace auth::pem
