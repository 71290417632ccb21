#include "core/base/encoding.h"
#include "core/codes/otpauth.h"
#include "support/catch.h"

using namespace auth;

namespace {

std::string refused(std::string_view uri, bool weak = false) {
    const auto read = parse_otpauth_uri(uri, weak);
    if (read)
        return "taken";
    CHECK(read.error().code == ErrorCode::usage);
    CHECK(read.error().field == "uri");
    return read.error().message;
}

const std::string strong = "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

} // namespace

TEST_CASE("an otpauth URI says all that an app must know") {
    const Totp totp{Secret(std::string_view("12345678901234567890"))};
    CHECK(otpauth_uri(totp, "Ann's place", "ann@example.org").reveal() ==
          "otpauth://totp/Ann%27s%20place:ann%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
          "&issuer=Ann%27s%20place&algorithm=SHA1&digits=6&period=30");
}

TEST_CASE("an otpauth URI of ours is read back") {
    const Totp totp{Secret(std::string_view("12345678901234567890123456789012")),
                    HashFunction::sha256, 8};
    const Secret uri = otpauth_uri(totp, "auth-cli", "ann@example.org");
    const auto read = parse_otpauth_uri(std::string(uri.reveal()) + "\n", false);
    REQUIRE(read);
    CHECK(read->secret.reveal() == totp.secret.reveal());
    CHECK(read->algorithm == HashFunction::sha256);
    CHECK(read->digits == 8);
    CHECK(read->period == Seconds(30));
}

TEST_CASE("the example of the Key URI Format is read where weak secrets are") {
    const std::string_view uri =
        "otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example";
    const auto read = parse_otpauth_uri(uri, true);
    REQUIRE(read);
    CHECK(to_hex(read->secret.reveal()) == "48656c6c6f21deadbeef");
    CHECK(read->digits == 6);
    CHECK(refused(uri) == "the secret of the otpauth URI has 80 bits, and at least 128 are needed");
}

TEST_CASE("a secret is read as people copy it") {
    const auto read = parse_otpauth_uri("otpauth://totp/x?secret=gezd-gnbv gy3t+qojq%&period=60"
                                        "&image=https://example.org/x.png",
                                        true);
    CHECK_FALSE(read);
    const auto spaced =
        parse_otpauth_uri("otpauth://totp/x?period=60&secret=gezd-gnbv gy3t+qojq&image=x", true);
    REQUIRE(spaced);
    CHECK(spaced->secret.reveal() == "1234567890");
    CHECK(spaced->period == Seconds(60));
    CHECK(parse_otpauth_uri(strong + "&secre=", false));
}

TEST_CASE("what is no otpauth URI of a code by time is refused, and not shown") {
    CHECK(refused("") == "that is not an otpauth URI: it does not start with otpauth://totp/");
    CHECK(refused("GEZDGNBVGY3TQOJQ").find("GEZD") == std::string::npos);
    CHECK(refused("otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=1") ==
          "codes by counter (hotp) are not taken, only codes by time (totp)");
    CHECK(refused("otpauth://totp/x") == "the otpauth URI has no secret");
    CHECK(refused("otpauth://totp/x?secret=0189") == "the secret of the otpauth URI is not base32");
    CHECK(refused(strong + "&secret=GEZDGNBVGY3TQOJQ") == "the otpauth URI has a parameter twice");
    CHECK(refused(strong + "&algorithm=MD5") ==
          "the algorithm of the otpauth URI is not SHA1, SHA256 or SHA512");
    CHECK(refused(strong + "&digits=7") == "the digits of the otpauth URI are not 6 or 8");
    CHECK(refused(strong + "&period=0") == "the period of the otpauth URI is not 30 or 60");
}
