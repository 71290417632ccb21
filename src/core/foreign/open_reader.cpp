// The readers stand behind this one function, which a module holds: they need more libraries than a
// start should load.
#include "core/base/broken.h"
#include "core/foreign/foreign_readers.h"
#include "core/formats/own_readers.h"
#include "core/formats/user_reader.h"

namespace auth {

Result<std::unique_ptr<UserReader>> open_reader(ImportFormat format, ByteSource source,
                                                const ReaderOptions& options) {
    switch (format) {
    case ImportFormat::jsonl:
        return open_json(std::move(source));
    case ImportFormat::csv:
        return open_csv(std::move(source), options.raw_csv);
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
    }
    bug("a format without a reader");
}

} // namespace auth
