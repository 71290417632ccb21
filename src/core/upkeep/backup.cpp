#include "core/upkeep/backup.h"

#include "core/base/encoding.h"
#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"
#include "core/store/meta_table.h"
#include "core/store/sqlite/sqlite_backup.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/upkeep/backup_seal.h"

#include <fmt/format.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

// SQLite takes what has such a name for part of the database.
bool is_companion(const fs::path& file, const fs::path& database) {
    std::error_code unknown;
    const std::string name = file.filename().string();
    return name.starts_with(database.filename().string() + "-") &&
           fs::equivalent(directory_of(file), directory_of(database), unknown);
}

Status check_target(const BackupOrder& order) {
    std::error_code unknown;
    if (is_companion(order.file, order.database))
        return fail(error(ErrorCode::usage,
                          fmt::format("'{}' is a name that SQLite uses", order.file.string()))
                        .with_field("file")
                        .with_hint("name another file"));
    const auto type = fs::symlink_status(order.file, unknown).type();
    if (type == fs::file_type::not_found)
        return {};
    if (fs::equivalent(order.file, order.database, unknown))
        return fail(error(ErrorCode::usage, "the backup would take the place of the database")
                        .with_field("file")
                        .with_hint("name another file"));
    if (!order.replace)
        return fail(
            error(ErrorCode::exists, fmt::format("'{}' already exists", order.file.string()))
                .with_field("file")
                .with_hint("name another file, or take its place with --replace"));
    AUTH_CHECK(check_private_file("backup", order.file));
    return {};
}

// The key, or nothing where the file holds it already.
Result<std::optional<Secret>> key_to_copy(const fs::path& key_path, const fs::path& file) {
    AUTH_TRY(auto key, read_private_file("key file", key_path));
    if (!key)
        return fail(ErrorCode::key_mismatch,
                    fmt::format("the key file '{}' is missing", key_path.string()),
                    "name it with --key-file");
    AUTH_TRY(const bool present, check_private_file("key copy", file));
    if (!present)
        return key;
    const auto there = read_private_file("key copy", file); // which may be too long for a key
    if (there && *there && (*there)->reveal() == key->reveal())
        return std::nullopt;
    return fail(error(ErrorCode::exists, fmt::format("'{}' already exists", file.string()))
                    .with_field("key_copy")
                    .with_hint("name another file for the key"));
}

Status publish(const fs::path& fresh, const BackupOrder& order) {
    if (!order.replace)
        return publish_private_file(fresh, order.file);
    std::error_code problem;
    fs::rename(fresh, order.file, problem);
    if (problem)
        return fail(io_error("replace", order.file, problem.value()));
    return sync_directory(directory_of(order.file));
}

// Looks at the copy; once this returns, no connection has it open.
Result<meta_table::Meta> check_copy(const fs::path& fresh) {
    AUTH_TRY(const auto copy, SqliteDatabase::open(fresh));
    const auto problems = copy->integrity_problems();
    if (!problems.empty())
        return fail(ErrorCode::database_corrupt,
                    fmt::format("the database is damaged ({}), and so would its backup be",
                                problems.front().what),
                    NextStep{"doctor"});
    return meta_table::load(*copy);
}

} // namespace

Result<std::uintmax_t> back_up(const BackupOrder& order, const Vault& vault, Random& random) {
    AUTH_CHECK(check_target(order));
    const std::string suffix = to_hex(random_bytes(random, 8).reveal());
    const fs::path fresh =
        directory_of(order.file) / fmt::format(".{}.{}", order.file.filename().string(), suffix);
    const UnfinishedDatabase unfinished(fresh);
    AUTH_CHECK(copy_sqlite(order.database, fresh, order.file));
    AUTH_TRY(const meta_table::Meta meta, check_copy(fresh));
    if (const Status sealed = seal_backup(fresh, meta, vault, random); !sealed)
        return fail(called(sealed.error(), fresh, order.file));
    std::error_code unknown;
    const std::uintmax_t size = fs::file_size(fresh, unknown);
    if (!order.dry_run)
        AUTH_CHECK(publish(fresh, order));
    return size;
}

Status check_key_copy(const fs::path& key_path, const fs::path& file) {
    return key_to_copy(key_path, file).map([](const auto&) {});
}

Status back_up_key(const fs::path& key_path, const fs::path& file) {
    AUTH_TRY(const auto key, key_to_copy(key_path, file));
    return key ? create_private_file(file, key->reveal()) : Status{};
}

} // namespace auth
