#include "commands/store/audit_view.h"

#include "core/base/encoding.h"

namespace auth {

Json audit_record(const AuditRow& row) {
    return {{"seq", row.seq},
            {"at", to_rfc3339(row.at)},
            {"actor", row.actor},
            {"event", row.event},
            {"target", or_null(row.target)},
            {"result", row.result},
            {"detail", Json::parse(row.detail, nullptr, false)},
            {"hash", to_hex(row.hash)}};
}

} // namespace auth
