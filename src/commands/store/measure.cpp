#include "commands/store/measure.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace auth {

double best_milliseconds(const std::function<void()>& act) {
    using Steady = std::chrono::steady_clock;
    using Milliseconds = std::chrono::duration<double, std::milli>;
    constexpr int most_runs = 5;
    constexpr Milliseconds enough{400};
    Milliseconds best{std::numeric_limits<double>::max()};
    Milliseconds spent{0};
    for (int run = 0; run < most_runs && spent < enough; ++run) {
        const auto start = Steady::now();
        act();
        const Milliseconds taken = Steady::now() - start;
        best = std::min(best, taken);
        spent += taken;
    }
    return std::round(best.count() * 10) / 10;
}

} // namespace auth
