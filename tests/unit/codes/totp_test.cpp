#include "core/codes/totp.h"
#include "support/catch.h"
#include "support/fakes.h"

using namespace auth;

namespace {

// The secret of RFC 6238's examples: digits over and over, as long as the hash.
Totp rfc_totp(HashFunction algorithm, std::size_t bytes, int digits) {
    std::string secret;
    while (secret.size() < bytes)
        secret += static_cast<char>('0' + (secret.size() + 1) % 10);
    return {Secret(secret), algorithm, digits};
}

std::string code_at(const Totp& totp, std::int64_t time) {
    return std::string(hotp(totp, time_step(totp, from_unix_seconds(time))).reveal());
}

Time at(std::int64_t seconds) {
    return from_unix_seconds(seconds);
}

} // namespace

TEST_CASE("codes by counter are those of RFC 4226, appendix D") {
    const Totp totp = rfc_totp(HashFunction::sha1, 20, 6);
    const std::string_view expected[] = {"755224", "287082", "359152", "969429", "338314",
                                         "254676", "287922", "162583", "399871", "520489"};
    for (std::int64_t counter = 0; counter < 10; ++counter)
        CHECK(hotp(totp, counter).reveal() == expected[counter]);
}

TEST_CASE("codes by time are those of RFC 6238, appendix B") {
    const Totp sha1 = rfc_totp(HashFunction::sha1, 20, 8);
    const Totp sha256 = rfc_totp(HashFunction::sha256, 32, 8);
    const Totp sha512 = rfc_totp(HashFunction::sha512, 64, 8);
    struct Row {
        std::int64_t time;
        std::string_view sha1, sha256, sha512;
    };
    const Row rows[] = {{59, "94287082", "46119246", "90693936"},
                        {1111111109, "07081804", "68084774", "25091201"},
                        {1111111111, "14050471", "67062674", "99943326"},
                        {1234567890, "89005924", "91819424", "93441116"},
                        {2000000000, "69279037", "90698825", "38618901"},
                        {20000000000, "65353130", "77737706", "47863826"}};
    for (const Row& row : rows) {
        CAPTURE(row.time);
        CHECK(code_at(sha1, row.time) == row.sha1);
        CHECK(code_at(sha256, row.time) == row.sha256);
        CHECK(code_at(sha512, row.time) == row.sha512);
    }
}

TEST_CASE("the codes of one step to either side match, and no others") {
    const Totp totp = rfc_totp(HashFunction::sha1, 20, 8);
    const std::string code = code_at(totp, 1111111109); // step 37037036 began at 1111111080
    const std::int64_t step = 37037036;
    CHECK(matching_step(totp, code, at(1111111109)) == step);
    CHECK(matching_step(totp, code, at(1111111080 - 30)) == step);
    CHECK(matching_step(totp, code, at(1111111080 + 59)) == step);
    CHECK_FALSE(matching_step(totp, code, at(1111111080 - 31)));
    CHECK_FALSE(matching_step(totp, code, at(1111111080 + 60)));
    CHECK_FALSE(matching_step(totp, code.substr(2), at(1111111109)));
    CHECK_FALSE(matching_step(totp, "", at(1111111109)));
}

TEST_CASE("a fresh secret is as long as its hash, and never the same") {
    test::SeededRandom random;
    const Totp first = make_totp(HashFunction::sha1, 6, random);
    CHECK(first.secret.size() == 20);
    CHECK(first.period == Seconds(30));
    CHECK(make_totp(HashFunction::sha1, 6, random).secret.reveal() != first.secret.reveal());
    CHECK(make_totp(HashFunction::sha256, 6, random).secret.size() == 32);
    CHECK(make_totp(HashFunction::sha512, 8, random).secret.size() == 64);
}

TEST_CASE("names of hashes are read in any case") {
    CHECK(parse_hash_function("sha1") == HashFunction::sha1);
    CHECK(parse_hash_function("Sha256") == HashFunction::sha256);
    CHECK(parse_hash_function("SHA512") == HashFunction::sha512);
    CHECK_FALSE(parse_hash_function("md5"));
    CHECK_FALSE(parse_hash_function(""));
}

TEST_CASE("what apps may ignore is named, and what all of them know is not") {
    CHECK(ignored_by_apps({}).empty());
    CHECK(ignored_by_apps({Secret(), HashFunction::sha256, 6}) == "SHA256");
    CHECK(ignored_by_apps({Secret(), HashFunction::sha1, 8}) == "8 digits");
    CHECK(ignored_by_apps({Secret(), HashFunction::sha512, 8, Seconds(60)}) ==
          "SHA512 and 8 digits and steps of 60 seconds");
}
