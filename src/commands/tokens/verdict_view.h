// What was judged of a token, for people and programs. Nothing a token says is shown before the
// token may be trusted.
#pragma once

#include "cli/command.h"
#include "core/jose/verifier.h"

#include <optional>
#include <string>

namespace auth {

// The second of a NumericDate, if RFC 3339 can write it.
[[nodiscard]] std::optional<Time> shown_time(const Json& date);
// "expires_at" and "expires_in" of claims: null where there is no such time, or no room for it.
struct ShownExpiry {
    std::optional<Time> at{};
    std::optional<std::int64_t> in{};
};
[[nodiscard]] ShownExpiry expiry_of(const Json& claims, Time now);
// auth-cli.token/1 of a valid token. As text the claims as JSON, or, where only the signature was
// looked at, the payload's bytes; a terminal gets neither as they are.
[[nodiscard]] Reply verdict_reply(const Verdict& verdict, const Expectations& expected,
                                  bool terminal);
// One record of a batch: {"line", …} and the members of auth-cli.token/1; a newline follows.
void append_verdict(std::string& out, std::int64_t line, const Verdict& verdict,
                    const Expectations& expected);

} // namespace auth
