// A file of archived rows: JSON Lines that people and other programs can read. The first line says
// where the rows begin, one line follows for each row in order of seq, then one that says where
// they end, and one with the seal: a MAC of everything before it under the database's key file.
#pragma once

#include "core/audit/audit.h"
#include "core/audit/audit_archives_table.h"
#include "core/base/private_stream.h"
#include "core/store/vault.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace auth {

struct ArchiveHeader {
    std::string database_id;
    std::int64_t number = 0; // from 1
    Time before;             // every row is older
    Time made_at;
    std::int64_t rows_before = 0; // in earlier archives
    LaneEnds starts{};            // the lanes' last rows in earlier archives
};

struct ArchiveTrailer {
    std::int64_t rows = 0;
    std::int64_t last_seq = 0;
    LaneEnds ends{};
    std::string subtrees; // as AuditArchive's
};

class ArchiveWriter {
  public:
    ArchiveWriter(PrivateStream file, const Vault& vault) : file_(std::move(file)), vault_(vault) {}
    [[nodiscard]] Status begin(const ArchiveHeader& header);
    [[nodiscard]] Status add(const AuditRow& row);
    // All of it is on disk then, under its passing name. Returns the file's SHA-256.
    [[nodiscard]] Result<std::string> end(const ArchiveTrailer& trailer);
    // Gives it its own name.
    [[nodiscard]] Status publish() { return file_.finish(); }

  private:
    [[nodiscard]] Status line(std::string text);

    PrivateStream file_;
    const Vault& vault_;
    Sha256Stream body_;
    Sha256Stream whole_;
};

// Reads one from start to end. What it gives is not to be trusted before trailer() was reached: the
// seal comes last.
class ArchiveReader {
  public:
    // Fails with io, and with database_corrupt where it is not an archive of that database.
    [[nodiscard]] static Result<ArchiveReader>
    open(const std::filesystem::path& file, const Vault& vault, std::string_view database_id);
    ArchiveReader(ArchiveReader&&) noexcept;
    ArchiveReader& operator=(ArchiveReader&&) noexcept;
    ~ArchiveReader();

    [[nodiscard]] const std::filesystem::path& path() const;
    [[nodiscard]] const ArchiveHeader& header() const;
    // Nothing after the last one, once the seal was found to match. Fails with database_corrupt.
    [[nodiscard]] Result<std::optional<AuditRow>> next();
    // Once next() gave nothing.
    [[nodiscard]] const ArchiveTrailer& trailer() const;
    [[nodiscard]] const std::string& digest() const; // SHA-256 of the file

  private:
    struct State;
    explicit ArchiveReader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace auth
