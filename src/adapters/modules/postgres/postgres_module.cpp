#include "adapters/modules/postgres/postgres_database.h"
#include "core/store/postgres_url.h"

extern "C" [[gnu::visibility("default")]] void
postgres_open(const std::string& url, auth::PostgresUse use, const auth::Hold& writing,
              const auth::Expect& expect, std::unique_ptr<auth::Database>& database) {
    switch (use) {
    case auth::PostgresUse::use:
        database = auth::PostgresDatabase::open(url, writing, expect);
        return;
    case auth::PostgresUse::make:
        database = auth::PostgresDatabase::create(url, writing);
        return;
    case auth::PostgresUse::look:
        database = auth::PostgresDatabase::look(url);
        return;
    }
}
