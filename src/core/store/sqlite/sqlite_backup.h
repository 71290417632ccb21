// Whole copies of a SQLite database, by SQLite's own backup API.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

namespace auth {

// Copies the database into a new file of mode 0600, which is on disk when this returns; others may
// go on using it. Fails with exists, unsafe_permissions, io (of the copy, called by the name it is
// to have, `as`) and database_* (of the original); then there is no file.
[[nodiscard]] Status copy_sqlite(const std::filesystem::path& from, const std::filesystem::path& to,
                                 const std::filesystem::path& as);

// A number that every transaction changes that writes to the database; nothing where the file is
// too damaged to have one. Fails with database_busy or io.
[[nodiscard]] Result<std::optional<std::uint32_t>>
change_counter(const std::filesystem::path& database);

// Gives a database the content of another one in one transaction: others wait for it, and whatever
// happens there is the old content or the new. False where what is there is too damaged to be
// written to. Fails with database_busy, also where the database has another change counter than
// `unchanged` once nobody else can write, with database_read_only or io.
[[nodiscard]] Result<bool> overwrite_sqlite(const std::filesystem::path& from,
                                            const std::filesystem::path& into,
                                            std::optional<std::uint32_t> unchanged = std::nullopt);

// Removes a database that was not finished, and its journal. One that was has another name by then.
class UnfinishedDatabase {
  public:
    explicit UnfinishedDatabase(std::filesystem::path path) : path_(std::move(path)) {}
    UnfinishedDatabase(const UnfinishedDatabase&) = delete;
    UnfinishedDatabase& operator=(const UnfinishedDatabase&) = delete;
    ~UnfinishedDatabase();

  private:
    std::filesystem::path path_;
};

} // namespace auth
