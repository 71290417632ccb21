#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "support/catch.h"

using namespace auth;

namespace {

Secret key_of(std::string_view hex) {
    return Secret(*from_hex(hex));
}

} // namespace

TEST_CASE("SHA-256 agrees with the examples of FIPS 180-4") {
    CHECK(to_hex(sha256("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("HMAC-SHA-256 agrees with RFC 4231") {
    CHECK(to_hex(hmac_sha256(Secret(std::string(20, '\x0b')), "Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(to_hex(hmac_sha256(Secret("Jefe"), "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(to_hex(hmac_sha256(Secret(std::string(20, '\xaa')), std::string(50, '\xdd'))) ==
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    // Test case 6: a key longer than one block.
    CHECK(to_hex(hmac_sha256(Secret(std::string(131, '\xaa')),
                             "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("HKDF agrees with RFC 5869 appendix A") {
    const Secret key = key_of("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    CHECK(to_hex(hkdf_sha256(key, *from_hex("000102030405060708090a0b0c"),
                             *from_hex("f0f1f2f3f4f5f6f7f8f9"), 42)
                     .reveal()) ==
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
          "34007208d5b887185865");
    // A.3: neither salt nor info.
    CHECK(to_hex(hkdf_sha256(key, "", "", 42).reveal()) ==
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST_CASE("comparison in constant time compares") {
    CHECK(equal_in_constant_time("", ""));
    CHECK(equal_in_constant_time("abc", "abc"));
    CHECK_FALSE(equal_in_constant_time("abc", "abd"));
    CHECK_FALSE(equal_in_constant_time("abc", "abcd"));
}
