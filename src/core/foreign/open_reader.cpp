// The readers stand behind this one function, which a module holds: they need more libraries than a
// start should load.
#include "core/base/broken.h"
#include "core/foreign/foreign_readers.h"
#include "core/foreign/role_names.h"
#include "core/formats/own_readers.h"
#include "core/formats/user_reader.h"

#include <fmt/format.h>

#include <utility>

namespace auth {
namespace {

// Fails for what only files of ours can do.
Status check(ImportFormat format, const ReaderOptions& options) {
    const std::pair<bool, std::string_view> for_csv[] = {
        {options.delimiter.has_value(), "delimiter"},
        {!options.columns.empty(), "columns"},
        {!options.ignored_columns.empty(), "ignore-columns"}};
    for (const auto& [given, name] : for_csv)
        if (given && format != ImportFormat::csv)
            return fail(error(ErrorCode::usage,
                              fmt::format("--{} is for the format csv, and the file is {}", name,
                                          format_name(format)))
                            .with_hint("--from csv reads it as such a file")
                            .with_field(std::string(name)));
    return {};
}

Result<std::unique_ptr<UserReader>> open(ImportFormat format, ByteSource source,
                                         const ReaderOptions& options) {
    switch (format) {
    case ImportFormat::jsonl:
        return open_json(std::move(source));
    case ImportFormat::csv:
        return open_csv(std::move(source), options);
    case ImportFormat::htpasswd:
        return open_htpasswd(std::move(source), options.domain);
    case ImportFormat::shadow:
        return open_shadow(std::move(source), options.domain, options.now);
    case ImportFormat::django:
        return open_django(std::move(source), options.domain);
    case ImportFormat::keycloak:
        return open_keycloak(std::move(source), options.domain);
    case ImportFormat::firebase:
        return open_firebase(std::move(source), options.domain, options.hash_config);
    case ImportFormat::auth0:
        return open_auth0(std::move(source), options.domain);
    case ImportFormat::kratos:
        return open_kratos(std::move(source), options.domain);
    case ImportFormat::supabase:
        return open_supabase(std::move(source), options.domain, options.now);
    case ImportFormat::ldif:
        return open_ldif(std::move(source), options.domain, options.now);
    case ImportFormat::passlib_csv:
        return open_passlib_csv(std::move(source), options.domain);
    case ImportFormat::authelia:
        return open_authelia(source, options.domain, options.parse_yaml);
    case ImportFormat::dovecot:
        return open_dovecot(std::move(source), options.domain);
    case ImportFormat::wordpress:
        return open_wordpress(std::move(source), options.domain);
    }
    bug("a format without a reader");
}

} // namespace

Result<std::unique_ptr<UserReader>> open_reader(ImportFormat format, ByteSource source,
                                                const ReaderOptions& options) {
    AUTH_CHECK(check(format, options));
    AUTH_TRY(auto reader, open(format, std::move(source), options));
    return with_role_names(std::move(reader), options.role_names, is_foreign(format));
}

} // namespace auth
