// PostgreSQL by libpq, which lives in the module "postgres".
#pragma once

#include "core/base/hold.h"
#include "core/store/database.h"
#include "core/store/postgres_url.h"

#include <memory>
#include <string>

namespace auth {

// Connects to the server of a URL, within 5 s an address. To
// make one, there must be no auth-cli database yet, and its schema is made when the first
// transaction begins. Throws
// Failure: usage for a URL that is malformed or holds a password, database_unavailable,
// database_missing, exists, schema_too_new. `writing` is held during each transaction. `expect`
// tells the questions that come first, so that opening asks them along.
[[nodiscard]] std::unique_ptr<Database> open_postgres_module(const std::string& url,
                                                             PostgresUse use, const Hold& writing,
                                                             const Expect& expect);

} // namespace auth
