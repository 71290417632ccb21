#include "adapters/system/key_command.h"

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
#include <sys/wait.h>
#include <unistd.h>

namespace auth {
namespace {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

// Somebody may have to type a passphrase first.
constexpr auto longest = 60s;
constexpr std::size_t most_bytes = 4096;
constexpr int cannot_run = 127;

[[noreturn]] void become_command(const Inheritance& found, const std::vector<std::string>& command,
                                 int output) {
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::close_range(STDERR_FILENO + 1, ~0U, 0);
    restore(found);
    const auto words = exec_words(command);
    ::execv(words.front(), words.data());
    ::_exit(cannot_run);
}

// False where it takes too long.
bool read_to_end(int pipe, Secret& out, SteadyTime deadline) {
    std::array<char, most_bytes> chunk{};
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd watched{pipe, POLLIN, 0};
        const int ready = ::poll(&watched, 1, static_cast<int>(std::max(left, 0ms).count()));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        const ssize_t count = ::read(pipe, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        // More than any key has is only counted.
        if (out.size() < most_bytes)
            out.append({chunk.data(), static_cast<std::size_t>(count)});
    }
    wipe(chunk);
    return true;
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<Secret> run(const Inheritance& found, const std::vector<std::string>& command) {
    const std::string name = in_quotes(command.front());
    const auto refuse = [&](std::string why) {
        return fail(error(ErrorCode::io, std::move(why))
                        .with_field("key_command")
                        .with_hint("run the command of key_command by hand to see what it prints"));
    };
    if (::access(command.front().c_str(), X_OK) != 0)
        return refuse(fmt::format("cannot run {} of key_command: {}", name, std::strerror(errno)));
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return refuse(fmt::format("cannot run {} of key_command: {}", name, std::strerror(errno)));
    const Descriptor output(ends[0]);
    Descriptor input(ends[1]);
    const pid_t child = ::fork();
    if (child == 0)
        become_command(found, command, input.get());
    input.close();
    if (child < 0)
        return refuse(fmt::format("cannot run {} of key_command: {}", name, std::strerror(errno)));
    Secret key;
    const bool in_time = read_to_end(output.get(), key, std::chrono::steady_clock::now() + longest);
    if (!in_time)
        ::kill(child, SIGKILL);
    const int status = wait_for(child);
    if (!in_time)
        return refuse(fmt::format("{} of key_command took longer than {} seconds", name,
                                  std::chrono::seconds(longest).count()));
    if (status != 0)
        return refuse(fmt::format("{} of key_command failed with exit code {}", name, status));
    return key;
}

} // namespace

KeyCommand key_command_with(const Inheritance& found) {
    return [found](const std::vector<std::string>& command) { return run(found, command); };
}

} // namespace auth
