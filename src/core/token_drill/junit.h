// A drill's report as CI systems read it: JUnit's XML.
#pragma once

#include "core/token_drill/drill.h"

#include <string>

namespace auth {

// A test case for each token; deviations are failures, accepted ones skipped.
[[nodiscard]] std::string junit_report(const DrillReport& report, std::string_view service);

} // namespace auth
