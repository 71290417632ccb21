#include "cli/input/one_argument.h"
#include "commands/keys/key_view.h"
#include "commands/registry.h"

namespace auth {
namespace {

Result<Reply> run(World& world, const std::string& kid) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const KeyChange change, revoke_key(realm, kid));
    return key_reply(realm, change, "revoked", "already revoked:");
}

Action bind(Flags& flags) {
    return bind_argument(flags, "KID", "the key, by its id", run);
}

} // namespace

const Command key_revoke_command{
    .path = "key revoke",
    .group = "Keys",
    .summary = "Refuse a key's tokens from now on",
    .examples = "KID=$(auth-cli key list --field kid | head -n 1)\n"
                "auth-cli key revoke \"$KID\"",
    .mutates = true,
    .bind = bind,
    .fields = fields::key_change,
};

} // namespace auth
