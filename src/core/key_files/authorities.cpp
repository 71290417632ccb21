#include "core/key_files/authorities.h"

#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/jose/jwk_openssl.h"
#include "core/key_files/pem.h"
#include "core/key_files/pem_blocks.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <vector>

namespace auth {
namespace {

using openssl::Free;
using CertificatePointer = std::unique_ptr<X509, Free<X509_free>>;
using Check = std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>>;
using Purposes = std::unique_ptr<EXTENDED_KEY_USAGE, Free<EXTENDED_KEY_USAGE_free>>;
using Text = std::unique_ptr<BIO, Free<BIO_free>>;

constexpr std::size_t longest_chain = 8;
constexpr int most_intermediates = 6;
constexpr int security_level = 2; // 112 bits: RSA of 2048, no SHA-1

struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

// What a token brings: its own certificate, then the ones above it.
struct Chain {
    std::vector<CertificatePointer> certificates;
    Stack above;

    [[nodiscard]] X509* own() const { return certificates.front().get(); }
};

CertificatePointer parse_der(std::string_view der) {
    const openssl::ErrorMark mark;
    const unsigned char* at = as_bytes(der).data();
    const unsigned char* const end = at + der.size();
    CertificatePointer certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    return at == end ? std::move(certificate) : nullptr;
}

// As RFC 4514 writes it, in ASCII. Never empty.
std::string subject_of(X509* certificate) {
    constexpr const char* nameless = "a certificate without a name";
    const Text text(BIO_new(BIO_s_mem()));
    if (text == nullptr)
        openssl::fail_to("write a name");
    char* data = nullptr;
    if (X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0)
        return nameless;
    const long size = BIO_get_mem_data(text.get(), &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : nameless;
}

bool is_authority(X509* certificate) {
    return X509_check_ca(certificate) == 1;
}

// Certificates that were made for connections, for answers about certificates or for timestamps say
// so, and are handed out to people who may not sign tokens.
bool may_sign_data(X509* certificate) {
    constexpr std::array others{
        NID_server_auth, NID_client_auth,    NID_OCSP_sign,   NID_time_stamp, NID_ms_sgc,
        NID_ns_sgc,      NID_ipsecEndSystem, NID_ipsecTunnel, NID_ipsecUser,  NID_ipsec_IKE};
    const Purposes purposes(static_cast<EXTENDED_KEY_USAGE*>(
        X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
    if (purposes == nullptr) // absent, or not to be read
        return X509_get_ext_by_NID(certificate, NID_ext_key_usage, -1) < 0;
    for (int i = 0; i < sk_ASN1_OBJECT_num(purposes.get()); ++i)
        if (std::ranges::find(others, OBJ_obj2nid(sk_ASN1_OBJECT_value(purposes.get(), i))) ==
            others.end())
            return true;
    return false;
}

// Why the certificate at the end of a good chain signs no tokens; empty where it does.
std::string misuse(X509* own, const STACK_OF(X509) * chain) {
    if (is_authority(own))
        return "it is an authority's";
    constexpr std::uint32_t signatures = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION;
    if ((X509_get_key_usage(own) & signatures) == 0) // also where its extensions are malformed
        return "its key usage allows no signatures";
    for (int i = 0; i + 1 < sk_X509_num(chain); ++i) // all below the authority
        if (!may_sign_data(sk_X509_value(chain, i)))
            return "its extended key usage is for other purposes";
    return "";
}

Problem untrusted(X509* own, std::string_view why) {
    return because(
        Reason::untrusted_certificate, "x5c",
        fmt::format("the certificate of {} is not trusted: {}", in_quotes(subject_of(own)), why));
}

std::optional<Problem> check_chain(X509_STORE* store, const Chain& chain, Time at) {
    const openssl::ErrorMark mark;
    const Check check(X509_STORE_CTX_new());
    if (check == nullptr ||
        X509_STORE_CTX_init(check.get(), store, chain.own(), chain.above.get()) != 1)
        openssl::fail_to("check a certificate");
    X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(check.get());
    X509_VERIFY_PARAM_set_time(rules, unix_seconds(at));
    X509_VERIFY_PARAM_set_depth(rules, most_intermediates);
    X509_VERIFY_PARAM_set_auth_level(rules, security_level);
    // An authority that is named is trusted, whoever vouches for it.
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
    if (X509_verify_cert(check.get()) != 1) {
        const int why = X509_STORE_CTX_get_error(check.get());
        return untrusted(chain.own(), fmt::format("{} (on {})", X509_verify_cert_error_string(why),
                                                  to_rfc3339(at)));
    }
    const std::string wrong = misuse(chain.own(), X509_STORE_CTX_get0_chain(check.get()));
    return wrong.empty() ? std::nullopt : std::optional(untrusted(chain.own(), wrong));
}

// "x5c": Base64, not base64url, of each certificate.
std::optional<Chain> read_chain(const Json& list) {
    if (!list.is_array() || list.empty() || list.size() > longest_chain)
        return std::nullopt;
    Chain chain;
    chain.above.reset(sk_X509_new_null());
    for (const Json& item : list) {
        const auto* text = item.get_ptr<const std::string*>();
        const auto der = text != nullptr ? from_base64(*text) : std::nullopt;
        auto certificate = der ? parse_der(*der) : nullptr;
        if (certificate == nullptr)
            return std::nullopt;
        if (!chain.certificates.empty() && sk_X509_push(chain.above.get(), certificate.get()) == 0)
            openssl::fail_to("hold a certificate");
        chain.certificates.push_back(std::move(certificate));
    }
    return chain;
}

Result<VerificationKey> key_of(X509* certificate, const Json& header) {
    const openssl::ErrorMark mark;
    const openssl::Key key(X509_get_pubkey(certificate), Free<EVP_PKEY_free>());
    if (key == nullptr)
        return members::unsupported("the certificate's key cannot be read");
    AUTH_TRY(const Json jwk, public_jwk_of(*key));
    return VerificationKey::from_jwk(jwk, parse_algorithm(text_member(header, "alg")));
}

Error no_authority(bool empty, std::string_view text) {
    if (empty)
        return explained(error(ErrorCode::usage, "the file holds no certificate"), text);
    return explained(error(ErrorCode::usage, "the file holds no certificate of an authority")
                         .with_hint({"verify with the key of one certificate",
                                     NextStep{"token verify", {"TOKEN", "--pem", "FILE"}}}),
                     text);
}

KeyAnswer no_key(Problem why) {
    KeyAnswer answer;
    answer.problem = std::move(why);
    return answer;
}

} // namespace

Result<Authorities> Authorities::from_file(std::string_view text) {
    const UnwrappedKey file = unwrap_key(text);
    AUTH_TRY(const auto blocks, pem::read_blocks(file.text.reveal()));
    const openssl::ErrorMark mark;
    Authorities authorities;
    authorities.store_.reset(X509_STORE_new(), Free<X509_STORE_free>());
    if (authorities.store_ == nullptr)
        openssl::fail_to("hold certificates");
    std::size_t count = 0;
    for (const pem::Block& block : blocks) {
        const bool labelled = block.label == pem::certificate_label;
        const auto certificate = labelled ? parse_der(block.der.reveal()) : nullptr;
        if (certificate == nullptr) {
            authorities.remarks_.push_back(fmt::format(
                "a PEM block {} of the file is not a certificate", in_quotes(block.label)));
        } else if (!is_authority(certificate.get())) {
            authorities.remarks_.push_back(fmt::format("the certificate of {} is of no authority",
                                                       in_quotes(subject_of(certificate.get()))));
        } else {
            if (X509_STORE_add_cert(authorities.store_.get(), certificate.get()) != 1)
                openssl::fail_to("hold a certificate");
            ++count;
        }
    }
    if (count == 0)
        return fail(no_authority(blocks.empty(), file.text.reveal()));
    add_remark(authorities.remarks_, file);
    return authorities;
}

KeyAnswer Authorities::answer(const Json& header) const {
    const openssl::ErrorMark mark;
    const Json* list = find_member(header, "x5c");
    if (list == nullptr)
        return no_key(because(Reason::unknown_key, "x5c", "it brings no certificate in \"x5c\""));
    auto read = read_chain(*list);
    if (!read)
        return no_key(
            because(Reason::bad_header, "x5c",
                    fmt::format("\"x5c\" is not a list of 1 to {} certificates", longest_chain)));
    auto key = key_of(read->own(), header);
    if (!key)
        return no_key(to_problem(key.error(), "x5c"));
    KeyAnswer answer;
    answer.certificate = subject_of(read->own());
    answer.key = *std::move(key);
    answer.objection = [store = store_, chain = std::make_shared<const Chain>(*std::move(read))](
                           const Json& claims, Time now) -> std::optional<Problem> {
        std::vector<Problem> problems;
        const auto made = time_of_issue(problems, claims, now);
        return made ? check_chain(store.get(), *chain, *made) : std::move(problems.front());
    };
    return answer;
}

} // namespace auth
