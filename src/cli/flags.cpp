#include "cli/flags.h"

#include "cli/word_errors.h"
#include "core/base/text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

namespace auth {

namespace {

// "--output" of "-o,--output".
std::string_view long_name(std::string_view names) {
    return names.substr(names.find(',') + 1);
}

} // namespace

struct Flags::State {
    explicit State(std::string_view command) : app("", std::string(command)) {
        app.set_help_flag();
        app.allow_extras();
    }
    CLI::App app;
    // What stands after "--", where that is taken as it is.
    struct CommandLine {
        std::vector<std::string>* words;
        const char* name;
        const char* help;
        bool required;
    };
    std::optional<CommandLine> command_line;
    // What was declared of values, by name.
    std::map<std::string, ValueKind, std::less<>> kinds;
    std::map<std::string, std::vector<std::string>, std::less<>> choices;
    // What is left to say of values once all words have found their place.
    std::vector<std::function<Status()>> checks;

    // An empty value is a script's unset variable more often than a wish for the default.
    void filled(const CLI::Option* option, const char* name, const std::string& value) {
        checks.emplace_back([option, name, &value]() -> Status {
            if (option->count() > 0 && value.empty())
                return fail(error(ErrorCode::usage, fmt::format("{} is empty", long_name(name))));
            return {};
        });
    }
};

Flags::Flags(std::string_view command) : state_(std::make_unique<State>(command)) {}
Flags::~Flags() = default;
Flags::Flags(Flags&&) noexcept = default;
Flags& Flags::operator=(Flags&&) noexcept = default;

void Flags::argument(const char* name, std::string& value, const char* help) {
    state_->filled(state_->app.add_option(name, value, help)->type_name(name)->required(), name,
                   value);
}

void Flags::optional_argument(const char* name, std::string& value, const char* help) {
    state_->filled(state_->app.add_option(name, value, help)->type_name(name), name, value);
}

void Flags::arguments(const char* name, std::vector<std::string>& values, const char* help) {
    state_->app.add_option(name, values, help)->type_name(name)->required();
}

void Flags::optional_arguments(const char* name, std::vector<std::string>& values,
                               const char* help) {
    state_->app.add_option(name, values, help)->type_name(name);
}

void Flags::command_line(const char* name, std::vector<std::string>& words, const char* help) {
    state_->command_line = {&words, name, help, true};
}

void Flags::optional_command_line(const char* name, std::vector<std::string>& words,
                                  const char* help) {
    state_->command_line = {&words, name, help, false};
}

void Flags::flag(const char* name, bool& value, const char* help) {
    state_->app.add_flag(name, value, help)->disable_flag_override();
}

void Flags::option(const char* name, std::string& value, const char* type, const char* help) {
    state_->filled(state_->app.add_option(name, value, help)->type_name(type), name, value);
}

void Flags::option(const char* name, std::optional<std::string>& value, const char* type,
                   const char* help) {
    state_->app.add_option(name, value, help)->type_name(type);
}

void Flags::option(const char* name, std::optional<std::int64_t>& value, const char* type,
                   const char* help) {
    auto typed = std::make_shared<std::string>();
    const CLI::Option* option = state_->app.add_option(name, *typed, help)->type_name(type);
    state_->checks.emplace_back([typed, option, name, &value]() -> Status {
        if (option->count() == 0)
            return {};
        value = parse_integer(*typed);
        if (!value)
            return fail(error(ErrorCode::usage,
                              fmt::format("invalid value {} for {}: must be a whole number",
                                          in_quotes(*typed), name)));
        return {};
    });
}

void Flags::list(const char* name, std::vector<std::string>& values, const char* type,
                 const char* help) {
    state_->app.add_option(name, values, help)
        ->type_name(type)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Flags::required(const char* name) {
    state_->app.get_option(name)->required();
}

void Flags::exclusive(const std::vector<const char*>& names) {
    for (const char* one : names)
        for (const char* other : names)
            if (std::string_view(one) < std::string_view(other))
                state_->app.get_option(one)->excludes(state_->app.get_option(other));
}

void Flags::needs(const char* name, const char* other) {
    state_->app.get_option(name)->needs(state_->app.get_option(other));
}

void Flags::takes(const char* name, ValueKind kind) {
    state_->kinds[name] = kind;
}

void Flags::offers(const char* name, const std::vector<std::string>& values, ValueKind kind) {
    state_->kinds[name] = kind;
    state_->choices[name] = values;
}

void Flags::choices(const char* name, const std::vector<std::string>& values) {
    offers(name, values);
    const CLI::Option* option = state_->app.get_option(name);
    state_->checks.emplace_back([option, name, values]() -> Status {
        if (option->count() == 0)
            return {};
        const std::string& typed = option->results().front();
        if (std::find(values.begin(), values.end(), typed) != values.end())
            return {};
        return fail(
            error(ErrorCode::usage, fmt::format("invalid value {} for {}: must be one of {}",
                                                in_quotes(typed), name, fmt::join(values, ", ")))
                .with_hint(did_you_mean(typed, values)));
    });
}

Status Flags::parse(std::vector<std::string> words) {
    const auto dashes = std::find(words.begin(), words.end(), "--");
    if (state_->command_line && dashes != words.end()) {
        state_->command_line->words->assign(dashes + 1, words.end());
        words.erase(dashes, words.end());
    }
    std::vector<std::string> backwards(words.rbegin(), words.rend());
    try {
        state_->app.parse(std::move(backwards));
    } catch (const CLI::ParseError& failure) {
        return fail(wrong_words(state_->app, failure, words));
    }
    const auto& tail = state_->command_line;
    for (const std::string& left : state_->app.remaining())
        if (left != "--")
            return fail(tail && !left.starts_with('-') ? no_command(state_->app, tail->name, left)
                                                       : unexpected_word(state_->app, left, words));
    if (tail && tail->required && tail->words->empty())
        return fail(no_command(state_->app, tail->name, ""));
    for (const auto& check : state_->checks) {
        AUTH_CHECK(check());
    }
    return {};
}

std::string_view to_name(ValueKind kind) {
    constexpr std::array<std::string_view, 15> names = {
        "text",    "choice",        "choices", "file",  "directory", "user",  "role",   "key",
        "setting", "setting_value", "profile", "field", "fields",    "where", "command"};
    return names.at(static_cast<std::size_t>(kind));
}

namespace {

ValueKind kind_by_name(std::string_view value) {
    if (value == "FILE" || value == "PATH")
        return ValueKind::file;
    if (value == "DIR")
        return ValueKind::directory;
    if (value == "EMAIL")
        return ValueKind::user;
    if (value == "ROLE")
        return ValueKind::role;
    return value == "KID" ? ValueKind::key : ValueKind::text;
}

// What an option is called in describe(): as typed, the long name last.
std::vector<std::string> names_of(const CLI::Option& option) {
    if (option.get_positional())
        return {option.get_type_name()};
    std::vector<std::string> names;
    for (const std::string& name : option.get_snames())
        names.push_back("-" + name);
    for (const std::string& name : option.get_lnames())
        names.push_back("--" + name);
    return names;
}

std::string flag_names(const CLI::Option& option) {
    std::string names = fmt::format("{}", fmt::join(names_of(option), ", "));
    if (option.get_items_expected_max() > 0)
        names += " " + option.get_type_name();
    return names;
}

} // namespace

std::vector<std::string> Flags::given() const {
    std::vector<std::string> out;
    for (const CLI::Option* option : state_->app.get_options())
        if (!option->get_positional() && option->count() > 0)
            out.push_back(names_of(*option).back());
    return out;
}

std::vector<Flags::Description> Flags::describe() const {
    std::vector<Description> out;
    for (const CLI::Option* option : state_->app.get_options()) {
        const bool positional = option->get_positional();
        Description entry{positional ? option->get_type_name() : flag_names(*option),
                          option->get_description(),
                          positional,
                          option->get_required(),
                          option->get_items_expected_max() > 1 ||
                              option->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll,
                          false};
        entry.names = names_of(*option);
        if (option->get_items_expected_max() > 0)
            entry.value = option->get_type_name();
        const std::string& name = entry.names.back();
        const auto kind = state_->kinds.find(name);
        entry.kind = kind == state_->kinds.end() ? kind_by_name(entry.value) : kind->second;
        if (const auto values = state_->choices.find(name); values != state_->choices.end())
            entry.choices = values->second;
        for (const CLI::Option* other : option->get_excludes())
            entry.excludes.push_back(names_of(*other).back());
        std::sort(entry.excludes.begin(), entry.excludes.end());
        out.push_back(std::move(entry));
    }
    if (state_->command_line) {
        const auto& line = *state_->command_line;
        Description entry{line.name, line.help, true, line.required, true, true};
        entry.names = {line.name};
        entry.value = line.name;
        out.push_back(std::move(entry));
    }
    return out;
}

} // namespace auth
