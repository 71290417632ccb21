#include "core/store/meta_table.h"

#include <fmt/format.h>

namespace auth::meta_table {

Result<Meta> load(Database& database) {
    Meta meta;
    int found = 0;
    for (Statement& rows = database.prepare("SELECT name, value FROM meta"); rows.step(); ++found) {
        const std::string name = rows.text(0);
        const std::string value = rows.text(1);
        if (name == "database_id")
            meta.database_id = value;
        else if (name == "key_check")
            meta.key_check = value;
        else if (name == "test")
            meta.test = value == "true";
        else if (name == "created_at")
            meta.created_at = from_unix_seconds(std::strtoll(value.c_str(), nullptr, 10));
    }
    if (meta.database_id.empty() || meta.key_check.empty())
        return fail(ErrorCode::database_corrupt,
                    fmt::format("the database '{}' was never finished", database.location()),
                    {"remove it and run", NextStep{"db init"}});
    return meta;
}

void store(Database& database, const Meta& meta) {
    const auto put = [&](std::string_view name, std::string_view value) {
        database.prepare("INSERT INTO meta (name, value) VALUES (?1, ?2)").with(name, value).run();
    };
    put("database_id", meta.database_id);
    put("key_check", meta.key_check);
    put("test", meta.test ? "true" : "false");
    put("created_at", std::to_string(unix_seconds(meta.created_at)));
}

} // namespace auth::meta_table
