// JSON texts with keys to verify with: one JWK, or a set of them. A text that is something else is
// named, with what reads or converts it. All fail with usage for a text of another kind.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace auth {

// Wiped at its end: shared secrets are keys to verify with as well.
struct JwkList {
    std::vector<Result<Json>> keys{}; // or why one is none

    JwkList() = default;
    JwkList(JwkList&&) = default;
    JwkList& operator=(JwkList&&) = delete;
    JwkList(const JwkList&) = delete;
    JwkList& operator=(const JwkList&) = delete;
    ~JwkList();
};

// Whether it begins as a JSON object or array does.
[[nodiscard]] bool looks_like_json(std::string_view text);

// One JWK, whatever its members; of a private one the public half. The caller wipes it.
[[nodiscard]] Result<Json> read_jwk(std::string_view text);
// A JWK set, or an object of PEM texts by their kids. Fails with invalid_token, reason
// "private_key" or "mixed_key_set", for a set that nobody should trust.
[[nodiscard]] Result<JwkList> read_jwk_set(std::string_view text);
// What a JSON document is that has PEM texts where a JWK was expected.
[[nodiscard]] std::optional<Error> pem_in_json(const Json& document);
// Why a JSON text is no PEM.
[[nodiscard]] Error json_for_pem(std::string_view text);

} // namespace auth
