#include "adapters/system/system_process.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace auth {
namespace {

volatile std::sig_atomic_t interrupted_by = 0;

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

Result<std::size_t> read_stdin(std::span<char> buffer) {
    while (true) {
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count >= 0)
            return static_cast<std::size_t>(count);
        if (errno != EINTR)
            return fail(ErrorCode::io, fmt::format("cannot read stdin: {}", std::strerror(errno)));
    }
}

std::string user_name(uid_t user) {
    const passwd* entry = ::getpwuid(user);
    return entry != nullptr ? entry->pw_name : std::to_string(user);
}

// The machine, and who is at the other end of SSH.
std::string place() {
    std::array<char, 256> host{};
    (void)::gethostname(host.data(), host.size() - 1);
    const char* connection = ::getenv("SSH_CONNECTION");
    const std::string remote = connection != nullptr ? split(connection, ' ').front() : "";
    std::array<unsigned char, sizeof(in6_addr)> address{};
    const bool good = ::inet_pton(AF_INET, remote.c_str(), address.data()) == 1 ||
                      ::inet_pton(AF_INET6, remote.c_str(), address.data()) == 1;
    return good ? fmt::format("{}, from {}", host.data(), remote) : host.data();
}

std::vector<std::string> variable_names() {
    std::vector<std::string> names;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry)
        names.emplace_back(std::string_view(*entry).substr(0, std::string_view(*entry).find('=')));
    return names;
}

} // namespace

Inheritance protect_process() {
    Inheritance found;
    // A file opened in the place of a closed stream would receive what is written there.
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
        if (::fcntl(stream, F_GETFD) < 0)
            (void)::open("/dev/null", O_RDONLY); // writing to it fails, as it should
    found.umask = ::umask(077);
    ::getrlimit(RLIMIT_CORE, &found.core);
    const rlimit none{0, found.core.rlim_max};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0);
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &found.broken_pipe);
    // Where it is ignored, nobody learns how a helper ended.
    struct sigaction ordinary {};
    ordinary.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &ordinary, &found.child_ended);
    // Nothing in the system's OpenSSL configuration is wanted here, and reading it costs a start.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    return found;
}

void restore(const Inheritance& found) {
    ::umask(found.umask);
    ::setrlimit(RLIMIT_CORE, &found.core);
    ::sigaction(SIGPIPE, &found.broken_pipe, nullptr);
    ::sigaction(SIGCHLD, &found.child_ended, nullptr);
}

std::vector<char*> exec_words(const std::vector<std::string>& command) {
    std::vector<char*> words;
    for (const std::string& word : command)
        words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    return words;
}

std::function<int()> interruption() {
    return [armed = false]() mutable {
        if (!std::exchange(armed, true)) {
            struct sigaction action {};
            action.sa_handler = [](int number) { interrupted_by = number; };
            action.sa_flags = static_cast<int>(SA_RESETHAND);
            for (const int number : {SIGINT, SIGTERM}) {
                struct sigaction before {};
                ::sigaction(number, nullptr, &before);
                if (before.sa_handler != SIG_IGN) // as of what runs in the background of a script
                    ::sigaction(number, &action, nullptr);
            }
        }
        return interrupted_by == 0 ? 0 : 128 + interrupted_by;
    };
}

Become become_with(const Inheritance& found) {
    return [found](const std::vector<std::string>& command, const std::string& variable,
                   const Secret& value) {
        std::string text(value.reveal());
        const bool set = ::setenv(variable.c_str(), text.c_str(), 1) == 0;
        wipe(text);
        if (!set)
            return error(ErrorCode::internal, fmt::format("cannot set {}", variable));
        restore(found);
        const auto words = exec_words(command);
        ::execvp(words.front(), words.data());
        const int number = errno;
        (void)protect_process();
        if (number == ENOENT)
            return error(ErrorCode::command_not_found,
                         fmt::format("there is no command {}", in_quotes(command.front())));
        return error(
            ErrorCode::cannot_execute,
            fmt::format("cannot run {}: {}", in_quotes(command.front()), std::strerror(number)));
    };
}

Streams standard_streams() {
    Streams streams;
    streams.out = [](std::string_view text) {
        if (write_all(STDOUT_FILENO, text))
            return true;
        // Stop quietly, as head expects.
        if (errno == EPIPE)
            throw ReaderGone();
        return false;
    };
    streams.err = [](std::string_view text) { (void)write_all(STDERR_FILENO, text); };
    streams.read = read_stdin;
    streams.out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
    streams.err_is_terminal = ::isatty(STDERR_FILENO) == 1;
    winsize size{};
    if (streams.out_is_terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        streams.columns = size.ws_col;
    return streams;
}

Surroundings surroundings(const LentRights& rights) {
    Surroundings out;
    out.secure = rights.lent;
    out.caller = rights.caller;
    out.refusal = rights.refusal;
    out.variable = [](std::string_view name) -> std::string {
        const char* value = ::getenv(std::string(name).c_str());
        return value != nullptr ? value : "";
    };
    out.variables = variable_names;
    out.actor = [user = out.caller.value_or(::getuid())] { return "os:" + user_name(user); };
    out.place = place;
    out.directory = [] {
        std::error_code removed;
        return std::filesystem::current_path(removed);
    };
    const char* home = ::getenv("HOME");
    if (home != nullptr && *home != '\0') {
        out.home = home;
    } else if (const passwd* entry = ::getpwuid(::geteuid())) {
        out.home = entry->pw_dir;
    }
    return out;
}

void stand_alone() {
    ::setsid();
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
        ::dup2(nowhere, stream);
    ::close_range(STDERR_FILENO + 1, ~0U, 0);
}

void detach(const std::function<void()>& work) {
    if (::fork() != 0)
        return;
    stand_alone();
    // The caller answers first: its time must not depend on how much work there is.
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    try {
        work();
    } catch (const std::exception&) { // nobody is left to be told
    }
    ::_exit(0);
}

} // namespace auth
