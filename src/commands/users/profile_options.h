// The flags that set a user's profile, for create and update.
#pragma once

#include "cli/flags.h"
#include "core/base/result.h"
#include "core/users/user.h"

#include <string>
#include <vector>

namespace auth {

struct ProfileOptions : Profile {
    std::vector<std::string> sets; // KEY=VALUE

    void bind(Flags& flags);
    // Fails with usage for a --set without '='.
    [[nodiscard]] Result<ProfileChange> change() const;
};

} // namespace auth
