// Tries the tokens of a drill on a service, and judges its answers.
#pragma once

#include "core/base/clock.h"
#include "core/token_drill/fixtures.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct ServiceAnswer {
    enum class Kind { in, out, unclear };
    Kind kind = Kind::unclear;
    std::string said; // "200", "exit 1", "timeout"
};
[[nodiscard]] std::string_view to_name(ServiceAnswer::Kind kind);

// Fails where the service gives no answer: with delivery, io, command_not_found, cannot_execute or
// cancelled.
using AskService = std::function<Result<ServiceAnswer>(std::string_view token)>;
using MakeTokens = std::function<Result<Fixtures>()>;

// Deviations that somebody has accepted, by the names of their cases, with the reasons.
using AcceptedDeviations = std::map<std::string, std::string, std::less<>>;
// A line each: "NAME: REASON"; empty ones and those that begin with '#' say nothing. Fails with
// usage: no reason, a name that no case has, or one twice.
[[nodiscard]] Result<AcceptedDeviations> parse_accepted_deviations(std::string_view text);

struct DrillOutcome {
    const DrillCase* rule = nullptr;
    ServiceAnswer answer{};
    bool right = true;
    std::string accepted_because{}; // a deviation that was accepted
    Seconds at{};                   // since the drill began

    [[nodiscard]] bool deviates() const { return !right && accepted_because.empty(); }
};

struct DrillReport {
    Fixtures made; // the latest
    std::vector<DrillOutcome> outcomes{};
    std::vector<std::string> stale{}; // accepted deviations that are none any more
    bool stopped_early = false;       // a control was refused: no other answer means anything

    [[nodiscard]] std::int64_t deviations() const;
};

struct DrillPlan {
    DrillLevel level = DrillLevel::profile; // the highest that is judged
    AcceptedDeviations accepted{};
    std::vector<std::string> sessions{}; // that were opened; to be ended whatever happens
};

// Controls first, and one more last: a service that refuses everything, or from some point on, does
// not pass. Tokens are made anew before they expire. Fails where the first control gets no answer.
[[nodiscard]] Result<DrillReport> run_drill(DrillPlan& plan, const Clock& clock,
                                            const MakeTokens& make, const AskService& ask);

} // namespace auth
