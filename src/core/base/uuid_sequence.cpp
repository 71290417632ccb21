#include "core/base/uuid_sequence.h"

#include <chrono>

namespace auth {
namespace {

constexpr std::size_t draw_bytes = 4096;
constexpr std::uint64_t high_limit = 1U << 12U;
constexpr std::uint64_t low_limit = std::uint64_t{1} << 62U;

// The lowest `digits` hexadecimal digits of a number, over what stands at `place`.
void put_hex(std::string& text, std::size_t place, int digits, std::uint64_t number) {
    for (int digit = digits; digit-- > 0; number >>= 4U)
        text[place + static_cast<std::size_t>(digit)] = "0123456789abcdef"[number & 0xfU];
}

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
    std::string text = "00000000-0000-7000-0000-000000000000";
    put_hex(text, 0, 8, milliseconds >> 16U);
    put_hex(text, 9, 4, milliseconds);
    put_hex(text, 15, 3, high_);
    put_hex(text, 19, 4, variant >> 48U);
    put_hex(text, 24, 12, variant);
    return text;
}

} // namespace auth
