#include "commands/audit/audit_view.h"

#include "cli/output/document.h"
#include "core/base/encoding.h"

#include <nlohmann/json.hpp>

namespace auth {

Json audit_record(const AuditRow& row) {
    return {{"seq", row.seq},
            {"at", to_rfc3339(row.at)},
            {"actor", row.actor},
            {"event", row.event},
            {"target", or_null(row.target)},
            {"result", row.result},
            {"detail", Json::parse(row.detail, nullptr, false)},
            {"hash", to_hex(row.hash)},
            {"lane", row.lane},
            {"place", row.place}};
}

Json checkpoint_record(const SignedCheckpoint& note) {
    const Checkpoint& checkpoint = note.checkpoint;
    return {{"issuer", checkpoint.issuer},
            {"database_id", checkpoint.database_id},
            {"at", to_rfc3339(checkpoint.at)},
            {"size", checkpoint.size},
            {"root", to_hex(checkpoint.root)},
            {"last_seq", checkpoint.last_seq},
            {"kid", note.kid}};
}

} // namespace auth
