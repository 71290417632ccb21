#include "commands/tokens/drill_view.h"

#include "cli/output/document.h"
#include "cli/output/exit_code.h"
#include "cli/output/table.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

std::string in_words(const ServiceAnswer& answer) {
    return answer.said.empty() ? std::string(to_name(answer.kind))
                               : fmt::format("{} ({})", to_name(answer.kind), answer.said);
}

Json answer_record(const DrillOutcome& outcome) {
    const DrillCase& rule = *outcome.rule;
    return {{"name", rule.name},
            {"level", to_name(rule.level)},
            {"expected", to_name(rule.answer)},
            {"answer", to_name(outcome.answer.kind)},
            {"said", outcome.answer.said},
            {"right", outcome.right}};
}

Json deviation_record(const DrillOutcome& outcome) {
    Json record = answer_record(outcome);
    record.erase("right");
    record["source"] = outcome.rule->source;
    record["why"] = outcome.rule->why;
    record["mend"] = outcome.rule->mend;
    if (!outcome.accepted_because.empty())
        record["accepted_because"] = outcome.accepted_because;
    return record;
}

std::string indented_lines(std::string_view text) {
    std::string out;
    for (const std::string& line : split(text, '\n'))
        out += fmt::format("  {}\n", line);
    return out;
}

std::string deviation_text(const DrillOutcome& outcome) {
    const DrillCase& rule = *outcome.rule;
    return fmt::format("{}: {}, expected {} ({}: {})\n  {}\n{}", rule.name,
                       in_words(outcome.answer), to_name(rule.answer), to_name(rule.level),
                       rule.source, rule.why, indented_lines(rule.mend));
}

std::string answers_table(const DrillReport& report) {
    Table table({"TOKEN", "LEVEL", "EXPECTED", "ANSWER", "RIGHT"}, false);
    std::string out;
    for (const DrillOutcome& outcome : report.outcomes)
        out +=
            table.add({std::string(outcome.rule->name), std::string(to_name(outcome.rule->level)),
                       std::string(to_name(outcome.rule->answer)), in_words(outcome.answer),
                       outcome.right ? "yes" : "no"});
    return out + table.finish() + "\n";
}

std::string drill_text(const DrillReport& report, const DrillWords& words) {
    std::string out = words.verbose ? answers_table(report) : "";
    for (const DrillOutcome& outcome : report.outcomes)
        if (outcome.deviates())
            out += deviation_text(outcome);
    for (const DrillOutcome& outcome : report.outcomes)
        if (!outcome.right && !outcome.deviates())
            out += fmt::format("{}: {}, accepted because: {}\n", outcome.rule->name,
                               in_words(outcome.answer), printable(outcome.accepted_because));
    for (const std::string& name : report.stale)
        out += fmt::format("{}: the answer is right now; remove it from the accepted deviations\n",
                           name);
    return out;
}

std::string drill_note(const DrillReport& report) {
    if (report.stopped_early)
        return "the service does not accept a right token, so its other answers prove nothing";
    const auto tried = std::ssize(report.outcomes);
    const std::int64_t wrong = report.deviations();
    return wrong == 0
               ? fmt::format("tried {}: every answer was right", counted(tried, "token"))
               : fmt::format("tried {}: {} wrong", counted(tried, "token"),
                             wrong == 1 ? "1 answer was" : fmt::format("{} answers were", wrong));
}

} // namespace

Reply drill_reply(const DrillReport& report, const DrillWords& words) {
    Json deviations = Json::array();
    Json accepted = Json::array();
    Json answers = Json::array();
    for (const DrillOutcome& outcome : report.outcomes) {
        answers.push_back(answer_record(outcome));
        if (!outcome.right)
            (outcome.deviates() ? deviations : accepted).push_back(deviation_record(outcome));
    }
    const auto right = std::ranges::count_if(report.outcomes, &DrillOutcome::right);
    Reply reply;
    reply.document = {{"schema", "auth-cli.drill/1"},
                      {"service", words.service},
                      {"email", report.made.user.email},
                      {"level", to_name(words.level)},
                      {"tried", report.outcomes.size()},
                      {"right", right},
                      {"deviations", std::move(deviations)},
                      {"accepted", std::move(accepted)},
                      {"stale", report.stale},
                      {"answers", std::move(answers)},
                      {"stopped_early", report.stopped_early},
                      {"changed", true}};
    reply.text = drill_text(report, words);
    reply.note = drill_note(report);
    reply.exit = report.deviations() > 0 ? exit_code(ErrorCode::partial) : 0;
    return reply;
}

} // namespace auth
