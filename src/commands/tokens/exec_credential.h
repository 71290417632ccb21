// ExecCredential, by which Kubernetes clients take credentials from programs
// (client.authentication.k8s.io).
#pragma once

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/result.h"

#include <string_view>

namespace auth {

// The version that `exec_info`, the client's KUBERNETES_EXEC_INFO, asks for; v1 where it is empty.
// Fails with usage for versions other than v1 and v1beta1, and for what is no ExecCredential.
[[nodiscard]] Result<std::string> exec_credential_version(std::string_view exec_info);

[[nodiscard]] Json exec_credential(std::string_view version, std::string_view token, Time expires);

} // namespace auth
