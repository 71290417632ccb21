#include "core/token_drill/drill_case.h"

#include <vector>

namespace auth {

std::string_view to_name(DrillLevel level) {
    switch (level) {
    case DrillLevel::must:
        return "must";
    case DrillLevel::profile:
        return "profile";
    case DrillLevel::may:
        return "may";
    case DrillLevel::database:
        return "database";
    }
    return {};
}

std::string_view to_name(RightAnswer answer) {
    switch (answer) {
    case RightAnswer::accepted:
        return "accepted";
    case RightAnswer::refused:
        return "refused";
    case RightAnswer::either:
        return "either";
    }
    return {};
}

std::span<const DrillCase> drill_cases() {
    static const std::vector<DrillCase> all = [] {
        std::vector<DrillCase> cases;
        for (const auto part : {control_cases(), unsigned_cases(), signature_cases(), key_cases(),
                                text_cases(), time_cases(), claim_cases(), database_cases()})
            cases.insert(cases.end(), part.begin(), part.end());
        return cases;
    }();
    return all;
}

} // namespace auth
