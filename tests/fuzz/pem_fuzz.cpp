#include "core/base/encoding.h"
#include "core/key_files/jwk_text.h"
#include "core/key_files/key_set.h"
#include "core/key_files/key_wrapping.h"
#include "core/key_files/pem.h"

#include <nlohmann/json.hpp>
#include <openssl/err.h>

#include <cstdlib>

using namespace auth;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

// A public key means the same when written and read again.
void check_public(const Json& jwk) {
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi"})
        require(!jwk.contains(name));
    const auto written = to_pem(jwk);
    if (!written)
        return;
    const auto again = public_jwk_from_pem(*written);
    require(again && jwk_thumbprint(*again) == jwk_thumbprint(jwk));
}

// A private key that loads gives signatures that its public half accepts.
void check_private(std::string_view text) {
    const Secret secret = unwrap_key(text).text.copy();
    for (const std::optional<Algorithm> algorithm :
         {std::optional<Algorithm>(), std::optional(Algorithm::rs256)}) {
        const auto jwk = private_jwk_from_pem(secret, algorithm);
        if (!jwk)
            continue;
        const auto signer = SigningKey::from_private_jwk(*jwk);
        if (!signer)
            continue;
        const auto set = KeySet::from_pem(text);
        require(set.has_value());
        const auto key = set->find("", signer->algorithm());
        require(key && (*key)->verify("text", signer->sign("text")));
    }
}

void check(const std::string& text) {
    if (const auto jwk = public_jwk_from_pem(text))
        check_public(*jwk);
    const auto jwk = public_jwk_from_file(unwrap_key(text));
    if (jwk)
        check_public(*jwk);
    if (KeySet::from_pem(text))
        require(jwk.has_value());
    if (!looks_like_json(text))
        check_private(text);
    require(ERR_peek_error() == 0);
}

// Base64 hides the DER from the fuzzer: a line for the label, then the bytes in clear.
std::string wrapped(const std::string& label, std::string_view der) {
    std::string text = "-----BEGIN " + label + "-----\n";
    const std::string encoded = to_base64(der);
    for (std::size_t at = 0; at < encoded.size(); at += 64)
        text += encoded.substr(at, 64) + "\n";
    return text + "-----END " + label + "-----\n";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    check(text);
    if (const std::size_t line = text.find('\n'); line != std::string::npos)
        check(wrapped(text.substr(0, line), std::string_view(text).substr(line + 1)));
    return 0;
}
