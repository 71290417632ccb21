#include "core/base/encoding.h"
#include "core/jose/jwk.h"
#include "core/key_files/key_set.h"
#include "core/key_files/key_wrapping.h"
#include "core/key_files/pem.h"
#include "support/catch.h"
#include "support/data.h"

#include <nlohmann/json.hpp>
#include <openssl/err.h>

#include <algorithm>

using namespace auth;

// tests/data/pem/*_openssh.pub are written by Python's cryptography.

namespace {

std::string file(const std::string& name) {
    return data_file("pem/" + name);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

// The thumbprint of the key in the text, or what is wrong.
std::string thumbprint(const std::string& text) {
    ERR_clear_error();
    const auto jwk = public_jwk_from_file(unwrap_key(text));
    CHECK(ERR_peek_error() == 0);
    return jwk ? jwk_thumbprint(*jwk) : jwk.error().message;
}

std::string body_of(const std::string& pem) {
    const std::size_t first = pem.find('\n') + 1;
    return replaced(pem.substr(first, pem.rfind("-----END") - first), "\n", "");
}

std::string der_of(const std::string& name) {
    return *from_base64(body_of(file(name)));
}

std::string wrapping_of(const std::string& text) {
    return std::string(unwrap_key(text).wrapping);
}

} // namespace

TEST_CASE("a key is the same in every wrapping", "[key_wrapping]") {
    for (const char* name : {"rsa_public.pem", "rsa_pkcs1_public.pem", "p256_public.pem",
                             "p256_certificate.pem", "ed25519_public.pem", "p256_pkcs8.pem"}) {
        CAPTURE(name);
        const std::string pem = file(name);
        const std::string right = thumbprint(pem);
        REQUIRE(right.size() == 43);
        CHECK(wrapping_of(pem).empty());
        CHECK(wrapping_of("some words\n" + pem + "more words\n").empty());
        CHECK(wrapping_of(replaced(pem, "\n", "\r\n")).empty());
        const std::string bare = pem.substr(0, pem.size() - 1);
        const std::string escaped = replaced(bare, "\n", "\\n");
        for (const std::string& text :
             {escaped, escaped + "\\n", "\"" + escaped + "\"", "'" + escaped + "'",
              "KEY=\"" + escaped + "\"\n", replaced(bare, "\n", "\\r\\n")}) {
            CAPTURE(text);
            CHECK(wrapping_of(text) == "PEM with \\n in place of its line ends");
            CHECK(thumbprint(text) == right);
        }
        for (const std::string& text :
             {replaced(bare, "\n", " "), replaced(bare, "\n", ""), replaced(bare, "\n", "\r"),
              "  " + replaced(bare, "\n", "\n  "), "\"" + replaced(bare, "\n", " ") + "\"",
              "KEY='" + bare + "'\n", replaced(bare, "\n", "\t\t")}) {
            CAPTURE(text);
            CHECK(wrapping_of(text) == "PEM without its line ends");
            CHECK(thumbprint(text) == right);
        }
        CHECK(wrapping_of(der_of(name)) == "DER");
        CHECK(thumbprint(der_of(name)) == right);
        CHECK(wrapping_of(body_of(pem)) == "base64 of DER");
        CHECK(thumbprint(body_of(pem)) == right);
        CHECK(wrapping_of(to_base64(pem)) == "base64 of PEM");
        CHECK(thumbprint(to_base64(pem)) == right);
        CHECK(thumbprint("\"" + to_base64(escaped) + "\"\n") == right);
    }
}

TEST_CASE("public keys of OpenSSH are read", "[key_wrapping]") {
    for (const char* name : {"ed25519", "rsa", "p256", "p384", "p521"}) {
        CAPTURE(name);
        const std::string line = file(std::string(name) + "_openssh.pub");
        const auto jwk = public_jwk_from_file(unwrap_key(line));
        REQUIRE(jwk);
        const auto same = public_jwk_from_pem(file(std::string(name) + "_public.pem"));
        REQUIRE(same);
        CHECK(jwk_thumbprint(*jwk) == jwk_thumbprint(*same));
        CHECK(jwk->value("alg", "") == same->value("alg", ""));
        CHECK(thumbprint("\n" + line + "\n# mine\n") == jwk_thumbprint(*same));
        CHECK(thumbprint(line + line) == "the text holds more than one OpenSSH key");
    }
}

TEST_CASE("OpenSSH keys that are none are refused", "[key_wrapping]") {
    const auto refusal = [](const std::string& type, const std::string& blob) {
        return thumbprint(type + " " + to_base64(blob) + " comment");
    };
    const auto wire = [](const std::string& text) {
        return std::string{'\0', '\0', '\0', static_cast<char>(text.size())} + text;
    };
    const std::string point(32, 'p');
    CHECK(refusal("ssh-ed25519", wire("ssh-ed25519") + wire(point)).size() == 43);
    for (const std::string& blob :
         {std::string(), wire("ssh-ed25519"), wire("ssh-rsa") + wire(point),
          wire("ssh-ed25519") + wire(point) + "x",
          wire("ssh-ed25519") + "\xff\xff\xff\xff" + point})
        CHECK(refusal("ssh-ed25519", blob) == "the OpenSSH key is malformed");
    CHECK(refusal("ssh-rsa", wire("ssh-rsa") + wire("\x01\x01") + wire("\xff\xff")) ==
          "the OpenSSH key is malformed"); // a negative number
    CHECK(refusal("ecdsa-sha2-nistp256", wire("ecdsa-sha2-nistp256") + wire("nistp384") +
                                             wire("\x04" + std::string(64, 'p'))) ==
          "the OpenSSH key is malformed");
    CHECK(refusal("ecdsa-sha2-nistp256", wire("ecdsa-sha2-nistp256") + wire("nistp256") +
                                             wire("\x02" + std::string(32, 'p'))) ==
          "the OpenSSH key is malformed");
    CHECK(thumbprint("ssh-ed25519") == "the OpenSSH key is malformed");
    CHECK(thumbprint("ssh-ed25519 AAAA= x") == "the OpenSSH key is malformed");
    for (const char* type :
         {"ssh-dss", "sk-ssh-ed25519@openssh.com", "ssh-ed25519-cert-v01@openssh.com", "ssh-ed448"})
        CHECK(refusal(type, wire(type) + wire(point)) ==
              "OpenSSH keys of type '" + std::string(type) + "' are not supported");
}

TEST_CASE("files of another kind are named, with a command", "[key_wrapping]") {
    const auto error_of = [](const std::string& text) {
        const auto set = KeySet::from_pem(text);
        REQUIRE_FALSE(set);
        CHECK(set.error().code == ErrorCode::usage);
        CHECK_FALSE(set.error().hint.empty());
        return set.error().message;
    };
    CHECK(error_of(file("ed25519_openssh.pem")) == "the file is a private key of OpenSSH");
    CHECK(error_of(file("p256_request.pem")) == "the file is a request for a certificate");
    CHECK(error_of("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n") ==
          "the file is a public key in the SSH2 form (RFC 4716)");
    CHECK(error_of("PuTTY-User-Key-File-3: ssh-ed25519\n") == "the file is a key of PuTTY");
    CHECK(error_of(std::string("\x30\x03\x02\x01\x03", 5)) ==
          "the file is DER, but neither a key nor a certificate; perhaps PKCS #12");
    CHECK(error_of(R"({"kty":"oct","k":"AAAA"})") == "the file is a JWK, not PEM");
    CHECK(error_of(R"({"keys":[]})") == "the file is a JWK set, not PEM");
    const Json account{{"type", "service_account"}, {"private_key", file("rsa_pkcs8.pem")}};
    CHECK(error_of(account.dump()) == "the file is JSON with a PEM text in \"private_key\"");
    const Json map{{"a", file("p256_certificate.pem")}, {"b", file("rsa_public.pem")}};
    CHECK(error_of(map.dump()) == "the file is a map of certificates or keys in PEM");
    CHECK(error_of(R"([{"kty":"oct"}])") == "the file is a list of JWKs, not a set or one of them");
    CHECK(KeySet::from_pem(R"({"a":1})").error().message == "the text is JSON, not PEM");
    CHECK(KeySet::from_pem("hello").error().message == "the text holds no PEM block");

    for (const auto& read : {KeySet::from_jwk, KeySet::from_jwks})
        for (const auto& [text, words] :
             {std::pair{file("p256_public.pem"), "the file is PEM, not JSON"},
              std::pair{der_of("p256_public.pem"), "the file is DER, not JSON"},
              std::pair{file("rsa_openssh.pub"), "the file is an OpenSSH key, not JSON"},
              std::pair{file("p256_request.pem"), "the file is a request for a certificate"}}) {
            const auto set = read(text, std::nullopt);
            REQUIRE_FALSE(set);
            CHECK(set.error().code == ErrorCode::usage);
            CHECK(set.error().message == words);
        }
    CHECK(KeySet::from_jwk(map.dump()).error().hint ==
          NextStep{"token verify", {"TOKEN", "--jwks", "FILE"}});
}

TEST_CASE("text that only resembles a wrapping stays as it is", "[key_wrapping]") {
    const std::string pem = file("p256_public.pem");
    for (const std::string& text :
         {std::string("hello"), std::string("MAA="), std::string("-----BEGIN PUBLIC KEY-----"),
          std::string("-----BEGIN PUBLIC KEY----- MAA=\n"), std::string("\\n"),
          pem.substr(0, pem.size() - 30), replaced(pem, "\n", "%0A")}) {
        CAPTURE(text);
        CHECK(thumbprint(text).size() != 43);
    }
    // One block whose base64 is not whole spoils the text.
    CHECK(thumbprint("-----BEGIN PUBLIC KEY----- MAAA= -----END PUBLIC KEY-----").size() != 43);
    CHECK(thumbprint(replaced(pem, "\n", " ") + replaced(pem, "\n", " ")) ==
          "the PEM text holds more than one key");
}
