// Whose tokens of a drill are made, and for which service: what `token fixtures` and `token drill`
// are both told.
#pragma once

#include "cli/flags.h"
#include "core/token_drill/fixtures.h"

#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct FixtureOptions {
    std::string email;
    std::vector<std::string> audiences;
    std::vector<std::string> claims;
    std::string disabled;

    void bind(Flags& flags);
    [[nodiscard]] Result<FixtureOrder> order(std::string_view purpose) const;
};

} // namespace auth
