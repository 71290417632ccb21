// Where a code of the second factor comes from: flags, stdin or the terminal.
#pragma once

#include "cli/flags.h"
#include "cli/world/world.h"
#include "core/accounts/second_factor.h"

#include <string>

namespace auth {

struct FactorSource {
    std::string totp;
    std::string recovery_code;

    // Adds --totp and --recovery-code.
    void bind(Flags& flags);
    [[nodiscard]] bool given() const { return !totp.empty() || !recovery_code.empty(); }
};

// Reads stdin now, where the code comes from there; a person is asked only once the rest was right.
// Fails with usage for what cannot be a code.
[[nodiscard]] Result<AskFactor> ask_factor(World& world, const FactorSource& source);
// The same of a person who may say that the factor is not theirs: an empty answer fails with
// refused, reason mfa_required.
[[nodiscard]] Result<AskFactor> ask_own_factor(World& world, const FactorSource& source);

} // namespace auth
