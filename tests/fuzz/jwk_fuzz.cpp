#include "core/jose/jwk.h"

#include <nlohmann/json.hpp>

#include <cstdlib>

using namespace auth;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

void check_public(const Json& jwk) {
    for (const auto& row : all_algorithms()) {
        const auto key = VerificationKey::from_jwk(jwk, row.algorithm);
        if (!key)
            continue;
        require(key->algorithm() == row.algorithm);
        for (const std::size_t size : {0U, 32U, 48U, 64U, 96U, 132U, 256U, 384U})
            require(!key->verify("text", std::string(size, '\1')));
    }
    const auto thumbprint = jwk_thumbprint(jwk);
    require(thumbprint.empty() || thumbprint.size() == 43);
}

// A private key that loads is the same when written and read again, and gives signatures that its
// public half accepts.
void check_private(std::string_view text) {
    const auto signer = SigningKey::from_private_jwk(Secret(text));
    if (!signer)
        return;
    const auto again = SigningKey::from_private_jwk(signer->private_jwk());
    require(again && again->algorithm() == signer->algorithm() && again->kid() == signer->kid());
    if (signer->algorithm() == Algorithm::hs256)
        return;
    const auto verifier = VerificationKey::from_jwk(signer->public_jwk());
    require(verifier && verifier->verify("text", signer->sign("text")));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto jwk = parse_json(text))
        check_public(*jwk);
    check_private(text);
    return 0;
}
