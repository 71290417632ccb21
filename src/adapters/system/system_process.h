// This process: its streams, its user, its protection.
#pragma once

#include "adapters/system/lent_rights.h"
#include "core/ports/process.h"

#include <csignal>
#include <functional>
#include <string>
#include <sys/resource.h>
#include <sys/types.h>
#include <vector>

namespace auth {

// What a process passes on to the programs it starts, as it was found.
struct Inheritance {
    mode_t umask{};
    rlimit core{};
    struct sigaction broken_pipe {};
    struct sigaction child_ended {};
};

// umask 077, no core dumps, no ptrace by others, SIGPIPE as an error of write(), SIGCHLD as by
// default. Returns what was before.
[[nodiscard]] Inheritance protect_process();
// Puts back what was found, in a process that is about to become another program.
void restore(const Inheritance& found);
// A command as execv() takes it, ended by nullptr. execv() does not write to the words, which live
// as long as the command.
[[nodiscard]] std::vector<char*> exec_words(const std::vector<std::string>& command);
// Leaves the terminal, the streams and every open file behind, in a process that was forked.
void stand_alone();
[[nodiscard]] Streams standard_streams();
// In the environment as take_lent_rights() leaves it.
[[nodiscard]] Surroundings surroundings(const LentRights& rights);
// From the first call on SIGINT and SIGTERM are held back; says 0, or 128 and the number of the one
// that came. A second one ends the process.
[[nodiscard]] std::function<int()> interruption();
// Passes on what was found, not what protects this process.
[[nodiscard]] Become become_with(const Inheritance& found);

void detach(const std::function<void()>& work);

} // namespace auth
