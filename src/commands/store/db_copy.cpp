#include "cli/input/one_argument.h"
#include "cli/output/document.h"
#include "cli/output/progress.h"
#include "commands/registry.h"
#include "core/audit/audit.h"
#include "core/base/encoding.h"
#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"
#include "core/store/postgres_url.h"
#include "core/store/sqlite/sqlite_backup.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/upkeep/copy_database.h"

#include <fmt/format.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

using Copied = std::vector<copy_table::Copied>;

Result<Copied> copy_into(World& world, Database& target, std::string_view name) {
    AUTH_TRY(auto& realm, world.realm());
    target.set_dry_run(world.dry_run);
    std::int64_t expected = 0;
    for (const std::string_view table : copy_table::tables())
        expected += copy_table::count(realm.database, table);
    Progress progress(world, "rows");
    AUTH_TRY(auto copied, copy_database(realm, target, name, [&](std::int64_t rows) {
                 progress.update(rows, static_cast<double>(rows) / static_cast<double>(expected));
                 return !world.interrupted();
             }));
    if (!copied)
        return fail(ErrorCode::cancelled, "interrupted; nothing was copied");
    return *std::move(copied);
}

// Made under another name, so that nobody ever sees half of it.
Result<Copied> copy_to_file(World& world, const fs::path& path) {
    std::error_code unknown;
    if (fs::symlink_status(path, unknown).type() != fs::file_type::not_found)
        return fail(ErrorCode::exists, fmt::format("the file '{}' already exists", path.string()),
                    "name a file that is not there yet");
    AUTH_CHECK(make_private_directory(directory_of(path)));
    const fs::path fresh = path.string() + "." + to_hex(random_bytes(world.random(), 8).reveal());
    const UnfinishedDatabase unfinished(fresh);
    try {
        auto database = SqliteDatabase::create(fresh);
        if (!database)
            return fail(called(std::move(database).error(), fresh, path));
        auto copied = copy_into(world, **database, path.string());
        if (!copied)
            return fail(called(std::move(copied).error(), fresh, path));
        database->reset();
        if (!world.dry_run)
            AUTH_CHECK(publish_private_file(fresh, path));
        return copied;
    } catch (const Failure& failure) {
        throw Failure(called(failure.error(), fresh, path));
    }
}

Result<Reply> copied_reply(World& world, const std::string& target, const Copied& copied) {
    std::int64_t rows = 0;
    Json tables = Json::object();
    for (const auto& [table, count] : copied) {
        tables[std::string(table)] = count;
        rows += count;
    }
    AUTH_TRY(auto& realm, world.realm());
    const AuditHead head = audit_head(realm.database);
    const std::string key = realm.vault.key_name();
    Reply reply;
    reply.document = {
        {"schema", "auth-cli.copy/1"},
        {"target", target},
        {"key_file", or_null(realm.vault.key_path().string())},
        {"rows", rows},
        {"tables", std::move(tables)},
        {"audit_head", {{"rows", head.rows}, {"seq", head.seq}, {"hash", to_hex(head.hash)}}},
        {"changed", true}};
    reply.note = fmt::format("copied {} rows to '{}'; it goes with the same key file '{}'", rows,
                             target, key);
    return reply;
}

Result<Reply> run(World& world, const std::string& target) {
    const std::string shown = is_postgres_url(target) ? shown_url(target) : target;
    if (!is_postgres_url(target)) {
        if (target.find("://") != std::string::npos)
            return fail(error(ErrorCode::usage,
                              fmt::format("'{}' is neither a file nor a postgresql:// URL", shown))
                            .with_field("TARGET"));
        constexpr std::string_view scheme = "sqlite:";
        AUTH_TRY(const Copied copied,
                 copy_to_file(world,
                              target.starts_with(scheme) ? target.substr(scheme.size()) : target));
        return copied_reply(world, shown, copied);
    }
    const auto database = world.store().make_on_postgres(target);
    AUTH_TRY(const Copied copied, copy_into(world, *database, shown));
    return copied_reply(world, shown, copied);
}

Action bind(Flags& flags) {
    flags.takes("TARGET", ValueKind::file);
    return bind_argument(flags, "TARGET", "a file or postgresql:// URL that holds no database yet",
                         run);
}

} // namespace

const Command db_copy_command{
    .path = "db copy",
    .group = "Store",
    .summary = "Copy the whole database, to PostgreSQL, back, or to another file",
    .examples = "auth-cli db copy ./copy.db",
    .mutates = true,
    .bind = bind,
    .fields = fields::copy,
};

} // namespace auth
