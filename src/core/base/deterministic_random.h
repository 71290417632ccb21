// The same bytes for the same seed on every machine: ChaCha20 (RFC 8439) by libsodium. For test
// data only.
#pragma once

#include "core/base/random.h"

#include <array>
#include <string>
#include <string_view>

namespace auth {

class DeterministicRandom final : public Random {
  public:
    // Streams of one seed with other names have nothing in common.
    DeterministicRandom(std::string_view seed, std::string_view name);
    void fill(std::span<unsigned char> out) override;

  private:
    std::string key_; // 32 bytes
    std::uint64_t block_ = 0;
    std::array<unsigned char, 512> bytes_{};
    std::size_t used_ = bytes_.size();
};

} // namespace auth
