#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/jose/jwk_members.h"
#include "core/token_drill/drill_case.h"
#include "core/token_drill/forge.h"

#include <vector>

namespace auth {
namespace {

constexpr std::string_view name_algorithms =
    "Name the algorithms that your issuer uses, and pass them to the library.\n"
    "Never take the algorithm from the token's own header.";
constexpr std::string_view verify_signature =
    "Call the library's verifying function, not its decoding one.\n"
    "Turn off no check of the signature, in any branch.";

constexpr std::string_view allows_anything = "Anybody can write a token for any user, unsigned.";
constexpr std::string_view allows_changes = "Anybody can change what a token of theirs says.";

Forged without_signature(const Forge& forge, std::string_view algorithm) {
    Json header = forge.header;
    header["alg"] = algorithm;
    return forge.under(header, "");
}

// Another algorithm's name over a signature of the key's own.
std::string_view other_name(Algorithm algorithm) {
    switch (algorithm) {
    case Algorithm::rs256:
        return "PS256";
    case Algorithm::ps256:
        return "RS256";
    case Algorithm::hs256:
        return "HS512";
    case Algorithm::eddsa:
        return "ES256";
    default:
        return "ES384";
    }
}

// The same key for another algorithm; an RSA key's private half names the one it is bound to.
SigningKey rebound(const SigningKey& key, Algorithm algorithm) {
    auto jwk = parse_json(key.private_jwk().reveal()).value();
    const std::unique_ptr<Json, members::Wipe> owner(&jwk);
    jwk.erase("alg");
    std::string text = jwk.dump();
    const Secret loose(text);
    wipe(text);
    return SigningKey::from_private_jwk(loose, algorithm).value();
}

std::string with_sha512(const SigningKey& key, std::string_view input) {
    auto jwk = parse_json(key.private_jwk().reveal()).value();
    const std::unique_ptr<Json, members::Wipe> owner(&jwk);
    const Secret secret = members::secret_bytes(jwk, "k").value();
    return std::string(hmac("sha512", secret.reveal(), input).reveal());
}

// Another algorithm that the same key can be used with.
Forged by_other_algorithm(const Forge& forge) {
    const Algorithm own = forge.key.algorithm();
    Json header = forge.header;
    header["alg"] = other_name(own);
    const std::string input = to_base64url(header.dump()) + "." + to_base64url(forge.claims.dump());
    switch (own) {
    case Algorithm::hs256:
        return forge.under(header, with_sha512(forge.key, input));
    case Algorithm::rs256:
        return forge.under(header, rebound(forge.key, Algorithm::ps256).sign(input));
    case Algorithm::ps256:
        return forge.under(header, rebound(forge.key, Algorithm::rs256).sign(input));
    default:
        return std::nullopt;
    }
}

Forged with_altered_payload(const Forge& forge) {
    const std::string token = forge.control();
    Json claims = forge.claims;
    claims["sub"] = "00000000-0000-7000-8000-000000000000";
    return token.substr(0, token.find('.') + 1) + to_base64url(claims.dump()) +
           token.substr(token.rfind('.'));
}

Forged with_altered_header(const Forge& forge) {
    Json header = forge.header;
    header["urn:auth-cli:drill"] = true;
    return forge.under(header, forge.control_signature());
}

// r and s as large as the order of P-256, which is zero to those who do not look.
Forged with_order_as_signature(const Forge& forge) {
    if (forge.key.algorithm() != Algorithm::es256)
        return std::nullopt;
    const std::string order =
        from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").value();
    return forge.resigned(order + order);
}

// The same signature spelled with other bits behind its last byte.
Forged with_other_last_bits(const Forge& forge) {
    std::string token = forge.control();
    if (forge.control_signature().size() % 3 == 0)
        return std::nullopt;
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    token.back() = alphabet.at(alphabet.find(token.back()) + 1);
    return token;
}

const std::vector<DrillCase>& unsigned_list() {
    static const std::string_view source = "RFC 8725 section 3.1, RFC 7518 section 3.6";
    static const std::vector<DrillCase> cases{
        {.name = "none_lower",
         .source = source,
         .why = allows_anything,
         .mend = name_algorithms,
         .make = [](const Forge& forge) { return without_signature(forge, "none"); }},
        {.name = "none_capital",
         .source = source,
         .why = allows_anything,
         .mend = name_algorithms,
         .make = [](const Forge& forge) { return without_signature(forge, "None"); }},
        {.name = "none_upper",
         .source = source,
         .why = allows_anything,
         .mend = name_algorithms,
         .make = [](const Forge& forge) { return without_signature(forge, "NONE"); }},
        {.name = "none_mixed",
         .source = source,
         .why = allows_anything,
         .mend = name_algorithms,
         .make = [](const Forge& forge) { return without_signature(forge, "nOnE"); }},
        {.name = "none_with_signature",
         .source = source,
         .why = allows_anything,
         .mend = name_algorithms,
         .make = [](const Forge& forge) -> Forged {
             Json header = forge.header;
             header["alg"] = "none";
             return forge.under(header, forge.control_signature());
         }},
        {.name = "no_algorithm",
         .source = "RFC 7515 section 4.1.1",
         .why = "Without \"alg\" the service guesses how to check the signature.",
         .mend = name_algorithms,
         .make = [](const Forge& forge) -> Forged { return forge.with_header("alg", Json()); }},
        {.name = "empty_algorithm",
         .source = "RFC 7515 section 4.1.1",
         .why = "An unknown algorithm must end the check, not skip it.",
         .mend = name_algorithms,
         .make = [](const Forge& forge) { return without_signature(forge, ""); }},
        {.name = "relabelled_algorithm",
         .source = "RFC 7515 section 5.2, RFC 8725 section 3.1",
         .why = "The header names an algorithm that did not make the signature.",
         .mend = name_algorithms,
         .make = [](const Forge& forge) -> Forged {
             return forge.with_header("alg", other_name(forge.key.algorithm()));
         }},
        {.name = "other_algorithm",
         .level = DrillLevel::profile,
         .source = "RFC 8725 section 3.1",
         .why = "A key must be used with a single algorithm.",
         .mend = name_algorithms,
         .make = by_other_algorithm},
    };
    return cases;
}

const std::vector<DrillCase>& signature_list() {
    static const std::string_view source = "RFC 7515 section 5.2";
    static const std::vector<DrillCase> cases{
        {.name = "signature_stripped",
         .source = source,
         .why = allows_anything,
         .mend = verify_signature,
         .make = [](const Forge& forge) -> Forged { return forge.resigned(""); }},
        {.name = "signature_absent",
         .source = "RFC 7515 section 7.1",
         .why = allows_anything,
         .mend = verify_signature,
         .make = [](const Forge& forge) -> Forged {
             const std::string token = forge.control();
             return token.substr(0, token.rfind('.'));
         }},
        {.name = "signature_truncated",
         .source = source,
         .why = "A shorter signature is easier to guess.",
         .mend = verify_signature,
         .make = [](const Forge& forge) -> Forged {
             const std::string whole = forge.control_signature();
             return forge.resigned(whole.substr(0, whole.size() - 1));
         }},
        {.name = "signature_altered",
         .source = source,
         .why = allows_anything,
         .mend = verify_signature,
         .make = [](const Forge& forge) -> Forged {
             std::string altered = forge.control_signature();
             altered.at(altered.size() / 2) = static_cast<char>(altered.at(altered.size() / 2) ^ 1);
             return forge.resigned(altered);
         }},
        {.name = "signature_zero",
         .source = "RFC 7518 section 3.4, CVE-2022-21449",
         .why = "A signature of zeros passes for any token in a library that does not look.",
         .mend = "Update the cryptographic library: it must refuse r and s outside 1 to n-1.\n"
                 "Refuse a signature that has another length than the key's.",
         .make = [](const Forge& forge) -> Forged {
             return forge.resigned(std::string(forge.control_signature().size(), '\0'));
         }},
        {.name = "signature_order",
         .source = "RFC 7518 section 3.4, CVE-2022-21449",
         .why = "A signature of the curve's order is one of zeros in disguise.",
         .mend = "Update the cryptographic library: it must refuse r and s outside 1 to n-1.",
         .make = with_order_as_signature},
        {.name = "signature_padded",
         .answer = RightAnswer::either,
         .level = DrillLevel::may,
         .source = "RFC 7515 section 2",
         .why = "One token then has several spellings, so a list of revoked tokens can miss it.",
         .mend = "Keep lists of tokens by their \"jti\", not by their text.",
         .make = [](const Forge& forge) -> Forged { return forge.control() + "="; }},
        {.name = "signature_other_bits",
         .answer = RightAnswer::either,
         .level = DrillLevel::may,
         .source = "RFC 4648 section 3.5",
         .why = "One token then has several spellings, so a list of revoked tokens can miss it.",
         .mend = "Keep lists of tokens by their \"jti\", not by their text.",
         .make = with_other_last_bits},
        {.name = "payload_altered",
         .source = source,
         .why = allows_changes,
         .mend = verify_signature,
         .make = with_altered_payload},
        {.name = "header_altered",
         .source = source,
         .why = "The header is signed as well, and decides how the token is checked.",
         .mend = verify_signature,
         .make = with_altered_header},
    };
    return cases;
}

} // namespace

std::span<const DrillCase> unsigned_cases() {
    return unsigned_list();
}

std::span<const DrillCase> signature_cases() {
    return signature_list();
}

} // namespace auth
