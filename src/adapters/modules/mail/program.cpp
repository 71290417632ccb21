#include "adapters/modules/mail/program.h"

#include "core/base/descriptor.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" { // which glibc 2.36 leaves out of it
#include <sys/pidfd.h>
}

namespace auth {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t most_said = 4096;

struct Pipe {
    Descriptor out;
    Descriptor in;
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) == 0) {
            out.set(ends[0]);
            in.set(ends[1]);
        }
    }
};

// A session of its own, so that what it starts can be ended with it, and no terminal reaches it.
int start(const std::vector<std::string>& command, int input, int complaints, pid_t& child) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawn_file_actions_addchdir_np(&actions, "/");
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &broken_pipe);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    std::vector<char*> words;
    for (const std::string& word : command)
        words.push_back(const_cast<char*>(word.c_str())); // which posix_spawn does not write to
    words.push_back(nullptr);
    std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    std::string locale = "LC_ALL=C";
    std::array<char*, 3> environment{path.data(), locale.data(), nullptr};
    const int problem = ::posix_spawn(&child, words.front(), &actions, &attributes, words.data(),
                                      environment.data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return problem;
}

// Writes what the pipe takes; closes it once all is written, or nobody reads.
void feed(Descriptor& pipe, std::string_view& input) {
    const ssize_t count = ::write(pipe.get(), input.data(), input.size());
    if (count > 0)
        input.remove_prefix(static_cast<std::size_t>(count));
    if (input.empty() || (count < 0 && errno != EAGAIN && errno != EINTR))
        pipe.close();
}

void listen(Descriptor& pipe, std::string& said) {
    std::array<char, 1024> chunk{};
    const ssize_t count = ::read(pipe.get(), chunk.data(), chunk.size());
    if (count > 0)
        said.append(chunk.data(),
                    std::min(static_cast<std::size_t>(count), most_said - said.size()));
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        pipe.close();
}

int milliseconds_left(SteadyTime deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

// Feeds and listens until the process has ended. False where the time is over first.
bool attend(int process, Descriptor& input, Descriptor& complaints, std::string_view text,
            std::string& said, SteadyTime deadline) {
    while (true) {
        std::array<pollfd, 3> watched{pollfd{process, POLLIN, 0}, pollfd{input.get(), POLLOUT, 0},
                                      pollfd{complaints.get(), POLLIN, 0}};
        const int ready = ::poll(watched.data(), watched.size(), milliseconds_left(deadline));
        if (ready == 0 || (ready < 0 && errno != EINTR))
            return false;
        if (ready < 0)
            continue;
        if (watched[2].revents != 0)
            listen(complaints, said);
        // What it started may go on and hold the pipes; it has done its part.
        else if (watched[0].revents != 0)
            return true;
        if (watched[1].revents != 0)
            feed(input, text);
    }
}

} // namespace

Result<Ended> run_program(const std::vector<std::string>& command, std::string_view input,
                          Seconds limit) {
    Pipe stdin_pipe;
    Pipe stderr_pipe;
    pid_t child = -1;
    const int problem = start(command, stdin_pipe.out.get(), stderr_pipe.in.get(), child);
    if (problem != 0)
        return fail(ErrorCode::io, fmt::format("cannot run {}: {}", in_quotes(command.front()),
                                               std::strerror(problem)));
    stdin_pipe.out.close();
    stderr_pipe.in.close();
    ::fcntl(stdin_pipe.in.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(stderr_pipe.out.get(), F_SETFL, O_NONBLOCK);
    const Descriptor process(::pidfd_open(child, 0));
    Ended ended;
    const auto deadline = std::chrono::steady_clock::now() + limit;
    ended.late =
        !attend(process.get(), stdin_pipe.in, stderr_pipe.out, input, ended.said, deadline);
    if (ended.late)
        ::kill(-child, SIGKILL);
    int status = 0;
    pid_t waited = 0;
    while ((waited = ::waitpid(child, &status, 0)) < 0 && errno == EINTR) {
    }
    if (waited == child)
        ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return ended;
}

} // namespace auth
