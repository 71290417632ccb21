#include "core/federation/runner_token.h"

#include "core/base/encoding.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/federation/provider_answer.h"
#include "core/federation/web_address.h"
#include "core/jose/jwk_members.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace auth {
namespace {

Status check_runner(const Runner& runner) {
    if (runner.url.empty() || runner.token.empty())
        return fail(
            error(ErrorCode::input_required,
                  fmt::format("{} is not set: this is not a job that may ask for an ID token",
                              runner.url.empty() ? runner_url_variable : runner_token_variable))
                .with_field("id_token")
                .with_hint("give the job the permission 'id-token: write'"));
    if (is_web_address(runner.url))
        return {};
    return fail(error(ErrorCode::usage,
                      fmt::format("invalid {}: must be an https address", runner_url_variable))
                    .with_field("id_token"));
}

HttpRequest request_for(const Runner& runner, std::string_view audience) {
    const char mark = runner.url.find('?') == std::string::npos ? '?' : '&';
    HttpRequest request{
        fmt::format("{}{}audience={}", runner.url, mark, percent_encoded(audience))};
    request.authorization = Secret(std::string_view("Bearer "));
    request.authorization.append(runner.token.reveal());
    return request;
}

} // namespace

Result<Secret> ask_runner(const Runner& runner, std::string_view audience, Http& http,
                          const std::function<bool()>& stopped) {
    AUTH_CHECK(check_runner(runner));
    AUTH_TRY(const HttpResponse response, http.exchange(request_for(runner, audience), stopped));
    if (response.status != 200)
        return fail(provider_trouble(
            "http_error", fmt::format("the runner answered with status {} instead of an ID token",
                                      response.status)));
    auto document = parse_json(response.body.reveal());
    const std::unique_ptr<Json, members::Wipe> owner(document ? &*document : nullptr);
    const std::string* token = document ? find_text(*document, "value") : nullptr;
    if (token == nullptr || token->empty())
        return fail(provider_trouble("malformed", "the runner's answer has no ID token"));
    return Secret(*token);
}

} // namespace auth
