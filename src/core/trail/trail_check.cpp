#include "core/trail/trail_check.h"

#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/store/meta_table.h"
#include "core/trail/settled.h"
#include "core/trail/trail_tree.h"

#include <fmt/format.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> missing(const AuditArchive& archive, std::string_view why) {
    return fail(
        error(ErrorCode::not_found,
              fmt::format("audit archive {} of {}, with {} up to number {}, {} (SHA-256 {})",
                          archive.number, to_rfc3339(archive.archived_at).substr(0, 10),
                          counted(archive.rows, "row"), archive.last_seq, why,
                          to_hex(archive.digest)))
            .with_field("archive")
            .with_hint("name its file with --archive"));
}

// Counts the rows, and takes the root of the tree where the checkpoint took it.
class Checking : public TrailReader {
  public:
    Checking(bool joins, const std::optional<Checkpoint>& checkpoint)
        : joins_(joins), checkpoint_(checkpoint) {
        note_root();
    }

    Status row(const AuditRow& row, const std::string& previous) override {
        (void)previous;
        ++check_.rows;
        if (goes_on()) {
            tree_.add(row.hash);
            note_root();
        }
        return {};
    }
    Status gap(const AuditArchive& archive) override {
        if (joins_)
            return missing(archive, "is missing");
        check_.archived += archive.rows;
        ++check_.archives;
        if (!goes_on())
            return {};
        const auto nodes = nodes_from(archive.subtrees);
        const auto end = tree_.size() + static_cast<std::uint64_t>(archive.rows);
        if (end > static_cast<std::uint64_t>(checkpoint_->size))
            return missing(archive, "is needed for this checkpoint");
        tree_.add(nodes.value_or(std::vector<MerkleNode>()));
        note_root();
        return {};
    }
    // Whether the rows of the checkpoint are the first ones of the log.
    [[nodiscard]] Status compare() {
        if (!checkpoint_ || root_ == checkpoint_->root)
            return {};
        const std::string when = to_rfc3339(checkpoint_->at);
        if (!root_)
            return fail(ErrorCode::database_corrupt,
                        fmt::format("the audit trail was cut: it has {}, and the checkpoint of {}"
                                    " vouches for {}",
                                    counted(std::int64_t(tree_.size()), "row"), when,
                                    checkpoint_->size),
                        "compare it with a backup");
        return fail(ErrorCode::database_corrupt,
                    fmt::format("the audit trail was rewritten: its first {} are not those of the"
                                " checkpoint of {}",
                                counted(checkpoint_->size, "row"), when),
                    "compare it with a backup");
    }
    [[nodiscard]] const TrailCheck& check() const { return check_; }

  private:
    [[nodiscard]] bool goes_on() const { return checkpoint_ && !root_; }
    void note_root() {
        if (goes_on() && tree_.size() == static_cast<std::uint64_t>(checkpoint_->size))
            root_ = tree_.root();
    }

    bool joins_;
    const std::optional<Checkpoint>& checkpoint_;
    MerkleTree tree_;
    std::optional<std::string> root_; // of the rows of the checkpoint
    TrailCheck check_;
};

} // namespace

Result<TrailCheck> check_trail(Realm& realm, const std::vector<fs::path>& archives,
                               const std::optional<Checkpoint>& checkpoint) {
    AUTH_TRY(const auto meta, meta_table::load(realm.database));
    if (checkpoint && checkpoint->database_id != meta.database_id)
        return fail(error(ErrorCode::invalid_token,
                          fmt::format("the checkpoint is of another database ({})",
                                      in_quotes(checkpoint->database_id)))
                        .with_reason("other_database"));
    Checking checking(!archives.empty(), checkpoint);
    AUTH_CHECK(read_trail(realm, archives, checking));
    AUTH_CHECK(checking.compare());
    return checking.check();
}

Result<SignedCheckpoint> make_checkpoint(Realm& realm) {
    AUTH_TRY(const std::int64_t seq, settled_seq(realm));
    TrailTree tree(seq);
    AUTH_CHECK(read_trail(realm, {}, tree));
    AUTH_TRY(Checkpoint checkpoint, tree.checkpoint(realm));
    return sign_checkpoint(realm, std::move(checkpoint));
}

} // namespace auth
