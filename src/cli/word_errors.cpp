#include "cli/word_errors.h"

#include "cli/typed_words.h"
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
    if (app.get_name().empty())
        return {"help", {"flags"}};
    return {app.get_name(), {"--help"}};
}

// The option that a word like "--name", "--name=x" or "-n" stands for.
const CLI::Option* option_of(const CLI::App& app, const std::string& word) {
    if (word.size() == 2 && word.front() == '-' && word != "--")
        return app.get_option_no_throw(word);
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

bool takes_password(const CLI::App& app) {
    return app.get_option_no_throw("--password-stdin") != nullptr;
}

// Nobody who gives a password means --no-password.
Hint meant_flag(const CLI::App& app, const std::string& typed, std::vector<std::string> flags,
                const std::vector<std::string>& words) {
    if (Hint known = meant_by_flag(app.get_name(), typed, flags, words); !known.empty())
        return known;
    if (!typed.starts_with("--n"))
        std::erase(flags, "--no-password");
    const bool password = typed.starts_with("--pas") && takes_password(app);
    return did_you_mean(typed, flags, password ? Hint(how_to_give_a_password) : help_of(app));
}

// "list users" has a word too many, and so has "login ann@example.org PASSWORD".
Hint meant_argument(const CLI::App& app, const std::string& word,
                    const std::vector<std::string>& words) {
    std::vector<std::string> typed{app.get_name()};
    typed.insert(
        typed.end(), words.begin(),
        std::find_if(words.begin(), words.end(), [](auto& one) { return one.starts_with('-'); }));
    Hint meant = meant_by_two_words(typed);
    if (meant.empty() && takes_password(app) && word.find('@') == std::string::npos)
        return how_to_give_a_password;
    return meant;
}

} // namespace

Error unexpected_word(const CLI::App& app, const std::string& word,
                      const std::vector<std::string>& words) {
    if (!word.starts_with('-') || word == "-")
        return error(ErrorCode::usage, fmt::format("unexpected argument {}", in_quotes(word)))
            .with_hint(meant_argument(app, word, words));
    std::vector<std::string> flags;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames())
            flags.push_back("--" + name);
    const std::string name = flag_name(word);
    return error(ErrorCode::usage, fmt::format("there is no flag {}", in_quotes(name)))
        .with_hint(meant_flag(app, name, std::move(flags), words));
}

Error wrong_words(const CLI::App& app, const CLI::ParseError& failure,
                  const std::vector<std::string>& words) {
    // An unknown flag explains the rest: the word it swallowed is what then seems missing.
    const auto left = app.remaining();
    const auto unknown = std::find_if(left.begin(), left.end(), [](const std::string& word) {
        return word.starts_with('-') && word != "-" && word != "--";
    });
    if (unknown != left.end())
        return unexpected_word(app, *unknown, words);
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
