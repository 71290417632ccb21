#include "cli/output/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace auth {
namespace {

constexpr int bar_width = 24;

std::string bar(double share) {
    const int full = static_cast<int>(share * bar_width);
    std::string out;
    for (int i = 0; i < bar_width; ++i)
        out += i < full ? "#" : "-";
    return out;
}

} // namespace

Progress::Progress(World& world, std::string_view what)
    : world_(world), what_(what), start_(world.clock().now()), shown_(start_) {}

void Progress::update(std::int64_t count, double share) {
    const Time now = world_.clock().now();
    if (!world_.streams.err_is_terminal || world_.quiet || now == shown_)
        return;
    shown_ = now;
    const auto seconds = std::max<std::int64_t>((now - start_).count(), 1);
    std::string line = fmt::format("{} {}  {}/s", count, what_, count / seconds);
    if (share > 0) {
        const double whole = static_cast<double>(seconds) / std::min(share, 1.0);
        const auto left = static_cast<std::int64_t>(whole) - seconds;
        line = fmt::format("[{}] {:3.0f}%  {}  {} left", bar(std::min(share, 1.0)), share * 100,
                           line, to_text(Seconds(std::max<std::int64_t>(left, 0))));
    }
    world_.streams.err("\r" + line + "\x1b[K");
    visible_ = true;
}

void Progress::clear() {
    if (std::exchange(visible_, false))
        world_.streams.err("\r\x1b[K");
}

} // namespace auth
