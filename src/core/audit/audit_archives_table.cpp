#include "core/audit/audit_archives_table.h"

#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/store/broken_database.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::string_view archive_columns =
    "number, row_count, last_seq, cutoff, archived_at, digest, lane_ends, subtrees, seal";

AuditArchive read_archive(const Statement& row) {
    auto ends = lane_ends_from(row.text(6));
    if (!ends)
        broken_database(
            error(ErrorCode::database_corrupt,
                  fmt::format("what is known of audit archive {} was altered", row.integer(0))));
    return {row.integer(0), row.integer(1),   row.integer(2), row.time(3), row.time(4),
            row.blob(5),    *std::move(ends), row.text(7),    row.blob(8)};
}

std::optional<AuditLane> lane_from(std::string_view text) {
    const auto parts = split(text, ':');
    if (parts.size() != 4)
        return std::nullopt;
    const auto lane = parse_integer(parts[0]);
    const auto place = parse_integer(parts[1]);
    const auto seq = parse_integer(parts[2]);
    auto hash = from_hex(parts[3]);
    if (!lane || !place || !seq || !hash || hash->size() != 32)
        return std::nullopt;
    return AuditLane{*lane, *place, *seq, *std::move(hash)};
}

} // namespace

namespace audit_archives_table {

std::vector<AuditArchive> all(Database& database) {
    std::vector<AuditArchive> out;
    Statement& rows = database.prepare(
        fmt::format("SELECT {} FROM audit_archives ORDER BY number", archive_columns));
    while (rows.step())
        out.push_back(read_archive(rows));
    return out;
}

std::optional<AuditArchive> newest(Database& database) {
    return database
        .prepare(fmt::format("SELECT {} FROM audit_archives ORDER BY number DESC LIMIT 1",
                             archive_columns))
        .first(read_archive);
}

std::int64_t archived_rows(Database& database) {
    std::int64_t rows = 0;
    for (const AuditArchive& archive : all(database))
        rows += archive.rows;
    return rows;
}

void insert(Database& database, const AuditArchive& archive) {
    Statement& row = database.prepare(
        fmt::format("INSERT INTO audit_archives ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    archive_columns));
    row.with(archive.number, archive.rows, archive.last_seq, archive.before, archive.archived_at);
    row.bind_blob(6, archive.digest);
    row.bind(7, to_text(archive.ends)).bind(8, archive.subtrees);
    row.bind_blob(9, archive.seal);
    row.run();
}

} // namespace audit_archives_table

std::string to_text(const LaneEnds& ends) {
    std::string out;
    for (const AuditLane& end : ends)
        out += fmt::format("{}{}:{}:{}:{}", out.empty() ? "" : " ", end.lane, end.place, end.seq,
                           to_hex(end.hash));
    return out;
}

std::optional<LaneEnds> lane_ends_from(std::string_view text) {
    LaneEnds out;
    if (text.empty())
        return out;
    for (const std::string& part : split(text, ' ')) {
        auto lane = lane_from(part);
        if (!lane)
            return std::nullopt;
        out.push_back(*std::move(lane));
    }
    return to_text(out) == text ? std::optional(std::move(out)) : std::nullopt;
}

} // namespace auth
