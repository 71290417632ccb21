#include "commands/flags.h"

#include "core/base/text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace auth {

struct Flags::State {
    explicit State(std::string_view command) : app("", std::string(command)) {
        app.set_help_flag();
        app.allow_extras();
    }
    CLI::App app;
};

Flags::Flags(std::string_view command) : state_(std::make_unique<State>(command)) {}
Flags::~Flags() = default;
Flags::Flags(Flags&&) noexcept = default;
Flags& Flags::operator=(Flags&&) noexcept = default;

void Flags::argument(const char* name, std::string& value, const char* help) {
    state_->app.add_option(name, value, help)->type_name(name)->required();
}

void Flags::optional_argument(const char* name, std::string& value, const char* help) {
    state_->app.add_option(name, value, help)->type_name(name);
}

void Flags::arguments(const char* name, std::vector<std::string>& values, const char* help) {
    state_->app.add_option(name, values, help)->type_name(name)->required();
}

void Flags::optional_arguments(const char* name, std::vector<std::string>& values,
                               const char* help) {
    state_->app.add_option(name, values, help)->type_name(name);
}

void Flags::flag(const char* name, bool& value, const char* help) {
    state_->app.add_flag(name, value, help);
}

void Flags::option(const char* name, std::string& value, const char* type, const char* help) {
    state_->app.add_option(name, value, help)->type_name(type);
}

void Flags::option(const char* name, std::optional<std::string>& value, const char* type,
                   const char* help) {
    state_->app.add_option(name, value, help)->type_name(type);
}

void Flags::option(const char* name, std::int64_t& value, const char* type, const char* help) {
    state_->app.add_option(name, value, help)->type_name(type);
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

void Flags::choices(const char* name, const std::vector<std::string>& values) {
    state_->app.get_option(name)->check(CLI::IsMember(values));
}

namespace {

// What CLI11 did not know: a mistyped flag, or one word too many.
Error unexpected(const CLI::App& app, const std::string& word) {
    if (!word.starts_with('-') || word == "-")
        return error(ErrorCode::usage,
                     fmt::format("{} is one argument too many", auth::quoted(word)));
    std::vector<std::string> flags;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames())
            flags.push_back("--" + name);
    const std::string name = word.substr(0, word.find('='));
    const std::string meant = nearest(name, flags);
    return error(ErrorCode::usage, fmt::format("there is no flag {}", auth::quoted(name)))
        .with_hint(meant.empty() ? fmt::format("auth-cli {} --help", app.get_name())
                                 : fmt::format("did you mean '{}'?", meant));
}

std::string flag_names(const CLI::Option& option) {
    std::string names;
    for (const std::string& name : option.get_snames())
        names += (names.empty() ? "-" : ", -") + name;
    for (const std::string& name : option.get_lnames())
        names += (names.empty() ? "--" : ", --") + name;
    if (option.get_items_expected_max() > 0)
        names += " " + option.get_type_name();
    return names;
}

} // namespace

Status Flags::parse(std::vector<std::string> words) {
    std::reverse(words.begin(), words.end());
    try {
        state_->app.parse(std::move(words));
    } catch (const CLI::ParseError& failure) {
        // An unknown flag explains the rest: the word it swallowed is what then seems missing.
        if (const auto left = state_->app.remaining();
            !left.empty() && left.front().starts_with('-'))
            return fail(unexpected(state_->app, left.front()));
        return fail(ErrorCode::usage, printable(std::string_view(failure.what()).substr(0, 200)),
                    fmt::format("auth-cli {} --help", state_->app.get_name()));
    }
    if (const auto left = state_->app.remaining(); !left.empty())
        return fail(unexpected(state_->app, left.front()));
    return {};
}

std::vector<Flags::Description> Flags::describe() const {
    std::vector<Description> out;
    for (const CLI::Option* option : state_->app.get_options()) {
        const bool positional = option->get_positional();
        out.push_back({positional ? option->get_type_name() : flag_names(*option),
                       option->get_description(), positional, option->get_required(),
                       option->get_items_expected_max() > 1});
    }
    return out;
}

} // namespace auth
