// Numbered, embedded, forward-only changes of the schema.
#pragma once

#include "core/store/database.h"

#include <string_view>
#include <utility>
#include <vector>

namespace auth {

// Name "0001_initial" and SQL text, in order. The number is the schema version that the step makes;
// an engine that came later starts with a step that makes a later version at once.
using Migrations = std::vector<std::pair<std::string_view, std::string_view>>;

[[nodiscard]] const Migrations& sqlite_migrations();
[[nodiscard]] const Migrations& postgres_migrations();
// The schema version that a migration of this name leads to.
[[nodiscard]] int version_of(std::string_view name);
// The newest schema version these steps make.
[[nodiscard]] int newest_version(const Migrations& steps);

// Brings the database to the newest schema and says how many steps that took. Safe when several
// processes start it at once: it looks again once it holds the lock. Fails with schema_too_new.
[[nodiscard]] Result<int> migrate(Database& database);

} // namespace auth
