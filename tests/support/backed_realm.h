// A realm with a backup of it, which anybody may have altered.
#pragma once

#include "core/store/sqlite/sqlite_database.h"
#include "core/upkeep/backup.h"
#include "core/upkeep/restore.h"
#include "support/test_realm.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace auth::test {

struct Backed : TestRealm {
    std::filesystem::path file = directory() / "backup.db";
    Status back_up(bool replace = false, bool dry_run = false) {
        return auth::back_up({database_path(), file, replace, dry_run}, vault(), random)
            .map([](std::uintmax_t) {});
    }
    Result<Restore> prepare(const std::filesystem::path& key = {},
                            const std::filesystem::path& key_from = {}, bool unsealed = false) {
        return Restore::prepare({file, database_path(), key.empty() ? key_path() : key, key_from,
                                 [] { return std::string("os:tester"); }, unsealed},
                                settings, clock, random);
    }
    // Nobody vouches for it.
    Result<Restore> prepare_unsealed() { return prepare({}, {}, true); }
    // As anybody does who may write the backup, and has no key.
    void edit_backup(const std::string& sql) {
        const auto backup = SqliteDatabase::open(file).value();
        backup->execute(sql);
    }
    void write_backup(const std::string& bytes) {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    }
    std::size_t files() {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(directory().path()),
                          std::filesystem::directory_iterator()));
    }
};

} // namespace auth::test
