// Where typed things come from: flags, files, stdin or the terminal.
#pragma once

#include "cli/flags.h"
#include "cli/world/world.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auth {

// The flags that say where a password comes from.
struct PasswordSource {
    bool from_stdin = false;
    std::string file;
    bool generate = false;

    // Adds --password-stdin and --password-file; with `generates` also --generate-password.
    void bind(Flags& flags, bool generates);
    [[nodiscard]] bool given() const { return from_stdin || generate || !file.empty(); }
};

// A file's or stdin's content, as without_newline; a warning on stderr where everybody can read the
// secret. With more rights than its caller the program opens no file for it: fails with usage.
[[nodiscard]] Result<Secret> read_secret_file(const World& world, std::string_view what,
                                              const std::string& path);
// The same, to the last byte.
[[nodiscard]] Result<Secret> read_secret_bytes(const World& world, std::string_view what,
                                               const std::string& path);
// The same of a key or certificate: without that warning, since it may be public, and with every
// byte of one in DER.
[[nodiscard]] Result<Secret> read_key_file(const World& world, std::string_view what,
                                           const std::string& path);
[[nodiscard]] Result<Secret> read_key_stdin(World& world, std::string_view what);
void warn_of_readers(const World& world, const std::string& path);
[[nodiscard]] Result<Secret> read_secret_stdin(World& world, std::string_view what);

// With -v: what was read although others spell it differently.
void say_remarks(const World& world, std::span<const std::string> remarks);

// An existing password: from the source, or asked once. Fails with input_required naming the flags.
[[nodiscard]] Result<Secret> ask_password(World& world, const PasswordSource& source);
// A new one: from the source, generated, or asked twice.
struct NewPassword {
    Secret password;
    bool generated = false;
};
[[nodiscard]] Result<NewPassword> ask_new_password(World& world, const PasswordSource& source);
// Asked twice, whatever else could give one.
[[nodiscard]] Result<NewPassword> ask_new_password(World& world);

// `typed`, or stdin for "-", or the first line a person gives.
[[nodiscard]] Result<Secret> ask_code(World& world, const std::string& typed,
                                      std::string_view missing_hint);
// An address: `typed` or asked. Fails with input_required.
[[nodiscard]] Result<std::string> ask_email(World& world, const std::string& typed);
// True for yes. Fails with input_required where nobody can be asked.
[[nodiscard]] Status confirm(World& world, std::string_view question, std::string_view flags);

} // namespace auth
