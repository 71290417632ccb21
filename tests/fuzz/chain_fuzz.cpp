#include "core/key_files/authorities.h"
#include "support/certificates.h"

#include <openssl/err.h>

#include <cstdlib>

using namespace auth;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

struct Issuer {
    test::Certificate root = test::certify({"root", test::of_authority});
    test::Certificate signer = test::certify({"signer"}, &root);
    Authorities authorities = Authorities::from_file(root.pem()).value();
};

const Issuer& issuer() {
    static const Issuer made;
    return made;
}

// Nobody but the signer has a token that is trusted.
bool trusted(const std::string& token, bool signature_only) {
    Expectations expected;
    expected.foreign.now = expected.own.now = from_unix_seconds(1'780'000'000);
    expected.signature_only = signature_only;
    Verifier verifier(
        [](const Json& header) -> Result<KeyAnswer> { return issuer().authorities.answer(header); },
        expected);
    return verifier.verify(token).value().valid();
}

std::string signed_token(const Json& header, const std::string& payload) {
    return test::signed_with(issuer().signer.key, Algorithm::es256, header.dump(), payload);
}

void check_chain(const Json& chain, const std::string& payload, bool good) {
    const Json header{{"alg", "ES256"}, {"x5c", chain}};
    const std::string token = signed_token(header, payload);
    const bool passes = trusted(token, true);
    require(good || !passes);
    require(passes || !trusted(token, false));
    std::string forged = token;
    forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
    require(!trusted(forged, true));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto read = Authorities::from_file(text))
        (void)read->answer({{"alg", "ES256"}, {"x5c", {issuer().signer.base64()}}});
    // A payload whose times are odd; certificates in place of the signer's, above it and beside it.
    const std::string mine = issuer().signer.base64();
    const std::string other = to_base64(text);
    check_chain(Json::array({mine}), text, true);
    check_chain(Json::array({mine, other}), "{}", true);
    check_chain(Json::array({other, mine}), "{}", other == mine);
    if (const auto chain = parse_json(text))
        check_chain(*chain, "{}", false);
    require(ERR_peek_error() == 0);
    return 0;
}
