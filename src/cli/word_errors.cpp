#include "cli/word_errors.h"

#include "core/base/text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

bool takes_one(const CLI::Option& option) {
    return option.get_items_expected_max() == 1 &&
           option.get_multi_option_policy() == CLI::MultiOptionPolicy::Throw;
}

NextStep help_of(const CLI::App& app) {
    return {app.get_name(), {"--help"}};
}

// The option that a word like "--name" or "--name=x" stands for.
const CLI::Option* option_of(const CLI::App& app, const std::string& word) {
    if (!word.starts_with("--") || word.size() == 2)
        return nullptr;
    return app.get_option_no_throw(word.substr(0, word.find('=')));
}

// What CLI11 says in numbers, in words: a value is missing, or given twice.
Error wrong_count(const CLI::App& app, const std::vector<std::string>& words) {
    std::vector<const CLI::Option*> seen;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const CLI::Option* option = option_of(app, words[i]);
        const bool inlined = words[i].find('=') != std::string::npos;
        if (option != nullptr && option->get_items_expected_max() == 0 && inlined)
            return error(ErrorCode::usage,
                         fmt::format("--{} takes no value", option->get_lnames().front()));
        if (option == nullptr || option->get_items_expected_max() == 0)
            continue;
        const std::string name = "--" + option->get_lnames().front();
        if (takes_one(*option) && std::find(seen.begin(), seen.end(), option) != seen.end())
            return error(ErrorCode::usage, fmt::format("{} was given twice", name));
        seen.push_back(option);
        if (inlined ? words[i].ends_with('=') : ++i >= words.size())
            return error(ErrorCode::usage,
                         fmt::format("{} needs a value: {}", name, option->get_type_name()));
    }
    return error(ErrorCode::usage, "a flag has too many or too few values");
}

} // namespace

Error unexpected_word(const CLI::App& app, const std::string& word) {
    if (!word.starts_with('-') || word == "-")
        return error(ErrorCode::usage, fmt::format("unexpected argument {}", in_quotes(word)));
    std::vector<std::string> flags;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames())
            flags.push_back("--" + name);
    const std::string name = word.substr(0, word.find('='));
    return error(ErrorCode::usage, fmt::format("there is no flag {}", in_quotes(name)))
        .with_hint(did_you_mean(name, flags, help_of(app)));
}

Error wrong_words(const CLI::App& app, const CLI::ParseError& failure,
                  const std::vector<std::string>& words) {
    // An unknown flag explains the rest: the word it swallowed is what then seems missing.
    const auto left = app.remaining();
    const auto unknown = std::find_if(left.begin(), left.end(), [](const std::string& word) {
        return word.starts_with('-') && word != "-" && word != "--";
    });
    if (unknown != left.end())
        return unexpected_word(app, *unknown);
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&failure) != nullptr)
        return wrong_count(app, words).with_hint(help_of(app));
    return error(ErrorCode::usage, printable(std::string_view(failure.what()).substr(0, 200)))
        .with_hint(help_of(app));
}

Error no_command(const CLI::App& app, const char* name, const std::string& left) {
    return error(ErrorCode::usage,
                 left.empty() ? "no command was given"
                              : fmt::format("put -- before the command {}", in_quotes(left)))
        .with_hint(NextStep{app.get_name(), {"--", name}});
}

} // namespace auth
