#include "adapters/system/system_clock.h"

#include <thread>

namespace auth {

Time SystemClock::now() const {
    return std::chrono::floor<Seconds>(std::chrono::system_clock::now());
}

void SystemClock::sleep(std::chrono::milliseconds span) const {
    std::this_thread::sleep_for(span);
}

} // namespace auth
