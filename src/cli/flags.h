// The options and arguments of one command. CLI11 stays behind this door: it is slow to compile.
#pragma once

#include "core/base/result.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// What a value is, for completion and manual. What a value is called says it where nothing else
// does: FILE, PATH, DIR, EMAIL, ROLE and KID are what they seem; everything else is text.
enum class ValueKind {
    text,
    choice,  // one of the values that choices() or offers() lists
    choices, // several of them, with commas between
    file,
    directory,
    user,
    role,
    key,     // the id of a signing key
    setting, // the name of one
    setting_value,
    profile,
    field,  // a member of the command's document
    fields, // several of them, with commas between
    where,  // an expression of --where
    command,
};
[[nodiscard]] std::string_view to_name(ValueKind kind);

class Flags {
  public:
    explicit Flags(std::string_view command);
    ~Flags();
    Flags(Flags&&) noexcept;
    Flags& operator=(Flags&&) noexcept;

    // Positional arguments, in order; `name` is also what help calls the value. The variables must
    // outlive parse().
    void argument(const char* name, std::string& value, const char* help);
    void optional_argument(const char* name, std::string& value, const char* help);
    void arguments(const char* name, std::vector<std::string>& values, const char* help);
    void optional_arguments(const char* name, std::vector<std::string>& values, const char* help);

    // At least one word after "--", each as it was typed; without it there are none to be had.
    void command_line(const char* name, std::vector<std::string>& words, const char* help);

    // The same, but there may be none.
    void optional_command_line(const char* name, std::vector<std::string>& words, const char* help);

    // "--name" or "-n,--name". An option stands once; a list may be repeated.
    void flag(const char* name, bool& value, const char* help);
    void option(const char* name, std::string& value, const char* type, const char* help);
    void option(const char* name, std::optional<std::string>& value, const char* type,
                const char* help);
    void option(const char* name, std::optional<std::int64_t>& value, const char* type,
                const char* help);
    void list(const char* name, std::vector<std::string>& values, const char* type,
              const char* help);

    void required(const char* name);
    // At most one of these is given.
    void exclusive(const std::vector<const char*>& names);
    // `name` is given only together with `other`.
    void needs(const char* name, const char* other);
    void choices(const char* name, const std::vector<std::string>& values);
    // The same for completion alone: the command itself says what it takes.
    void offers(const char* name, const std::vector<std::string>& values,
                ValueKind kind = ValueKind::choice);
    // What kind of value it takes, where its name does not say.
    void takes(const char* name, ValueKind kind);

    // Fails with usage: a missing, unknown, doubled or contradictory word, suggesting the nearest.
    [[nodiscard]] Status parse(std::vector<std::string> words);
    // The flags that were parsed, by their long names.
    [[nodiscard]] std::vector<std::string> given() const;

    // For help, completion and manual.
    struct Description {
        std::string name; // "-q, --quiet", "--db PATH", or an argument's name
        std::string help;
        bool positional = false;
        bool required = false;
        bool many = false;
        bool after_dashes = false;           // of what stands after "--"
        std::vector<std::string> names{};    // of a flag: "-q", "--quiet"
        std::string value{};                 // what its value is called; "" for none
        ValueKind kind = ValueKind::text;    // of the value
        std::vector<std::string> choices{};  // where the kind is choice or choices
        std::vector<std::string> excludes{}; // what may not stand beside it, by name
    };
    [[nodiscard]] std::vector<Description> describe() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace auth
