#include "core/trail/archive.h"

#include "core/audit/audit_walk.h"
#include "core/base/encoding.h"
#include "core/base/private_descriptor.h"
#include "core/store/meta_table.h"
#include "core/trail/archive_file.h"
#include "core/trail/archive_record.h"
#include "core/trail/merkle_tree.h"
#include "core/trail/trail_table.h"

#include <fmt/format.h>

#include <utility>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr int most_attempts = 3;
constexpr std::int64_t rows_between_progress = 1024;

// Where the archive begins.
struct Start {
    std::int64_t number = 1;
    std::int64_t rows_before = 0;
    LaneEnds lanes{};
};

Start next_start(const std::vector<AuditArchive>& archives) {
    Start start;
    for (const AuditArchive& archive : archives) {
        start.rows_before += archive.rows;
        start.lanes = archive.ends;
        ++start.number;
    }
    return start;
}

std::int64_t last_older(Database& database, Time before) {
    const auto first = trail_table::first_seq_since(database, before);
    return first ? *first - 1 : trail_table::newest_seq(database);
}

// Everything that an archive will be, but for its name.
struct Staged {
    ArchiveWriter file;
    AuditArchive archive;
    trail_table::Prefix prefix;
};

class Staging {
  public:
    Staging(Realm& realm, const ArchiveOrder& order, Start start)
        : realm_(realm), order_(order), start_(std::move(start)), walk_(start_.lanes),
          tree_(static_cast<std::uint64_t>(start_.rows_before)) {}

    Result<Staged> stage(std::int64_t last_seq, bool replaces) {
        AUTH_TRY(PrivateStream stream, PrivateStream::create(order_.file, replaces, realm_.random));
        ArchiveWriter file(std::move(stream), realm_.vault);
        AUTH_TRY(const auto meta, meta_table::load(realm_.database));
        AUTH_CHECK(file.begin({meta.database_id, start_.number, order_.before, realm_.now(),
                               start_.rows_before, start_.lanes}));
        AUTH_CHECK(write_rows(file, last_seq));
        archive_.number = start_.number;
        archive_.rows = prefix_.rows;
        archive_.last_seq = last_seq_;
        archive_.before = order_.before;
        archive_.archived_at = realm_.now();
        archive_.ends = walk_.ends();
        archive_.subtrees = to_text(tree_.nodes());
        AUTH_TRY(archive_.digest,
                 file.end({archive_.rows, archive_.last_seq, archive_.ends, archive_.subtrees}));
        archive_.seal = seal_of(realm_.vault, archive_);
        return Staged{std::move(file), std::move(archive_), prefix_};
    }

  private:
    Status write_rows(ArchiveWriter& file, std::int64_t last_seq) {
        AuditReader rows(realm_.database, {});
        for (auto row = rows.next(); row && row->seq <= last_seq; row = rows.next()) {
            if (const std::string problem = walk_.see(*row); !problem.empty())
                return fail(
                    ErrorCode::database_corrupt,
                    fmt::format("the audit trail is broken, and nothing was archived: {}", problem),
                    "compare it with a backup");
            AUTH_CHECK(file.add(*row));
            tree_.add(row->hash);
            last_seq_ = row->seq;
            prefix_.erased += row->salt ? 0 : 1;
            if (++prefix_.rows % rows_between_progress == 0)
                order_.progress(prefix_.rows);
        }
        return {};
    }

    Realm& realm_;
    const ArchiveOrder& order_;
    Start start_;
    AuditWalk walk_;
    MerkleTree tree_;
    AuditArchive archive_{};
    trail_table::Prefix prefix_{};
    std::int64_t last_seq_ = 0;
};

// Whether an interrupted run left the file: an archive that begins where the database does, and
// whose rows are all there still.
Result<bool> is_leftover(Realm& realm, const fs::path& file, const Start& start) {
    AUTH_TRY(const auto meta, meta_table::load(realm.database));
    auto reader = ArchiveReader::open(file, realm.vault, meta.database_id);
    if (!reader || reader->header().number != start.number ||
        reader->header().starts != start.lanes)
        return false;
    while (true) {
        const auto row = reader->next();
        if (!row)
            return false;
        if (!*row)
            break;
    }
    for (const AuditLane& end : reader->trailer().ends)
        if (std::ranges::find(start.lanes, end) == start.lanes.end() &&
            !trail_table::has_row(realm.database, end))
            return false;
    return true;
}

Result<bool> may_replace(Realm& realm, const fs::path& file, const Start& start) {
    std::error_code unread;
    if (!fs::exists(fs::symlink_status(file, unread)))
        return false;
    AUTH_TRY(const bool leftover, is_leftover(realm, file, start));
    if (leftover)
        return true;
    return fail(file_exists(file).with_hint("choose another file name"));
}

// Everything but the commit. Nothing where the rows changed since they were staged.
Result<bool> move_out(Realm& realm, Staged& staged) {
    const auto newest = audit_archives_table::newest(realm.database);
    const AuditArchive& archive = staged.archive;
    if ((newest ? newest->number : 0) != archive.number - 1 ||
        trail_table::prefix(realm.database, archive.last_seq) != staged.prefix)
        return false;
    audit_archives_table::insert(realm.database, archive);
    trail_table::remove_prefix(realm.database, archive.last_seq);
    record(realm, {.event = archive_event,
                   .target = std::to_string(archive.number),
                   .detail = {{"rows", archive.rows},
                              {"last_seq", archive.last_seq},
                              {"before", to_rfc3339(archive.before)},
                              {"sha256", to_hex(archive.digest)}}});
    if (!realm.dry_run)
        AUTH_CHECK(staged.file.publish());
    return true;
}

// In the open transaction, or before it.
Result<std::optional<Staged>> stage(Realm& realm, const ArchiveOrder& order) {
    AUTH_TRY(const auto archives, sealed_archives(realm));
    const Start start = next_start(archives);
    const std::int64_t last_seq = last_older(realm.database, order.before);
    if (trail_table::prefix(realm.database, last_seq).rows == 0)
        return std::nullopt;
    AUTH_TRY(const bool replaces, may_replace(realm, order.file, start));
    AUTH_TRY(Staged staged, Staging(realm, order, start).stage(last_seq, replaces));
    return staged;
}

// False where it has to be tried again.
Result<bool> try_once(Realm& realm, const ArchiveOrder& order, bool locked,
                      std::optional<AuditArchive>& done) {
    std::optional<Transaction> transaction;
    if (locked)
        transaction.emplace(realm.database);
    AUTH_TRY(auto staged, stage(realm, order));
    if (!staged)
        return true;
    if (!locked)
        transaction.emplace(realm.database);
    AUTH_TRY(const bool moved, move_out(realm, *staged));
    if (!moved)
        return false;
    transaction->commit();
    done = std::move(staged->archive);
    return true;
}

} // namespace

Result<std::optional<AuditArchive>> archive_rows(Realm& realm, const ArchiveOrder& order) {
    AUTH_CHECK(realm.vault.require_key());
    AUTH_CHECK(check_directory(directory_of(order.file)));
    realm.database.expect_much();
    // Writing the file takes its time, and keeps nobody waiting; if a detail is erased meanwhile,
    // the file is written again, in the end under the lock.
    std::optional<AuditArchive> done;
    for (int attempt = 1; attempt <= most_attempts; ++attempt) {
        AUTH_TRY(const bool decided, try_once(realm, order, attempt == most_attempts, done));
        if (decided)
            return done;
    }
    return fail(ErrorCode::database_busy, "the rows keep changing");
}

} // namespace auth
