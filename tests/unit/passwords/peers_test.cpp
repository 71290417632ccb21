#include "core/base/encoding.h"
#include "core/base/json.h"
#include "core/passwords/forms.h"
#include "core/passwords/password.h"
#include "support/catch.h"
#include "support/data.h"

#include <crypt.h>
#include <nlohmann/json.hpp>

#include <set>
#include <sstream>

using namespace auth;

namespace {

bool accepts(std::string_view password, const std::string& hash) {
    return verify_password(Secret(password), hash);
}

std::string bytes(std::string_view hex) {
    return *from_hex(hex);
}

std::string refusal(std::string_view hash) {
    const auto info = inspect_hash(hash);
    if (info)
        return "taken";
    CHECK(info.error().field == "password_hash");
    CHECK_FALSE(accepts("x", std::string(hash)));
    if (!info.error().reason.empty()) {
        CHECK(info.error().code == ErrorCode::refused);
        return info.error().reason;
    }
    CHECK(info.error().code == ErrorCode::usage);
    return info.error().message.ends_with("of no known format") ? "unknown" : "malformed";
}

const std::string key32 = to_unpadded_base64(std::string(32, 'k'));

} // namespace

TEST_CASE("hashes that other programs made are checked as they stand and as they are stored") {
    std::istringstream lines(data_file("peer_hashes.jsonl"));
    std::set<std::string> schemes;
    for (std::string line; std::getline(lines, line);) {
        const Json peer = Json::parse(line);
        const std::string hash = peer.at("hash");
        const std::string password = peer.at("password");
        CAPTURE(peer.at("made_by").get<std::string>(), hash);
        const auto info = inspect_hash(hash);
        REQUIRE(info);
        CHECK(info->scheme == peer.at("scheme"));
        CHECK(accepts(password, hash));
        const std::string stored = stored_form(hash);
        CHECK(stored_form(stored) == stored);
        CHECK(inspect_hash(stored)->work == info->work);
        CHECK_FALSE(accepts("x" + password, stored));
        schemes.insert(info->scheme);
    }
    CHECK(schemes.size() >= 20);
}

