#include "core/federation/provider_metadata.h"

#include "core/base/text.h"
#include "core/federation/provider_answer.h"
#include "core/federation/web_address.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace auth {
namespace {

Status check_endpoint(std::string_view name, const std::string& url, std::string_view issuer) {
    if (url.empty())
        return fail(provider_trouble(
            "malformed", fmt::format("the provider's discovery document has no {}", name)));
    if (is_web_address(url) && (!is_loopback_address(url) || is_loopback_address(issuer)))
        return {};
    return fail(
        provider_trouble("insecure", fmt::format("the provider's {} is not an https address: {}",
                                                 name, in_quotes(url))));
}

bool lists(const Json& document, const char* name, std::string_view wanted) {
    const auto list = document.find(name);
    return list != document.end() && list->is_array() &&
           std::ranges::find(*list, Json(wanted)) != list->end();
}

bool is_true(const Json& document, const char* name) {
    const auto value = document.find(name);
    return value != document.end() && *value == true;
}

constexpr std::size_t longest_issuer = 2048;

// What is to be filled in, "{tenantid}", as part of a name or of all of it.
std::string_view template_in(std::string_view text) {
    const std::size_t open = text.find('{');
    const std::size_t close = text.find('}', std::min(open, text.size()));
    if (close == std::string_view::npos)
        return {};
    const std::string_view name = text.substr(open + 1, close - open - 1);
    const bool plain = std::ranges::all_of(
        name, [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
    return !name.empty() && plain ? text.substr(open, close - open + 1) : std::string_view();
}

bool part_fits(std::string_view typed, std::string_view named) {
    const std::string_view gap = template_in(named);
    if (gap.empty())
        return typed == named;
    const auto before = static_cast<std::size_t>(gap.data() - named.data());
    const std::string_view after = named.substr(before + gap.size());
    return typed.size() > before + after.size() && typed.starts_with(named.substr(0, before)) &&
           typed.ends_with(after);
}

std::vector<std::string> path_parts(std::string_view issuer) {
    issuer.remove_prefix(issuer.find("://") + 3);
    issuer.remove_prefix(std::min(issuer.find_first_of("/?"), issuer.size()));
    issuer = issuer.substr(0, issuer.find_last_not_of('/') + 1);
    return split(lower_ascii(issuer), '/');
}

// The advice is a name on the host that was asked, and never what an issuer likes to be called.
Hint fitting_issuer(std::string_view typed, std::string_view named) {
    if (named.size() > longest_issuer || origin_of(named).empty() ||
        origin_of(typed) != origin_of(named) ||
        !std::ranges::equal(path_parts(typed), path_parts(named), part_fits))
        return {};
    const std::string advice = fmt::format("--issuer {} would fit", shell_word(named));
    const std::string_view gap = template_in(named);
    return gap.empty() ? advice : fmt::format("{}, with your own value for {}", advice, gap);
}

} // namespace

std::string metadata_address(std::string_view issuer) {
    if (issuer.ends_with('/'))
        issuer.remove_suffix(1);
    return std::string(issuer) + "/.well-known/openid-configuration";
}

Result<ProviderMetadata> read_metadata(const Json& document, std::string_view issuer,
                                       Endpoints required) {
    const bool for_people = required == Endpoints::for_people;
    ProviderMetadata metadata;
    metadata.issuer = text_member(document, "issuer");
    if (metadata.issuer != issuer)
        return fail(provider_trouble("wrong_issuer",
                                     fmt::format("the provider calls itself {}, not {}",
                                                 in_quotes(metadata.issuer), in_quotes(issuer)))
                        .with_hint(fitting_issuer(issuer, metadata.issuer)));
    struct Endpoint {
        const char* name;
        std::string* value;
        bool needed;
    };
    for (const auto& [name, value, needed] : std::initializer_list<Endpoint>{
             {"authorization_endpoint", &metadata.authorization_endpoint, for_people},
             {"token_endpoint", &metadata.token_endpoint, for_people},
             {"jwks_uri", &metadata.jwks_uri, true},
             {"userinfo_endpoint", &metadata.userinfo_endpoint, false},
             {"device_authorization_endpoint", &metadata.device_authorization_endpoint, false}}) {
        if (!needed && !for_people)
            continue;
        *value = text_member(document, name);
        if (needed || !value->empty())
            AUTH_CHECK(check_endpoint(name, *value, issuer));
    }
    metadata.names_itself = is_true(document, "authorization_response_iss_parameter_supported");
    constexpr const char* methods = "token_endpoint_auth_methods_supported";
    metadata.secret_in_form = lists(document, methods, "client_secret_post") &&
                              !lists(document, methods, "client_secret_basic");
    return metadata;
}

} // namespace auth
