// Commands that do the same to several users, named or chosen by --where: to all of them or none.
#pragma once

#include "cli/flags.h"
#include "cli/output/user_view.h"
#include "core/accounts/accounts.h"
#include "core/users/user_filter.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace auth {

// For commands that only read: adds --where, and reads it. Every user where it is empty.
void bind_where(Flags& flags, std::string& where);
[[nodiscard]] Result<UserFilter> read_where(World& world, const std::string& where);

struct ManyUsers {
    std::vector<std::string> who;
    std::string where;
    std::optional<std::int64_t> max_affected;
    bool yes = false;
    bool attempts = false;    // the act reads or forgets failed attempts
    bool destructive = false; // then --where meets one user at most, unless told otherwise

    // Adds EMAIL…, --where and --max-affected.
    void bind(Flags& flags);
    // --where and --max-affected alone, and --yes where there is none.
    void bind_choice(Flags& flags);
};

using UserAct = std::function<Result<Updated>(Realm&, const UserRef&)>;
struct Wording {
    std::string_view done;    // begins a result line: "disabled"
    std::string_view already; // the same where nothing changed: "already disabled:"
    std::string_view ask;     // begins the question about many: "Disable"
};
// One transaction over all. Those chosen by --where answer with a record each, those named as
// users_reply. Fails with usage unless there are either names or an expression, and with refused,
// reason max_affected, where the expression meets too many.
[[nodiscard]] Result<Reply> change_many_users(World& world, const ManyUsers& users,
                                              const UserAct& act, const Wording& wording);

} // namespace auth
