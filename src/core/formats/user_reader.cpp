#include "core/formats/user_reader.h"

#include "core/base/broken.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Format {
    std::string_view name;
    ImportFormat format;
};

constexpr Format formats[] = {
    {"jsonl", ImportFormat::jsonl},         {"csv", ImportFormat::csv},
    {"htpasswd", ImportFormat::htpasswd},   {"shadow", ImportFormat::shadow},
    {"django", ImportFormat::django},       {"keycloak", ImportFormat::keycloak},
    {"firebase", ImportFormat::firebase},   {"auth0", ImportFormat::auth0},
    {"kratos", ImportFormat::kratos},       {"supabase", ImportFormat::supabase},
    {"ldif", ImportFormat::ldif},           {"passlib-csv", ImportFormat::passlib_csv},
    {"authelia", ImportFormat::authelia},   {"dovecot", ImportFormat::dovecot},
    {"wordpress", ImportFormat::wordpress},
};

} // namespace

std::string_view format_name(ImportFormat format) {
    for (const Format& one : formats)
        if (one.format == format)
            return one.name;
    bug("a format without a name");
}

bool is_foreign(ImportFormat format) {
    return format != ImportFormat::jsonl && format != ImportFormat::csv;
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

} // namespace auth
