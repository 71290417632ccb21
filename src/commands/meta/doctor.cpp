#include "commands/meta/doctor.h"

#include "cli/next_step.h"
#include "cli/output/document.h"
#include "cli/output/exit_code.h"
#include "commands/registry.h"
#include "core/base/text.h"
#include "core/settings/setting.h"
#include "core/store/postgres_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace auth {

Hint restore_repair(const World& world) {
    return is_postgres_url(world.settings.get(setting<"db">))
               ? Hint("restore the server's database with pg_restore")
               : NextStep{"db restore", {"FILE"}};
}

namespace {

// Part of what is wrong may be what keeps a check from looking.
void look(Examination& examination, const Check& check) {
    Error why;
    try {
        return check.look(examination);
    } catch (const Failure& failure) {
        why = failure.error();
    } catch (const Json::exception&) {
        why = error(ErrorCode::database_corrupt, "a row of the database is damaged");
    }
    if (why.code == ErrorCode::key_mismatch || why.code == ErrorCode::unsafe_permissions)
        return; // told by the checks of these
    examination.add(
        {std::string(to_name(why.code)), Severity::error, std::string(check.about),
         fmt::format("{} could not be checked: {}", check.about, why.message),
         why.code == ErrorCode::database_corrupt ? restore_repair(examination.world) : why.hint});
}

std::size_t look(Examination& examination, std::span<const Check> checks) {
    for (const Check& check : checks)
        look(examination, check);
    return checks.size();
}

Status attempt(const std::function<Status()>& repair) {
    try {
        return repair();
    } catch (const Failure& failure) {
        return fail(failure.error());
    }
}

// Repairs what can be, from the finding `first` on.
void fix(Examination& examination, std::size_t first) {
    for (std::size_t i = first; i < examination.findings.size(); ++i) {
        Finding& finding = examination.findings[i];
        if (!finding.fix)
            continue;
        const Status done = attempt(finding.fix);
        finding.fixed = done.has_value();
        if (!done)
            finding.message += fmt::format("; not repaired: {}", done.error().message);
    }
}

void add_unopened(Examination& examination, const Error& why) {
    const World& world = examination.world;
    if (why.code == ErrorCode::unsafe_permissions && !examination.findings.empty())
        return;
    const bool settings = why.code == ErrorCode::usage;
    examination.add({settings ? "setting_invalid" : std::string(to_name(why.code)), Severity::error,
                     settings ? why.field : world.database_name(), why.message,
                     why.code == ErrorCode::database_corrupt ? restore_repair(world) : why.hint});
}

void drop_invalid_settings(World& world, bool relaxed) {
    for (const SettingSource source :
         {SettingSource::flag, SettingSource::environment, SettingSource::config_file})
        world.settings.drop_invalid(source, relaxed);
    world.settings.canonicalise();
}

// Opens the database in spite of settings that are wrong; those are findings.
void open(Examination& examination) {
    World& world = examination.world;
    world.lenient = true;
    try {
        examination.realm = &world.realm();
    } catch (const Failure& failure) {
        add_unopened(examination, failure.error());
        if (failure.error().code != ErrorCode::usage)
            return;
        drop_invalid_settings(world, false);
        examination.realm = &world.realm();
    }
}

// How many questions were asked.
std::size_t examine(Examination& examination, bool repair) {
    World& world = examination.world;
    std::size_t asked = look(examination, file_checks());
    // Before the database is opened, which is refused while it lies open to others.
    if (repair)
        fix(examination, 0);
    const std::size_t repaired = examination.findings.size();
    asked += look(examination, surroundings_checks());
    drop_invalid_settings(world, true);
    open(examination);
    if (examination.realm != nullptr) {
        asked += look(examination, database_checks()) + look(examination, policy_checks());
    } else {
        const auto left =
            static_cast<std::int64_t>(database_checks().size() + policy_checks().size());
        examination.add(
            {"not_checked", Severity::note, world.database_name(),
             fmt::format("{} need the database, and were not made", counted(left, "check")),
             NextStep{"doctor"}});
    }
    if (repair)
        fix(examination, repaired);
    return asked;
}

std::vector<Json> records_of(const Examination& examination) {
    std::vector<Json> records;
    const GivenFlags given = given_flags(examination.world.settings);
    for (const Finding& finding : examination.findings)
        records.push_back({{"code", finding.code},
                           {"severity", to_name(finding.severity)},
                           {"object", or_null(finding.object)},
                           {"message", finding.message},
                           {"repair", or_null(in_words(finding.repair, given))},
                           {"fixable", finding.fix != nullptr},
                           {"fixed", finding.fixed}});
    return records;
}

std::string painted(Severity severity, bool colour) {
    const std::string name = fmt::format("{:<7}", to_name(severity));
    if (!colour || severity == Severity::note)
        return name;
    return fmt::format("\x1b[{}m{}\x1b[0m", severity == Severity::error ? 31 : 33, name);
}

std::string text_of(const Examination& examination) {
    std::size_t width = 0;
    for (const Finding& finding : examination.findings)
        width = std::max(width, finding.code.size());
    std::string out;
    const GivenFlags given = given_flags(examination.world.settings);
    for (const Finding& finding : examination.findings) {
        out += fmt::format("{}  {:<{}}  {}\n", painted(finding.severity, examination.world.colour),
                           finding.code, width, printable(finding.message));
        const bool either = finding.fix && finding.repair != Hint(run_fix);
        const std::string_view what = finding.fixed ? "repaired"
                                      : either      ? "repair (or --fix): "
                                                    : "repair: ";
        if (finding.fixed || !finding.repair.empty())
            out += fmt::format("{:{}}{}{}\n", "", width + 11, what,
                               finding.fixed ? "" : printable(in_words(finding.repair, given)));
    }
    return out;
}

struct Counts {
    std::array<std::int64_t, 3> left{}; // by severity, without what was repaired
    std::int64_t fixed = 0;

