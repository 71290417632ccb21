#include "adapters/loaders/postgres_loader.h"

#include "adapters/loaders/module.h"

namespace auth {

std::unique_ptr<Database> open_postgres_module(const std::string& url, bool make) {
    std::unique_ptr<Database> database;
    module_function<void(const std::string&, bool, std::unique_ptr<Database>&)>(
        "postgres", "postgres_open")(url, make, database);
    return database;
}

} // namespace auth
