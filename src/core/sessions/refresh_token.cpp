#include "core/sessions/refresh_token.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/ids.h"
#include "core/sessions/sessions_table.h"

#include <fmt/format.h>

#include <charconv>

namespace auth {
namespace {

constexpr std::size_t random_size = 32;
constexpr std::size_t mac_size = 32;

RefreshClaims claims_of(std::string_view named) {
    const std::size_t slash = named.find('/');
    RefreshClaims claims;
    claims.session_id = named.substr(0, slash);
    if (slash == std::string_view::npos)
        return claims;
    const std::string_view number = named.substr(slash + 1);
    std::from_chars(number.data(), number.data() + number.size(), claims.generation);
    return claims;
}

} // namespace

Secret make_refresh_token(Realm& realm, std::string_view session_id, std::int64_t generation) {
    Secret body(fmt::format("{}/{}/", session_id, generation));
    body.append(random_bytes(realm.random, random_size).reveal());
    body.append(realm.vault.mac(MacPurpose::refresh, body.reveal()));
    return Secret(to_base64url(body.reveal()));
}

Result<RefreshClaims> read_refresh_token(Realm& realm, const Secret& token) {
    const auto malformed = [] {
        return fail(error(ErrorCode::invalid_token, "the refresh token is not one of this database")
                        .with_reason("malformed")
                        .with_hint(NextStep{"login"}));
    };
    const auto decoded = from_base64url(token.reveal());
    if (!decoded || decoded->size() <= random_size + mac_size)
        return malformed();
    const std::string_view body = std::string_view(*decoded).substr(0, decoded->size() - mac_size);
    RefreshClaims claims = claims_of(body.substr(0, body.size() - random_size));
    if (equal_in_constant_time(realm.vault.mac(MacPurpose::refresh, body),
                               std::string_view(*decoded).substr(body.size())))
        return claims;
    // Its MAC may be of the key before the latest rekey: the current token of a session is known.
    if (!UserId::parse(claims.session_id)) // a UUID, as of users
        return malformed();
    const auto session = sessions_table::find(realm.database, claims.session_id);
    if (!session || !equal_in_constant_time(session->refresh_hash, refresh_hash(token)))
        return malformed();
    return claims;
}

std::string refresh_hash(const Secret& token) {
    return sha256(token.reveal());
}

} // namespace auth
