#include "core/key_files/pem.h"

#include "core/base/broken.h"
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/jose/jwk_openssl.h"
#include "core/key_files/pem_blocks.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <utility>

namespace auth {
namespace {

using openssl::Free;
using openssl::Part;
using pem::Block;
using Stream = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Free<PKCS8_PRIV_KEY_INFO_free>>;

tl::unexpected<Error> unusable(std::string message, Hint hint = {}) {
    return fail(ErrorCode::usage, std::move(message), std::move(hint));
}

// The one block that counts: a chain of certificates is led by its own.
Result<Block> only_block(std::string_view text) {
    AUTH_TRY(auto blocks, pem::read_blocks(text));
    if (blocks.empty())
        return unusable("the text holds no PEM block");
    const bool chain = std::ranges::all_of(
        blocks, [](const Block& block) { return block.label == pem::certificate_label; });
    if (blocks.size() > 1 && !chain)
        return unusable("the PEM text holds more than one key");
    if (blocks.front().encrypted)
        return unusable("the PEM key is encrypted", "openssl pkey -in FILE -out DECRYPTED_FILE");
    return std::move(blocks.front());
}

EVP_PKEY* parse_certificate(EVP_PKEY** /*unused*/, const unsigned char** at, long size) {
    const Certificate certificate(d2i_X509(nullptr, at, size));
    return certificate != nullptr ? X509_get_pubkey(certificate.get()) : nullptr;
}

EVP_PKEY* parse_pkcs8(EVP_PKEY** /*unused*/, const unsigned char** at, long size) {
    const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, at, size));
    return info != nullptr ? EVP_PKCS82PKEY(info.get()) : nullptr;
}

template <auto parse, int type>
EVP_PKEY* parse_typed(EVP_PKEY** key, const unsigned char** at, long size) {
    return parse(type, key, at, size);
}

struct Form {
    std::string_view label;
    bool holds_private;
    EVP_PKEY* (*parse)(EVP_PKEY**, const unsigned char**, long);
};

constexpr std::array<Form, 6> forms{{
    {"PUBLIC KEY", false, d2i_PUBKEY},
    {"RSA PUBLIC KEY", false, parse_typed<d2i_PublicKey, EVP_PKEY_RSA>},
    {pem::certificate_label, false, parse_certificate},
    {"PRIVATE KEY", true, parse_pkcs8},
    {"EC PRIVATE KEY", true, parse_typed<d2i_PrivateKey, EVP_PKEY_EC>},
    {"RSA PRIVATE KEY", true, parse_typed<d2i_PrivateKey, EVP_PKEY_RSA>},
}};

// Null where the bytes are not of that form, to the last one.
openssl::Key parse(const Form& form, std::string_view der) {
    const openssl::ErrorMark mark;
    const unsigned char* at = as_bytes(der).data();
    const unsigned char* end = at + der.size();
    openssl::Key key(form.parse(nullptr, &at, end - at), Free<EVP_PKEY_free>());
    return at == end ? key : nullptr;
}

Result<openssl::Key> parse(std::string_view text, bool want_private) {
    AUTH_TRY(const Block block, only_block(text));
    const auto* form = std::ranges::find(forms, block.label, &Form::label);
    if (form == forms.end())
        return unusable(fmt::format("the PEM block {} is not a key that can be read here",
                                    in_quotes(block.label)));
    if (want_private && !form->holds_private)
        return unusable(
            fmt::format("the PEM block {} holds no private key", in_quotes(block.label)));
    openssl::Key key = parse(*form, block.der.reveal());
    if (key == nullptr)
        return members::malformed(
            fmt::format("the PEM block {} is malformed", in_quotes(block.label)));
    return key;
}

std::string text_parameter(EVP_PKEY& key, const char* name) {
    std::array<char, 64> value{};
    std::size_t size = 0;
    if (EVP_PKEY_get_utf8_string_param(&key, name, value.data(), value.size(), &size) != 1)
        return {};
    return {value.data(), size};
}

Result<Algorithm> algorithm_of_ec(EVP_PKEY& key) {
    int is_explicit = 0;
    EVP_PKEY_get_int_param(&key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit);
    const std::string group = text_parameter(key, OSSL_PKEY_PARAM_GROUP_NAME);
    if (is_explicit != 0 || group.empty())
        return members::unsupported("the key spells out its curve instead of naming it");
    if (group == SN_X9_62_prime256v1)
        return Algorithm::es256;
    if (group == SN_secp384r1)
        return Algorithm::es384;
    if (group == SN_secp521r1)
        return Algorithm::es512;
    return members::unsupported_curve(group);
}

