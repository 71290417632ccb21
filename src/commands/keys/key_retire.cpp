#include "cli/input/one_argument.h"
#include "commands/keys/key_view.h"
#include "commands/registry.h"

namespace auth {
namespace {

Result<Reply> run(World& world, const std::string& kid) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const KeyChange change, retire_key(realm, kid));
    return key_reply(realm, change, "retired", "already retired:");
}

Action bind(Flags& flags) {
    return bind_argument(flags, "KID", "the key, by its id", run);
}

} // namespace

const Command key_retire_command{
    .path = "key retire",
    .group = "Keys",
    .summary = "Stop signing with a key; its tokens verify until they expire",
    .examples = "KID=$(auth-cli key list --field kid | head -n 1)\n"
                "auth-cli key retire \"$KID\"",
    .mutates = true,
    .bind = bind,
    .fields = fields::key_change,
};

} // namespace auth
