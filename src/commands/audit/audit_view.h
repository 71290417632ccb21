// Rows and checkpoints of the audit log as documents.
#pragma once

#include "core/audit/audit.h"
#include "core/trail/checkpoint.h"

namespace auth {

// auth-cli.audit/1
[[nodiscard]] Json audit_record(const AuditRow& row);
// What a signed checkpoint says, without its text.
[[nodiscard]] Json checkpoint_record(const SignedCheckpoint& note);

} // namespace auth
