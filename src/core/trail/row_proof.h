// Proofs that one row is in the audit log: the row, its path in the Merkle tree over all rows, and
// the signed checkpoint with the root of that tree. They are checked without any database.
#pragma once

#include "core/trail/checkpoint.h"
#include "core/trail/merkle_tree.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct RowProof {
    AuditRow row;
    std::string previous;   // the hash before it in its lane, 32 bytes
    std::int64_t index = 0; // of the row, in order of seq from 0
    MerklePath path;
    SignedCheckpoint checkpoint;
};

// Checks the whole log and makes a checkpoint for the row. Fails with not_found where there is no
// such row, or where it is in an archive that is not given; with refused (reason unprovable) where
// nothing proves any more what the row said; and as make_checkpoint.
[[nodiscard]] Result<RowProof> prove_row(Realm& realm, std::int64_t seq,
                                         const std::vector<std::filesystem::path>& archives);

// auth-cli.audit_proof/1
[[nodiscard]] Result<Json> to_json(const RowProof& proof);
// Reads a proof as to_json's document is printed, on one line or on several, and checks all of it.
// Fails with invalid_token: reason bad_proof, or those of read_checkpoint.
[[nodiscard]] Result<RowProof> check_proof(std::string_view text, FindKey keys);

} // namespace auth
