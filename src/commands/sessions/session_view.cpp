#include "commands/sessions/session_view.h"

namespace auth {
namespace {

// Why it is over, where that does not follow from its times.
Json reason_of(const sessions_table::Listed& row, SessionState state) {
    if (state == SessionState::revoked)
        return row.session.revoke_reason;
    if (state == SessionState::ended)
        return row.user_disabled ? "user_disabled" : "all_sessions_ended";
    return {};
}

} // namespace

Json session_record(const sessions_table::Listed& row, Time now, const std::string& current) {
    const Session& session = row.session;
    const SessionState state = session_state(session, row.user_epoch, row.user_disabled, now);
    return {{"id", session.id},
            {"user_id", session.user_id},
            {"email", row.email},
            {"kind", to_name(session.kind)},
            {"created_at", to_rfc3339(session.created_at)},
            {"used_at", to_rfc3339(session.used_at)},
            {"idle_expires_at", to_rfc3339(session.idle_expires_at())},
            {"expires_at", to_rfc3339(session.expires_at)},
            {"state", to_name(state)},
            {"reason", reason_of(row, state)},
            {"current", session.id == current}};
}

List session_list() {
    List list;
    list.schema = "auth-cli.sessions/1";
    list.key = "sessions";
    list.columns = {{"ID", "id"},        {"EMAIL", "email"},
                    {"KIND", "kind"},    {"CREATED", "created_at"},
                    {"USED", "used_at"}, {"ENDS", "idle_expires_at"},
                    {"STATE", "state"}};
    return list;
}

} // namespace auth
