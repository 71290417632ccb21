#include "core/passwords/password.h"
#include "support/catch.h"
#include "support/fakes.h"

#include <set>

using namespace auth;

namespace {

constexpr const char* phrase = "correct horse battery staple";

// All of `phrase`, each by the program named.
struct Vector {
    const char* program;
    const char* scheme;
    const char* cost;
    bool test_cost;
    const char* hash;
};

const Vector vectors[] = {
    {"argon2 (reference CLI, 20171227)", "argon2id", "m=8 KiB, t=1, p=1", true,
     "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
     "E/9XOcEJe3mPXG7g015mjI/Ptw7gpcl7bw+7BNqI9bQ"},
    {"argon2 (reference CLI, 20171227)", "argon2id", "m=256 KiB, t=2, p=4", false,
     "$argon2id$v=19$m=256,t=2,p=4$c2FsdHNhbHRzYWx0c2FsdA$"
     "aFNepZ6TtAhQU04tpo+azLq2j2dvLqDXJKSQJoBjwHM"},
    {"argon2 (reference CLI, 20171227)", "argon2i", "m=512 KiB, t=3, p=2", false,
     "$argon2i$v=19$m=512,t=3,p=2$c2FsdHNhbHRzYWx0c2FsdA$"
     "wGwnPhhWFscXDQvnQyus9wqPY/4ghn60CyJOK+FpWYA"},
    {"argon2 (reference CLI, 20171227)", "argon2id", "m=65536 KiB, t=3, p=1", false,
     "$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
     "ak6+SwLOxry61DDjDw0uDBBZ1c0o5OpGJ4pHMI/JEhA"},
    {"Python bcrypt 3.2.2", "bcrypt", "cost 4", false,
     "$2b$04$CX3uGz9oC9FasMSEzmsj4OpBWw7R5yw/t2vk.K5r9Cxz3wMFkCfIy"},
    {"Python bcrypt 3.2.2", "bcrypt", "cost 4", false,
     "$2a$04$8c45YID6O/mxdzmlIh38q.CkVG5DNUdSURhQOF1VmPjhMM2eweYm2"},
    {"Python bcrypt 3.2.2, with PHP's prefix", "bcrypt", "cost 4", false,
     "$2y$04$ftYe1B./8EFQNtgi824Oc.qksEAkV8eGQvtUJLSElgC7pU42SRUEa"},
    {"Python bcrypt 3.2.2", "bcrypt", "cost 10", false,
     "$2b$10$n4DsDQaF8ARkbt6H1SwHu.nOwVfVW4Rw7r6DNJm1eu5OrdD5c/Xru"},
    {"mkpasswd 5.5.17", "yescrypt", "N=2^12, r=32", false,
     "$y$j9T$I2fha7r7uovhgwu6rJGXw/$UYMKRp2jugDbuWzmh15IgUgLfypk8O37wzDpPYTlZ80"},
    {"mkpasswd 5.5.17 -R 1", "yescrypt", "N=2^10, r=8", false,
     "$y$j75$FF8OjfCB507J2VQUC3qyk1$16IavUUYi2JsWvHOOiGsX0vI45FiGCEdZnLRvIN04f8"},
    {"OpenSSL 3.0 passwd -6", "sha512crypt", "5000 rounds", false,
     "$6$saltstring$qvPJY4PeugKzKQqyIJ0gRdJnpS0uaaiZ.X1SaheFedsK/"
     "yZPwlluTLS90fJPM41sD5JxCHKgGr1..qt5HqEY8."},
    {"passlib 1.7.4", "sha512crypt", "1000 rounds", false,
     "$6$rounds=1000$saltstring$B.n1vD77SdB2TuXAE0nGKP536R1bUc6NvRMEtukg5fkv3SlfIs6RsCY18TxG6AW"
     "fmoa/S410tUwH1MRlKRQST0"},
    {"OpenSSL 3.0 passwd -5", "sha256crypt", "5000 rounds", false,
     "$5$saltstring$hixOXgchwauyzVtlSM/e7UnQx0qiTk74JE/YU53IbE0"},
    {"passlib 1.7.4", "sha256crypt", "12345 rounds", false,
     "$5$rounds=12345$saltstring$UtT56mOVRtpTrV6l1LpwshLzLt.i84gU9PXy92mNq/6"},
    {"OpenSSL 3.0 passwd -1", "md5crypt", "1000 rounds", false,
     "$1$saltsalt$BsXyQbZiQujHkdhwPwdol."},
};

bool verifies(std::string_view password, const std::string& hash) {
    return verify_password(Secret(password), hash);
}

std::string refusal_reason(const std::string& hash) {
    const auto info = inspect_hash(hash);
    if (info)
        return "accepted";
    CHECK(info.error().field == "password_hash");
    CHECK(info.error().code ==
          (info.error().reason.empty() ? ErrorCode::usage : ErrorCode::refused));
    CHECK_FALSE(verifies(phrase, hash));
    return info.error().reason.empty() ? "malformed" : info.error().reason;
}

const std::string bcrypt_tail = "n4DsDQaF8ARkbt6H1SwHu.nOwVfVW4Rw7r6DNJm1eu5OrdD5c/Xru";
const std::string argon2_tail =
    "c2FsdHNhbHRzYWx0c2FsdA$E/9XOcEJe3mPXG7g015mjI/Ptw7gpcl7bw+7BNqI9bQ";
const std::string yescrypt_tail =
    "$FF8OjfCB507J2VQUC3qyk1$16IavUUYi2JsWvHOOiGsX0vI45FiGCEdZnLRvIN04f8";

} // namespace

