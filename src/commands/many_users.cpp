#include "commands/many_users.h"

#include "core/accounts/users_table.h"

#include <set>

namespace auth {

std::shared_ptr<std::vector<std::string>> bind_many_users(Flags& flags) {
    auto who = std::make_shared<std::vector<std::string>>();
    flags.arguments("EMAIL", *who, "addresses, @usernames or id:UUIDs");
    return who;
}

Result<Reply> change_many_users(World& world, const std::vector<std::string>& who,
                                const UserAct& act, std::string_view done,
                                std::string_view already) {
    std::vector<UserRef> refs;
    std::set<std::string> names; // a user named twice is one user
    for (const std::string& text : who) {
        AUTH_TRY(UserRef ref, parse_user_ref(text));
        const auto user = users_table::find(world.realm().database, ref);
        if (names.insert(user ? user->id : to_text(ref)).second)
            refs.push_back(std::move(ref));
    }
    Realm& realm = world.realm();
    std::vector<Updated> users;
    Transaction transaction(realm.database);
    for (const UserRef& ref : refs) {
        AUTH_TRY(Updated updated, act(realm, ref));
        users.push_back(std::move(updated));
    }
    transaction.commit();
    return users_reply(world, users, done, already);
}

} // namespace auth
