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

namespace {

// What one run of the doctor has found.
struct Diagnosis {
    World& world;
    Findings findings{};
    std::size_t asked = 0;  // how many questions
    Realm* realm = nullptr; // nothing where the database cannot be opened
};

Hint restore_repair(const World& world) {
    return is_postgres_url(world.settings.get(setting<"db">))
               ? Hint("restore the server's database with pg_restore")
               : NextStep{"db restore", {"FILE"}};
}

Status attempt(const std::function<Status()>& act) {
    try {
        return act();
    } catch (const Failure& failure) {
        return fail(failure.error());
    } catch (const Json::exception&) {
        return fail(ErrorCode::database_corrupt, "a row of the database is damaged");
    }
}

// Asks one question. Part of what is wrong may be what keeps a check from looking.
void ask(Diagnosis& diagnosis, std::string_view about, const std::function<Status()>& look) {
    ++diagnosis.asked;
    const Status looked = attempt(look);
    if (looked)
        return;
    const Error& why = looked.error();
    if (why.code == ErrorCode::key_mismatch || why.code == ErrorCode::unsafe_permissions)
        return; // told by the checks of these
    diagnosis.findings.push_back(
        {std::string(to_name(why.code)), Severity::error, std::string(about),
         fmt::format("{} could not be checked: {}", about, why.message),
         why.code == ErrorCode::database_corrupt ? restore_repair(diagnosis.world) : why.hint});
}

void ask(Diagnosis& diagnosis, std::span<const OutsideCheck> checks) {
    Outside outside{diagnosis.world, diagnosis.findings};
    for (const OutsideCheck& check : checks)
        ask(diagnosis, check.about, [&] { return check.look(outside); });
}

void ask(Diagnosis& diagnosis, std::span<const Check> checks) {
    Examination examination{.realm = *diagnosis.realm,
                            .findings = diagnosis.findings,
                            .restore = restore_repair(diagnosis.world),
                            .variable = diagnosis.world.surroundings.variable};
    for (const Check& check : checks)
        ask(diagnosis, check.about, [&]() -> Status {
            check.look(examination);
            return {};
        });
}

// Repairs what can be, from the finding `first` on.
void fix(Findings& findings, std::size_t first) {
    for (std::size_t i = first; i < findings.size(); ++i) {
        Finding& finding = findings[i];
        if (!finding.fix)
            continue;
        const Status done = attempt(finding.fix);
        finding.fixed = done.has_value();
        if (!done)
            finding.message += fmt::format("; not repaired: {}", done.error().message);
    }
}

void add_unopened(Diagnosis& diagnosis, const std::string& database, const Error& why) {
    if (why.code == ErrorCode::unsafe_permissions && !diagnosis.findings.empty())
        return;
    const bool settings = why.code == ErrorCode::usage;
    diagnosis.findings.push_back(
        {settings ? "setting_invalid" : std::string(to_name(why.code)), Severity::error,
         settings ? why.field : database, why.message,
         why.code == ErrorCode::database_corrupt ? restore_repair(diagnosis.world) : why.hint});
}

void drop_invalid_settings(World& world, bool relaxed) {
    for (const SettingSource source :
         {SettingSource::flag, SettingSource::environment, SettingSource::config_file})
        world.settings.drop_invalid(source, relaxed);
    world.settings.canonicalise();
}

Result<Realm*> open(World& world) {
    try {
        AUTH_TRY(auto& realm, world.realm());
        return &realm;
    } catch (const Failure& failure) {
        return fail(failure.error());
    }
}

// Opens the database in spite of settings that are wrong; those are findings.
void open(Diagnosis& diagnosis, const std::string& database) {
    auto opened = open(diagnosis.world);
    if (!opened) {
        add_unopened(diagnosis, database, opened.error());
        if (opened.error().code != ErrorCode::usage)
            return;
        drop_invalid_settings(diagnosis.world, false);
        opened = open(diagnosis.world);
    }
    diagnosis.realm = opened.value_or(nullptr);
}

void examine(Diagnosis& diagnosis, const std::string& database, bool repair) {
    ask(diagnosis, file_checks());
    // Before the database is opened, which is refused while it lies open to others.
    if (repair)
        fix(diagnosis.findings, 0);
    const std::size_t repaired = diagnosis.findings.size();
    ask(diagnosis, surroundings_checks());
    drop_invalid_settings(diagnosis.world, true);
    open(diagnosis, database);
    if (diagnosis.realm != nullptr) {
        ask(diagnosis, database_checks());
        ask(diagnosis, policy_checks());
    } else {
        const auto left =
            static_cast<std::int64_t>(database_checks().size() + policy_checks().size());
        diagnosis.findings.push_back(
            {"not_checked", Severity::note, database,
             fmt::format("{} need the database, and were not made", counted(left, "check")),
             NextStep{"doctor"}});
    }
    if (repair)
        fix(diagnosis.findings, repaired);
}

std::vector<Json> records_of(const Findings& findings, const GivenFlags& given) {
    std::vector<Json> records;
    for (const Finding& finding : findings)
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
    std::string name = fmt::format("{:<7}", to_name(severity));
    if (!colour || severity == Severity::note)
        return name;
    return fmt::format("\x1b[{}m{}\x1b[0m", severity == Severity::error ? 31 : 33, name);
}

std::string text_of(const Findings& findings, bool colour, const GivenFlags& given) {
    std::size_t width = 0;
    for (const Finding& finding : findings)
        width = std::max(width, finding.code.size());
    std::string out;
    for (const Finding& finding : findings) {
        out += fmt::format("{}  {:<{}}  {}\n", painted(finding.severity, colour), finding.code,
                           width, printable(finding.message));
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

    explicit Counts(const Findings& findings) {
        for (const Finding& finding : findings)
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
    // Fails where --db names nothing that could be opened.
    AUTH_TRY(const std::string database, world.places().database_name());
    Diagnosis diagnosis{world};
    examine(diagnosis, database, repair);
    const Counts counts(diagnosis.findings);
    const std::size_t asked = diagnosis.asked;
    Reply reply = list_reply("auth-cli.doctor/1", "findings", {},
                             records_of(diagnosis.findings, given_flags(world.settings)));
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
        reply.text = text_of(diagnosis.findings, world.colour, given_flags(world.settings));
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
    .mends_settings = true,
};

} // namespace auth
