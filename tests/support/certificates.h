// Certificates made on the spot, by authorities made on the spot.
#pragma once

#include "core/base/clock.h"
#include "core/base/encoding.h"
#include "core/jose/jwk_signatures.h"
#include "core/key_files/pem_blocks.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <string>
#include <utility>
#include <vector>

namespace auth::test {

inline openssl::Key own_key(EVP_PKEY* key) {
    return {key, openssl::Free<EVP_PKEY_free>()};
}
inline openssl::Key new_ec_key() {
    return own_key(EVP_EC_gen("P-256"));
}
inline openssl::Key new_rsa_key(int bits) {
    return own_key(EVP_RSA_gen(static_cast<unsigned>(bits)));
}

struct Certificate {
    std::shared_ptr<X509> x509;
    openssl::Key key;

    [[nodiscard]] std::string der() const {
        unsigned char* bytes = nullptr;
        const int size = i2d_X509(x509.get(), &bytes);
        std::string out(as_text({bytes, static_cast<std::size_t>(size)}));
        OPENSSL_free(bytes);
        return out;
    }
    [[nodiscard]] std::string pem() const {
        return std::string(pem::write_block("CERTIFICATE", der()).reveal());
    }
    // As "x5c" has it.
    [[nodiscard]] std::string base64() const { return to_base64(der()); }
};

// As openssl's configuration spells them.
using Extensions = std::vector<std::pair<const char*, const char*>>;

inline const Extensions of_authority{{"basicConstraints", "critical,CA:TRUE"},
                                     {"keyUsage", "critical,keyCertSign,cRLSign"}};
inline const Extensions of_signer{{"basicConstraints", "critical,CA:FALSE"},
                                  {"keyUsage", "critical,digitalSignature"}};

struct CertificateOrder {
    std::string name;
    Extensions extensions = of_signer;
    Time from = from_unix_seconds(1'500'000'000);
    Time until = from_unix_seconds(4'000'000'000);
    openssl::Key key = new_ec_key();
    const char* digest = "SHA256";
};

// Signed by `issuer`, or by itself.
inline Certificate certify(const CertificateOrder& order, const Certificate* issuer = nullptr) {
    static long serial = 0;
    Certificate made{{X509_new(), X509_free}, order.key};
    X509* x509 = made.x509.get();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
    ASN1_TIME_set(X509_getm_notBefore(x509), unix_seconds(order.from));
    ASN1_TIME_set(X509_getm_notAfter(x509), unix_seconds(order.until));
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                               as_bytes(order.name).data(), static_cast<int>(order.name.size()), -1,
                               0);
    const Certificate& signer = issuer != nullptr ? *issuer : made;
    X509_set_issuer_name(x509, X509_get_subject_name(signer.x509.get()));
    X509_set_pubkey(x509, order.key.get());
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer.x509.get(), x509, nullptr, nullptr, 0);
    for (const auto& [name, value] : order.extensions) {
        X509_EXTENSION* extension = X509V3_EXT_conf(nullptr, &context, name, value);
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
    X509_sign(x509, signer.key.get(), EVP_get_digestbyname(order.digest));
    return made;
}

// A token with this header and payload.
inline std::string signed_with(const openssl::Key& key, Algorithm algorithm,
                               const std::string& header, const std::string& payload) {
    std::string token = to_base64url(header) + "." + to_base64url(payload);
    return token + "." + to_base64url(openssl::sign(*key, algorithm, token));
}

} // namespace auth::test
