// What tokens of a drill are made from, and the ways to make them.
#pragma once

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/random.h"
#include "core/jose/jwk.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// A session, or a place where one would be, that vouches for no token.
struct DeadSession {
    std::string id;
    std::string user_id;
};

// The keys sign only tokens that end within `life` or that no right verifier accepts, ever.
struct Forge {
    SigningKey key;           // which the service trusts
    SigningKey stranger;      // of the same algorithm; everybody has its private half
    Random* chance = nullptr; // what signatures draw from; null for OpenSSL's own source
    bool kit = false;         // `key` is made for tests, and no database trusts it
    Json header{};            // of a control
    Json claims{};
    Time now{};
    Seconds life{};
    std::string issuer{};
    std::vector<std::string> audiences{}; // the service's, first the one that others come near to
    std::string key_set{};                // as it is published; "" for a shared secret
    // Nothing with a key of a kit.
    std::optional<DeadSession> revoked{};
    std::optional<DeadSession> superseded{}; // its user's password was changed since
    std::optional<DeadSession> deleted{};
    std::optional<DeadSession> disabled{};

    [[nodiscard]] bool shared() const { return key.algorithm() == Algorithm::hs256; }
    [[nodiscard]] std::string signature(std::string_view input) const;
    [[nodiscard]] std::string signed_text(std::string_view header, std::string_view payload) const;
    [[nodiscard]] std::string signed_json(const Json& header, const Json& payload) const;
    [[nodiscard]] std::string control() const;
    // A control with one member set or, for null, left out.
    [[nodiscard]] std::string with_header(std::string_view name, const Json& value) const;
    [[nodiscard]] std::string with_claim(std::string_view name, const Json& value) const;
    [[nodiscard]] std::string for_session(const DeadSession& session) const;
    // The control's claims under a header, with this signature.
    [[nodiscard]] std::string under(const Json& header, std::string_view signature) const;
    // The control with another signature.
    [[nodiscard]] std::string resigned(std::string_view signature) const;
    [[nodiscard]] std::string control_signature() const;

    [[nodiscard]] std::string by_stranger(const Json& header) const;
    // HS256 with this secret, under the control's header with the members of `more`.
    [[nodiscard]] std::string by_secret(std::string_view secret, const Json& more) const;
    // As by_secret, under another kid.
    [[nodiscard]] std::string by_secret_of(std::string_view kid, std::string_view secret) const;
};

// A text that only somebody who compares carelessly takes for `text`; nothing where there is none.
[[nodiscard]] std::optional<std::string> cut_short(const std::string& text);
[[nodiscard]] std::optional<std::string> in_other_case(std::string text);
[[nodiscard]] std::string with_other_slash(std::string text);

} // namespace auth
