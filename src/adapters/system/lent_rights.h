// Rights that are only lent: setuid, setgid, or the wrapper lib/auth-cli/subject.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>

namespace auth {

struct LentRights {
    bool lent = false;
    std::optional<std::uint32_t> caller{}; // whom they are lent to, by uid; nothing: not known
    std::optional<Error> refusal{};        // why the program must do nothing with them
};

// Notes who called and then, where rights are lent, keeps nothing of the caller: neither ids, which
// would let the caller signal or trace this process and its helpers, nor what outlives execve, as
// signals, timers, soft limits, descriptors and the environment. Comes before anything else.
[[nodiscard]] LentRights take_lent_rights();

} // namespace auth
