// Table audit_archives: the rows that left the trail for files, and where what is left begins.
#pragma once

#include "core/audit/audit.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace auth {

using LaneEnds = std::vector<AuditLane>; // by lane; a lane without rows is left out

// What is known of an archive once its rows have left.
struct AuditArchive {
    std::int64_t number = 0; // from 1
    std::int64_t rows = 0;
    std::int64_t last_seq = 0;
    Time before; // every row in it is older
    Time archived_at;
    std::string digest;   // SHA-256 of the file, 32 bytes
    LaneEnds ends{};      // of all rows up to here
    std::string subtrees; // of its rows' Merkle tree, as core/trail writes them
    std::string seal{};   // MAC of all of this
};

namespace audit_archives_table {

// Oldest first.
[[nodiscard]] std::vector<AuditArchive> all(Database& database);
[[nodiscard]] std::optional<AuditArchive> newest(Database& database);
// How many rows are in archives.
[[nodiscard]] std::int64_t archived_rows(Database& database);
// Call inside a Transaction on everything, with the rows' removal.
void insert(Database& database, const AuditArchive& archive);

} // namespace audit_archives_table

// "0:12:17:HEX 3:4:16:HEX": lane, place, number and hash of the last row of each.
[[nodiscard]] std::string to_text(const LaneEnds& ends);
// Nothing for what to_text does not write.
[[nodiscard]] std::optional<LaneEnds> lane_ends_from(std::string_view text);

} // namespace auth
