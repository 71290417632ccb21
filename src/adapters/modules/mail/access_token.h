// The access token of a mail server, printed by the program of mail.smtp_token_command.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"

#include <string>
#include <vector>

namespace auth {

// Runs the program and takes what it prints: one token (RFC 6750 section 2.1) and nothing else but
// a line end. Fails with delivery: misconfigured, or timeout after `limit`. No error shows what the
// program printed.
[[nodiscard]] Result<Secret> fetch_access_token(const std::vector<std::string>& command,
                                                Seconds limit);

} // namespace auth
