#include "cli/output/document.h"
#include "commands/registry.h"

#include <fmt/format.h>
#include <idn2.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <sqlite3.h>
#include <utf8proc.h>

namespace auth {
namespace {

Action bind(Flags&) {
    return [](World&) -> Result<Reply> {
        Reply reply;
        reply.document = {{"schema", "auth-cli.version/1"},
                          {"version", AUTH_VERSION},
                          {"libraries",
                           {{"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
                            {"sqlite", sqlite3_libversion()},
                            {"sodium", sodium_version_string()},
                            {"idn2", idn2_check_version(nullptr)},
                            {"utf8proc", utf8proc_version()}}}};
        reply.text = fmt::format("auth-cli {}\n", AUTH_VERSION);
        return reply;
    };
}

} // namespace

const Command version_command{
    .path = "version",
    .group = "Meta",
    .summary = "Show the version",
    .examples = "auth-cli version",
    .bind = bind,
    .fields = fields::version,
    .needs_settings = false,
    .for_subjects = true,
};

} // namespace auth
