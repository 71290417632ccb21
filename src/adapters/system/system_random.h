// Randomness from the kernel.
#pragma once

#include "core/base/random.h"

namespace auth {

// The kernel's generator.
class SystemRandom final : public Random {
  public:
    void fill(std::span<unsigned char> out) override;
};

} // namespace auth
