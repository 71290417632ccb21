// A row of the audit trail as JSON.
#pragma once

#include "cli/output/document.h"
#include "core/audit/audit.h"

namespace auth {

[[nodiscard]] Json audit_record(const AuditRow& row);

} // namespace auth
