// Tables audit and audit_head: the chained rows and the end of the chain.
#pragma once

#include "core/audit/audit.h"

#include <memory>

namespace auth::audit_table {

[[nodiscard]] AuditHead head(Database& database);
void append(Database& database, const AuditRow& row);
// Many of them, each by add().
[[nodiscard]] std::unique_ptr<BulkInsert> bulk_append(Database& database);
void add(BulkInsert& rows, const AuditRow& row);
void set_head(Database& database, const AuditHead& head);
void erase_details(Database& database, std::string_view target, std::string_view instead);
// At most that many of the rows behind number `after`, oldest first; the filter's limit is not
// looked at.
[[nodiscard]] std::vector<AuditRow> page(Database& database, const AuditFilter& filter,
                                         std::int64_t after, std::int64_t rows);
// The latest that the filter's limit allows, oldest first.
[[nodiscard]] std::vector<AuditRow> latest(Database& database, const AuditFilter& filter);

} // namespace auth::audit_table
