#include "adapters/system/asked_program.h"

#include "core/base/descriptor.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace auth {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_answer = 30s;
constexpr auto between_looks = 100ms; // at whether to stop

struct Pipe {
    Descriptor out;
    Descriptor in;

    Pipe() : Pipe(std::array{-1, -1}) {}

  private:
    explicit Pipe(std::array<int, 2> ends) {
        if (::pipe2(ends.data(), O_CLOEXEC) == 0) {
            out = Descriptor(ends[0]);
            in = Descriptor(ends[1]);
        }
    }
};

// Tells by `failure` why it could not become the program; what it did become closes that.
[[noreturn]] void become_asked(const Inheritance& found, const std::vector<std::string>& command,
                               int input, int failure) {
    ::setpgid(0, 0);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(input, STDIN_FILENO);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    const int kept = ::fcntl(failure, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    for (int number = STDERR_FILENO + 1; number < kept; ++number)
        ::close(number);
    ::close_range(static_cast<unsigned>(kept) + 1, ~0U, 0);
    restore(found);
    const auto words = exec_words(command);
    ::execvp(words.front(), words.data());
    const int number = errno;
    (void)!::write(kept, &number, sizeof number);
    ::_exit(127);
}

class AskedProgram {
  public:
    AskedProgram(pid_t child, Descriptor input)
        : child_(child), ended_(static_cast<int>(::syscall(SYS_pidfd_open, child, 0))),
          input_(std::move(input)) {
        ::fcntl(input_.get(), F_SETFL, O_NONBLOCK);
    }

    // True once it has ended; false where it was ended for taking too long, or for being told to.
    bool serve(std::string_view text, const std::function<bool()>& stopped) {
        const auto deadline = std::chrono::steady_clock::now() + longest_answer;
        while (std::chrono::steady_clock::now() < deadline && !(stopped && stopped())) {
            std::array<pollfd, 2> watched{{{ended_.get(), POLLIN, 0}, {input_.get(), POLLOUT, 0}}};
            (void)::poll(watched.data(), input_.get() < 0 ? 1 : 2,
                         static_cast<int>(std::chrono::milliseconds(between_looks).count()));
            if (watched[0].revents != 0)
                return true;
            if (input_.get() >= 0 && watched[1].revents != 0 && !feed(text))
                input_.close();
        }
        ::kill(-child_, SIGKILL);
        return false;
    }

    [[nodiscard]] ProgramEnd end() const {
        int status = 0;
        while (::waitpid(child_, &status, 0) < 0)
            if (errno != EINTR)
                return {.code = -1};
        return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    }

  private:
    // False once there is nothing left to write, or nobody who reads.
    bool feed(std::string_view& text) {
        const ssize_t count = ::write(input_.get(), text.data(), text.size());
        if (count < 0)
            return errno == EAGAIN || errno == EINTR;
        text.remove_prefix(static_cast<std::size_t>(count));
        return !text.empty();
    }

    pid_t child_;
    Descriptor ended_;
    Descriptor input_;
};

tl::unexpected<Error> cannot_ask(const std::string& program, int number) {
    if (number == ENOENT)
        return fail(ErrorCode::command_not_found,
                    fmt::format("there is no command {}", in_quotes(program)));
    return fail(ErrorCode::cannot_execute,
                fmt::format("cannot run {}: {}", in_quotes(program), std::strerror(number)));
}

Result<ProgramEnd> ask_program(const Inheritance& found, const std::vector<std::string>& command,
                               const Secret& input, const std::function<bool()>& stopped) {
    Pipe text;
    Pipe failure;
    if (text.in.get() < 0 || failure.in.get() < 0)
        return cannot_ask(command.front(), errno);
    const pid_t child = ::fork();
    if (child == 0)
        become_asked(found, command, text.out.get(), failure.in.get());
    if (child < 0)
        return cannot_ask(command.front(), errno);
    text.out.close();
    failure.in.close();
    AskedProgram program(child, std::move(text.in));
    int number = 0;
    if (::read(failure.out.get(), &number, sizeof number) == sizeof number) {
        (void)program.end();
        return cannot_ask(command.front(), number);
    }
    const bool in_time = program.serve(input.reveal(), stopped);
    ProgramEnd end = program.end();
    if (!in_time && stopped && stopped())
        return fail(ErrorCode::cancelled, "cancelled");
    end.timed_out = !in_time;
    return end;
}

} // namespace

AskProgram ask_program_with(const Inheritance& found) {
    return [found](const std::vector<std::string>& command, const Secret& input,
                   const std::function<bool()>& stopped) {
        return ask_program(found, command, input, stopped);
    };
}

} // namespace auth