TEST_CASE("hashes made by other programs are verified") {
    for (const Vector& vector : vectors) {
        CAPTURE(vector.program, vector.hash);
        const auto info = inspect_hash(vector.hash);
        REQUIRE(info);
        CHECK(info->scheme == vector.scheme);
        CHECK(info->cost == vector.cost);
        CHECK(info->test_cost == vector.test_cost);
        CHECK(verifies(phrase, vector.hash));
        CHECK_FALSE(verifies("correct horse battery stapl", vector.hash));
        CHECK_FALSE(verifies("Correct horse battery staple", vector.hash));
        CHECK_FALSE(verifies(std::string(phrase) + std::string("\0x", 2), vector.hash));
        CHECK_FALSE(verifies("", vector.hash));
        CHECK_FALSE(verifies(std::string(5000, 'x'), vector.hash));
    }
}

TEST_CASE("costs are capped before anything is computed") {
    CHECK(refusal_reason("$2b$15$" + bcrypt_tail) == "accepted");
    CHECK(refusal_reason("$2b$16$" + bcrypt_tail) == "hash_too_costly");
    CHECK(refusal_reason("$2y$31$" + bcrypt_tail) == "hash_too_costly");
    CHECK(refusal_reason("$argon2id$v=19$m=1048576,t=10,p=1$" + argon2_tail) == "accepted");
    CHECK(refusal_reason("$argon2id$v=19$m=1048577,t=1,p=1$" + argon2_tail) == "hash_too_costly");
    CHECK(refusal_reason("$argon2i$v=19$m=64,t=11,p=1$" + argon2_tail) == "hash_too_costly");
    CHECK(refusal_reason("$argon2id$v=19$m=4294967295,t=4294967295,p=1$" + argon2_tail) ==
          "hash_too_costly");
    const std::string digest43(43, 'a');
    CHECK(refusal_reason("$5$rounds=10000000$salt$" + digest43) == "accepted");
    CHECK(refusal_reason("$5$rounds=10000001$salt$" + digest43) == "hash_too_costly");
    CHECK(refusal_reason("$6$rounds=999999999$salt$" + digest43 + digest43) == "hash_too_costly");
    CHECK(refusal_reason("$y$jET" + yescrypt_tail) == "accepted");
    CHECK(refusal_reason("$y$jFT" + yescrypt_tail) == "hash_too_costly"); // mkpasswd -R 11
    CHECK(refusal_reason("$y$j9U" + yescrypt_tail) == "hash_too_costly");
    CHECK(inspect_hash("$2b$31$" + bcrypt_tail).error().message ==
          "the bcrypt hash is too costly to check: cost 31, and the limit is cost 15");
}

