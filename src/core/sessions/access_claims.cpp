#include "core/sessions/access_claims.h"

#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/settings/setting.h"

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr auto reserved = std::to_array<std::string_view>(
    {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "sid", "roles", "scope"});

// The names are those of OpenID Connect Core 1.0, section 5.1.
Json profile_value(const User& user, std::string_view claim) {
    if (claim == "email")
        return user.email;
    if (claim == "email_verified")
        return user.verified_at.has_value();
    if (claim == "updated_at")
        return unix_seconds(user.updated_at);
    for (const ProfileField& field : profile_fields)
        if (field.claim == claim) {
            const auto& value = user.*field.place;
            if (!value)
                return {};
            return claim == "address" ? Json{{"formatted", *value}} : Json(*value);
        }
    const auto attribute = user.attributes.find(std::string(claim));
    return attribute != user.attributes.end() ? Json(attribute->second) : Json();
}

void add_profile(Json& claims, const Realm& realm, const User& user) {
    for (const std::string& name : split(realm.settings.get(setting<"token.claims">), ',')) {
        if (claim_is_reserved(name))
            continue;
        if (Json value = profile_value(user, name); !value.is_null())
            claims[name] = std::move(value);
    }
}

} // namespace

std::optional<std::string> own_audience(const Settings& settings) {
    if (settings.given(setting<"token.audience">))
        return settings.get(setting<"token.audience">);
    // Small services that share a secret seldom check one, and their libraries refuse what they did
    // not ask for.
    if (settings.get(setting<"token.algorithm">) == to_name(Algorithm::hs256))
        return std::nullopt;
    return settings.get(setting<"token.issuer">);
}

bool claim_is_reserved(std::string_view name) {
    return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

Json access_claims(Realm& realm, const User& user, const Session& session,
                   const AccessOrder& order) {
    Json claims = {{"iss", realm.settings.get(setting<"token.issuer">)}, {"sub", user.id}};
    if (order.audiences.size() > 1)
        claims["aud"] = order.audiences;
    else if (!order.audiences.empty())
        claims["aud"] = order.audiences.front();
    else if (const auto audience = own_audience(realm.settings))
        claims["aud"] = *audience;
    claims["exp"] = unix_seconds(order.expires_at);
    claims["iat"] = unix_seconds(order.issued_at);
    claims["jti"] = new_uuid(realm.random, order.issued_at);
    claims["client_id"] = realm.settings.get(setting<"token.client_id">);
    claims["sid"] = session.id;
    claims["roles"] = user.roles;
    if (!order.scope.empty())
        claims["scope"] = order.scope;
    add_profile(claims, realm, user);
    claims.update(order.extra);
    return claims;
}

} // namespace auth
