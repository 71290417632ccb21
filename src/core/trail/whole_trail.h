// The audit log from its first row on: the archives that are at hand, then the database. Every row
// is checked against the chain of its lane on the way.
#pragma once

#include "core/audit/audit_walk.h"
#include "core/realm.h"
#include "core/trail/archive_file.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace auth {

class TrailReader {
  public:
    virtual ~TrailReader() = default;
    // A row, with the hash that it follows in its lane.
    [[nodiscard]] virtual Status row(const AuditRow& row, const std::string& previous) = 0;
    // An archive whose file is not at hand.
    [[nodiscard]] virtual Status gap(const AuditArchive& archive) = 0;
    // The rows of an archive were all given.
    virtual void end_of(const AuditArchive& archive) { (void)archive; }
};

struct TrailEnd {
    std::int64_t rows = 0; // those of gaps included
    std::int64_t last_seq = 0;
};

// Reads all of it; what the database has, in one Snapshot. Fails with database_corrupt where a row,
// an archive or an end of a lane is not as it was, naming it; with database_busy where rows leave
// meanwhile, with usage where a file is given twice, and as ArchiveReader does.
[[nodiscard]] Result<TrailEnd>
read_trail(Realm& realm, const std::vector<std::filesystem::path>& files, TrailReader& reader);

} // namespace auth