TEST_CASE("malformed hashes are refused") {
    for (const std::string& hash :
         {std::string(),
          std::string("x"),
          std::string("plain text"),
          std::string("$"),
          std::string("$2b$"),
          std::string("$1$"),
          std::string("$5$"),
          std::string("$6$"),
          std::string("$y$"),
          std::string("$argon2id$"),
          std::string("$7$CU..../....x"),
          "$2x$10$" + bcrypt_tail,
          "$2b$03$" + bcrypt_tail,
          "$2b$32$" + bcrypt_tail,
          "$2b$1 $" + bcrypt_tail,
          "$2b$10$" + bcrypt_tail + "a",
          "$2b$10$" + bcrypt_tail.substr(1),
          "$2b$10$" + bcrypt_tail.substr(1) + "!",
          "$argon2id$m=256,t=2,p=1$" + argon2_tail,
          "$argon2id$v=16$m=256,t=2,p=1$" + argon2_tail,
          "$argon2id$v=19$m=256,t=0,p=1$" + argon2_tail,
          "$argon2id$v=19$m=256,t=2,p=0$" + argon2_tail,
          "$argon2id$v=19$m=256,t=2,p=33$" + argon2_tail,
          "$argon2id$v=19$m=0256,t=2,p=1$" + argon2_tail,
          "$argon2id$v=19$m=+256,t=2,p=1$" + argon2_tail,
          "$argon2id$v=19$m=99999999999,t=2,p=1$" + argon2_tail,
          "$argon2id$v=19$t=2,m=256,p=1$" + argon2_tail,
          "$argon2id$v=19$m=256,t=2,p=1$c2FsdA$" + argon2_tail.substr(23),
          "$argon2id$v=19$m=256,t=2,p=1$" + argon2_tail + "=",
          "$argon2id$v=19$m=256,t=2,p=1$" + argon2_tail + "\n",
          "$argon2id$v=19$m=256,t=2,p=1$" + argon2_tail + "$x",
          "$argon2id$v=19$m=256,t=2,p=1$" + std::string(600, 'a') + "$" + argon2_tail.substr(23),
          "$6$rounds=999$salt$" + std::string(86, 'a'),
          "$6$rounds=01000$salt$" + std::string(86, 'a'),
          "$6$salt$" + std::string(85, 'a'),
          "$6$seventeenletters1$" + std::string(86, 'a'),
          "$6$sa:t$" + std::string(86, 'a'),
          "$1$ninechars$" + std::string(22, 'a'),
          "$y$/9T" + yescrypt_tail,
          "$y$j9T/" + yescrypt_tail,
          "$y$j9" + yescrypt_tail,
          std::string("*") + "$2b$10$" + bcrypt_tail}) {
        CAPTURE(hash);
        CHECK(refusal_reason(hash) == "malformed");
    }
    CHECK(refusal_reason("$argon2d$v=19$m=256,t=2,p=1$" + argon2_tail) == "unsupported_hash");
}

TEST_CASE("cheap hashes are weak, and only the cost of test databases is told from them") {
    const auto is_test = [](const std::string& hash) { return inspect_hash(hash)->test_cost; };
    const auto is_weak = [](const std::string& hash) {
        return inspect_hash(hash)->strength == HashStrength::weak;
    };
    for (const std::string& hash :
         {"$2b$04$" + bcrypt_tail, "$2b$05$" + bcrypt_tail,
          "$argon2id$v=19$m=7167,t=5,p=1$" + argon2_tail,
          "$argon2id$v=19$m=8,t=2,p=1$" + argon2_tail, "$argon2i$v=19$m=64,t=1,p=1$" + argon2_tail,
          "$y$j65" + yescrypt_tail}) {
        CAPTURE(hash);
        CHECK(is_weak(hash));
        CHECK_FALSE(is_test(hash));
    }
    CHECK_FALSE(is_weak("$2b$06$" + bcrypt_tail));
    CHECK_FALSE(is_weak("$argon2id$v=19$m=7168,t=5,p=1$" + argon2_tail));
    CHECK(is_test("$argon2id$v=19$m=63,t=1,p=1$" + argon2_tail));
    CHECK(is_test(dummy_hash(test_password_cost)));
    CHECK(is_weak(dummy_hash(test_password_cost)));
}

TEST_CASE("bcrypt reads the first 72 bytes of a password, as its makers do") {
    // Python bcrypt 3.2.2, of 72 letters a.
    const std::string hash = "$2b$04$bUQ2tTWrs.Qm0HUiVkqrHu1HYzlZcDdEOIec6ZsX7fIuhH/uzUxF2";
    CHECK(verifies(std::string(72, 'a'), hash));
    CHECK_FALSE(verifies(std::string(71, 'a'), hash));
    CHECK(verifies(std::string(73, 'a'), hash));
    CHECK(verifies(std::string(72, 'a') + std::string(4000, 'b'), hash));
    CHECK_FALSE(verifies(std::string(71, 'a') + "b", hash));
    CHECK_FALSE(verifies(std::string(71, 'a') + "ba", hash));
    CHECK_FALSE(verifies(std::string(72, 'a') + std::string(1, '\0'), hash));
}

TEST_CASE("a password matches as typed or normalised") {
    // argon2 (reference CLI, 20171227), of NFC and of decomposed text.
    const std::string composed = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
                                 "XhHEdvKpTH9k4aNGEu4S2k4CSCLZ8Wg6nZVlOgvcjNM";
    const std::string decomposed = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
                                   "MJ6HLUvhWmzSGt4UoocEU0cpMna+U4jY3CsM+9z6qT0";
    CHECK(verifies("caf\u00e9 au lait du matin", composed));
    CHECK(verifies("cafe\u0301 au lait du matin", composed));
    CHECK(verifies("cafe\u0301 au lait du matin", decomposed));
    CHECK_FALSE(verifies("caf\u00e9 au lait du matin", decomposed));
    // Python bcrypt 3.2.2
    CHECK(verifies("\u00dcn\u00efc\u00f6d\u00e9 p\u00e4ssw\u00f6rd",
                   "$2a$04$9HG3BHyK4Eq/MY9182W2GOKVywTBHgBPqylhjqTmys5uTDa67N5/i"));
}

