// A row of the audit log as one line of JSON, which says all that its hash covers. Each row has one
// spelling.
#pragma once

#include "core/audit/audit.h"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

// The members of `audit list`, then what proves the detail. A detail that JSON does not write so
// itself is a string of its text. Fails with database_corrupt for what no program of ours wrote and
// JSON cannot say.
[[nodiscard]] Result<std::string> to_json_line(const AuditRow& row);
// Nothing for what to_json_line does not write. Of "at" in years beyond RFC 3339 as well.
[[nodiscard]] std::optional<AuditRow> row_from(std::string_view line);

} // namespace auth
