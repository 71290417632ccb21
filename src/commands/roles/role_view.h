// A role as JSON.
#pragma once

#include "cli/output/document.h"
#include "core/users/roles.h"

namespace auth {

[[nodiscard]] Json role_record(const Role& role);

} // namespace auth