TEST_CASE("passwords are normalised to NFKC") {
    const auto normalised = [](std::string_view text) {
        return std::string(normalise_password(Secret(text))->reveal());
    };
    CHECK(normalised("plain ASCII stays") == "plain ASCII stays");
    CHECK(normalised("cafe\u0301") == "caf\u00e9");
    CHECK(normalised("\ufb01\uff21\u212a") == "fiAK");
    CHECK(normalised("\u1112\u1161\u11ab") == "\ud55c");
    CHECK(normalised("\U0001f40e \U0001f50b") == "\U0001f40e \U0001f50b");
    CHECK(normalised(std::string(4096, 'x')).size() == 4096);
}

TEST_CASE("some input is no password") {
    using namespace std::string_view_literals;
    std::string expands;
    for (int i = 0; i < 1000; ++i)
        expands += "\ufdfa"; // three bytes that become 33
    for (const std::string_view text :
         {""sv, "a\0b"sv, "a\nb"sv, "tab\t"sv, "\x7f"sv, "c1 \u0085"sv, "\xff\xfe"sv, "\xc3"sv,
          "\xed\xa0\x80"sv, std::string_view(expands)}) {
        const auto refused = normalise_password(Secret(text));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::usage);
        CHECK(refused.error().field == "password");
    }
    CHECK_FALSE(normalise_password(Secret(std::string(4097, 'x'))));
}

TEST_CASE("our own hashes are Argon2id with the salt handed in") {
    // The salt and the cost of the first vector above give the same text.
    test::ScriptedRandom random("saltsaltsaltsalt");
    CHECK(hash_password(Secret(phrase), test_password_cost, random) == vectors[0].hash);
    CHECK(random.remaining() == 0);
    test::SeededRandom seeded;
    const std::string hash = hash_password(Secret(phrase), {16, 2}, seeded);
    CHECK(inspect_hash(hash)->cost == "m=16 KiB, t=2, p=1");
    CHECK(verifies(phrase, hash));
    CHECK(hash != hash_password(Secret(phrase), {16, 2}, seeded));
    CHECK_THROWS(hash_password(Secret(phrase), {7, 1}, seeded));
}

TEST_CASE("only our own hash at this very cost is kept") {
    CHECK_FALSE(needs_rehash(vectors[0].hash, test_password_cost));
    CHECK_FALSE(needs_rehash(dummy_hash({65536, 3}), {65536, 3}));
    CHECK(needs_rehash(vectors[0].hash, {8, 2}));
    CHECK(needs_rehash(vectors[0].hash, {65536, 3}));
    CHECK(needs_rehash(vectors[1].hash, {256, 2})); // four lanes
    CHECK(needs_rehash(vectors[2].hash, {512, 3})); // argon2i
    CHECK(needs_rehash(vectors[7].hash, {65536, 3}));
    CHECK(needs_rehash("", {65536, 3}));
}

TEST_CASE("the dummy hash is well formed and nobody's") {
    for (const PasswordCost cost : {test_password_cost, PasswordCost{64, 2}, PasswordCost{}}) {
        const std::string dummy = dummy_hash(cost);
        CHECK(dummy == dummy_hash(cost));
        REQUIRE(inspect_hash(dummy));
        CHECK(inspect_hash(dummy)->scheme == "argon2id");
        CHECK_FALSE(verifies(phrase, dummy));
    }
}

TEST_CASE("the floor is OWASP's") {
    CHECK(meets_floor({}));
    CHECK(meets_floor({47104, 1}));
    CHECK(meets_floor({19456, 2}));
    CHECK_FALSE(meets_floor({47103, 1}));
    CHECK_FALSE(meets_floor({19455, 10}));
    CHECK_FALSE(meets_floor(test_password_cost));
}

TEST_CASE("generated passwords are five groups of five") {
    test::SeededRandom random;
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) {
        const Secret password = generate_password(random);
        const std::string text(password.reveal());
        REQUIRE(text.size() == 29);
        for (std::size_t at = 0; at < text.size(); ++at)
            REQUIRE((at % 6 == 5) == (text[at] == '-'));
        REQUIRE(text.find_first_not_of("abcdefghjkmnpqrstuvwxyz23456789-") == std::string::npos);
        CHECK(seen.insert(text).second);
    }
}
