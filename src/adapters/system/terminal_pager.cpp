#include "adapters/system/terminal_pager.h"

#include "core/base/descriptor.h"
#include "core/ports/process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace auth {
namespace {

std::size_t terminal_rows() {
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

// The program's environment. Without LESS of their own people get colours, and no page for what
// fits the screen; nobody gets a shell out of it, who may have been let in for the list alone.
std::vector<std::string> pager_environment() {
    std::vector<std::string> out;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry)
        if (!std::string_view(*entry).starts_with("LESSSECURE="))
            out.emplace_back(*entry);
    if (::getenv("LESS") == nullptr)
        out.emplace_back("LESS=FRX");
    out.emplace_back("LESSSECURE=1");
    return out;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    for (std::string& word : words)
        out.push_back(word.data());
    out.push_back(nullptr);
    return out;
}

// Returns the process, or -1.
pid_t start(std::vector<std::string> command, int input) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    sigset_t ordinary;
    sigemptyset(&ordinary);
    sigaddset(&ordinary, SIGPIPE);
    sigaddset(&ordinary, SIGINT);
    posix_spawnattr_setsigdefault(&attributes, &ordinary);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    std::vector<std::string> environment = pager_environment();
    pid_t child = -1;
    const int problem = ::posix_spawnp(&child, command.front().c_str(), &actions, &attributes,
                                       pointers(command).data(), pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return problem == 0 ? child : -1;
}

class ProcessPager final : public Pager {
  public:
    ProcessPager(pid_t process, Descriptor pipe) : process_(process), pipe_(std::move(pipe)) {
        // Ctrl-C is the pager's while it reads.
        struct sigaction ignore {};
        ignore.sa_handler = SIG_IGN;
        ::sigaction(SIGINT, &ignore, &interrupt_before_);
    }
    ProcessPager(const ProcessPager&) = delete;
    ProcessPager& operator=(const ProcessPager&) = delete;
    ~ProcessPager() override {
        pipe_ = Descriptor(-1);
        while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
        }
        ::sigaction(SIGINT, &interrupt_before_, nullptr);
    }
    [[nodiscard]] bool write(std::string_view text) override {
        while (!text.empty()) {
            const ssize_t count = ::write(pipe_.get(), text.data(), text.size());
            if (count < 0 && errno == EINTR)
                continue;
            if (count < 0 && errno == EPIPE)
                throw ReaderGone(); // as with head
            if (count < 0)
                return false;
            text.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

  private:
    pid_t process_;
    Descriptor pipe_;
    struct sigaction interrupt_before_ {};
};

std::unique_ptr<Pager> start_pager(const std::vector<std::string>& command) {
    std::array<int, 2> ends{};
    if (command.empty() || ::pipe2(ends.data(), O_CLOEXEC) != 0)
        return nullptr;
    const Descriptor output(ends[0]);
    Descriptor input(ends[1]);
    const pid_t process = start(command, output.get());
    if (process < 0)
        return nullptr;
    return std::make_unique<ProcessPager>(process, std::move(input));
}

} // namespace

Pagers terminal_pagers() {
    return {terminal_rows, start_pager};
}

} // namespace auth
