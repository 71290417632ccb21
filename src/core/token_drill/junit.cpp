#include "core/token_drill/junit.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

// XML 1.0 has no control characters but these, and no form to write others.
std::string xml(std::string_view text) {
    std::string out;
    for (const char c : one_line(text))
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    return out;
}

std::string failure(const DrillOutcome& outcome) {
    const DrillCase& rule = *outcome.rule;
    return fmt::format(
        "      <failure message=\"{} ({}), expected {}\" type=\"{}\">{}\n{}\n{}</failure>\n",
        to_name(outcome.answer.kind), xml(outcome.answer.said), to_name(rule.answer),
        to_name(rule.level), xml(rule.why), xml(rule.mend), xml(rule.source));
}

std::string test_case(const DrillOutcome& outcome) {
    std::string out = fmt::format(R"(    <testcase classname="auth-cli.drill.{}" name="{}")",
                                  to_name(outcome.rule->level), outcome.rule->name);
    if (outcome.right)
        return out + "/>\n";
    out += ">\n";
    out += outcome.deviates()
               ? failure(outcome)
               : fmt::format("      <skipped message=\"{}\"/>\n", xml(outcome.accepted_because));
    return out + "    </testcase>\n";
}

} // namespace

std::string junit_report(const DrillReport& report, std::string_view service) {
    const auto skipped = std::ranges::count_if(report.outcomes, [](const DrillOutcome& outcome) {
        return !outcome.right && !outcome.deviates();
    });
    const std::string counts = fmt::format(R"(tests="{}" failures="{}" errors="0" skipped="{}")",
                                           report.outcomes.size(), report.deviations(), skipped);
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    out += fmt::format("<testsuites {}>\n", counts);
    out += fmt::format("  <testsuite name=\"token drill: {}\" {} timestamp=\"{}\">\n", xml(service),
                       counts, to_rfc3339(report.made.made_at));
    for (const DrillOutcome& outcome : report.outcomes)
        out += test_case(outcome);
    return out + "  </testsuite>\n</testsuites>\n";
}

} // namespace auth
