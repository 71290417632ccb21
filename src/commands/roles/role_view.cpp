#include "commands/roles/role_view.h"

namespace auth {

Json role_record(const Role& role) {
    return {{"name", role.name},
            {"description", or_null(role.description)},
            {"users", role.users},
            {"created_at", to_rfc3339(role.created_at)}};
}

} // namespace auth
