// Many new ids at once, each greater than the one before, so that indexes grow at their end:
// UUIDs of version 7 by the "monotonic random" method of RFC 9562 section 6.2.
#pragma once

#include "core/base/clock.h"
#include "core/base/random.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace auth {

class UuidSequence {
  public:
    // Uses the source from time to time.
    UuidSequence(Random& random, Time now) : random_(random), now_(now) {}
    [[nodiscard]] std::string next();

  private:
    [[nodiscard]] std::uint64_t step();

    Random& random_;
    Time now_;
    std::uint64_t high_ = 0; // the 12 bits of rand_a
    std::uint64_t low_ = 0;  // the 62 bits of rand_b
    bool started_ = false;
    std::vector<unsigned char> drawn_;
    std::size_t used_ = 0;
};

} // namespace auth
