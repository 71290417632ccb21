// Logging a workload in by the ID token that it brings, as part of the command login.
#pragma once

#include "cli/flags.h"
#include "cli/world/world.h"
#include "core/sessions/session.h"

#include <optional>
#include <string>

namespace auth {

struct IdTokenSource {
    std::string from; // a file, "-", "github" or "env:NAME"

    // Adds --id-token.
    void bind(Flags& flags);
    [[nodiscard]] bool given() const { return !from.empty(); }
};

// Fails as find_provider, check_for_workloads, discover, ProviderClient::prove_workload and
// log_in_workload; and where the ID token cannot be had: usage, input_required, io, and as
// ask_runner.
[[nodiscard]] Result<Grant> log_in_by_id_token(World& world, const std::string& provider_name,
                                               const IdTokenSource& source,
                                               const std::string& email,
                                               std::optional<Seconds> ttl);

} // namespace auth
