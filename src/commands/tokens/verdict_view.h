// What was judged of a token, for people and programs. Nothing a token says is shown before the
// token may be trusted.
#pragma once

#include "cli/command.h"
#include "core/jose/verifier.h"

#include <string>

namespace auth {

// auth-cli.token/1 of a valid token. As text the claims as JSON, or, where only the signature was
// looked at, the payload's bytes; a terminal gets neither as they are.
[[nodiscard]] Reply verdict_reply(const Verdict& verdict, const Expectations& expected,
                                  bool terminal);
// One record of a batch: {"line", …} and the members of auth-cli.token/1; a newline follows.
void append_verdict(std::string& out, std::int64_t line, const Verdict& verdict,
                    const Expectations& expected);

} // namespace auth
