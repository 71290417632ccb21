#include "core/base/encoding.h"
#include "core/jose/jose.h"

#include <cstdlib>

using namespace auth;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

const std::vector<SigningKey>& signers() {
    static const std::vector<SigningKey> all = [] {
        std::vector<SigningKey> keys;
        keys.push_back(SigningKey::from_shared_secret(Secret(std::string(32, 'k'))).value());
        for (const auto algorithm : {Algorithm::es256, Algorithm::ps256, Algorithm::eddsa})
            keys.push_back(SigningKey::generate(algorithm));
        return keys;
    }();
    return all;
}

const std::vector<VerificationKey>& verifiers() {
    static const std::vector<VerificationKey> all = [] {
        std::vector<VerificationKey> keys;
        keys.push_back(VerificationKey::from_shared_secret(Secret(std::string(32, 'k'))).value());
        for (const auto& signer : signers())
            if (signer.algorithm() != Algorithm::hs256)
                keys.push_back(VerificationKey::from_jwk(signer.public_jwk()).value());
        return keys;
    }();
    return all;
}

bool wrongly_signed(const Token& token, const VerificationKey& key) {
    return check_signature(token.header, token.signing_input, token.signature, key).has_value();
}

// A token has one spelling; a good header names an algorithm we have; nobody forges a signature.
void check_token(const std::string& text) {
    const auto token = parse_token(text);
    if (!token)
        return;
    require(token->signing_input + "." + to_base64url(token->signature) == text);
    if (check_header(token->header).empty())
        require(parse_algorithm(token->header.at("alg").get<std::string>()).has_value());

    ClaimRules rules;
    rules.now = from_unix_seconds(1'700'000'000);
    rules.type = "at+jwt";
    rules.issuer = "https://id.example";
    rules.audience = "api";
    rules.subject = "1";
    const auto problems = check_claims(token->header, token->claims, rules);
    require((token_status(problems) == "valid") == problems.empty());

    for (const auto& key : verifiers())
        require(wrongly_signed(*token, key));
}

void check_signed(const Json& claims, std::size_t which) {
    const std::string text = sign_token(signers()[which], "at+jwt", claims);
    const auto token = parse_token(text);
    if (!token)
        return;
    require(token->claims == claims && check_header(token->header).empty());
    for (std::size_t i = 0; i < verifiers().size(); ++i)
        require(wrongly_signed(*token, verifiers()[i]) == (i != which));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    check_token(text);
    // Base64url hides the JSON from the fuzzer: header and payload again, in clear.
    const std::size_t line = text.find('\n');
    if (line == std::string::npos)
        return 0;
    const std::string payload = text.substr(line + 1);
    check_token(to_base64url(text.substr(0, line)) + "." + to_base64url(payload) + ".c2ln");
    if (const auto claims = parse_json(payload); claims && claims->is_object())
        check_signed(*claims, size % signers().size());
    return 0;
}
