// A program whose one user, Ann, has logged in.
#pragma once

#include "support/test_world.h"

namespace auth::test {

struct LoggedIn : TestWorld {
    LoggedIn() {
        type("some password")
            .must({"create", "ann@example.org", "--password-stdin", "--verified", "--login"});
    }
};

} // namespace auth::test
