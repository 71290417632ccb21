#include "core/passwords/password.h"
#include "core/passwords/policy.h"
#include "support/catch.h"
#include "support/fakes.h"

#include <chrono>
#include <utility>
#include <vector>

using namespace auth;

namespace {

const std::vector<std::string> own{"mike.jones@example.com", "Mike Jones", "auth-cli"};

PasswordPolicy with_words(std::string words) {
    PasswordPolicy policy;
    policy.extra_words = std::move(words);
    return policy;
}

// What is wrong with it, or an empty string.
std::string fault(std::string_view text, const PasswordPolicy& policy = {}) {
    const auto checked = check_password(*normalise_password(Secret(text)), policy, own);
    if (checked)
        return {};
    CHECK(checked.error().code == ErrorCode::refused);
    CHECK(checked.error().reason == "weak_password");
    CHECK(checked.error().field == "password");
    return checked.error().message;
}

bool blames(std::string_view text, std::string_view word, const PasswordPolicy& policy = {}) {
    const std::string message = fault(text, policy);
    CAPTURE(text, message);
    CHECK(message.find(text) == std::string::npos);
    return message.starts_with("the password is too easy to guess: ") &&
           message.find(word) != std::string::npos;
}

} // namespace

TEST_CASE("length is counted in code points") {
    PasswordPolicy policy;
    policy.blocklist = false;
    CHECK(fault("12345678901234", policy) == "the password is too short: it has 14 characters, and "
                                             "at least 15 are needed");
    CHECK(fault("123456789012345", policy).empty());
    std::string horses;
    for (int i = 0; i < 14; ++i)
        horses += "\U0001f40e";
    CHECK_FALSE(fault(horses, policy).empty());
    CHECK(fault(horses + "e\u0301", policy).empty());
    CHECK(fault(std::string(128, 'x'), policy).empty());
    CHECK(fault(std::string(129, 'x'), policy) == "the password is too long: it has 129 "
                                                  "characters, and at most 128 are allowed");
    policy.min_length = 8;
    CHECK(fault("12345678", policy).empty());
}

TEST_CASE("ordinary words that have nothing in common are a password") {
    for (const char* text :
         {"purple monkeys dance under teal lanterns", "river candle orbit mango", "kJ8#mQ2$xL5&vN9",
          "mike likes violet teapots on rainy mondays",
          "\u0441\u044a\u0435\u0448\u044c \u0436\u0435 \u0435\u0449\u0451 \u044d\u0442\u0438\u0445 "
          "\u043c\u044f\u0433\u043a\u0438\u0445",
          "\u65e5\u672c\u8a9e\u306e\u3068\u3066\u3082\u9577\u3044\u30d1\u30b9\u30ef\u30fc\u30c9"
          "\u3067\u3059"}) {
        CAPTURE(text);
        CHECK(fault(text).empty());
    }
}

TEST_CASE("generated passwords are good enough") {
    test::SeededRandom random;
    for (int i = 0; i < 50; ++i)
        CHECK(check_password(generate_password(random), {}, own));
}

TEST_CASE("common words, repeats and sequences are refused by name") {
    CHECK(blames("passwordpassword1", "common words"));
    CHECK(blames("passwordpassword1", "repeats"));
    CHECK(blames("P@ssw0rdP@ssw0rd", "common words"));
    CHECK(blames("p\u00e4ssw\u00f6rd p\u00e4ssw\u00f6rd", "common words"));
    CHECK(blames("correcthorsebatterystaple", "common words or phrases"));
    CHECK(blames("Correct Horse Battery Staple", "common words or phrases"));
    CHECK(blames("thequickbrownfoxjumpsoverthelazydog", "common words or phrases"));
    CHECK(blames("football baseball dragon", "common words"));
    CHECK(blames("letmeinletmein12", "common words"));
    CHECK(blames("qwertyuiopasdfgh", "common words"));
    CHECK(blames("zaq12wsxcde34rfv", "keyboard patterns"));
    CHECK(blames("Summer2024Summer2024", "dates"));
    CHECK(blames("aaaaaaaaaaaaaaaa", "repeats"));
    CHECK(blames("XkQ9zXkQ9zXkQ9z", "repeats"));
    CHECK(blames("hunter2hunter2hunter2", "repeats"));
    CHECK(blames("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
                 "\u00e9\u00e9",
                 "repeats"));
    CHECK(blames("\u043f\u0430\u0440\u043e\u043b\u044c \u043f\u0430\u0440\u043e\u043b\u044c "
                 "\u043f\u0430\u0440\u043e\u043b\u044c",
                 "repeats"));
    CHECK(blames("abcdefghijklmnop", "sequences"));
    CHECK(blames("1234567890123456", "sequences"));
    CHECK(blames("\u0430\u0431\u0432\u0433\u0434\u0435\u0436\u0437\u0438\u0439\u043a\u043b\u043c"
                 "\u043d\u043e",
                 "sequences"));
    CHECK(fault("aaaaaaaaaaaaaaaa") == "the password is too easy to guess: it is made of repeats");
    CHECK(fault("passwordpassword1") == "the password is too easy to guess: it is made of common "
                                        "words or phrases and repeats");
}

