#include "core/key_files/authorities.h"
#include "support/catch.h"
#include "support/certificates.h"

#include <openssl/err.h>

using namespace auth;
using namespace auth::test;
using namespace std::chrono_literals;

namespace {

const Time now = from_unix_seconds(1'780'000'000);
const Time made = from_unix_seconds(1'770'000'000);

const Certificate& root() {
    static const Certificate authority = certify({"root", of_authority});
    return authority;
}

const Certificate& intermediate() {
    static const Certificate authority = certify({"intermediate", of_authority}, &root());
    return authority;
}

Certificate signer(Extensions extensions = of_signer) {
    return certify({"signer", std::move(extensions)}, &intermediate());
}

Json claims_at(Time time) {
    return {{"sub", "ann"}, {"iat", unix_seconds(time)}, {"exp", unix_seconds(now) + 60}};
}

Json header_of(const std::vector<Certificate>& chain, std::string_view algorithm = "ES256") {
    Json header{{"alg", algorithm}, {"x5c", Json::array()}};
    for (const Certificate& certificate : chain)
        header["x5c"].push_back(certificate.base64());
    return header;
}

struct Bench {
    explicit Bench(std::string file = root().pem(), bool signature_only = false) {
        auto read = Authorities::from_file(file);
        REQUIRE(read);
        authorities = *std::move(read);
        expected.own.now = expected.foreign.now = now;
        expected.signature_only = signature_only;
    }
    Authorities authorities;
    Expectations expected;

    Verdict verify(const std::string& token) {
        ERR_clear_error();
        Verifier verifier(
            [this](const Json& header) -> Result<KeyAnswer> { return authorities.answer(header); },
            expected);
        Verdict verdict = verifier.verify(token).value();
        CHECK(ERR_peek_error() == 0);
        return verdict;
    }
    // "claim:code", or "" for a valid token.
    std::string code(const std::string& token) {
        const Verdict verdict = verify(token);
        return verdict.valid()
                   ? ""
                   : verdict.problems.front().claim + ":" + verdict.problems.front().code;
    }
    std::string by(const std::vector<Certificate>& chain, const Json& claims = claims_at(made)) {
        return code(signed_with(chain.front().key, Algorithm::es256, header_of(chain).dump(),
                                claims.dump()));
    }
};

const std::string untrusted_chain = "x5c:untrusted_certificate";

} // namespace

TEST_CASE("a token by a certificate of a named authority is valid", "[authorities]") {
    Bench bench;
    const Certificate own = signer();
    CHECK(bench.by({own, intermediate()}).empty());
    CHECK(bench.by({own, intermediate(), root()}).empty());
    CHECK(bench.by({own, root(), intermediate()}).empty());
    CHECK(bench.by({certify({"direct"}, &root())}).empty());
    // One below the root, named itself.
    CHECK(Bench(intermediate().pem()).by({own}).empty());

    const Verdict verdict =
        bench.verify(signed_with(own.key, Algorithm::es256, header_of({own, intermediate()}).dump(),
                                 claims_at(made).dump()));
    CHECK(verdict.certificate == "CN=signer");
    CHECK(verdict.ignored_headers.empty());
}

TEST_CASE("other chains are not trusted", "[authorities]") {
    Bench bench;
    const Certificate own = signer();
    const Certificate namesake = certify({"root", of_authority});
    const Certificate other = certify({"intermediate", of_authority}, &namesake);
    const Certificate self_made = certify({"signer"});
    CHECK(bench.by({certify({"signer"}, &other), other, namesake}) == untrusted_chain);
    CHECK(Bench(namesake.pem()).by({own, intermediate(), root()}) == untrusted_chain);
    CHECK(bench.by({self_made}) == untrusted_chain);
    CHECK(bench.by({self_made, intermediate(), root()}) == untrusted_chain);
    CHECK(bench.by({own}) == untrusted_chain);
    // A signer is no authority.
    CHECK(bench.by({certify({"below"}, &own), own, intermediate()}) == untrusted_chain);
}

TEST_CASE("constraints and uses of certificates are kept", "[authorities]") {
    Bench bench;
    const Certificate narrow = certify({"narrow",
                                        {{"basicConstraints", "critical,CA:TRUE,pathlen:0"},
                                         {"keyUsage", "critical,keyCertSign"}}},
                                       &root());
    const Certificate below = certify({"below narrow", of_authority}, &narrow);
    CHECK(bench.by({certify({"signer"}, &narrow), narrow}).empty());
    CHECK(bench.by({certify({"signer"}, &below), below, narrow}) == untrusted_chain);

    const std::pair<const char*, const char*> leaf{"basicConstraints", "critical,CA:FALSE"};
    const auto with = [&](Extensions extensions) {
        extensions.push_back(leaf);
        return bench.by({signer(std::move(extensions)), intermediate()});
    };
    CHECK(with({}).empty());
    CHECK(with({{"keyUsage", "nonRepudiation"}}).empty());
    CHECK(with({{"keyUsage", "critical,keyEncipherment"}}) == untrusted_chain);
    CHECK(with({{"extendedKeyUsage", "anyExtendedKeyUsage"}}).empty());
    CHECK(with({{"extendedKeyUsage", "emailProtection"}}).empty());
    CHECK(with({{"extendedKeyUsage", "serverAuth,1.3.6.1.5.5.7.3.37"}}).empty());
    CHECK(with({{"extendedKeyUsage", "serverAuth"}}) == untrusted_chain);
    CHECK(with({{"extendedKeyUsage", "critical,serverAuth,clientAuth"}}) == untrusted_chain);
    CHECK(with({{"extendedKeyUsage", "timeStamping"}}) == untrusted_chain);
    CHECK(with({{"1.3.6.1.4.1.55555.1", "DER:05:00"}}).empty());
    CHECK(with({{"1.3.6.1.4.1.55555.1", "critical,DER:05:00"}}) == untrusted_chain);
    CHECK(bench.by({signer(of_authority), intermediate()}) == untrusted_chain);
    CHECK(bench.by({signer({{"basicConstraints", "CA:TRUE"}}), intermediate()}) == untrusted_chain);

    Extensions constrained = of_authority;
    constrained.emplace_back("nameConstraints", "critical,permitted;DNS:example.org");
    const Certificate local = certify({"local", constrained}, &root());
    const auto named = [&](const char* name) {
        return bench.by({certify({"signer", {{"subjectAltName", name}}}, &local), local});
    };
    CHECK(named("DNS:id.example.org").empty());
    CHECK(named("DNS:id.example.net") == untrusted_chain);

    Extensions for_servers = of_authority;
    for_servers.emplace_back("extendedKeyUsage", "serverAuth");
    const Certificate web = certify({"web", for_servers}, &root());
    CHECK(bench.by({certify({"signer"}, &web), web}) == untrusted_chain);
}

TEST_CASE("weak keys and digests are not trusted", "[authorities]") {
    Bench bench;
    const Certificate old = certify({.name = "old", .digest = "SHA1"}, &intermediate());
    CHECK(bench.by({old, intermediate()}) == untrusted_chain);

    const Certificate small = certify({.name = "small", .key = new_rsa_key(1024)}, &root());
    const auto token = [](const Certificate& own, std::string_view name, Algorithm algorithm) {
        return signed_with(own.key, algorithm, header_of({own}, name).dump(),
                           claims_at(made).dump());
    };
    CHECK(bench.code(token(small, "RS256", Algorithm::rs256)) == "x5c:weak_key");
    const Certificate good = certify({.name = "good", .key = new_rsa_key(2048)}, &root());
    CHECK(bench.code(token(good, "RS256", Algorithm::rs256)).empty());
    CHECK(bench.code(token(good, "PS256", Algorithm::ps256)).empty());
    CHECK(bench.code(token(good, "PS256", Algorithm::rs256)) == ":bad_signature");
    CHECK(bench.code(token(good, "ES256", Algorithm::rs256)) == "x5c:wrong_algorithm");
    CHECK(bench.code(token(good, "HS256", Algorithm::rs256)) == "x5c:wrong_algorithm");
}

TEST_CASE("certificates are valid when the token was made", "[authorities]") {
    Bench bench;
    const auto between = [](Time from, Time until) {
        return certify({.name = "signer", .from = from, .until = until}, &intermediate());
    };
    const Certificate past = between(made - 10h, made + 10h);
    CHECK(bench.by({past, intermediate()}).empty());
    CHECK(bench.by({past, intermediate()}, claims_at(made + 11h)) == untrusted_chain);
    CHECK(bench.by({past, intermediate()}, claims_at(made - 11h)) == untrusted_chain);

    // In milliseconds, and only for those who have no "iat".
    const auto signed_at = [](Time time) {
        return Json{{"exp", unix_seconds(now) + 60}, {"signedDate", unix_seconds(time) * 1000 + 7}};
    };
    CHECK(bench.by({past, intermediate()}, signed_at(made)).empty());
    CHECK(bench.by({past, intermediate()}, signed_at(made + 11h)) == untrusted_chain);
    Json both = signed_at(made);
    both["iat"] = unix_seconds(made + 11h);
    CHECK(bench.by({past, intermediate()}, both) == untrusted_chain);

    // Where nothing is said, now counts.
    const Json undated{{"exp", unix_seconds(now) + 60}};
    CHECK(bench.by({past, intermediate()}, undated) == untrusted_chain);
    CHECK(bench.by({between(now - 1h, now + 1h), intermediate()}, undated).empty());

    // An authority of the chain, too.
    CertificateOrder brief{"brief", of_authority};
    brief.until = made + 1h;
    const Certificate ended = certify(brief, &root());
    const Certificate below = certify({"signer"}, &ended);
    CHECK(bench.by({below, ended}).empty());
    CHECK(bench.by({below, ended}, claims_at(made + 2h)) == untrusted_chain);
    CHECK(Bench(ended.pem()).by({below}, claims_at(made + 2h)) == untrusted_chain);
}

TEST_CASE("a time of issue that cannot be is refused", "[authorities]") {
    Bench bench(root().pem(), true);
    const Certificate own = signer();
    const auto with = [&](const Json& claims) { return bench.by({own, intermediate()}, claims); };
    CHECK(with({{"iat", unix_seconds(now) + 60}}).empty());
    CHECK(with({{"iat", unix_seconds(now) + 61}}) == "iat:issued_in_future");
    CHECK(with({{"signedDate", (unix_seconds(now) + 61) * 1000}}) == "signedDate:issued_in_future");
    CHECK(with({{"iat", 1770000000.5}}).empty());
    for (const Json& odd : {Json("soon"), Json(), Json(-1), Json(true), Json::array()})
        CHECK(with({{"iat", odd}, {"signedDate", unix_seconds(made) * 1000}}) == "iat:bad_claim");
    CHECK(with({{"iat", 1e300}}) == "iat:issued_in_future");
}

TEST_CASE("a payload that is no JSON was made now", "[authorities]") {
    Bench bench(root().pem(), true);
    const auto token = [](const Certificate& own) {
        return signed_with(own.key, Algorithm::es256, header_of({own, intermediate()}).dump(),
                           "Payload");
    };
    CHECK(bench.code(token(signer())).empty());
    CertificateOrder past{"signer"};
    past.until = now - 1h;
    CHECK(bench.code(token(certify(past, &intermediate()))) == untrusted_chain);
}

TEST_CASE("the signature is the first certificate's", "[authorities]") {
    Bench bench;
    const Certificate own = signer();
    const Certificate other = signer();
    const std::string header = header_of({own, intermediate()}).dump();
    const std::string claims = claims_at(made).dump();
    for (const Certificate& wrong : {other, intermediate(), root()})
        CHECK(bench.code(signed_with(wrong.key, Algorithm::es256, header, claims)) ==
              ":bad_signature");
    // What else the header brings is never used.
    Json more = header_of({own, intermediate()});
    more["jku"] = "https://id.example/keys";
    const Verdict verdict =
        bench.verify(signed_with(own.key, Algorithm::es256, more.dump(), claims));
    CHECK(verdict.valid());
    CHECK(verdict.ignored_headers == std::vector<std::string>{"jku"});
}

TEST_CASE("what is no chain is refused", "[authorities]") {
    Bench bench;
    const Certificate own = signer();
    const auto with = [&](const Json& chain) {
        const Json header{{"alg", "ES256"}, {"x5c", chain}};
        return bench.code(
            signed_with(own.key, Algorithm::es256, header.dump(), claims_at(made).dump()));
    };
    CHECK(bench.code(signed_with(own.key, Algorithm::es256, R"({"alg":"ES256"})", "{}")) ==
          "x5c:unknown_key");
    const std::string good = own.base64();
    for (const Json& odd :
         {Json::array(), Json(), Json(good), Json{7}, Json{""}, Json{good + "\n"},
          Json{good, "MAA="}, Json{to_base64url(own.der())}, Json{to_base64(own.der() + "x")},
          Json{own.pem()}, Json(std::vector(9, good))}) {
        CAPTURE(odd.dump().substr(0, 100));
        CHECK(with(odd) == "x5c:bad_header");
    }
    CHECK(with(Json(std::vector(8, good))) == untrusted_chain);
}

TEST_CASE("a file names authorities, in PEM or DER", "[authorities]") {
    const auto refusal = [](const std::string& text) {
        const auto read = Authorities::from_file(text);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == ErrorCode::usage);
        return read.error().message;
    };
    const Certificate own = signer();
    for (const std::string& file : {root().der(), to_base64(root().der()),
                                    "the root\n" + root().pem() + "another\n" + own.pem()})
        CHECK(Bench(file).by({own, intermediate()}).empty());
    const auto mixed = Authorities::from_file(root().pem() + own.pem());
    REQUIRE(mixed);
    CHECK(mixed->remarks() == Remarks{"the certificate of 'CN=signer' is of no authority"});
    CHECK(refusal(own.pem()) == "the file holds no certificate of an authority");
    CHECK(refusal("hello") == "the file holds no certificate");
    CHECK(refusal("") == "the file holds no certificate");
    CHECK(refusal("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n") ==
          "the file holds no certificate of an authority");
}
