// What the database keeps of an archive, under its seal: whoever has no key file cannot remove rows
// and make up an archive that they are said to be in.
#pragma once

#include "core/audit/audit_archives_table.h"
#include "core/realm.h"

#include <vector>

namespace auth {

[[nodiscard]] std::string seal_of(const Vault& vault, const AuditArchive& archive);

// All archives, oldest first, once their seals and numbers were checked. Fails with
// database_corrupt, and as Vault::require_key where there are any.
[[nodiscard]] Result<std::vector<AuditArchive>> sealed_archives(Realm& realm);

} // namespace auth