TEST_CASE("the user's own words are refused, in any spelling") {
    CHECK(blames("mike.jones@example.com", "your own words"));
    CHECK(blames("mike.jones@example.commike.jones@example.com", "your own words"));
    CHECK(blames("Mike Jones Mike Jones", "your own words"));
    CHECK(blames("mikemikemikemike", "your own words"));
    CHECK(blames("MikeExample2024!!", "your own words"));
    CHECK(blames("m1keJ0nesm1keJ0nes", "your own words"));
    CHECK(blames("auth-cliauth-cli", "your own words"));
}

TEST_CASE("a local list adds words") {
    const PasswordPolicy policy = with_words("ACME\r\nGlobex Corp\n\nkJ8#mQ2$xL5&vN9");
    CHECK(blames("acmeacmeacmeacme1", "words on the local list", policy));
    CHECK(blames("Acme globexcorp acme", "words on the local list", policy));
    CHECK(blames("kJ8#mQ2$xL5&vN9", "words on the local list", policy));
    CHECK(fault("river candle acme mango orbit", policy).empty());
}

TEST_CASE("without the blocklist only length counts") {
    PasswordPolicy policy;
    policy.blocklist = false;
    CHECK(fault("passwordpassword1", policy).empty());
}

TEST_CASE("short passwords are judged by the same measure") {
    PasswordPolicy policy;
    policy.min_length = 8;
    CHECK(fault("kR7#mQ2x", policy).empty());
    CHECK_FALSE(fault("password1", policy).empty());
    CHECK_FALSE(fault("correcthorse", policy).empty());
    CHECK_FALSE(fault("!!!!!!!!", policy).empty());
}

TEST_CASE("the longest passwords are judged at once") {
    PasswordPolicy policy;
    policy.max_length = 4096;
    const auto start = std::chrono::steady_clock::now();
    for (const char* unit : {"a", "a1!Z", "password", "qwerty12"}) {
        std::string text;
        while (text.size() + 8 < 4096)
            text += unit;
        CHECK_FALSE(fault(text, policy).empty());
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("the text of a hash is no password, in any spelling") {
    for (const char* const hash :
         {"$2y$10$ZBMdv.131KYk/ZNs.Vt9q.hDcDLkSNfdRr8IkWJPBMm8tcUMPEFsu",
          "pbkdf2:sha256:50000$DgY9rmmq$"
          "8296baf4bd5a7c4463411d932c6ad90f30d250ec3f12716d6ef802a749e5e790",
          "pbkdf2_sha256$260000$QawJJR9kuasF6blprf54VV$0aQhB1L8l1EoCx14TQpyb/"
          "3GQgRh3lqKN+ye0SL6W/Y=",
          "{SSHA}xpgoaNUPAmgH18eoG+Ep0EPc+gIrnzCw",
          "$6$IRdI8Uj9K0Z3lipX$4rIB8HNG4Kdl86GGa1.HHgUHq92m4e8IKHUYt6H6mr9OxExFWrU/"
          "Ga2hiZZzxfU3hbH5u0yuyfzEW4ZswLa6f/",
          "{BLF-CRYPT}$2y$10$ZBMdv.131KYk/ZNs.Vt9q.hDcDLkSNfdRr8IkWJPBMm8tcUMPEFsu",
          "#jbcrypt:$2y$10$ZBMdv.131KYk/ZNs.Vt9q.hDcDLkSNfdRr8IkWJPBMm8tcUMPEFsu",
          "1|$2y$10$ZBMdv.131KYk/ZNs.Vt9q.hDcDLkSNfdRr8IkWJPBMm8tcUMPEFsu",
          "$wp$2y$10$zmQ0/fqyBx10GwjOjOo34ex1ha8hamv82of27hsQINxSH4oCoHNqq",
          "$P$BCVkusE2vMBCBGu4uoEgTIEwCwozSJ1", "{CRYPT}FHHtuKhuSY7Xw", "crypt$$FHHtuKhuSY7Xw",
          "9cc2ae8a1ba7a93da39b46fc1019c481",
          "AQAAAAEAACcQAAAAECVmyqdnXyFuZrAvhJ+MQiIYed1U+oGpmpAO4tO0PyQ6HkB+XzDzGD5h7SAjhhxRDA==",
          "$argon2d$v=19$m=65536,t=4,p=1$RkVEdWZmUlVSQy9JQjh6bA$"
          "KawteRN/9B3ChLyi82NaBtBjbPUfuuRlRnd6smdJgo8",
          // One that costs too much to be taken is one, too.
          "$2b$31$ZBMdv.131KYk/ZNs.Vt9q.hDcDLkSNfdRr8IkWJPBMm8tcUMPEFsu"}) {
        CAPTURE(hash);
        PasswordPolicy relaxed;
        relaxed.min_length = 1;
        relaxed.blocklist = false;
        const auto checked = check_password(*normalise_password(Secret(hash)), relaxed, own);
        REQUIRE_FALSE(checked);
        CHECK(checked.error().code == ErrorCode::refused);
        CHECK(checked.error().reason == "password_is_hash");
        CHECK(checked.error().field == "password");
        CHECK(checked.error().message.starts_with("the password is the text of a password hash"));
        CHECK(checked.error().message.find(hash) == std::string::npos);
    }
}

TEST_CASE("a password may begin as a hash does") {
    CHECK(fault("$2 a day keeps {the} doctor away").empty());
    CHECK(fault("{SSHA} is how the old directory wrote").empty());
    CHECK(fault("$P$ marks what the weblog kept of us").empty());
    CHECK(fault("1|$2y$10$ copper ladder hums at noon").empty());
    CHECK(fault("pbkdf2 marches with nine violet kettles").empty());
}
