#include "core/token_drill/known_keys.h"

namespace auth {
namespace {

// RFC 7515 appendices A.1, A.2 and A.3, RFC 8037 appendix A.
constexpr std::string_view known_secret =
    R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcg)"
    R"(UuTwjAzZr1Z9CAow"})";
constexpr std::string_view known_rsa =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4)"
    R"(qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OM)"
    R"(g0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3)"
    R"(qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4F)"
    R"(RWyuXpoQ","e":"AQAB","d":"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7)"
    R"(_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJf)"
    R"(FNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XC)"
    R"(LQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU)"
    R"(91p1DhOVRuOopznQ","p":"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss)"
    R"(1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgt)"
    R"(ldC-KDV5z-y2XDwGUc","q":"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgH)"
    R"(AjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBByp)"
    R"(eeF6689rjcJIDEz9RWdc","dp":"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLd)"
    R"(hrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86r)"
    R"(Ztu5Mbr1C1XsmvkxHQAdYo0","dq":"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa)"
    R"(7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68)"
    R"(m6_pbLBSp3nssTdlqvd0tIiTHU","qi":"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjV)"
    R"(k2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_)"
    R"(gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"})";
constexpr std::string_view known_p256 =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu)"
    R"(9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})";
constexpr std::string_view known_ed25519 =
    R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qY)"
    R"(AYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";

// RFC 8032 section 7.1, tests 2 and 3.
constexpr std::string_view revoked_ed25519 =
    R"({"kty":"OKP","crv":"Ed25519","x":"PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw","d":"TM0I)"
    R"(myj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs"})";
constexpr std::string_view retired_ed25519 =
    R"({"kty":"OKP","crv":"Ed25519","x":"_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU","d":"xaqN)"
    R"(9D-fg3vtt0QvMdy3sWbThTUHbwlLhc46LgtEWPc"})";

// Self-signed by those keys, until 2049.
constexpr std::string_view rsa_certificate =
    "MIICqzCCAZOgAwIBAgIBATANBgkqhkiG9w0BAQsFADAZMRcwFQYDVQQDDA5hdXRoLWNsaSBkcmlsbDAeFw0yMDAx"
    "MDEwMDAwMDBaFw00OTEyMzEwMDAwMDBaMBkxFzAVBgNVBAMMDmF1dGgtY2xpIGRyaWxsMIIBIjANBgkqhkiG9w0B"
    "AQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp"
    "+Vaw+4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo9wGz"
    "jb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD"
    "Zlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxXFvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9g"
    "b54h4FRWyuXpoQIDAQABMA0GCSqGSIb3DQEBCwUAA4IBAQCAxVA39NSQoEPdx6pgozlzSBA7o/4BEX26p8JR9Btx"
    "rpjk/7Nmz4nWGH0/XNPnj+1h/VUT0r2Ob0TpGIEMPjy8SCjqrAT6SwtKTir2mJAw62xilwhAGyaWF2ioishFgrCy"
    "zBP04tLDBqo9ruWtH57ARPBLlOuTPSTxA505ZjxMMx93pb5tpdU/So2/Xx4jCVyj11jbhEdjMpziqodoBKMzyq1V"
    "x052mUJqLAxPPpTsi43qz2pJuJBQ/7ze7dhDf33G6SKK7l8l7L1naISFMxttvsFKq3bW1V8K5yOuOiUmMNyKN+f4"
    "wP/JjWOOtjduuDqrGjNzy/hUYSBCupE1hznY";
constexpr std::string_view p256_certificate =
    "MIIBHjCBxaADAgECAgEBMAoGCCqGSM49BAMCMBkxFzAVBgNVBAMMDmF1dGgtY2xpIGRyaWxsMB4XDTIwMDEwMTAw"
    "MDAwMFoXDTQ5MTIzMTAwMDAwMFowGTEXMBUGA1UEAwwOYXV0aC1jbGkgZHJpbGwwWTATBgcqhkjOPQIBBggqhkjO"
    "PQMBBwNCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpG"
    "IyiFiOWtMAoGCCqGSM49BAMCA0gAMEUCIQC8KExF8GPDP5/M8rXBxkstG6tiDr5Zk4S96jmozMJ0WgIgfIYYAipI"
    "ApU8vR0Lzyb1B2DpKAGYkdLYlyhp19R6CGM=";
constexpr std::string_view ed25519_certificate =
    "MIHeMIGRoAMCAQICAQEwBQYDK2VwMBkxFzAVBgNVBAMMDmF1dGgtY2xpIGRyaWxsMB4XDTIwMDEwMTAwMDAwMFoX"
    "DTQ5MTIzMTAwMDAwMFowGTEXMBUGA1UEAwwOYXV0aC1jbGkgZHJpbGwwKjAFBgMrZXADIQDXWpgBgrEKt9VL/tPJ"
    "ZAc6DuFy89qmIyWvAhpo9wdRGjAFBgMrZXADQQAIIgo/msN/Ilyq1aI6SiAysRnSD72ZbF7PvCmwY3i6Pm7UCnLT"
    "BLvIIE5uDUuiKPuQDCus31t+rfpD3TaGOSsD";

SigningKey key_from(std::string_view jwk, Algorithm algorithm) {
    return SigningKey::from_private_jwk(Secret(jwk), algorithm).value();
}

} // namespace

SigningKey known_key(Algorithm algorithm) {
    switch (traits_of(algorithm).family) {
    case Family::hmac:
        return key_from(known_secret, algorithm);
    case Family::rsa:
    case Family::rsa_pss:
        return key_from(known_rsa, algorithm);
    case Family::ecdsa:
        return key_from(known_p256, algorithm);
    case Family::eddsa:
        break;
    }
    return key_from(known_ed25519, algorithm);
}

std::string_view known_certificate(Algorithm algorithm) {
    switch (traits_of(algorithm).family) {
    case Family::hmac:
        return {};
    case Family::rsa:
    case Family::rsa_pss:
        return rsa_certificate;
    case Family::ecdsa:
        return p256_certificate;
    case Family::eddsa:
        break;
    }
    return ed25519_certificate;
}

SigningKey known_revoked_key() {
    return key_from(revoked_ed25519, Algorithm::eddsa);
}

SigningKey known_retired_key() {
    return key_from(retired_ed25519, Algorithm::eddsa);
}

} // namespace auth
