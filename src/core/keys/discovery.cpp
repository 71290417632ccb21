#include "core/keys/discovery.h"

#include "core/base/host.h"
#include "core/base/text.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

std::string_view host_of(std::string_view rest) {
    const std::string_view authority = rest.substr(0, rest.find('/'));
    if (authority.starts_with('['))
        return authority.substr(0, authority.find(']') + 1);
    return authority.substr(0, authority.find(':'));
}

bool can_be_served(std::string_view issuer) {
    constexpr std::string_view secure = "https://";
    constexpr std::string_view plain = "http://";
    const bool encrypted = issuer.starts_with(secure);
    if (!encrypted && !issuer.starts_with(plain))
        return false;
    if (issuer.find_first_of("?#@ \\\"<>") != std::string_view::npos)
        return false;
    const std::string_view host = host_of(issuer.substr(encrypted ? secure.size() : plain.size()));
    return !host.empty() && (encrypted || std::ranges::count(loopback_url_hosts, host) > 0);
}

Json algorithms_of(const std::vector<KeyRecord>& keys) {
    Json names = Json::array();
    for (const KeyRecord& key : keys)
        if (std::find(names.begin(), names.end(), key.algorithm) == names.end())
            names.push_back(key.algorithm);
    return names;
}

} // namespace

Json jwks_document(const std::vector<KeyRecord>& keys) {
    Json list = Json::array();
    for (const KeyRecord& key : keys)
        list.push_back(parse_json(key.public_jwk).value());
    return {{"keys", std::move(list)}};
}

Result<std::vector<PublishedFile>> discovery_files(const Settings& settings,
                                                   const std::vector<KeyRecord>& keys) {
    const std::string issuer = settings.get(setting<"token.issuer">);
    if (!can_be_served(issuer))
        return fail(error(ErrorCode::usage,
                          fmt::format("the issuer {} is not an https URL under which files could be"
                                      " served",
                                      in_quotes(issuer)))
                        .with_field("token.issuer")
                        .with_hint(NextStep{"config set", {"token.issuer", "https://HOST"}}));
    std::string base = issuer;
    if (base.ends_with('/'))
        base.pop_back();
    const Json configuration = {
        {"issuer", issuer},
        {"jwks_uri", base + "/jwks.json"},
        {"response_types_supported", {"id_token"}},
        {"subject_types_supported", {"public"}},
        {"id_token_signing_alg_values_supported", algorithms_of(keys)},
        {"claims_supported",
         {"iss", "sub", "aud", "exp", "iat", "jti", "client_id", "sid", "roles", "scope"}}};
    return std::vector<PublishedFile>{
        {"jwks.json", jwks_document(keys).dump(2) + "\n"},
        {".well-known/openid-configuration", configuration.dump(2) + "\n"}};
}

} // namespace auth
