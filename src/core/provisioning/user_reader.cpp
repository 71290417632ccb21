#include "core/provisioning/user_reader.h"

#include "core/base/text.h"
#include "core/provisioning/json_shape.h"
#include "core/provisioning/own_readers.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

struct Format {
    std::string_view name;
    ImportFormat format;
};

constexpr Format formats[] = {
    {"jsonl", ImportFormat::jsonl},
    {"csv", ImportFormat::csv},
};

} // namespace

std::string_view format_name(ImportFormat format) {
    for (const Format& one : formats)
        if (one.format == format)
            return one.name;
    throw std::logic_error("a format without a name");
}

std::vector<std::string> format_names() {
    std::vector<std::string> names;
    for (const Format& one : formats)
        names.emplace_back(one.name);
    return names;
}

Result<ImportFormat> parse_format(std::string_view name) {
    for (const Format& one : formats)
        if (one.name == name)
            return one.format;
    const std::vector<std::string> names = format_names();
    const std::string meant = nearest(name, names);
    return fail(error(ErrorCode::usage, fmt::format("there is no format {}", in_quotes(name)))
                    .with_hint(meant.empty() ? fmt::format("known: {}", fmt::join(names, ", "))
                                             : fmt::format("did you mean {}?", meant))
                    .with_field("from"));
}

Result<ImportFormat> detect_format(std::string_view head, std::string_view) {
    if (head.starts_with(byte_order_mark))
        head.remove_prefix(byte_order_mark.size());
    const JsonOutline outline = outline_json(head);
    if (outline.opener == '{' || outline.opener == '[')
        return ImportFormat::jsonl;
    return ImportFormat::csv;
}

Result<std::unique_ptr<UserReader>> open_reader(ImportFormat format, ByteSource source,
                                                const ReaderOptions& options) {
    switch (format) {
    case ImportFormat::jsonl:
        return open_json(std::move(source));
    case ImportFormat::csv:
        return open_csv(std::move(source), options.raw_csv);
    }
    throw std::logic_error("a format without a reader");
}

} // namespace auth
