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
#include <functional>
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

struct Channels {
    Pipe input;
    std::optional<Pipe> output;
    Pipe complaints;

    explicit Channels(Output wanted) {
        if (wanted == Output::kept)
            output.emplace();
    }
    // Leaves the program's ends to it alone, and makes this process's ends wait for nothing.
    void take_sides() {
        input.out.close();
        complaints.in.close();
        ::fcntl(input.in.get(), F_SETFL, O_NONBLOCK);
        ::fcntl(complaints.out.get(), F_SETFL, O_NONBLOCK);
        if (!output)
            return;
        output->in.close();
        ::fcntl(output->out.get(), F_SETFL, O_NONBLOCK);
    }
};

// A session of its own, so that what it starts can be ended with it, and no terminal reaches it.
int start(const std::vector<std::string>& command, const Channels& channels, pid_t& child) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, channels.input.out.get(), STDIN_FILENO);
    if (channels.output)
        posix_spawn_file_actions_adddup2(&actions, channels.output->in.get(), STDOUT_FILENO);
    else
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, channels.complaints.in.get(), STDERR_FILENO);
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

// Reads what there is; `keep` is given it.
void listen(Descriptor& pipe, const std::function<void(std::string_view)>& keep) {
    std::array<char, 1024> chunk{};
    const ssize_t count = ::read(pipe.get(), chunk.data(), chunk.size());
    if (count > 0)
        keep({chunk.data(), static_cast<std::size_t>(count)});
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        pipe.close();
    wipe(chunk);
}

int milliseconds_left(SteadyTime deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

// Feeds and listens until the process has ended. False where the time is over first.
bool attend(int process, Channels& channels, std::string_view text, Ended& ended,
            SteadyTime deadline) {
    const auto keep_complaint = [&](std::string_view more) {
        ended.said.append(more.substr(0, most_said - ended.said.size()));
    };
    const auto keep_output = [&](std::string_view more) {
        ended.printed.append(more.substr(0, longest_output + 1 - ended.printed.size()));
    };
    while (true) {
        const int output = channels.output ? channels.output->out.get() : -1;
        std::array<pollfd, 4> watched{
            pollfd{process, POLLIN, 0}, pollfd{channels.input.in.get(), POLLOUT, 0},
            pollfd{output, POLLIN, 0}, pollfd{channels.complaints.out.get(), POLLIN, 0}};
        const int left = milliseconds_left(deadline);
        const int ready = ::poll(watched.data(), watched.size(), left);
        // One that never stops talking always has something ready.
        if (ready == 0 || left == 0 || (ready < 0 && errno != EINTR))
            return false;
        if (ready < 0)
            continue;
        if (watched[2].revents != 0)
            listen(channels.output->out, keep_output);
        if (watched[3].revents != 0)
            listen(channels.complaints.out, keep_complaint);
        // What it started may go on and hold the pipes; it has done its part.
        if (watched[0].revents != 0 && watched[2].revents == 0 && watched[3].revents == 0)
            return true;
        if (watched[1].revents != 0)
            feed(channels.input.in, text);
    }
}

} // namespace

std::string complaint_of(const Ended& ended) {
    return printable(one_line(trimmed(ended.said, white_space)));
}

Result<Ended> run_program(const std::vector<std::string>& command, std::string_view input,
                          Output output, Seconds limit) {
    Channels channels(output);
    pid_t child = -1;
    const int problem = start(command, channels, child);
    if (problem != 0)
        return fail(ErrorCode::io, fmt::format("cannot run {}: {}", in_quotes(command.front()),
                                               std::strerror(problem)));
    channels.take_sides();
    const Descriptor process(::pidfd_open(child, 0));
    Ended ended;
    const auto deadline = std::chrono::steady_clock::now() + limit;
    ended.late = !attend(process.get(), channels, input, ended, deadline);
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
