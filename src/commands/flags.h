// The options and arguments of one command. CLI11 stays behind this door: it is slow to compile.
#pragma once

#include "core/base/result.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

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

    // Fails with usage: a missing, unknown, doubled or contradictory word, suggesting the nearest.
    [[nodiscard]] Status parse(std::vector<std::string> words);

    // For help, completion and manual.
    struct Description {
        std::string name; // "-q, --quiet", "--db PATH", or an argument's name
        std::string help;
        bool positional = false;
        bool required = false;
        bool many = false;
        bool after_dashes = false; // of what stands after "--"
    };
    [[nodiscard]] std::vector<Description> describe() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace auth
