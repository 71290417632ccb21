// The process as the program sees it, as ports: its streams and its surroundings.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// Thrown where whoever reads the output has seen enough: no failure, and the end of what is still
// going on. No std::exception, so that nobody takes it for one.
struct ReaderGone {};

// The three streams. stdout is data, stderr everything else.
struct Streams {
    // False where nothing can be written, as on a full disk. Throws ReaderGone.
    std::function<bool(std::string_view)> out;
    std::function<void(std::string_view)> err;
    // Some bytes of stdin, at least one; 0 at its end. Fails with io.
    std::function<Result<std::size_t>(std::span<char>)> read;
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    std::size_t columns = 0; // of the terminal that stdout is; 0 where it is none
};

// Turns this process into another program, found as a shell finds it, with one more variable in its
// environment. Returns only where that failed: command_not_found or cannot_execute.
using Become = std::function<Error(const std::vector<std::string>& command,
                                   const std::string& variable, const Secret& value)>;

// Runs a program that keeps a key, without a shell, and gives what it prints. Its stderr is this
// process's. `command` has at least one word, the first an absolute path. Fails with io where it
// cannot be run, exits with another code than 0, or takes more than a minute.
using KeyCommand = std::function<Result<Secret>(const std::vector<std::string>& command)>;

// How a program ended that was asked something.
struct ProgramEnd {
    int code = 0;
    int signal = 0;         // that ended it; 0 for none
    bool timed_out = false; // it took more than half a minute, and was ended
};
// Runs a program, found as a shell finds it, without a shell, with `input` on its stdin; what it
// prints goes nowhere. Fails with command_not_found, cannot_execute, or cancelled once `stopped`
// says so.
using AskProgram =
    std::function<Result<ProgramEnd>(const std::vector<std::string>& command, const Secret& input,
                                     const std::function<bool()>& stopped)>;

// Does the work in a process of its own that nobody waits for, without terminal, streams or other
// descriptors. Where there can be none it is not done.
using Detach = std::function<void(const std::function<void()>& work)>;

// Who runs the program, and where.
struct Surroundings {
    std::function<std::string(std::string_view)> variable; // an environment variable, or ""
    std::function<std::string()> actor; // "os:root"; asked only when something is recorded
    // The program's rights are only lent to its caller (AT_SECURE, AUTH_CLI_LENT): nothing the
    // caller chose may name a path.
    bool secure = false;
    std::optional<std::uint32_t> caller{}; // whom they are lent to, by uid; nothing: not known
    std::optional<Error> refusal{};        // why it must do nothing for this caller
    std::filesystem::path home;
    // The working directory, all links resolved; empty if it is not known.
    std::function<std::filesystem::path()> directory = [] { return std::filesystem::path(); };
    // The names of all variables that are set, also of empty ones.
    std::function<std::vector<std::string>()> variables = [] { return std::vector<std::string>{}; };
    std::function<std::string()>
        place{}; // this machine and the remote end: "laptop, from 192.0.2.7"
};

} // namespace auth
