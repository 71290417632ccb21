#include "adapters/loaders/postgres_loader.h"

#include "adapters/loaders/module.h"

namespace auth {

std::unique_ptr<Database> open_postgres_module(const std::string& url, PostgresUse use,
                                               const Hold& writing, const Expect& expect) {
    std::unique_ptr<Database> database;
    module_function<void(const std::string&, PostgresUse, const Hold&, const Expect&,
                         std::unique_ptr<Database>&)>("postgres", "postgres_open")(
        url, use, writing, expect, database);
    return database;
}

} // namespace auth
