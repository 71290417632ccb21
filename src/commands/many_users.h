// Commands that do the same to several users: all of them or none.
#pragma once

#include "commands/views.h"
#include "core/accounts/accounts.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace auth {

// Adds the positional EMAIL...
[[nodiscard]] std::shared_ptr<std::vector<std::string>> bind_many_users(Flags& flags);

using UserAct = std::function<Result<Updated>(Realm&, const UserRef&)>;
// One transaction over all; `done` and `already` begin the result lines.
[[nodiscard]] Result<Reply> change_many_users(World& world, const std::vector<std::string>& who,
                                              const UserAct& act, std::string_view done,
                                              std::string_view already);

} // namespace auth
