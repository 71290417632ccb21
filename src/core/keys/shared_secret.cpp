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

} // namespace

Result<std::optional<Secret>> shared_secret(const Settings& settings) {
    const std::string file = settings.get(setting<"token.secret_file">);
    if (file.empty())
        return std::nullopt;
    // Shared with a service, so its mode is the operator's to choose: mounted secrets are often
    // links, and readable by the group.
    AUTH_TRY(Secret text, read_file("shared secret", file));
    Secret secret = without_newline(std::move(text));
    if (secret.size() < least_size)
        return fail(weak_secret(file));
    return std::optional(std::move(secret));
}

Status make_shared_secret(Realm& realm, const std::string& file) {
    AUTH_TRY(const bool present, check_private_file("shared secret", file));
    if (present)
        return fail(error(ErrorCode::exists, fmt::format("'{}' is there already", file))
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
