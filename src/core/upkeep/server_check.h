// The check of the PostgreSQL server behind a database; a file passes it.
#pragma once

#include "core/upkeep/finding.h"

namespace auth {

void look_at_server(Examination& examination);

} // namespace auth
