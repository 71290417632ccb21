#include "core/base/uuid_sequence.h"

#include <fmt/format.h>

#include <chrono>

namespace auth {
namespace {

constexpr std::size_t draw_bytes = 4096;
constexpr std::uint64_t high_limit = 1U << 12U;
constexpr std::uint64_t low_limit = std::uint64_t{1} << 62U;

} // namespace

// 32 bits of randomness.
std::uint64_t UuidSequence::step() {
    if (used_ == drawn_.size()) {
        drawn_.resize(draw_bytes);
        random_.fill(drawn_);
        used_ = 0;
    }
    std::uint64_t value = 0;
    for (int byte = 0; byte < 4; ++byte)
        value = value << 8U | drawn_[used_++];
    return value;
}

std::string UuidSequence::next() {
    if (!started_) {
        started_ = true;
        // Half of the space stays free above the start.
        high_ = step() % (high_limit / 2);
        low_ = (step() << 32U | step()) % low_limit;
    } else if ((low_ += step() + 1) >= low_limit) {
        low_ -= low_limit;
        ++high_;
    }
    const auto milliseconds = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()).count());
    const std::uint64_t variant = std::uint64_t{2} << 62U | low_;
    return fmt::format("{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}", milliseconds >> 16U,
                       milliseconds & 0xffffU, high_, variant >> 48U, variant & 0xffffffffffffU);
}

} // namespace auth
