// The ID token that a runner of GitHub Actions gives to its job on request.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/ports/http.h"

#include <functional>
#include <string>
#include <string_view>

namespace auth {

// The variables of the job; empty where it has none of them.
inline constexpr const char* runner_url_variable = "ACTIONS_ID_TOKEN_REQUEST_URL";
inline constexpr const char* runner_token_variable = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
struct Runner {
    std::string url;
    Secret token; // the job's own, for the runner alone
};

// An ID token for that audience, unchecked. Fails with input_required outside of a job that may ask
// for one, usage for an address that the job's token must not be sent to, and delivery: as
// Http::exchange, "http_error" or "malformed".
[[nodiscard]] Result<Secret> ask_runner(const Runner& runner, std::string_view audience, Http& http,
                                        const std::function<bool()>& stopped);

} // namespace auth
