#include "core/keys/shared_secret.h"

#include "core/audit/audit.h"
#include "core/base/encoding.h"
#include "core/base/private_file.h"
#include "core/settings/setting.h"
#include "core/settings/settings_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::size_t least_size = 32;
constexpr std::size_t made_size = 48;

Error weak_secret(std::string_view file) {
    return error(ErrorCode::refused,
                 fmt::format("the shared secret '{}' is shorter than {} bytes", file, least_size))
        .with_reason("weak_secret")
        .with_hint(fmt::format("openssl rand -base64 48 > '{}'", file));
}

// Bytes may be anything, so these two are not taken off: a service would not do so.
Error odd_secret(std::string_view file) {
    return error(ErrorCode::refused,
                 fmt::format("the shared secret '{}' begins with a byte order mark or ends with a"
                             " carriage return (CR LF)",
                             file))
        .with_reason("odd_secret")
        .with_hint("write it without them, as dos2unix does");
}

} // namespace

Result<std::optional<Secret>> shared_secret(const Settings& settings) {
    const std::string file = settings.get(setting<"token.secret_file">);
    if (file.empty())
        return std::nullopt;
    // Shared with a service, so its mode is the operator's to choose: mounted secrets are often
    // links, and readable by the group.
    AUTH_TRY(Secret text, read_file("shared secret", file));
    if (const std::string_view bytes = text.reveal();
        bytes.starts_with("\xef\xbb\xbf") || bytes.ends_with("\r\n"))
        return fail(odd_secret(file));
    Secret secret = without_newline(std::move(text));
    if (secret.size() < least_size)
        return fail(weak_secret(file));
    return std::optional(std::move(secret));
}

Status make_shared_secret(Realm& realm, const std::string& file) {
    AUTH_TRY(const bool present, check_private_file("shared secret", file));
    if (present)
        return fail(error(ErrorCode::exists, fmt::format("'{}' already exists", file))
                        .with_hint(NextStep{"config set", {"token.algorithm", "HS256"}}));
    Transaction transaction(realm.database);
    if (!realm.settings.given(setting<"token.secret_file">))
        (void)settings_table::put(realm.database, setting<"token.secret_file">, file, realm.now());
    record(realm, {"key_created", file, true, {{"algorithm", "HS256"}}});
    if (!realm.dry_run) {
        std::string text = to_base64(random_bytes(realm.random, made_size).reveal()) + "\n";
        const Status written = create_private_file(file, text);
        wipe(text);
        AUTH_CHECK(written);
    }
    transaction.commit();
    return {};
}

} // namespace auth
