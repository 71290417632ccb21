// What the Verifier found, for people and programs. Nothing a token says is shown before the token
// may be trusted.
#pragma once

#include "cli/command.h"
#include "core/jose/verifier.h"

#include <string>

namespace auth {

// Code expired where that is all that is wrong, else invalid_token; every problem is named.
[[nodiscard]] Error verdict_error(const Verdict& verdict);
// auth-cli.token/1 of a valid token. As text the claims as JSON, or, where only the signature was
// looked at, the payload's bytes; a terminal gets neither as they are.
[[nodiscard]] Reply verdict_reply(const Verdict& verdict, const Expectations& expected,
                                  bool terminal);
// One record of a batch: {"line", …} and the members of auth-cli.token/1; a newline follows.
void append_verdict(std::string& out, std::int64_t line, const Verdict& verdict,
                    const Expectations& expected);

} // namespace auth