TEST_CASE("PBKDF2 by the vectors of RFC 6070 and RFC 7914") {
    using namespace std::string_view_literals;
    const auto check = [](std::string_view digest, std::string_view password, std::string_view salt,
                          std::uint32_t rounds, std::string_view key) {
        const std::string hash = pbkdf2_hash(digest, rounds, salt, bytes(key));
        CAPTURE(hash);
        REQUIRE(inspect_hash(hash));
        CHECK(accepts(password, hash));
        CHECK_FALSE(accepts("Passwort", hash));
    };
    check("sha1", "password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6");
    check("sha1", "password", "salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
    check("sha1", "password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1");
    check("sha1", "passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096,
          "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038");
    check("sha1", "pass\0word"sv, "sa\0lt"sv, 4096, "56fa6aa75548099dcc37d7f03425e0c3");
    check("sha256", "passwd", "salt", 1,
          "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
          "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
    check("sha256", "Password", "NaCl", 80000,
          "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
          "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d");
}

TEST_CASE("scrypt by the vector of RFC 7914") {
    const std::string hash =
        scrypt_hash(16384, 8, 1, "SodiumChloride",
                    bytes("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                          "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"));
    CHECK(inspect_hash(hash)->cost == "N=2^14, r=8, p=1");
    CHECK(accepts("pleaseletmein", hash));
    CHECK_FALSE(accepts("pleaseletmeout", hash));
}

TEST_CASE("Firebase's published sample is stored without the project's signer key") {
    const std::string signer =
        *from_base64("jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmd"
                     "ZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==");
    const std::string value =
        *from_base64("lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn"
                     "3aoItz+VHjoZilo78198JAdRuid5lQ==");
    const FirebaseParameters project{14, 8, *from_base64("Bw=="), signer};
    const auto hash = firebase_hash(project, *from_base64("42xEC+ixf3L2lw=="), value);
    REQUIRE(hash);
    CHECK(accepts("user1password", *hash));
    CHECK_FALSE(accepts("user2password", *hash));
    CHECK(hash->starts_with("$firebase-scrypt$ln=14,r=8$"));
    CHECK(hash->find(to_unpadded_base64(signer).substr(0, 20)) == std::string::npos);
    CHECK(inspect_hash(*hash)->cost == "N=2^14, r=8, p=1");
    const auto cut = firebase_hash(project, "salt", value.substr(1));
    REQUIRE_FALSE(cut);
    CHECK(cut.error().field == "password_hash");
}

TEST_CASE("fields of other systems become hashes") {
    // Python 3.11 hashlib and hmac, of "correct horse"
    const std::string after =
        salted_digest("sha256", SaltPosition::after, "pepper",
                      bytes("8a20677826351fcddb2a88d0c11867b9791797798e648b89ac09630c1802cb90"));
    CHECK(accepts("correct horse", after));
    CHECK_FALSE(accepts("correct horse ", after));
    const std::string before =
        salted_digest("sha512", SaltPosition::before, "pepper",
                      bytes("f95919efa0cefe2d53743cad99b75b01f4523396310290535290357040a29d28"
                            "7fa2747e0c742cf21fd535908025f8f8c869b0c9a9da4ac9d24314a49ceee3df"));
    CHECK(accepts("correct horse", before));
    const std::string bare =
        salted_digest("md5", SaltPosition::before, "", bytes("3cb4e732631f47e6eb961f34554b7cde"));
    CHECK(accepts("correct horse", bare));
    CHECK(inspect_hash(bare)->cost == "one pass, no salt");
    CHECK(inspect_hash(after)->cost == "one pass, salted");
    const std::string keyed =
        hmac_digest("sha1", "k\xff", bytes("c07b71e528e94143c521e993bca83d10c0254609"));
    CHECK(accepts("correct horse", keyed));
    CHECK_FALSE(accepts("correct hors", keyed));
    // argon2 (reference CLI, 20171227)
    CHECK(argon2_hash("argon2id", 8, 1, 1, "saltsaltsaltsalt",
                      *from_unpadded_base64("E/9XOcEJe3mPXG7g015mjI/Ptw7gpcl7bw+7BNqI9bQ")) ==
          "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
          "E/9XOcEJe3mPXG7g015mjI/Ptw7gpcl7bw+7BNqI9bQ");
}

TEST_CASE("derived keys are bounded before anything is computed") {
    const auto scrypt = [](std::string_view parameters) {
        return refusal("$scrypt$" + std::string(parameters) + "$c2FsdA$" + key32);
    };
    CHECK(inspect_hash("$scrypt$ln=17,r=8,p=10$c2FsdA$" + key32));
    CHECK(scrypt("ln=18,r=8,p=1") == "hash_too_costly");
    CHECK(scrypt("ln=17,r=9,p=1") == "hash_too_costly");
    CHECK(scrypt("ln=17,r=8,p=11") == "hash_too_costly");
    CHECK(scrypt("ln=63,r=4294967295,p=4294967295") == "hash_too_costly");
    CHECK(scrypt("ln=262144,r=8,p=1") == "hash_too_costly"); // Kratos' N
    CHECK(scrypt("ln=16385,r=8,p=1") == "malformed");
    CHECK(scrypt("ln=0,r=8,p=1") == "malformed");
    CHECK(scrypt("ln=16,r=1,p=1") == "malformed");
    CHECK(scrypt("ln=14,r=0,p=1") == "malformed");
    CHECK(scrypt("ln=14,r=8,p=0") == "malformed");
    CHECK(scrypt("ln=14,r=8") == "malformed");
    CHECK(refusal("$firebase-scrypt$ln=18,r=8$c2FsdA$" + key32) == "hash_too_costly");
    CHECK(refusal("$7$GU..../....salt$" + std::string(43, 'a')) == "hash_too_costly");
    CHECK(refusal("$7$CV..../....salt$" + std::string(43, 'a')) == "hash_too_costly");
    CHECK(refusal("$7$CU....9....salt$" + std::string(43, 'a')) == "hash_too_costly");
    CHECK(refusal("$7$.U..../....salt$" + std::string(43, 'a')) == "malformed");

    const auto pbkdf2 = [](std::string_view head) { return refusal(std::string(head) + key32); };
    CHECK(inspect_hash("$pbkdf2-sha256$i=10000000,l=32$c2FsdA$" + key32));
    CHECK(pbkdf2("$pbkdf2-sha256$i=10000001,l=32$c2FsdA$") == "hash_too_costly");
    CHECK(pbkdf2("$pbkdf2-sha256$4294967295$c2FsdA$") == "hash_too_costly");
    CHECK(pbkdf2("$pbkdf2-sha256$i=4294967296,l=32$c2FsdA$") == "malformed");
    CHECK(pbkdf2("$pbkdf2-sha256$i=0,l=32$c2FsdA$") == "malformed");
    CHECK(pbkdf2("$pbkdf2-sha256$i=1000,l=31$c2FsdA$") == "malformed");
    CHECK(pbkdf2("$pbkdf2-md5$i=1000,l=32$c2FsdA$") == "malformed");
    CHECK(pbkdf2("$pbkdf2-sha3$i=1000,l=32$c2FsdA$") == "malformed");
    CHECK(pbkdf2("$pbkdf2x$1000$c2FsdA$") == "malformed");
    CHECK(refusal(pbkdf2_hash("sha256", 1000, "salt", std::string(15, 'k'))) == "malformed");
    CHECK(refusal(pbkdf2_hash("sha256", 1000, "salt", std::string(129, 'k'))) == "malformed");
}

TEST_CASE("peers' spellings that are wrong are refused") {
    const std::string bcrypt = "$2b$10$n4DsDQaF8ARkbt6H1SwHu.nOwVfVW4Rw7r6DNJm1eu5OrdD5c/Xru";
    const std::string wrong[] = {
        "pbkdf2_sha256$",
        "pbkdf2_sha256$x$salt$aaaa",
        "pbkdf2_sha256$1000$salt$" + key32, // not padded
        std::string("pbkdf2:sha256$salt$") + std::string(64, 'a'),
        std::string("pbkdf2:sha256:1000$salt$") + std::string(63, 'a'),
        "scrypt:32768:8$salt$00",
        std::string("scrypt:32769:8:1$salt$") + std::string(128, 'a'),
        "scrypt$16384$salt$8$1$%%%%",
        "$firescrypt$ln=14,r=8,p=1$AAAA$AAAA$Bw==$AA==",
        "$firescrypt$ln=14,r=8,p=2$AAAA$AAAA$Bw==$AAAA",
        "{SSHA}",
        "{SHA}aaaa",
        "{SSHA}mN7MYuzjmaIu0w1JDvMzvn/ec4U=", // no salt
        "{SHA}8RIie0TWPAf2/ODaB+dZLffNNr1LAouH",
        "{CRYPT}aaJyPIuu8ZeC", // 12 characters
        "{BLF-CRYPT}secret",
        "{PBKDF2}$1$salt$5000$433f",
        "{PBKDF2_SHA256}AAAnEHlEu3y5Ct2LDY57",
        "{PKCS5S2}AAAnEHlEu3y5Ct2LDY57",
        "{SSHA256.HEX}zz",
        "{PLAIN-MD5}9cc2ae8a1ba7a93da39b46fc1019c48",
        "crypt$$FHHtuKhuSY7X",
        "$P$BCVkusE2vMBCBGu4uoEgTIEwCwozSJ",
        "$P$4CVkusE2vMBCBGu4uoEgTIEwCwozSJ1", // fewer rounds than phpass makes
        "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzL",
        "$wp$2y$10$short",
        "$md5$",
        "$md5$$",
        "$md5$pf=MTIz$MTIz$q+RdKCgc+ipCAcm5ChQwlQ==", // holds no password
        "$sha1$pf=e1BBU1NXT1JEfQ==$$q+RdKCgc+ipCAcm5ChQwlQ==",
        "$hmac-md4$AAAA$AAAA",
        "$hmac-sha256$AAAA$AAAA",
        "$hmac-sha256$$",
        "sha1$salt$zz",
        std::string("$apr1$ninechars$") + std::string(22, 'a'),
        std::string("$apr1$salt$") + std::string(21, 'a'),
        "bcrypt_sha256$" + bcrypt.substr(1),
        "bcrypt_sha256$$1$abc",
        "bcrypt_sha256$$2x$10" + bcrypt.substr(6),
        "$apr1$sa\xff\x01$" + std::string(22, 'a'),
        "$bcrypt-sha256$v=2,t=2x,r=10$n4DsDQaF8ARkbt6H1SwHu.$nOwVfVW4Rw7r6DNJm1eu5OrdD5c/Xru",
        "$bcrypt-sha256$v=2,t=2b,r=10$short$nOwVfVW4Rw7r6DNJm1eu5OrdD5c/Xru"};
    for (const std::string& hash : wrong) {
        CAPTURE(hash);
        CHECK(refusal(hash) == "malformed");
    }
    CHECK(refusal("bcrypt$$2b$16$" + bcrypt.substr(7)) == "hash_too_costly");
    CHECK(refusal("bcrypt_sha256$$2b$16$" + bcrypt.substr(7)) == "hash_too_costly");
    // Its stored form would be longer than any that is read.
    CHECK(refusal("sha1$" + std::string(440, 's') + "$" + std::string(40, 'a')) == "unknown");
    CHECK(refusal("$P$JCVkusE2vMBCBGu4uoEgTIEwCwozSJ1") == "hash_too_costly");
    CHECK(refusal("5f4dcc3b5aa765d61d8327deb882cf9") == "unknown");
    CHECK(refusal("(GDnDG7zjSNAa0nGBqJ9Q)") == "unknown");
    CHECK(refusal("{SSHA") == "unknown");
    CHECK(refusal("AgAAAAEAACcQAAAAECVmyqdnXyFuZrAvhJ+MQiIYed1U+oGpmpAO4tO0PyQ6") == "unknown");
    CHECK(inspect_hash("{ROT13}pbccre ynqqre").error().message ==
          "password hashes of the form {ROT13} are not known");
    CHECK(inspect_hash("{CLEARTEXT}secret").error().message ==
          "{CLEARTEXT} marks a password in plain text, not a hash");
    CHECK(inspect_hash("$argon2d$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$" + key32)
              .error()
              .message.find("argon2d") != std::string::npos);
}

TEST_CASE("a census needs to know how strong hashes are") {
    const auto strength = [](const std::string& hash) {
        return std::string(to_name(inspect_hash(hash)->strength));
    };
    const auto pbkdf2 = [&](std::string_view digest, std::uint32_t rounds) {
        return strength(pbkdf2_hash(digest, rounds, "salt", std::string(32, 'k')));
    };
    CHECK(pbkdf2("sha256", 600'000) == "strong");
    CHECK(pbkdf2("sha256", 599'999) == "fair");
    CHECK(pbkdf2("sha512", 210'000) == "strong");
    CHECK(pbkdf2("sha1", 1'299'999) == "fair");
    CHECK(pbkdf2("sha256", 9'999) == "weak");
    CHECK(strength(scrypt_hash(1U << 17U, 8, 1, "salt", std::string(32, 'k'))) == "strong");
    CHECK(strength(scrypt_hash(1U << 14U, 8, 5, "salt", std::string(32, 'k'))) == "strong");
    CHECK(strength(scrypt_hash(1U << 15U, 8, 1, "salt", std::string(32, 'k'))) == "fair");
    CHECK(strength("{SHA}mN7MYuzjmaIu0w1JDvMzvn/ec4U=") == "weak");
    CHECK(strength("$1$peersalt$E.MJg8oGzCfSXSAgFG5ff/") == "weak");
    const std::string bcrypt_tail = "$n4DsDQaF8ARkbt6H1SwHu.nOwVfVW4Rw7r6DNJm1eu5OrdD5c/Xru";
    CHECK(strength("$2b$10" + bcrypt_tail) == "strong");
    CHECK(strength("$2b$09" + bcrypt_tail) == "fair");
    CHECK(strength("$2b$05" + bcrypt_tail) == "weak");
    CHECK(strength(dummy_hash({19456, 2})) == "strong");
    CHECK(strength(dummy_hash({7168, 1})) == "fair");
    CHECK(strength(dummy_hash({8, 1})) == "weak");
}

TEST_CASE("dummies of work cost what the work costs, and crypt computes them") {
    std::istringstream lines(data_file("peer_hashes.jsonl"));
    std::set<std::string> units;
    for (std::string line; std::getline(lines, line);) {
        const HashWork work = inspect_hash(Json::parse(line).at("hash").get<std::string>())->work;
        if (work.unit.empty() || !units.insert(work.unit).second)
            continue;
        std::uint64_t amount = 0;
        for (const std::string& dummy : dummy_hashes(work)) {
            CAPTURE(work.unit, dummy);
            const auto info = inspect_hash(dummy);
            REQUIRE(info);
            CHECK(info->work.unit == work.unit);
            CHECK_FALSE(accepts("x", dummy));
            amount += info->work.amount;
            if (dummy.starts_with("$2") || dummy.starts_with("$y") || dummy.starts_with("$7") ||
                (dummy.find("$", 1) == 2 && dummy[1] != 'P' && dummy[1] != 'S')) {
                crypt_data data{};
                const char* const made = crypt_r("x", dummy.c_str(), &data);
                REQUIRE(made);
                CHECK(std::string(made).substr(0, 7) == dummy.substr(0, 7));
                CHECK(std::string(made).size() == dummy.size());
            }
        }
        CHECK(amount == work.amount);
    }
    CHECK(units.size() >= 12);
    // What is left of cost 12 after a hash of cost 10.
    CHECK(dummy_hashes({"$2b$", 4096 - 1024, 0}).size() == 2);
    CHECK(dummy_hashes({"", 1, 0}).empty());
    CHECK(dummy_hashes({"$2b$", 0, 0}).empty());
}
