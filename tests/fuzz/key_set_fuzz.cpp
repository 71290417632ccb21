#include "core/key_files/key_set.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <set>

using namespace auth;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

// Nobody forges a signature, and a key answers for nothing but its algorithm.
void check_answers(const KeySet& set, std::string_view kid) {
    for (const auto& row : all_algorithms()) {
        const auto key = set.find(kid, row.algorithm);
        if (!key) {
            require(key.error().code == ErrorCode::invalid_token && !key.error().reason.empty());
            continue;
        }
        require((*key)->algorithm() == row.algorithm);
        for (const std::size_t size : {0U, 32U, 64U, 96U, 132U, 256U})
            require(!(*key)->verify("text", std::string(size, '\1')));
    }
}

void check_set(const KeySet& set, const Json& keys) {
    std::set<std::string> kids;
    std::size_t secrets = 0;
    for (const Json& jwk : keys) {
        secrets += jwk.is_object() && jwk.value("kty", Json()) == "oct" ? 1U : 0U;
        if (!jwk.is_object() || !jwk.contains("kid") || !jwk["kid"].is_string())
            continue;
        const std::string kid = jwk["kid"];
        kids.insert(kid);
        check_answers(set, kid);
    }
    require(secrets == 0 || secrets == keys.size());
    // Where each key has a name of its own, one that is none of them opens nothing.
    if (kids.size() == keys.size() && !kids.contains("") && !kids.contains("nobody"))
        for (const auto& row : all_algorithms())
            require(set.find("nobody", row.algorithm).error().reason == "unknown_key");
    check_answers(set, "");
    check_answers(set, "nobody");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = parse_json(text);
    for (const std::optional<Algorithm> algorithm :
         {std::optional<Algorithm>(), std::optional(Algorithm::hs256),
          std::optional(Algorithm::es256), std::optional(Algorithm::ps384)}) {
        if (const auto one = KeySet::from_jwk(text, algorithm)) {
            require(parsed.has_value());
            check_answers(*one, "");
            check_answers(*one, "nobody");
        }
        if (const auto set = KeySet::from_jwks(text, algorithm)) {
            require(parsed.has_value());
            if (const auto keys = parsed->find("keys"); keys != parsed->end() && keys->is_array())
                check_set(*set, *keys);
            else // a map of PEM texts
                for (const auto& [kid, pem] : parsed->items())
                    check_answers(*set, kid);
        }
    }
    return 0;
}
