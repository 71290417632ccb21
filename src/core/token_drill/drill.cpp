#include "core/token_drill/drill.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

// Old enough to be made anew: a service may be slow, and a right refusal must not be for this.
constexpr Seconds stale_after = drill_life / 3;

const DrillCase& last_control() {
    static const DrillCase rule{
        .name = "control_at_end",
        .answer = RightAnswer::accepted,
        .source = "RFC 7519 section 7.2",
        .why = "The service stopped accepting right tokens, so its later refusals prove nothing.",
        .mend = "Turn off rate limits and bans of the service for the drill, and run it again."};
    return rule;
}

bool is_tried(const DrillCase& rule, DrillLevel level) {
    switch (rule.level) {
    case DrillLevel::must:
    case DrillLevel::may:
        return true;
    case DrillLevel::profile:
        return level != DrillLevel::must;
    case DrillLevel::database:
        return level == DrillLevel::database;
    }
    return false;
}

bool is_right(RightAnswer wanted, ServiceAnswer::Kind given) {
    switch (wanted) {
    case RightAnswer::accepted:
        return given == ServiceAnswer::Kind::in;
    case RightAnswer::refused:
        return given == ServiceAnswer::Kind::out;
    case RightAnswer::either:
        break;
    }
    return true;
}

class DrillRun {
  public:
    DrillRun(DrillPlan& plan, const Clock& clock, const MakeTokens& make, const AskService& ask,
             Fixtures made)
        : plan_(plan), clock_(clock), make_(make), ask_(ask), began_(clock.now()) {
        take(std::move(made));
    }

    Result<DrillReport> run() {
        std::vector<const DrillCase*> rules;
        for (const Fixture& fixture : report_.made.tokens)
            if (is_tried(*fixture.rule, plan_.level))
                rules.push_back(fixture.rule);
        for (const DrillCase* rule : rules) {
            AUTH_CHECK(try_one(*rule, *rule));
            if (report_.stopped_early)
                return finished();
        }
        AUTH_CHECK(try_one(*rules.front(), last_control()));
        return finished();
    }

  private:
    void take(Fixtures made) {
        plan_.sessions.insert(plan_.sessions.end(), made.sessions.begin(), made.sessions.end());
        report_.made = std::move(made);
    }

    Result<const std::string*> token_of(const DrillCase& rule) {
        if (clock_.now() - report_.made.made_at >= stale_after) {
            AUTH_TRY(Fixtures made, make_());
            take(std::move(made));
        }
        const auto found = std::ranges::find(report_.made.tokens, &rule,
                                             [](const Fixture& at) { return at.rule; });
        return &found->token;
    }

    // The token of one case, to be judged as another's says.
    Status try_one(const DrillCase& token_rule, const DrillCase& rule) {
        AUTH_TRY(const std::string* const token, token_of(token_rule));
        auto answer = ask_(*token);
        if (!answer) {
            const bool first = report_.outcomes.empty();
            if (first || answer.error().code == ErrorCode::cancelled)
                return fail(std::move(answer).error());
            answer = ServiceAnswer{ServiceAnswer::Kind::unclear, answer.error().reason};
        }
        DrillOutcome outcome{&rule, *std::move(answer)};
        outcome.right = is_right(rule.answer, outcome.answer.kind);
        outcome.at = clock_.now() - began_;
        if (!outcome.right)
            if (const auto found = plan_.accepted.find(rule.name); found != plan_.accepted.end())
                outcome.accepted_because = found->second;
        report_.stopped_early = report_.outcomes.empty() && !outcome.right;
        report_.outcomes.push_back(std::move(outcome));
        return {};
    }

    DrillReport finished() {
        for (const auto& [name, reason] : plan_.accepted) {
            const auto found = std::ranges::find(
                report_.outcomes, name, [](const DrillOutcome& at) { return at.rule->name; });
            if (found != report_.outcomes.end() && found->right)
                report_.stale.push_back(name);
        }
        return std::move(report_);
    }

    DrillPlan& plan_;
    const Clock& clock_;
    const MakeTokens& make_;
    const AskService& ask_;
    Time began_;
    DrillReport report_;
};

std::vector<std::string> case_names() {
    std::vector<std::string> names;
    for (const DrillCase& rule : drill_cases())
        names.emplace_back(rule.name);
    return names;
}

} // namespace

std::string_view to_name(ServiceAnswer::Kind kind) {
    switch (kind) {
    case ServiceAnswer::Kind::in:
        return "accepted";
    case ServiceAnswer::Kind::out:
        return "refused";
    case ServiceAnswer::Kind::unclear:
        return "unclear";
    }
    return {};
}

std::int64_t DrillReport::deviations() const {
    return std::ranges::count_if(outcomes, &DrillOutcome::deviates);
}

Result<AcceptedDeviations> parse_accepted_deviations(std::string_view text) {
    const std::vector<std::string> names = case_names();
    AcceptedDeviations accepted;
    std::int64_t number = 0;
    for (const std::string& line : split(text, '\n')) {
        ++number;
        const std::string_view said = trimmed(line, white_space);
        if (said.empty() || said.starts_with('#'))
            continue;
        const std::size_t colon = std::min(said.find(':'), said.size());
        const std::string name(trimmed(said.substr(0, colon), white_space));
        const std::string reason(
            trimmed(said.substr(std::min(colon + 1, said.size())), white_space));
        const auto refuse = [&](std::string_view why, Hint hint = {}) {
            return fail(error(ErrorCode::usage, fmt::format("line {}: {}", number, why))
                            .with_field("expect")
                            .with_hint(std::move(hint)));
        };
        if (std::ranges::find(names, name) == names.end())
            return refuse(fmt::format("there is no token {}", in_quotes(name)),
                          did_you_mean(name, names));
        if (reason.empty() || !valid_utf8(reason))
            return refuse(fmt::format("{} needs a reason", in_quotes(name)),
                          fmt::format("{}: why this is accepted", name));
        if (!accepted.emplace(name, reason).second)
            return refuse(fmt::format("{} is listed twice", in_quotes(name)));
    }
    return accepted;
}

Result<DrillReport> run_drill(DrillPlan& plan, const Clock& clock, const MakeTokens& make,
                              const AskService& ask) {
    AUTH_TRY(Fixtures made, make());
    return DrillRun(plan, clock, make, ask, std::move(made)).run();
}

} // namespace auth
