// What SQLite's errors mean here.
#pragma once

#include "core/base/result.h"

#include <string_view>

namespace SQLite {
class Exception;
}

namespace auth {

// `path` is the database's: database_busy, database_corrupt, database_read_only, io or internal.
[[nodiscard]] Error describe_sqlite(const SQLite::Exception& exception, std::string_view path);
// Where a statement fails in the midst of its work: throws that as a Failure.
[[noreturn]] void fail_sqlite(const SQLite::Exception& exception, std::string_view path);

} // namespace auth
