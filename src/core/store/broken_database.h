// A database that is damaged, busy, full or gone in the midst of its work.
#pragma once

#include "core/base/result.h"

namespace auth {

// Throws Failure, which cli/run and the ends of threads catch.
[[noreturn]] void broken_database(Error why);

} // namespace auth
