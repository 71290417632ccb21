// Old rows of the audit log leave the database for a file of their own.
#pragma once

#include "core/audit/audit_archives_table.h"
#include "core/realm.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace auth {

struct ArchiveOrder {
    std::filesystem::path file;
    Time before;
    // Told how many rows were written, now and then.
    std::function<void(std::int64_t)> progress = [](std::int64_t) {};
};

// Writes the rows before the first one that is not older to a new file, and removes them. The file
// is complete, sealed and on disk under its own name before any row leaves the database; then
// all leave in one transaction, which keeps every other writer out and records the archiving. Rows
// that cannot be proved do not leave. A file that an interrupted run left is replaced, as long as
// the database has all its rows. Nothing where no row is old enough: then there is no file.
//
// Fails with exists, database_corrupt where the rows are not as they were, unsafe_permissions or
// io, and as Vault::require_key.
[[nodiscard]] Result<std::optional<AuditArchive>> archive_rows(Realm& realm,
                                                               const ArchiveOrder& order);

inline constexpr std::string_view archive_event = "audit_archived";

} // namespace auth
