// How a later run of an import goes on from the results of one that was interrupted: a record a
// line, as the batch prints them.
#pragma once

#include "core/provisioning/import_users.h"

#include <filesystem>
#include <memory>
#include <string>

namespace auth {

// How far an interrupted import came. Its results were on disk before its rows were committed, so
// the last user it made who is in the database says where the commits ended.
struct ImportProgress {
    std::int64_t line = 0;   // the last one that is done with
    std::string email;       // on it
    std::uint64_t bytes = 0; // of the file of results, up to there
    std::int64_t failed = 0; // of the rows up to there
};
// Fails with io, unsafe_permissions, or usage for a file that holds something else.
[[nodiscard]] Result<ImportProgress> read_progress(Realm& realm, const std::filesystem::path& path);

// Passes over what is done with, and notes its addresses. Fails with usage, field "resume", where
// the file is another one.
[[nodiscard]] std::unique_ptr<UserReader> after(std::unique_ptr<UserReader> reader,
                                                ImportProgress progress,
                                                std::shared_ptr<RowIndex> passed);

} // namespace auth
