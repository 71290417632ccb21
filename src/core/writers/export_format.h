// The formats that users are written in, one row each.
#pragma once

#include "core/writers/user_writer.h"

#include <filesystem>
#include <span>
#include <string_view>

namespace auth {

struct ExportFormat {
    std::string_view name;
    std::string_view endings{}; // of names of its files, in lower case, with spaces between them
    // A file of this format is nothing but names and hashes.
    bool needs_hashes = false;
    std::unique_ptr<UserWriter> (*make)(const WriterOptions& options) = nullptr;
};

[[nodiscard]] std::span<const ExportFormat> export_formats();

// Fails with usage for a name that is not in the table.
[[nodiscard]] Result<const ExportFormat*> find_export_format(std::string_view name);

// The format that a file's name tells, jsonl where it tells none. Fails with usage where several
// formats have files of such a name.
[[nodiscard]] Result<const ExportFormat*> format_of_file(const std::filesystem::path& path);

} // namespace auth
