// The protocol of git's credential helpers (gitcredentials(7), git-credential(1)).
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <string>
#include <string_view>

namespace auth {

// What git asks for.
struct GitRequest {
    std::string protocol;
    std::string host; // with the port, where there is one
    std::string username;
    bool takes_authtype = false; // knows credentials other than passwords
};

// Lines of key=value up to an empty one. Fails with usage for a line that is none, and for control
// characters in a value.
[[nodiscard]] Result<GitRequest> parse_git_request(std::string_view text);

// Whether a token may travel there: under TLS, or on this machine.
[[nodiscard]] bool may_receive_token(const GitRequest& request);

// The credential as a password, and as a bearer token where that is understood. `token` and `user`
// hold no line ends.
[[nodiscard]] std::string git_answer(const GitRequest& request, std::string_view user,
                                     std::string_view token, Time expires);

} // namespace auth
