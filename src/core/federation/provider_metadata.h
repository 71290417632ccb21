// What an issuer says of itself (OpenID Connect Discovery 1.0, RFC 8414). Pure.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <string>
#include <string_view>

namespace auth {

struct ProviderMetadata {
    std::string issuer;
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string jwks_uri;
    std::string userinfo_endpoint;             // "" for none
    std::string device_authorization_endpoint; // "" for none
    bool names_itself = false;                 // "iss" in every callback (RFC 9207)
    bool secret_in_form = false;               // not by HTTP Basic
};

// Where the document stands: below the issuer's own path.
[[nodiscard]] std::string metadata_address(std::string_view issuer);

// Which endpoints have to be there: those for people who log in, or the keys alone.
enum class Endpoints { for_people, keys_alone };
// Fails with delivery: "wrong_issuer" unless the document names exactly that issuer, with a hint if
// the names differ only by letter case, slashes at the end or a template such as {tenantid};
// "malformed" where an endpoint is missing, and "insecure" for one by plain HTTP, but for a
// provider on this machine.
[[nodiscard]] Result<ProviderMetadata> read_metadata(const Json& document, std::string_view issuer,
                                                     Endpoints required = Endpoints::for_people);

} // namespace auth
