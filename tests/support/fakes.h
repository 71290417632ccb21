// Stand-ins for the outside world: time that stands still, randomness that is known beforehand.
#pragma once

#include "core/base/clock.h"
#include "core/base/random.h"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

namespace auth::test {

// Stands at one time until it is moved; sleeping moves it by whole seconds, rounded up.
class FixedClock : public Clock {
  public:
    // 2026-01-31T09:05:00Z
    explicit FixedClock(Time now = from_unix_seconds(1'769'850'300)) : now_(now) {}
    [[nodiscard]] Time now() const override { return now_; }
    void sleep(std::chrono::milliseconds span) const override {
        now_ += std::chrono::ceil<Seconds>(span);
    }
    void set(Time now) { now_ = now; }
    void advance(Seconds span) { now_ += span; }

  private:
    mutable Time now_;
};

// Hands out the bytes it was given, in order, and throws when they run out.
class ScriptedRandom : public Random {
  public:
    explicit ScriptedRandom(std::string bytes = {}) : bytes_(std::move(bytes)) {}
    void fill(std::span<unsigned char> out) override {
        if (out.size() > remaining())
            throw std::logic_error("the scripted randomness ran out");
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
        used_ += out.size();
    }
    void append(std::string_view bytes) { bytes_ += bytes; }
    [[nodiscard]] std::size_t remaining() const { return bytes_.size() - used_; }

  private:
    std::string bytes_;
    std::size_t used_ = 0;
};

// The same endless stream for the same seed, on every machine.
class SeededRandom : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed = 1) : engine_(seed) {}
    void fill(std::span<unsigned char> out) override {
        for (unsigned char& byte : out)
            byte = static_cast<unsigned char>(engine_() >> 56U);
    }

  private:
    std::mt19937_64 engine_;
};

} // namespace auth::test
