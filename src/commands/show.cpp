#include "commands/one_argument.h"
#include "commands/provider_view.h"
#include "commands/registry.h"
#include "commands/views.h"
#include "core/accounts/accounts.h"

namespace auth {
namespace {

Result<Reply> run(World& world, const std::string& who) {
    AUTH_TRY(const UserRef ref, parse_user_ref(who));
    AUTH_TRY(const User user, require_user(world.realm(), ref));
    Reply reply;
    reply.document = user_document(world.realm(), user);
    reply.document["identities"] = identity_records(world.realm(), user);
    Lines lines = user_lines(world, reply.document);
    lines.emplace_back("log-in with", identity_words(reply.document["identities"]));
    reply.text = name_value_lines(lines);
    return reply;
}

Action bind(Flags& flags) {
    return bind_argument(flags, "EMAIL", "an address, @username or id:UUID", run);
}

} // namespace

const Command show_command{
    "show",
    "Users",
    "Show one user",
    "auth-cli create ann@example.org --no-password --verified\n"
    "auth-cli show ann@example.org --field id",
    false,
    bind,
    fields::user_detail,
};

} // namespace auth