// The restrictions of an RSA-PSS key (RFC 4055 section 3.1); PS256 where it has none.
Result<Algorithm> algorithm_of_pss(EVP_PKEY& key) {
    const std::string digest = text_parameter(key, OSSL_PKEY_PARAM_RSA_DIGEST);
    if (digest.empty())
        return Algorithm::ps256;
    const std::string mask = text_parameter(key, OSSL_PKEY_PARAM_RSA_MGF1_DIGEST);
    int least_salt = 0;
    EVP_PKEY_get_int_param(&key, OSSL_PKEY_PARAM_RSA_PSS_SALTLEN, &least_salt);
    for (const auto& row : all_algorithms())
        if (row.family == Family::rsa_pss && digest == fmt::format("SHA2-{}", 8 * row.hash_size) &&
            mask == digest && std::cmp_less_equal(least_salt, row.hash_size))
            return row.algorithm;
    return members::unsupported("the RSA-PSS key is restricted to what JWS does not have");
}

struct Described {
    const AlgorithmTraits& traits;      // of one algorithm it answers for
    std::optional<Algorithm> algorithm; // the only one
};

Result<Described> describe(EVP_PKEY& key) {
    const char* name = EVP_PKEY_get0_type_name(&key);
    const std::string_view type = name != nullptr ? name : "";
    std::optional<Algorithm> only;
    if (type == "EC") {
        AUTH_TRY(only, algorithm_of_ec(key));
    } else if (type == "RSA-PSS") {
        AUTH_TRY(only, algorithm_of_pss(key));
    } else if (type == "ED25519") {
        only = Algorithm::eddsa;
    } else if (type != "RSA") {
        return members::unsupported(
            fmt::format("keys of type {} are not supported", in_quotes(type)));
    }
    return Described{traits_of(only.value_or(Algorithm::rs256)), only};
}

members::Members members_of(EVP_PKEY& key, const AlgorithmTraits& traits, Part part) {
    switch (traits.family) {
    case Family::ecdsa:
        return openssl::ec_members(key, traits.coordinate_size, part);
    case Family::eddsa:
        return openssl::ed25519_members(key, part);
    case Family::rsa:
    case Family::rsa_pss:
        return openssl::rsa_members(key, part);
    case Family::hmac:
        break;
    }
    bug("no key pair");
}

// What a JWK of the key says before its numbers.
Json head_of(const Described& key) {
    Json head{{"kty", key.traits.key_type}};
    if (!key.traits.curve.empty())
        head["crv"] = key.traits.curve;
    if (key.algorithm)
        head["alg"] = to_name(*key.algorithm);
    return head;
}

} // namespace

Result<Json> public_jwk_of(EVP_PKEY& key) {
    const openssl::ErrorMark mark;
    AUTH_TRY(const auto described, describe(key));
    Json jwk = head_of(described);
    for (const auto& [name, value] : members_of(key, described.traits, Part::public_only))
        jwk[std::string(name)] = to_base64url(value.reveal());
    return jwk;
}

Result<Json> public_jwk_from_pem(std::string_view text) {
    AUTH_TRY(const auto key, parse(text, false));
    return public_jwk_of(*key);
}

Result<Secret> private_jwk_from_pem(const Secret& text, std::optional<Algorithm> algorithm) {
    AUTH_TRY(const auto key, parse(text.reveal(), true));
    const openssl::ErrorMark mark;
    AUTH_TRY(const auto described, describe(*key));
    AUTH_CHECK(members::algorithms(head_of(described), algorithm));
    const auto members = members_of(*key, described.traits, Part::all);
    const bool complete =
        std::ranges::none_of(members, [](const auto& member) { return member.second.empty(); });
    if (!complete)
        return members::malformed("the private key lacks some of its numbers");
    return members::write_private({described.traits.key_type, described.traits.curve,
                                   algorithm ? algorithm : described.algorithm},
                                  members);
}

std::optional<Secret> pem_from_der(std::string_view der) {
    for (const Form& form : forms)
        if (parse(form, der) != nullptr)
            return pem::write_block(form.label, der);
    return std::nullopt;
}

Result<std::string> to_pem(const Json& public_jwk) {
    AUTH_TRY(const auto answers, members::algorithms(public_jwk, {}));
    AUTH_TRY(const auto key, openssl::load_public(public_jwk, answers.front()));
    const Stream output(BIO_new(BIO_s_mem()));
    if (output == nullptr || PEM_write_bio_PUBKEY(output.get(), key.get()) != 1)
        openssl::fail_to("write a key");
    char* data = nullptr;
    const long size = BIO_get_mem_data(output.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

} // namespace auth
