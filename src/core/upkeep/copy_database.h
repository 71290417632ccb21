// A whole database into another one, of the same engine or not: sealed values are copied as they
// are, so that the copy needs the same key file.
#pragma once

#include "core/realm.h"
#include "core/store/copy_table.h"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace auth {

// Copies into a database that was just made, in one transaction there, and compares: as many rows
// in each table, and the same end of an audit trail that holds together. The act is audited first,
// so that the copy holds that too, and as a failure afterwards where it failed. Nothing where
// `progress`, which gets the rows so far, answers false. Fails with database_corrupt where the
// trail of the original is broken or the copy is not the same.
[[nodiscard]] Result<std::optional<std::vector<copy_table::Copied>>>
copy_database(Realm& from, Database& to, std::string_view name,
              const std::function<bool(std::int64_t)>& progress);

} // namespace auth
