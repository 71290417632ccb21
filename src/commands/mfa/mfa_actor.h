// Who changes a second factor: the subject, by its login or its password, or an operator.
#pragma once

#include "cli/command.h"
#include "cli/input/ask.h"
#include "cli/input/factor_source.h"
#include "core/accounts/enrolment.h"

#include <optional>
#include <string>
#include <vector>

namespace auth {

struct MfaActorOptions {
    std::string email;
    PasswordSource password;
    FactorSource factor;

    // Adds the flags of the password, and with `factors` those of the second factor.
    void bind(Flags& flags, bool factors);
};

struct MfaActor {
    User user;
    ActorProof proof; // none for an operator
    [[nodiscard]] bool is_operator() const { return !proof; }
};

// What a subject must prove beyond its login: nothing more, the second factor where it has one, or
// the password as well. Naming EMAIL needs the password; without any proof it is an operator's
// word.
enum class Demand { identity, factor, password_and_factor };
// Fails as use_stored_login, prove_account and prove_holder, or with not_found.
[[nodiscard]] Result<MfaActor> find_mfa_actor(World& world, const MfaActorOptions& options,
                                              Demand demand);

// auth-cli.recovery_codes/1 and the codes, one a line.
[[nodiscard]] Reply recovery_codes_reply(World& world, const FactorChange& change,
                                         std::string note);

} // namespace auth
