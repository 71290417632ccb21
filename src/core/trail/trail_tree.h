// The Merkle tree over the hashes of the rows of the audit log, in order of seq.
#pragma once

#include "core/trail/checkpoint.h"
#include "core/trail/merkle_tree.h"
#include "core/trail/whole_trail.h"

#include <map>

namespace auth {

// Takes the rows that read_trail gives, up to a number.
class TrailTree : public TrailReader {
  public:
    explicit TrailTree(std::int64_t last_seq) : last_seq_(last_seq) {}

    Status row(const AuditRow& row, const std::string& previous) override;
    Status gap(const AuditArchive& archive) override;

    [[nodiscard]] MerkleTree& tree() { return tree_; }
    // Of all it took; the issuer is left out.
    [[nodiscard]] Result<Checkpoint> checkpoint(Realm& realm);

  private:
    std::int64_t last_seq_;
    MerkleTree tree_;
    std::map<std::int64_t, AuditLane> ends_;
    std::int64_t newest_seq_ = 0;
};

} // namespace auth
