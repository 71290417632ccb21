#include "core/federation/device_code.h"

#include "core/federation/web_address.h"
#include "core/jose/jwk_members.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace auth {
namespace {

constexpr std::int64_t longest_wait = 1800;   // seconds that anybody waits for
constexpr std::int64_t longest_interval = 60; // a provider that wants more is no use
constexpr std::int64_t default_interval = 5;  // RFC 8628 section 3.2

std::int64_t number_member(const Json& document, const char* name, std::int64_t fallback) {
    const auto found = document.find(name);
    return found != document.end() && found->is_number_integer() ? found->get<std::int64_t>()
                                                                 : fallback;
}

bool may_be_shown(std::string_view code) {
    return !code.empty() && code.size() <= 64 &&
           std::ranges::all_of(code, [](char c) { return c >= ' ' && c < '\x7f'; });
}

bool leads_somewhere(std::string_view url, std::string_view issuer) {
    return is_web_address(url) && (!is_loopback_address(url) || is_loopback_address(issuer));
}

constexpr Seconds more_patience{5}; // section 3.5

} // namespace

Result<DeviceCode> read_device_code(const HttpResponse& response, std::string_view issuer,
                                    const SharedSecrets& secrets) {
    if (const auto said = oauth_error(response))
        return fail(refusal_of(*said, secrets));
    AUTH_TRY(Json document, read_document(response, "device code"));
    const std::unique_ptr<Json, members::Wipe> owner(&document);
    DeviceCode code;
    code.device_code = Secret(text_member(document, "device_code"));
    if (const auto said = oauth_error(document); said && code.device_code.empty())
        return fail(refusal_of(*said, secrets));
    code.user_code = text_member(document, "user_code");
    code.verification_uri = text_member(document, "verification_uri");
    if (code.verification_uri.empty()) // as Google spells it
        code.verification_uri = text_member(document, "verification_url");
    code.complete_uri = text_member(document, "verification_uri_complete");
    const bool complete = code.complete_uri.empty() || leads_somewhere(code.complete_uri, issuer);
    if (code.device_code.empty() || !may_be_shown(code.user_code) || !complete ||
        !leads_somewhere(code.verification_uri, issuer))
        return fail(provider_trouble("malformed", "the provider's device code is incomplete"));
    code.expires_in = Seconds(std::clamp<std::int64_t>(
        number_member(document, "expires_in", longest_wait), 1, longest_wait));
    code.interval = Seconds(std::clamp<std::int64_t>(
        number_member(document, "interval", default_interval), 1, longest_interval));
    return code;
}

Result<DevicePoll> read_poll(const Result<HttpResponse>& response, Seconds interval,
                             const SharedSecrets& secrets) {
    if (!response && failed_on_its_way(response.error()))
        return DevicePoll{
            std::nullopt,
            std::max(interval, std::min<Seconds>(2 * interval, Seconds(longest_interval)))};
    if (!response)
        return fail(response.error());
    auto tokens = read_tokens(*response, secrets);
    if (tokens)
        return DevicePoll{*std::move(tokens), interval};
    const std::string& reason = tokens.error().reason;
    if (reason == "slow_down" || is_overloaded(response->status, reason))
        return DevicePoll{std::nullopt, interval + more_patience};
    if (reason == "authorization_pending")
        return DevicePoll{std::nullopt, interval};
    return fail(std::move(tokens).error());
}

} // namespace auth
