#include "adapters/system/terminal_stops.h"

#include <array>
#include <csignal>
#include <mutex>
#include <unistd.h>

namespace auth {
namespace {

volatile std::sig_atomic_t stop_came = 0;

// A blocked signal would still stop the process through another thread: so they have handlers.
class Stops {
  public:
    void hold() {
        const std::lock_guard lock(mutex_);
        if (holders_++ > 0)
            return;
        stop_came = 0;
        set(0, SIGTSTP, [](int) { stop_came = 1; });
        // With a handler, a read or write of the terminal from the background would be repeated
        // without end.
        set(1, SIGTTIN, SIG_IGN);
        set(2, SIGTTOU, SIG_IGN);
    }
    void release() {
        const std::lock_guard lock(mutex_);
        if (--holders_ > 0)
            return;
        ::sigaction(SIGTSTP, before_.data(), nullptr);
        ::sigaction(SIGTTIN, &before_[1], nullptr);
        ::sigaction(SIGTTOU, &before_[2], nullptr);
        if (stop_came != 0)
            ::kill(::getpid(), SIGTSTP);
    }

  private:
    void set(std::size_t place, int number, void (*handler)(int)) {
        struct sigaction action {};
        action.sa_handler = handler;
        action.sa_flags = SA_RESTART;
        ::sigaction(number, nullptr, &before_.at(place));
        if (before_.at(place).sa_handler != SIG_IGN)
            ::sigaction(number, &action, nullptr);
    }

    std::mutex mutex_;
    int holders_ = 0;
    std::array<struct sigaction, 3> before_{};
};

Stops stops;

} // namespace

std::shared_ptr<void> hold_terminal_stops() {
    stops.hold();
    return {&stops, [](Stops* held) { held->release(); }};
}

} // namespace auth
