#include "cli/run.h"

#include "cli/global_options.h"
#include "cli/help/complete.h"
#include "cli/help/help.h"
#include "cli/help/meant_command.h"
#include "cli/help/prose.h"
#include "cli/next_step.h"
#include "cli/output/delivery.h"
#include "cli/output/document.h"
#include "cli/output/field_choice.h"
#include "cli/output/output.h"
#include "cli/output/paging.h"
#include "cli/typed_words.h"
#include "core/base/text.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <span>

namespace auth {
namespace {

// The command words taken out of the arguments, which may stand after global flags.
struct Words {
    std::vector<std::string> words;
    std::vector<std::string> before; // the last of them: flags and their values
    std::vector<std::string> after;

    [[nodiscard]] std::vector<std::string> rest() const {
        std::vector<std::string> out = before;
        out.insert(out.end(), after.begin(), after.end());
        return out;
    }
    // The words, and what follows them up to a flag.
    [[nodiscard]] std::vector<std::string> up_to_flags() const {
        std::vector<std::string> out = words;
        for (const std::string& word : after) {
            if (word.starts_with('-'))
                break;
            out.push_back(word);
        }
        return out;
    }
};

Words split_words(const CommandTree& tree, const std::vector<std::string>& arguments) {
    Words out;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        const bool wants_word =
            out.words.empty() || (out.words.size() == 1 && tree.is_noun(out.words.front()));
        if (word == "--" && out.words.empty())
            continue;
        if (!wants_word || word == "--") {
            out.after.assign(arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
            break;
        }
        if (!word.starts_with('-')) {
            out.words.push_back(word);
            continue;
        }
        out.before.push_back(word);
        if (takes_value(word) && i + 1 < arguments.size())
            out.before.push_back(arguments[++i]);
    }
    return out;
}

// A flag that some command has, though not every one.
std::optional<Flags::Description> flag_of_some(const CommandTree& tree, const std::string& name) {
    for (const Command* command : tree)
        for (const Flags::Description& entry : describe(*command))
            if (!entry.positional &&
                std::find(entry.names.begin(), entry.names.end(), name) != entry.names.end())
                return entry;
    return std::nullopt;
}

// What is wrong with the flags before the command, if they are why it was not found.
std::optional<Error> wrong_flags_before(const CommandTree& tree, const Words& found) {
    const Status flags = check_global_flags(found.before);
    if (flags)
        return std::nullopt;
    for (const std::string& word : found.before)
        if (const auto flag = flag_of_some(tree, word.substr(0, word.find('='))))
            return flag->value.empty() || word.find('=') != std::string::npos
                       ? std::nullopt
                       : std::optional(
                             error(ErrorCode::usage,
                                   fmt::format("{} must come after the command", in_quotes(word)))
                                 .with_hint(fmt::format("write {} after the command", flag->name)));
    return flags.error();
}

Error unknown_command(const CommandTree& tree, const Words& found) {
    if (auto wrong = wrong_flags_before(tree, found))
        return std::move(*wrong);
    const std::string typed = fmt::format("{}", fmt::join(found.words, " "));
    const std::vector<std::string> words = found.up_to_flags();
    const std::string meant =
        meant_command(tree, std::span(words).first(std::min<std::size_t>(2, words.size())));
    return error(ErrorCode::usage,
                 fmt::format("'{}' is not a command", printable(typed.substr(0, 80))))
        .with_hint(meant_by_command(tree, words)
                       .or_else(meant.empty() ? Hint(NextStep{"help"})
                                              : Hint(fmt::format("did you mean '{}'?", meant))));
}

OutputOptions output_options(const GlobalOptions& global, World& world) {
    OutputOptions options;
    const std::string form = world.settings.get(setting<"output">);
    options.form = form == "json"    ? OutputForm::json
                   : form == "jsonl" ? OutputForm::jsonl
                   : form == "plain" ? OutputForm::plain
                                     : OutputForm::text;
    options.fields = split(global.fields, ',');
    std::erase(options.fields, "");
    options.field = global.field;
    options.quiet = global.quiet;
    const std::string colour = world.settings.get(setting<"color">);
    const auto variable = [&](const char* name) { return world.surroundings.variable(name); };
    const bool forced = !variable("FORCE_COLOR").empty() && variable("FORCE_COLOR") != "0";
    const bool wanted = variable("NO_COLOR").empty() && variable("CLICOLOR") != "0" &&
                        (forced || (world.streams.out_is_terminal && variable("TERM") != "dumb"));
    options.given = given_flags(world.settings);
    options.show_time = [&world](Time time) { return show_time(world, time); };
    options.colour = colour == "always" || (colour == "auto" && wanted);
    return options;
}

// Every line says of itself that it did not happen, but for a hint.
std::string dry_run_note(std::string_view note) {
    std::string out;
    while (!note.empty()) {
        const std::size_t end = std::min(note.find('\n'), note.size());
        const std::string_view line = note.substr(0, end);
        out += fmt::format("{}{}{}", out.empty() ? "" : "\n",
                           line.starts_with("auth-cli: hint: ") ? "" : "dry run: ", line);
        note.remove_prefix(std::min(end + 1, note.size()));
    }
    return out;
}

void say_dry_run(Reply& reply) {
    reply.note = dry_run_note(reply.note);
    if (reply.lines)
        reply.lines->ending = [ending = std::move(reply.lines->ending)] {
            RecordLines::Ending said = ending();
            said.note = dry_run_note(said.note);
            return said;
        };
}

// A command may well need neither.
void say_where(World& world) {
    const auto shown = [](const Result<std::string>& where) {
        return where ? fmt::format("'{}'", *where) : where.error().message;
    };
    const auto token_file = world.places().token_files().map(
        [](const TokenFiles& files) { return files.token.string(); });
    const auto& rule = world.profile_rule();
    const std::string why =
        rule ? fmt::format(" (profile rule for {})", in_quotes(rule->directory)) : "";
    world.streams.err(fmt::format(
        "auth-cli: database {} ({}), token file {}{}\n", shown(world.places().database_name()),
        to_name(world.settings.value(setting<"db">).source), shown(token_file), why));
}

// Fails as require_operator for what a command does not list as a subject's.
Status check_subject(const Command& command, const Flags& flags, const World& world) {
    if (!world.surroundings.secure)
        return {};
    if (!command.for_subjects)
        return world.require_operator(in_quotes(command.path));
    const std::vector<std::string> listed = split(command.subject_flags, ' ');
    for (const std::string& name : flags.given())
        if (std::find(listed.begin(), listed.end(), name) == listed.end() && !is_global_flag(name))
            return world.require_operator(name);
    return {};
}

Result<Reply> attempt(const Command& command, const CommandTree& tree,
                      const std::vector<std::string>& rest, World& world, OutputOptions& options) {
    Flags flags(command.path);
    GlobalOptions global;
    global.bind(flags);
    const Action action = command.bind(flags);
    const Status parsed = flags.parse(rest);
    if (global.help)
        return Reply{nullptr, command_help(command, text_width(world.streams))};
    AUTH_CHECK(parsed);
    if (global.version && command.path != "version")
        return attempt(*tree.find("version"), tree, {}, world, options);
    AUTH_CHECK(global.check());
    AUTH_CHECK(check_subject(command, flags, world));
    if (global.dry_run && !command.mutates)
        return fail(ErrorCode::usage, fmt::format("'{}' takes no --dry-run", command.path));
    world.quiet = global.quiet;
    world.verbose = global.verbose;
    world.dry_run = global.dry_run;
    world.lenient = command.mends_settings;
    // Help must come through whatever the config file says.
    if (auto loaded = world.load_settings(global.texts()); !loaded && command.needs_settings)
        return fail(loaded.error());
    options = output_options(global, world);
    options.members = command.fields;
    world.colour = options.colour;
    world.wants_records =
        options.form != OutputForm::text || !options.fields.empty() || !options.field.empty();
    // Before anything is done: a mistyped name must not cost a generated password.
    AUTH_CHECK(check_fields(options));
    if (world.verbose)
        say_where(world);
    AUTH_TRY(Reply done, action(world));
    AUTH_TRY(Reply reply, send_mails(world, std::move(done)));
    if (world.dry_run)
        say_dry_run(reply);
    return reply;
}

// Whoever gave wrong words, and is told no better, learns where the right ones are.
Result<Reply> run_command(const Command& command, const CommandTree& tree,
                          const std::vector<std::string>& rest, World& world,
                          OutputOptions& options) {
    auto reply = attempt(command, tree, rest, world, options);
    if (!reply && reply.error().code == ErrorCode::usage && reply.error().hint.empty())
        reply.error().hint = NextStep{std::string(command.path), {"--help"}};
    return reply;
}

Result<Reply> dispatch(const std::vector<std::string>& arguments, const CommandTree& tree,
                       World& world, OutputOptions& options) {
    if (world.surroundings.refusal)
        return fail(*world.surroundings.refusal);
    if (!arguments.empty() && arguments.front() == "__complete") {
        options.form = OutputForm::text;
        const bool dashes = arguments.size() > 1 && arguments[1] == "--";
        return Reply{nullptr, complete(world, tree,
                                       {arguments.begin() + (dashes ? 2 : 1), arguments.end()})};
    }
    const Words found = split_words(tree, arguments);
    const auto asked = [&](std::string_view flag, std::string_view letter) {
        const auto rest = found.rest();
        return std::any_of(rest.begin(), rest.end(),
                           [&](const std::string& word) { return word == flag || word == letter; });
    };
    if (found.words.empty()) {
        if (asked("--version", "--version"))
            return run_command(*tree.find("version"), tree, {}, world, options);
        if (asked("--help", "-h") || arguments.empty())
            return Reply{nullptr, overview(tree, text_width(world.streams))};
        AUTH_CHECK(check_global_flags(found.before));
        return fail(ErrorCode::usage, "no command was given", NextStep{"help"});
    }
    const std::string path = fmt::format("{}", fmt::join(found.words, " "));
    if (const Command* command = tree.find(path))
        return run_command(*command, tree, found.rest(), world, options);
    if (asked("--help", "-h") && tree.is_noun(found.words.front()))
        return Reply{nullptr, overview(tree, text_width(world.streams), found.words.front())};
    if (found.words.size() == 1 && tree.is_noun(found.words.front())) {
        AUTH_CHECK(check_global_flags(found.before));
        std::vector<std::string> rest = found.before;
        rest.push_back(found.words.front());
        return run_command(*tree.find("help"), tree, rest, world, options);
    }
    return fail(unknown_command(tree, found));
}

// What was done stays done, whatever becomes of the mail about it.
void send_rest(World& world) {
    try {
        world.post().send_rest();
    } catch (const std::exception& failure) {
        world.streams.err(fmt::format("auth-cli: warning: a notice was not sent: {}\n",
                                      printable(failure.what())));
    }
}

// Does what was asked, and answers.
int perform(const std::vector<std::string>& arguments, const CommandTree& tree, World& world,
            OutputOptions& options) {
    std::function<RecordLines::Ending()> judged;
    const auto show_failure = [&](const Error& failure) {
        options.given = given_flags(world.settings);
        // Settings are not read before all words are in their places.
        if (options.given == GivenFlags{} && !world.surroundings.secure)
            options.given = early_given(arguments);
        return show_error(failure, options, world.streams);
    };
    try {
        auto reply = dispatch(arguments, tree, world, options);
        if (reply && reply->lines)
            judged = reply->lines->ending;
        const int exit = reply ? show_paged(*reply, options, world) : show_failure(reply.error());
        const bool stopped = !reply && reply.error().code == ErrorCode::cancelled;
        return stopped && world.stopped_by() != 0 ? world.stopped_by() : exit;
    } catch (const ReaderGone&) {
        return judged ? judged().exit : 0;
    } catch (const Failure& failure) {
        return show_failure(failure.error());
    } catch (const Json::exception&) {
        // Text from outside goes through parse_json; only a row of the database can be at fault.
        return show_failure(error(ErrorCode::database_corrupt, "a row of the database is damaged")
                                .with_hint(NextStep{"db check"}));
    } catch (const std::exception& failure) {
        return show_failure(error(ErrorCode::internal, failure.what()));
    }
}

// What a command costs where the database is far away.
void say_round_trips(World& world) {
    const Realm* realm = world.store().opened();
    if (realm == nullptr)
        return;
    if (const auto trips = realm->database.round_trips())
        world.streams.err(fmt::format("auth-cli: {} round trips to the database server\n", *trips));
}

} // namespace

int run(const std::vector<std::string>& arguments, const CommandTree& tree, World& world) {
    OutputOptions options;
    options.form = early_form(arguments, world);
    const int exit = perform(arguments, tree, world, options);
    send_rest(world);
    if (world.verbose)
        say_round_trips(world);
    return exit;
}

} // namespace auth
