#include "commands/roles/role_members.h"

#include "cli/output/user_view.h"
#include "core/accounts/accounts.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string who;
    std::vector<std::string> roles;
};

Result<Reply> run(World& world, const Options& options, RoleAct act, std::string_view done) {
    AUTH_TRY(const UserRef ref, parse_user_ref(options.who));
    std::vector<RoleName> roles;
    for (const std::string& text : options.roles) {
        AUTH_TRY(RoleName name, RoleName::parse(text));
        roles.push_back(std::move(name));
    }
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const std::string id, id_of(realm, ref));
    Transaction transaction(realm.database, Locks::user(id));
    AUTH_TRY(User user, read_locked(realm, ref, id));
    AUTH_TRY(const bool changed, act(realm, user, roles));
    transaction.commit();
    const std::string held =
        user.roles.empty() ? "none" : fmt::format("{}", fmt::join(user.roles, ", "));
    return user_reply(realm, user,
                      {changed,
                       {},
                       {},
                       fmt::format("{} {}: now {}", changed ? done : "no changes for",
                                   printable(user.email), held)});
}

} // namespace

Action bind_role_change(Flags& flags, RoleAct act, std::string_view done) {
    auto options = std::make_shared<Options>();
    flags.argument("EMAIL", options->who, "an address, @username or id:UUID");
    flags.arguments("ROLE", options->roles, "names of roles, as role list shows them");
    return [options, act, done](World& world) { return run(world, *options, act, done); };
}

} // namespace auth
