#include "core/writers/export_format.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr auto formats = std::to_array<ExportFormat>({
    {.name = "jsonl", .endings = ".jsonl .ndjson", .make = make_jsonl_writer},
    {.name = "csv", .endings = ".csv", .make = make_csv_writer},
    {.name = "manifest", .endings = ".yaml .yml", .make = make_manifest_writer},
    {.name = "ldif", .endings = ".ldif", .make = make_ldif_writer},
    {.name = "keycloak", .endings = ".json", .make = make_keycloak_writer},
    {.name = "kratos", .endings = ".json", .make = make_kratos_writer},
    {.name = "auth0", .endings = ".json", .make = make_auth0_writer},
    {.name = "authelia", .needs_hashes = true, .make = make_authelia_writer},
    {.name = "htpasswd",
     .endings = ".htpasswd",
     .needs_hashes = true,
     .make = make_htpasswd_writer},
});

} // namespace

std::span<const ExportFormat> export_formats() {
    return formats;
}

Result<const ExportFormat*> find_export_format(std::string_view name) {
    const auto* found = std::ranges::find(formats, name, &ExportFormat::name);
    if (found == formats.end())
        return fail(error(ErrorCode::usage, fmt::format("unknown format {}", in_quotes(name))));
    return found;
}

Result<const ExportFormat*> format_of_file(const std::filesystem::path& path) {
    const std::string ending = lower_ascii(path.extension().string());
    std::vector<const ExportFormat*> fitting;
    for (const ExportFormat& format : formats)
        if (const auto all = split(format.endings, ' ');
            std::ranges::find(all, ending) != all.end())
            fitting.push_back(&format);
    if (fitting.size() > 1) {
        std::vector<std::string_view> names;
        for (const ExportFormat* format : fitting)
            names.push_back(format->name);
        return fail(error(ErrorCode::usage, fmt::format("{} does not tell the format",
                                                        in_quotes(path.filename().string())))
                        .with_hint(fmt::format("give --format {}, or name the file .jsonl",
                                               fmt::join(names, ", ")))
                        .with_field("format"));
    }
    return fitting.empty() ? formats.data() : fitting.front();
}

} // namespace auth
