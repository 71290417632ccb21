#include "adapters/system/tty_terminal.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace auth {
namespace {

constexpr std::size_t longest_line = 8192;

// What a signal must put back if it comes while a question stands.
int asking_tty = -1;
termios tty_before{};
volatile std::sig_atomic_t interrupted = 0;

void restore_and_die(int number) {
    ::tcsetattr(asking_tty, TCSANOW, &tty_before);
    ::_exit(128 + number);
}

void note_interrupt(int) {
    interrupted = 1;
}

struct Handler {
    int number;
    void (*handler)(int);
};
constexpr auto signals = std::to_array<Handler>({{SIGINT, note_interrupt},
                                                 {SIGQUIT, note_interrupt},
                                                 {SIGTERM, restore_and_die},
                                                 {SIGHUP, restore_and_die}});

// What ignored a signal before, as under nohup, goes on ignoring it.
struct sigaction on_signal(int number, void (*handler)(int)) {
    struct sigaction action {};
    struct sigaction before {};
    action.sa_handler = handler; // without SA_RESTART: read() must come back
    ::sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN)
        ::sigaction(number, &action, nullptr);
    return before;
}

// The terminal while a question stands. However it ends, echo comes back.
class Question {
  public:
    Question(std::string_view prompt, bool echo) : tty_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
        if (tty_ < 0 || ::tcgetattr(tty_, &tty_before) != 0)
            return;
        termios asking = tty_before;
        if (!echo)
            asking.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        asking.c_lflag |= ICANON | ISIG | ECHONL;
        asking.c_cc[VSUSP] = _POSIX_VDISABLE; // a stopped program would leave the terminal mute
        asking_tty = tty_;
        interrupted = 0;
        for (std::size_t i = 0; i < signals.size(); ++i)
            before_.at(i) = on_signal(signals.at(i).number, signals.at(i).handler);
        handling_ = true;
        ready_ = ::tcsetattr(tty_, TCSAFLUSH, &asking) == 0;
        put(prompt);
    }
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;
    ~Question() {
        if (ready_)
            ::tcsetattr(tty_, TCSAFLUSH, &tty_before);
        for (std::size_t i = 0; handling_ && i < signals.size(); ++i)
            ::sigaction(signals.at(i).number, &before_.at(i), nullptr);
        if (tty_ >= 0)
            ::close(tty_);
    }

    Result<Secret> answer() {
        if (!ready_)
            return fail(ErrorCode::input_required, "there is no terminal to ask on");
        Secret line;
        while (line.size() < longest_line) {
            char c = 0;
            const ssize_t count = ::read(tty_, &c, 1);
            if (count < 0 && errno == EINTR && interrupted == 0)
                continue;
            if (count <= 0) {
                put("\n");
                return fail(ErrorCode::cancelled, "cancelled");
            }
            if (c == '\n')
                return line;
            line.append({&c, 1});
        }
        return fail(ErrorCode::usage, "the line is too long");
    }

  private:
    void put(std::string_view text) {
        while (!text.empty()) {
            const ssize_t count = ::write(tty_, text.data(), text.size());
            if (count <= 0)
                return;
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    int tty_;
    bool handling_ = false;
    bool ready_ = false;
    std::array<struct sigaction, signals.size()> before_{};
};

} // namespace

bool TtyTerminal::interactive() const {
    const int tty = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (tty < 0)
        return false;
    // Asking from the background would only stop the program.
    const bool foreground = ::tcgetpgrp(tty) == ::getpgrp();
    ::close(tty);
    return foreground;
}

Result<std::string> TtyTerminal::ask(std::string_view prompt) {
    AUTH_TRY(const Secret line, Question(prompt, true).answer());
    return std::string(line.reveal());
}

Result<Secret> TtyTerminal::ask_secret(std::string_view prompt) {
    return Question(prompt, false).answer();
}

} // namespace auth
