#include "core/trail/whole_trail.h"

#include "core/audit/audit_table.h"
#include "core/base/text.h"
#include "core/store/meta_table.h"
#include "core/trail/archive_record.h"
#include "core/trail/merkle_tree.h"

#include <fmt/format.h>

#include <map>

namespace auth {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> broken(std::string_view problem) {
    return fail(ErrorCode::database_corrupt, fmt::format("the audit trail is broken: {}", problem),
                "compare it with a backup");
}

tl::unexpected<Error> wrong_file(const fs::path& file, std::string_view what) {
    return fail(ErrorCode::database_corrupt,
                fmt::format("the audit archive '{}' {}", file.string(), what),
                "use the file that was archived");
}

using Files = std::map<std::int64_t, ArchiveReader>; // by number

Result<Files> open_files(Realm& realm, const std::vector<fs::path>& files, std::size_t known) {
    Files out;
    if (files.empty())
        return out;
    AUTH_TRY(const auto meta, meta_table::load(realm.database));
    for (const fs::path& file : files) {
        AUTH_TRY(ArchiveReader reader, ArchiveReader::open(file, realm.vault, meta.database_id));
        const std::int64_t number = reader.header().number;
        if (number < 1 || number > static_cast<std::int64_t>(known))
            return wrong_file(file, fmt::format("is number {}, but the database has archived {}",
                                                number, counted(std::int64_t(known), "time")));
        const auto [there, fresh] = out.try_emplace(number, std::move(reader));
        if (!fresh)
            return fail(error(ErrorCode::usage,
                              fmt::format("audit archive {} was given twice: '{}' and '{}'", number,
                                          there->second.path().string(), file.string()))
                            .with_field("archive"));
    }
    return out;
}

class Joined {
  public:
    Joined(Realm& realm, TrailReader& reader) : realm_(realm), reader_(reader) {}

    Status archive(const AuditArchive& known, ArchiveReader& file) {
        if (file.header().starts != walk_.ends() || file.header().rows_before != end_.rows)
            return wrong_file(file.path(), "does not begin where the archive before it ends");
        MerkleTree tree(static_cast<std::uint64_t>(end_.rows));
        while (true) {
            AUTH_TRY(const auto row, file.next());
            if (!row)
                break;
            if (const Status seen = see(*row); !seen)
                return problem_.empty()
                           ? seen
                           : Status(
                                 wrong_file(file.path(), fmt::format("was altered: {}", problem_)));
            tree.add(row->hash);
        }
        const ArchiveTrailer& trailer = file.trailer();
        if (file.digest() != known.digest)
            return wrong_file(file.path(), fmt::format("is not the file that the database knows as"
                                                       " archive {}",
                                                       known.number));
        if (trailer.ends != walk_.ends() || trailer.ends != known.ends ||
            trailer.subtrees != to_text(tree.nodes()) || trailer.subtrees != known.subtrees)
            return wrong_file(file.path(), "does not end where its last line says");
        reader_.end_of(known);
        return {};
    }
    Status gap(const AuditArchive& known) {
        walk_.skip_to(known.ends);
        end_.rows += known.rows;
        end_.last_seq = known.last_seq;
        return reader_.gap(known);
    }
    Status database() {
        AuditReader rows(realm_.database, {});
        while (const auto row = rows.next())
            if (const Status seen = see(*row); !seen)
                return problem_.empty() ? seen : Status(broken(problem_));
        const std::string problem = walk_.finish(audit_table::lanes(realm_.database));
        return problem.empty() ? Status() : Status(broken(problem));
    }
    [[nodiscard]] const TrailEnd& end() const { return end_; }

  private:
    Status see(const AuditRow& row) {
        const std::string previous = walk_.hash_before(row.lane);
        problem_ = walk_.see(row);
        if (!problem_.empty())
            return broken(problem_);
        ++end_.rows;
        end_.last_seq = row.seq;
        return reader_.row(row, previous);
    }

    Realm& realm_;
    TrailReader& reader_;
    AuditWalk walk_;
    TrailEnd end_;
    std::string problem_;
};

} // namespace

Result<TrailEnd> read_trail(Realm& realm, const std::vector<fs::path>& files, TrailReader& reader) {
    AUTH_TRY(const auto known, sealed_archives(realm));
    AUTH_TRY(Files at_hand, open_files(realm, files, known.size()));
    Joined joined(realm, reader);
    for (const AuditArchive& archive : known) {
        const auto file = at_hand.find(archive.number);
        AUTH_CHECK(file != at_hand.end() ? joined.archive(archive, file->second)
                                         : joined.gap(archive));
    }
    // Files take their time, and keep no writer waiting.
    const Snapshot snapshot(realm.database);
    const auto newest = audit_archives_table::newest(realm.database);
    if (newest && newest->number != static_cast<std::int64_t>(known.size()))
        return fail(ErrorCode::database_busy, "rows were archived meanwhile", "run it again");
    AUTH_CHECK(joined.database());
    return joined.end();
}

} // namespace auth
