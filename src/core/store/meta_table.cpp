#include "core/store/meta_table.h"

#include "core/base/encoding.h"
#include "core/store/broken_database.h"

#include <fmt/format.h>

namespace auth::meta_table {
namespace {

Time parse_time(const std::string& seconds) {
    return from_unix_seconds(std::strtoll(seconds.c_str(), nullptr, 10));
}

std::string in_text(Time time) {
    return std::to_string(unix_seconds(time));
}

constexpr std::string_view all_text = "SELECT name, value FROM meta";
constexpr std::string_view id_tokens = "id_tokens_void_until";

void set(Database& database, std::string_view name, std::string_view value) {
    database
        .prepare("INSERT INTO meta (name, value) VALUES (?1, ?2)"
                 " ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .with(name, value)
        .run();
}

} // namespace

void expect(Database& database) {
    database.prepare(all_text).expect();
}

Result<Meta> load(Database& database) {
    Meta meta;
    int found = 0;
    for (Statement& rows = database.prepare(all_text); rows.step(); ++found) {
        const std::string name = rows.text(0);
        const std::string value = rows.text(1);
        if (name == "database_id")
            meta.database_id = value;
        else if (name == "key_check")
            meta.key_check = value;
        else if (name == "test")
            meta.test = value == "true";
        else if (name == "created_at")
            meta.created_at = parse_time(value);
        else if (name == "kept_mac_keys")
            meta.kept_mac_keys = from_hex(value).value_or("");
        else if (name == "rekeyed_at")
            meta.rekeyed_at = parse_time(value);
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
    put("created_at", in_text(meta.created_at));
}

void store_key(Database& database, const Meta& meta) {
    set(database, "key_check", meta.key_check);
    set(database, "kept_mac_keys", to_hex(meta.kept_mac_keys));
    set(database, "rekeyed_at", in_text(meta.rekeyed_at.value_or(Time{})));
}

void void_id_tokens(Database& database, Time until) {
    set(database, id_tokens, in_text(until));
}

std::optional<Time> id_tokens_void_until(Database& database) {
    return database.prepare("SELECT value FROM meta WHERE name = ?1")
        .with(id_tokens)
        .first([](const Statement& row) { return parse_time(row.text(0)); });
}

void hold_to_key(Database& database, const std::string& key_check) {
    const auto ask = [&database]() -> Statement& {
        return database.prepare("SELECT value FROM meta WHERE name = 'key_check'");
    };
    database.set_guard(
        {.expect = [ask] { ask().expect(); },
         .check =
             [&database, ask, key_check] {
                 const auto now = ask().first([](const Statement& row) { return row.text(0); });
                 if (now != key_check)
                     broken_database(error(ErrorCode::database_busy,
                                           fmt::format("the database '{}' got another key "
                                                       "meanwhile; nothing was changed",
                                                       database.location()))
                                         .with_hint("run the command again"));
             }});
}

} // namespace auth::meta_table
