#include "adapters/loaders/postgres_loader.h"

#include "adapters/loaders/module.h"

namespace auth {

std::unique_ptr<Database> open_postgres_module(const std::string& url, bool make,
                                               const Hold& writing, const Expect& expect) {
    std::unique_ptr<Database> database;
    module_function<void(const std::string&, bool, const Hold&, const Expect&,
                         std::unique_ptr<Database>&)>("postgres", "postgres_open")(
        url, make, writing, expect, database);
    return database;
}

} // namespace auth
