#include "cli/input/one_argument.h"
#include "cli/output/provider_view.h"
#include "cli/output/user_view.h"
#include "commands/registry.h"
#include "core/accounts/accounts.h"
#include "core/accounts/lockout.h"

namespace auth {
namespace {

Result<Reply> run(World& world, const std::string& who) {
    AUTH_TRY(const UserRef ref, parse_user_ref(who));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const User user, require_user(realm, ref));
    Reply reply;
    const auto waits_until = locked_until(realm, user.email_key);
    reply.document = user_document(user, waits_until);
    reply.document["identities"] = identity_records(realm, user);
    Lines lines = user_lines(world, user, waits_until);
    lines.emplace_back("login with", identity_words(reply.document["identities"]));
    reply.text = name_value_lines(lines);
    return reply;
}

Action bind(Flags& flags) {
    return bind_argument(flags, "EMAIL", "an address, @username or id:UUID", run);
}

} // namespace

const Command show_command{
    .path = "show",
    .group = "Users",
    .summary = "Show one user",
    .examples = "auth-cli create ann@example.org --no-password --verified\n"
                "auth-cli show ann@example.org --field id",
    .bind = bind,
    .fields = fields::user_detail,
};

} // namespace auth
