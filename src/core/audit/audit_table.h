#pragma once

#include "core/audit/audit.h"

namespace auth::audit_table {

[[nodiscard]] AuditHead head(Database& database);
void append(Database& database, const AuditRow& row);
void set_head(Database& database, const AuditHead& head);
void each(Database& database, const AuditFilter& filter,
          const std::function<void(const AuditRow&)>& show);

} // namespace auth::audit_table
