#include "core/trail/row_proof.h"

#include "core/audit/audit_walk.h"
#include "core/base/encoding.h"
#include "core/trail/row_text.h"
#include "core/trail/settled.h"
#include "core/trail/trail_tree.h"

#include <fmt/format.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view proof_schema = "auth-cli.audit_proof/1";
constexpr int proof_depth = 200;
constexpr std::size_t most_levels_of_path = 64;

// The tree, with an eye on one row.
class Proving : public TrailTree {
  public:
    Proving(std::int64_t last_seq, std::int64_t wanted) : TrailTree(last_seq), wanted_(wanted) {}

    Status row(const AuditRow& row, const std::string& previous) override {
        if (row.seq == wanted_) {
            proof.row = row;
            proof.previous = previous;
            proof.index = static_cast<std::int64_t>(tree().size());
            tree().watch(tree().size());
            found = true;
        }
        return TrailTree::row(row, previous);
    }
    Status gap(const AuditArchive& archive) override {
        if (wanted_ > archived_to_ && wanted_ <= archive.last_seq)
            missing = archive.number;
        archived_to_ = archive.last_seq;
        return TrailTree::gap(archive);
    }
    void end_of(const AuditArchive& archive) override { archived_to_ = archive.last_seq; }

    RowProof proof{};
    bool found = false;
    std::int64_t missing = 0; // number of the archive that the row is in

  private:
    std::int64_t wanted_;
    std::int64_t archived_to_ = 0;
};

tl::unexpected<Error> bad_proof(std::string message) {
    return fail(error(ErrorCode::invalid_token, std::move(message)).with_reason("bad_proof"));
}

std::optional<MerklePath> path_from(const Json* list) {
    if (list == nullptr || !list->is_array() || list->size() > most_levels_of_path)
        return std::nullopt;
    MerklePath out;
    for (const Json& text : *list) {
        auto hash = text.is_string() ? from_hex(text.get<std::string>()) : std::nullopt;
        if (!hash || hash->size() != 32)
            return std::nullopt;
        out.push_back(*std::move(hash));
    }
    return out;
}

// What the document says, with nothing of it checked but its form.
std::optional<RowProof> proof_from(const Json& document) {
    const Json* row = find_member(document, "row");
    const Json* index = find_member(document, "index");
    auto read = row != nullptr && row->is_object()
                    ? row_from(row->dump(-1, ' ', false, Json::error_handler_t::replace))
                    : std::nullopt;
    auto path = path_from(find_member(document, "path"));
    auto previous = from_hex(text_member(document, "previous"));
    if (!read || !path || !previous || previous->size() != 32 || index == nullptr ||
        !index->is_number_integer() || *index < 0)
        return std::nullopt;
    RowProof out{
        *std::move(read), *std::move(previous), index->get<std::int64_t>(), *std::move(path), {}};
    out.checkpoint.text = text_member(document, "checkpoint");
    return out;
}

Status check_row(const RowProof& proof) {
    Sha256 digest;
    if (!is_provable(proof.row))
        return bad_proof(fmt::format("nothing proves what row {} said", proof.row.seq));
    if (!is_whole(digest, proof.previous, proof.row))
        return bad_proof(fmt::format("row {} does not say what was recorded", proof.row.seq));
    const Checkpoint& checkpoint = proof.checkpoint.checkpoint;
    const auto root = merkle_root(proof.row.hash, static_cast<std::uint64_t>(proof.index),
                                  static_cast<std::uint64_t>(checkpoint.size), proof.path);
    if (!root || *root != checkpoint.root)
        return bad_proof(
            fmt::format("row {} is not in the audit log of the checkpoint", proof.row.seq));
    return {};
}

} // namespace

Result<RowProof> prove_row(Realm& realm, std::int64_t seq, const std::vector<fs::path>& archives) {
    AUTH_TRY(const std::int64_t settled, settled_seq(realm));
    Proving proving(settled, seq);
    AUTH_CHECK(read_trail(realm, archives, proving));
    if (proving.missing != 0)
        return fail(error(ErrorCode::not_found,
                          fmt::format("row {} is in audit archive {}", seq, proving.missing))
                        .with_field("seq")
                        .with_hint("name its file with --archive"));
    if (!proving.found || seq > settled)
        return fail(
            error(ErrorCode::not_found, fmt::format("the audit log has no row with number {}", seq))
                .with_field("seq")
                .with_hint(NextStep{"audit list"}));
    if (!is_provable(proving.proof.row))
        return fail(error(ErrorCode::refused,
                          fmt::format("nothing proves what row {} said: an early version wrote it,"
                                      " and its detail was erased",
                                      seq))
                        .with_reason("unprovable"));
    AUTH_TRY(Checkpoint checkpoint, proving.checkpoint(realm));
    RowProof proof = std::move(proving.proof);
    proof.path = proving.tree().path();
    AUTH_TRY(proof.checkpoint, sign_checkpoint(realm, std::move(checkpoint)));
    return proof;
}

Result<Json> to_json(const RowProof& proof) {
    AUTH_TRY(const std::string row, to_json_line(proof.row));
    Json path = Json::array();
    for (const std::string& hash : proof.path)
        path.push_back(to_hex(hash));
    return Json{
        {"schema", proof_schema}, {"row", Json::parse(row)}, {"previous", to_hex(proof.previous)},
        {"index", proof.index},   {"path", std::move(path)}, {"checkpoint", proof.checkpoint.text}};
}

Result<RowProof> check_proof(std::string_view text, FindKey keys) {
    const auto document = parse_json(text, proof_depth);
    auto proof = document ? proof_from(*document) : std::nullopt;
    if (!proof)
        return bad_proof("the file is not a proof of an audit row, or it was altered");
    AUTH_TRY(const Json again, to_json(*proof));
    if (text != again.dump() + "\n" && text != again.dump(2) + "\n")
        return bad_proof("the proof was altered: it is not as it was printed");
    AUTH_TRY(proof->checkpoint, read_checkpoint(proof->checkpoint.text, std::move(keys)));
    AUTH_CHECK(check_row(*proof));
    return *std::move(proof);
}

} // namespace auth
