// Randomness is handed in.
#pragma once

#include "core/base/secret.h"

#include <cstdint>
#include <mutex>
#include <span>
#include <string>

namespace auth {

class Random {
  public:
    virtual ~Random() = default;
    // Fills `out` with bytes fit for keys. Throws if it cannot.
    virtual void fill(std::span<unsigned char> out) = 0;
};

// Lets several threads share one source.
class SharedRandom final : public Random {
  public:
    explicit SharedRandom(Random& source) : source_(source) {}
    void fill(std::span<unsigned char> out) override {
        const std::lock_guard lock(mutex_);
        source_.fill(out);
    }

  private:
    Random& source_;
    std::mutex mutex_;
};

[[nodiscard]] Secret random_bytes(Random& random, std::size_t count);
// Uniform in [0, bound), without modulo bias; bound > 0.
[[nodiscard]] std::uint64_t random_below(Random& random, std::uint64_t bound);
// `bytes` random bytes as base64url: a link token, a refresh token.
[[nodiscard]] Secret random_token(Random& random, std::size_t bytes);

} // namespace auth
