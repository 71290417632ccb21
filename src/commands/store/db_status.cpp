#include "commands/store/db_status.h"

#include "cli/output/document.h"
#include "commands/registry.h"
#include "core/accounts/hash_census.h"
#include "core/audit/audit.h"
#include "core/keys/signing_keys_table.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

Action bind(Flags&) {
    return [](World& world) -> Result<Reply> {
        AUTH_TRY(auto& realm, world.realm());
        Reply reply;
        reply.document = database_document(realm, world.store().meta());
        reply.text = database_text(world, reply.document);
        return reply;
    };
}

Json hash_records(Database& database) {
    Json out = Json::array();
    for (const auto& [kind, users] : hash_census(database))
        out.push_back({{"scheme", kind.scheme},
                       {"cost", kind.cost},
                       {"strength", to_name(kind.strength)},
                       {"users", users}});
    return out;
}

} // namespace

Json database_document(Realm& realm, const meta_table::Meta& meta) {
    const auto size = realm.database.size();
    const bool matches = realm.vault.require_key().has_value(); // before it is said which file
    return {{"schema", "auth-cli.db/1"},
            {"location", realm.database.location()},
            {"engine", realm.database.dialect().engine},
            {"database_id", meta.database_id},
            {"test", meta.test},
            {"schema_version", realm.database.schema_version()},
            {"created_at", to_rfc3339(meta.created_at)},
            {"users", users_table::count(realm.database)},
            {"hashes", hash_records(realm.database)},
            {"signing_keys", signing_keys_table::list(realm.database).size()},
            {"audit_rows", audit_head(realm.database).rows},
            {"bytes", size ? Json(*size) : Json()},
            {"key_file", or_null(realm.vault.key_path().string())},
            {"key_from", realm.vault.key_name()},
            {"key_matches", matches},
            {"round_trips", or_null(realm.database.round_trips())}};
}

std::string database_text(World& world, const Json& document) {
    const auto number = [&](const char* member) { return document.at(member).dump(); };
    const auto text = [&](const char* member) { return document.at(member).get<std::string>(); };
    Lines lines{{"database", text("location")},
                {"engine", text("engine")},
                {"kind", document.at("test").get<bool>()
                             ? "test database: cheap hashes, relaxed policy"
                             : "normal"},
                {"id", text("database_id")},
                {"schema", number("schema_version")},
                {"created", show_time(world, world.store().meta().created_at)},
                {"users", number("users")},
                {"signing keys", number("signing_keys")},
                {"audit rows", number("audit_rows")},
                {"bytes", number("bytes")},
                {"key file", fmt::format("{} ({})", text("key_from"),
                                         document.at("key_matches").get<bool>()
                                             ? "fits"
                                             : "MISSING or another database's")}};
    if (!document.at("round_trips").is_null())
        lines.emplace_back("round trips", number("round_trips"));
    for (const Json& hash : document.at("hashes"))
        lines.emplace_back(hash == document.at("hashes").front() ? "hashes" : "",
                           fmt::format("{} {} ({}): {}", hash.at("users").dump(),
                                       hash.at("scheme").get<std::string>(),
                                       hash.at("cost").get<std::string>(),
                                       hash.at("strength").get<std::string>()));
    return name_value_lines(lines);
}

const Command db_status_command{
    .path = "db status",
    .group = "Store",
    .summary = "Show what the database is and holds",
    .examples = "auth-cli db status",
    .bind = bind,
    .fields = fields::database,
};

} // namespace auth
