#include "adapters/modules/postgres/postgres_database.h"

extern "C" [[gnu::visibility("default")]] void
postgres_open(const std::string& url, bool make, std::unique_ptr<auth::Database>& database) {
    database = make ? auth::PostgresDatabase::create(url) : auth::PostgresDatabase::open(url);
}
