#include "adapters/modules/postgres/postgres_database.h"

extern "C" [[gnu::visibility("default")]] void
postgres_open(const std::string& url, bool make, const auth::Hold& writing,
              const auth::Expect& expect, std::unique_ptr<auth::Database>& database) {
    database = make ? auth::PostgresDatabase::create(url, writing)
                    : auth::PostgresDatabase::open(url, writing, expect);
}
