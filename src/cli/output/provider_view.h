// Identity providers, and who users are there, as JSON and as text.
#pragma once

#include "cli/output/reply.h"
#include "cli/world/world.h"
#include "core/federation/identity.h"
#include "core/federation/provider.h"
#include "core/federation/workload_rules.h"

#include <string>
#include <string_view>
#include <vector>

namespace auth {

[[nodiscard]] Json provider_record(const Provider& provider);
// auth-cli.provider/1
[[nodiscard]] Reply provider_reply(const Provider& provider, bool changed, std::string note);

[[nodiscard]] Json workload_rule_record(const WorkloadRule& rule, std::string_view email);
// auth-cli.workload_rule/1
[[nodiscard]] Reply workload_rule_reply(const Allowed& allowed, std::string note);

// By the name of the provider, null where none has that issuer any more.
[[nodiscard]] Json identity_records(Realm& realm, const User& user);
// "google 1234, corp 5"
[[nodiscard]] std::string identity_words(const Json& identities);

} // namespace auth