    explicit Counts(const Examination& examination) {
        for (const Finding& finding : examination.findings)
            ++(finding.fixed ? fixed : left.at(static_cast<std::size_t>(finding.severity)));
    }
    [[nodiscard]] bool well() const { return left[0] == 0 && left[1] == 0; }
};

std::string note_of(const Counts& counts, std::size_t asked) {
    constexpr std::array<std::string_view, 3> names = {"error", "warning", "note"};
    std::string note = fmt::format("{}: ", counted(static_cast<std::int64_t>(asked), "check"));
    std::string found;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (counts.left.at(i) > 0)
            found += (found.empty() ? "" : ", ") + counted(counts.left.at(i), names.at(i));
    if (counts.fixed > 0)
        found += fmt::format("{}{} repaired", found.empty() ? "" : ", ", counts.fixed);
    return note + (found.empty() ? "nothing is wrong" : found);
}

Result<Reply> run(World& world, bool repair) {
    (void)world.database_name(); // fails where --db names nothing that could be opened
    Examination examination{world};
    const std::size_t asked = examine(examination, repair);
    const Counts counts(examination);
    Reply reply = list_reply("auth-cli.doctor/1", "findings", {}, records_of(examination));
    reply.list->columns = {{"", "severity"}, {"", "code"},    {"", "object"}, {"", "message"},
                           {"", "repair"},   {"", "fixable"}, {"", "fixed"}};
    reply.list->tail = [counts, asked] {
        return Json{{"checks", asked},
                    {"errors", counts.left[0]},
                    {"warnings", counts.left[1]},
                    {"notes", counts.left[2]},
                    {"changed", counts.fixed > 0}};
    };
    if (!world.wants_records) {
        reply.list.reset();
        reply.text = text_of(examination);
    }
    reply.note = note_of(counts, asked);
    reply.exit = counts.well() ? 0 : exit_code(ErrorCode::partial);
    return reply;
}

Action bind(Flags& flags) {
    auto repair = std::make_shared<bool>(false);
    flags.flag("--fix", *repair,
               "repair what says so: modes, expired and orphaned rows, leftovers, the census");
    return [repair](World& world) { return run(world, *repair); };
}

} // namespace

std::string_view to_name(Severity severity) {
    switch (severity) {
    case Severity::error:
        return "error";
    case Severity::warning:
        return "warning";
    case Severity::note:
        return "note";
    }
    return {};
}

const Command doctor_command{
    .path = "doctor",
    .group = "Meta",
    .summary = "Find what is wrong and say what mends it; exit 14 for warnings and errors",
    .examples = "auth-cli doctor\n"
                "auth-cli doctor --fix --dry-run\n"
                "auth-cli doctor --jsonl --fields severity,code,repair",
    .mutates = true,
    .bind = bind,
    .fields = fields::doctor,
    .needs_settings = false,
};

} // namespace auth
