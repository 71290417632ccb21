// What a drill found, as document and text.
#pragma once

#include "cli/output/reply.h"
#include "core/token_drill/drill.h"

#include <string>
#include <string_view>

namespace auth {

struct DrillWords {
    std::string_view service; // what was asked
    DrillLevel level{};
    bool verbose = false; // every answer is told, not the deviations alone
};
// Exit 14 where an answer was wrong.
[[nodiscard]] Reply drill_reply(const DrillReport& report, const DrillWords& words);

} // namespace auth
