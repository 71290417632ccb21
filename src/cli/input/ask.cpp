#include "cli/input/ask.h"

#include "core/accounts/verification.h"
#include "core/base/given_secret.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/passwords/password.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {
namespace {

Status check_may_name_files(const World& world, std::string_view what) {
    if (world.surroundings.secure)
        return fail(ErrorCode::usage,
                    fmt::format("the {} must come from stdin or the terminal here:"
                                " the program has more rights than you",
                                what));
    return {};
}

Error missing(std::string_view what, std::string_view flags) {
    return error(ErrorCode::input_required, fmt::format("no {} was given", what))
        .with_field(std::string(what))
        .with_hint(fmt::format("give it with {}", flags));
}

// The source's password, or nothing where no source was named.
Result<std::optional<Secret>> from_source(World& world, const PasswordSource& source) {
    if (source.from_stdin) {
        AUTH_TRY(Secret secret, read_secret_stdin(world, "password"));
        return std::optional(std::move(secret));
    }
    const std::string file =
        source.file.empty() ? world.settings.get(setting<"password_file">) : source.file;
    if (file.empty())
        return std::nullopt;
    if (file == "-") {
        AUTH_TRY(Secret secret, read_secret_stdin(world, "password"));
        return std::optional(std::move(secret));
    }
    AUTH_TRY(Secret secret, read_secret_file(world, "password file", file));
    return std::optional(std::move(secret));
}

// The SEQUENCE of a key in DER may end in what looks like the end of a line.
Secret without_line_end(Secret key) {
    return key.reveal().starts_with('\x30') ? std::move(key) : without_newline(std::move(key));
}

} // namespace

void PasswordSource::bind(Flags& flags, bool generates) {
    flags.flag("--password-stdin", from_stdin, "read the password from stdin");
    flags.option("--password-file", file, "FILE", "read the password from a file");
    if (generates)
        flags.flag("--generate-password", generate, "make a password and print it");
    const auto sources =
        generates ? std::vector{"--password-stdin", "--password-file", "--generate-password"}
                  : std::vector{"--password-stdin", "--password-file"};
    flags.exclusive(sources);
}

void warn_of_readers(const World& world, const std::string& path) {
    if (!world.quiet)
        world.streams.err(fmt::format(
            "auth-cli: warning: every user of this machine can read '{}'\n", printable(path)));
}

Result<Secret> read_secret_bytes(const World& world, std::string_view what,
                                 const std::string& path) {
    AUTH_CHECK(check_may_name_files(world, what));
    AUTH_TRY(Secret content, read_file(what, path));
    if (is_open_to_all(path))
        warn_of_readers(world, path);
    return content;
}

Result<Secret> read_secret_file(const World& world, std::string_view what,
                                const std::string& path) {
    return read_secret_bytes(world, what, path).map(without_newline);
}

Result<Secret> read_key_file(const World& world, std::string_view what, const std::string& path) {
    AUTH_CHECK(check_may_name_files(world, what));
    return read_file(what, path).map(without_line_end);
}

Result<Secret> read_key_stdin(World& world, std::string_view what) {
    return world.take_stdin(what).map(without_line_end);
}

Result<Secret> read_secret_stdin(World& world, std::string_view what) {
    AUTH_TRY(Secret text, world.take_stdin(what));
    return without_newline(std::move(text));
}

void say_remarks(const World& world, std::span<const std::string> remarks) {
    if (world.verbose)
        for (const std::string& remark : remarks)
            world.streams.err(fmt::format("auth-cli: {}\n", printable(remark)));
}

Result<Secret> ask_password(World& world, const PasswordSource& source) {
    AUTH_TRY(auto given, from_source(world, source));
    if (given)
        return std::move(*given);
    if (!world.interactive())
        return fail(missing("password", "--password-stdin or --password-file"));
    return world.terminal().ask_secret("Password: ");
}

Result<NewPassword> ask_new_password(World& world, const PasswordSource& source) {
    if (source.generate)
        return NewPassword{generate_password(world.random()), true};
    AUTH_TRY(auto given, from_source(world, source));
    if (given)
        return NewPassword{std::move(*given), false};
    if (!world.interactive())
        return fail(
            missing("password", "--password-stdin, --password-file or --generate-password"));
    return ask_new_password(world);
}

Result<NewPassword> ask_new_password(World& world) {
    AUTH_TRY(Secret first, world.terminal().ask_secret("New password: "));
    AUTH_TRY(const Secret second, world.terminal().ask_secret("Repeat password: "));
    if (first.reveal() != second.reveal())
        return fail(error(ErrorCode::usage, "the two passwords differ")
                        .with_field("password")
                        .with_hint("run the command again"));
    return NewPassword{std::move(first), false};
}

Result<Secret> ask_code(World& world, const std::string& typed, std::string_view missing_hint) {
    if (typed == "-") {
        AUTH_TRY(const Secret text, read_secret_stdin(world, "code"));
        return parse_code(text.reveal());
    }
    if (!typed.empty())
        return parse_code(typed);
    if (!world.interactive())
        return fail(missing("code", missing_hint));
    AUTH_TRY(const Secret text, world.terminal().ask_secret("Code: "));
    return parse_code(text.reveal());
}

Result<std::string> ask_email(World& world, const std::string& typed) {
    if (!typed.empty())
        return typed;
    if (!world.interactive())
        return fail(missing("email", "the argument EMAIL"));
    return world.terminal().ask("E-mail: ");
}

Status confirm(World& world, std::string_view question, std::string_view flags) {
    if (!world.interactive())
        return fail(missing("confirmation", flags));
    AUTH_TRY(const std::string answer, world.terminal().ask(fmt::format("{} [y/N] ", question)));
    const std::string yes = lower_ascii(answer);
    if (yes != "y" && yes != "yes")
        return fail(ErrorCode::cancelled, "cancelled; nothing was changed");
    return {};
}

} // namespace auth
