// What a database says of itself, for db init and db status.
#pragma once

#include "cli/command.h"

namespace auth {

// auth-cli.db/1 of the open database.
[[nodiscard]] Json database_document(Realm& realm, const meta_table::Meta& meta);
[[nodiscard]] std::string database_text(World& world, const Json& document);

} // namespace auth
