#include "adapters/system/lent_rights.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <grp.h>
#include <sched.h>
#include <string_view>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace auth {
namespace {

// Whether the program has rights that its caller has not: the kernel says so (setuid, setgid), or
// who started it for the caller, as lib/auth-cli/subject does through sudo.
bool rights_are_lent() {
    const char* said = ::getenv("AUTH_CLI_LENT");
    return ::getauxval(AT_SECURE) != 0 || (said != nullptr && *said != '\0');
}

// Whom they are lent to. sudo sets SUDO_UID itself; beside AT_SECURE anybody may have set it.
std::optional<std::uint32_t> lent_to() {
    if (::getauxval(AT_SECURE) != 0)
        return ::getuid();
    const char* said = ::getenv("SUDO_UID");
    const std::string_view text = said != nullptr ? said : "";
    std::uint32_t user = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), user);
    const bool whole = failure == std::errc{} && end == text.data() + text.size();
    return whole && user != static_cast<uid_t>(-1) ? std::optional(user) : std::nullopt;
}

// The effective ids become the real and the saved ones. Only with privileges can the groups of the
// caller be given up as well.
bool own_ids() {
    const uid_t user = ::geteuid();
    const gid_t group = ::getegid();
    if (::getauxval(AT_SECURE) != 0 && ::setgroups(0, nullptr) != 0 && errno != EPERM)
        return false;
    return ::setresgid(group, group, group) == 0 && ::setresuid(user, user, user) == 0;
}

void forget_signals() {
    for (int number = 1; number < NSIG; ++number)
        ::signal(number, SIG_DFL); // which fails for those that cannot be ignored either
    const itimerval never{};
    for (const auto timer : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF})
        ::setitimer(timer, &never, nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void forget_surroundings() {
    ::clearenv();
    ::setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
    ::umask(077);
    ::close_range(STDERR_FILENO + 1, ~0U, 0);
    if (::chdir("/") != 0)
        return; // nothing depends on it
}

// A process that is stopped by a limit half way through a login has done the caller's will.
struct Least {
    int resource;
    std::string_view name;
    rlim_t least;
};
constexpr rlim_t mebibyte = 1U << 20U;
constexpr auto least_limits = std::to_array<Least>({
    {RLIMIT_CPU, "RLIMIT_CPU", 20}, // seconds, from here on
    {RLIMIT_FSIZE, "RLIMIT_FSIZE", 256 * mebibyte},
    {RLIMIT_DATA, "RLIMIT_DATA", 512 * mebibyte},
    {RLIMIT_AS, "RLIMIT_AS", 512 * mebibyte},
    {RLIMIT_STACK, "RLIMIT_STACK", mebibyte},
    {RLIMIT_NOFILE, "RLIMIT_NOFILE", 64},
    {RLIMIT_NPROC, "RLIMIT_NPROC", 32},
});

// As much stack as the kernel gives by itself: without a limit addresses are laid out otherwise.
constexpr rlim_t enough_stack = 8 * mebibyte;

std::optional<Error> raise_limits() {
    for (int resource = 0; resource < static_cast<int>(RLIM_NLIMITS); ++resource) {
        rlimit limit{};
        if (::getrlimit(resource, &limit) != 0)
            continue;
        limit.rlim_cur = resource == RLIMIT_STACK
                             ? std::min(limit.rlim_max, std::max(limit.rlim_cur, enough_stack))
                             : limit.rlim_max;
        ::setrlimit(resource, &limit);
    }
    for (const Least& wanted : least_limits) {
        rlimit limit{};
        ::getrlimit(wanted.resource, &limit);
        timespec used{};
        if (wanted.resource == RLIMIT_CPU)
            ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        const rlim_t least = wanted.least + static_cast<rlim_t>(used.tv_sec);
        if (limit.rlim_max < least)
            return error(ErrorCode::refused,
                         fmt::format("the hard limit {} is {}, and with rights that are only lent "
                                     "to you the program needs at least {}",
                                     wanted.name, limit.rlim_max, least))
                .with_reason("limits")
                .with_hint("run the program from a new login session");
    }
    return std::nullopt;
}

// What runs only while nothing else wants the processor is slow for as long as its caller likes,
// and others wait for what it has locked. An account that is not root cannot undo much of that.
std::optional<Error> raise_priority() {
    constexpr int highest_nice = 10;
    constexpr long of_process = 1;
    constexpr long best_effort = 2 << 13 | 4;
    const sched_param ordinary{};
    ::sched_setscheduler(0, SCHED_OTHER, &ordinary);
    if (::getpriority(PRIO_PROCESS, 0) > 0)
        ::setpriority(PRIO_PROCESS, 0, 0);
    ::syscall(SYS_ioprio_set, of_process, 0L, best_effort);
    if (::sched_getscheduler(0) != SCHED_IDLE && ::getpriority(PRIO_PROCESS, 0) <= highest_nice)
        return std::nullopt;
    return error(ErrorCode::refused,
                 fmt::format("the priority is too low, and with rights that are only lent to you "
                             "the program needs a nice value of at most {}",
                             highest_nice))
        .with_reason("limits")
        .with_hint("run the program from a new login session");
}

} // namespace

LentRights take_lent_rights() {
    LentRights rights;
    rights.lent = rights_are_lent();
    if (!rights.lent)
        return rights;
    rights.caller = lent_to();
    if (!own_ids())
        rights.refusal = error(ErrorCode::refused,
                               fmt::format("the program cannot give up the ids of its caller: {}",
                                           std::strerror(errno)));
    forget_signals();
    forget_surroundings();
    if (!rights.refusal)
        rights.refusal = raise_limits();
    if (!rights.refusal)
        rights.refusal = raise_priority();
    return rights;
}

} // namespace auth
