#include "core/base/ids.h"
#include "core/base/text.h"
#include "support/catch.h"
#include "support/fakes.h"

#include <utility>

using namespace auth;

namespace {

// The canonical form, or the refusal's message.
std::string canonical(std::string_view text) {
    const auto email = Email::parse(text);
    return email ? email->canonical() : email.error().message;
}

bool refused(std::string_view text) {
    const auto email = Email::parse(text);
    if (email)
        return false;
    CHECK(email.error().code == ErrorCode::usage);
    CHECK(email.error().field == "email");
    CHECK(printable(email.error().message) == email.error().message);
    return true;
}

} // namespace

TEST_CASE("addresses have one canonical form") {
    const std::pair<const char*, const char*> addresses[] = {
        {"mike@example.com", "mike@example.com"},
        {"Mike.Jones@Example.COM", "mike.jones@example.com"},
        {"mike+tag@example.com", "mike+tag@example.com"},
        {"o'neil@example.com", "o'neil@example.com"},
        {"!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-@example.com"},
        {"root@localhost", "root@localhost"},
        {"a@1.example", "a@1.example"},
        // A-labels by Node's url.domainToASCII.
        {"a@b\u00fccher.example", "a@xn--bcher-kva.example"},
        {"a@B\u00dcCHER.example", "a@xn--bcher-kva.example"},
        {"a@bu\u0308cher.example", "a@xn--bcher-kva.example"},
        {"a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"},
        {"a@stra\u00dfe.de", "a@xn--strae-oqa.de"},
        {"a@strasse.de", "a@strasse.de"},
        {"a@e\u212aample.com", "a@ekample.com"},                                // Kelvin sign
        {"a@\uff45xample.com", "a@example.com"},                                // full-width e
        {"a@\ufb01le.com", "a@file.com"},                                       // ligature fi
        {"a@\u4f8b\u3048\u3002\u30c6\u30b9\u30c8", "a@xn--r8jz45g.xn--zckzah"}, // full-width dot
    };
    for (const auto& [text, expected] : addresses) {
        CHECK(canonical(text) == expected);
        CHECK(canonical(expected) == expected);
        CHECK(Email::parse(text).value().original() == text);
    }
    CHECK(Email::parse("Mike+x@Example.com")->local_part() == "mike+x");
}

TEST_CASE("look-alikes never become another's address") {
    CHECK(refused("m\u0131ke@example.com")); // dotless i
    CHECK(refused("mi\u212ae@example.com")); // Kelvin sign
    CHECK(refused("stra\u00dfe@example.com"));
    CHECK(refused("\ufb01@example.com"));
    CHECK(refused("mike\uff20example.com")); // full-width @
    CHECK(refused("mike@evil\uff20example.com"));
    CHECK(refused("mike\ufe6bexample.com"));
    CHECK(refused("mi\u200bke@example.com")); // zero-width space
    CHECK(refused("mike@exam\u200dple.com"));
    CHECK(refused("mike@exam\u00adple.com")); // soft hyphen
    CHECK(refused("mike\u202e@example.com")); // right-to-left override
    CHECK(refused("mike@\u2066example.com"));
    CHECK(refused("mike@a\u2100b.com")); // maps to a/c
    CHECK(refused("mike@ex\uff05ample.com"));
    CHECK(canonical("m\u0131ke@example.com") ==
          "'m\u0131ke@example.com' is not an e-mail address: the part before the @ has letters "
          "outside ASCII");
    CHECK(canonical("mike\uff20example.com") ==
          "'mike\uff20example.com' is not an e-mail address: its @ is a look-alike of the ASCII "
          "one");
}

TEST_CASE("nothing that could leave an address is in one") {
    using namespace std::string_view_literals;
    for (const std::string_view text :
         {"mike@example.com\r\nBcc: x@y.z"sv, "mike\n@example.com"sv, "mike@example.com\0"sv,
          "mi\0ke@example.com"sv, "-mike@example.com"sv, "--help@example.com"sv,
          "mike @example.com"sv, " mike@example.com"sv, "mike@example.com "sv, "mike\t@a.b"sv,
          "<mike@example.com>"sv, "mike@example.com,b@c.d"sv, "mike@example.com>"sv,
          "\x1b[2Jmike@example.com"sv, "mike\xff@example.com"sv, "mike@\xc3.com"sv}) {
        CAPTURE(text);
        CHECK(refused(text));
    }
}

TEST_CASE("addresses are well formed") {
    for (const char* text : {"",
                             "mike",
                             "@",
                             "@example.com",
                             "mike@",
                             "a@b@c.d",
                             ".mike@example.com",
                             "mike.@example.com",
                             "mi..ke@example.com",
                             "\"mike\"@example.com",
                             "mi(c)ke@example.com",
                             "mike@.com",
                             "mike@example..com",
                             "mike@example.com.",
                             "mike@-a.com",
                             "mike@a-.com",
                             "mike@ex_ample.com",
                             "mike@a b.com",
                             "mike@[127.0.0.1]",
                             "mike@127.0.0.1",
                             "mike@[IPv6:::1]",
                             "mike@example.com:25",
                             "mike@example.com/x",
                             "mike@a%b.com",
                             "mike@xn--a.example",
                             "mike@xn--.com",
                             "mike@\u2603.net"}) {
        CAPTURE(text);
        CHECK(refused(text));
    }
}

TEST_CASE("addresses keep to the lengths of RFC 5321") {
    const std::string label63(63, 'd');
    const std::string domain = label63 + "." + label63 + "." + label63;
    CHECK_FALSE(refused(std::string(62, 'a') + "@" + domain)); // 62 + 1 + 191 = 254
    CHECK(refused(std::string(63, 'a') + "@" + domain));
    CHECK_FALSE(refused(std::string(64, 'a') + "@example.com"));
    CHECK(refused(std::string(65, 'a') + "@example.com"));
    CHECK(refused("a@" + label63 + "d.com"));
    // Twenty labels that fit as typed, yet not as A-labels.
    std::string wide = "a@";
    for (int label = 0; label < 20; ++label)
        wide +=
            "\u00fc" + std::string(label % 2 == 0 ? 4 : 5, static_cast<char>('a' + label)) + ".";
    CHECK(refused(wide + "org"));
    CHECK(Email::parse(std::string(100000, 'a') + "@b.c").error().message.size() < 200);
}

TEST_CASE("user ids are UUIDs of any version") {
    const char* const text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"; // RFC 9562 appendix A.6
    CHECK(UserId::parse(text)->text() == text);
    CHECK(UserId::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")->text() == text);
    // RFC 9562 appendix A.3.
    CHECK(UserId::parse("919108f7-52d1-4320-9bac-f847db4148a8"));
    // SQL Server's NEWSEQUENTIALID, and what people type in tests.
    CHECK(UserId::parse("9a3c5d10-7f21-ee11-a81c-000d3a2b4c5d"));
    CHECK(UserId::parse("11111111-1111-1111-1111-111111111111"));
    for (const char* bad :
         {"", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f",
          "017f22e2079b0-7cc3-98c4-dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398}",
          "017f22e2-79b0-7cc3-98c4-dc0c0c07398g"}) {
        REQUIRE_FALSE(UserId::parse(bad));
        CHECK(UserId::parse(bad).error().field == "user");
    }
}

TEST_CASE("new ids carry the time and then randomness") {
    test::ScriptedRandom ones(std::string(10, '\xff'));
    test::ScriptedRandom zeros(std::string(10, '\0'));
    // RFC 9562 appendix A.6's second: 0x017f22e279b0 ms = 1645557742 s.
    const Time now = from_unix_seconds(1645557742);
    CHECK(new_uuid(ones, now) == "017f22e2-79b0-7fff-bfff-ffffffffffff");
    CHECK(new_uuid(zeros, now) == "017f22e2-79b0-7000-8000-000000000000");
    test::SeededRandom random;
    const UserId id = UserId::make(random, now);
    CHECK(UserId::parse(id.text()).value() == id);
    CHECK_FALSE(UserId::make(random, now) == id);
}

TEST_CASE("user names are compared in lower case") {
    CHECK(Username::parse("Mike_J.2-x")->canonical() == "mike_j.2-x");
    CHECK(Username::parse("Mike_J.2-x")->original() == "Mike_J.2-x");
    CHECK(Username::parse(std::string(64, 'a')));
    for (const std::string& bad :
         {std::string(), std::string(65, 'a'), std::string("-mike"), std::string(".mike"),
          std::string("mike jones"), std::string("mike@x"), std::string("m\u0131ke"),
          std::string("mi\u212ae"), std::string("mike\n")}) {
        REQUIRE_FALSE(Username::parse(bad));
        CHECK(Username::parse(bad).error().field == "username");
    }
}

TEST_CASE("role names are lower case") {
    CHECK(RoleName::parse("billing:read-only")->text() == "billing:read-only");
    for (const char* bad : {"", "1st", "Admin", ":x", "a b", "r\u00f4le"})
        REQUIRE_FALSE(RoleName::parse(bad));
    CHECK(RoleName::parse("Admin").error().hint == "role names are lower case: admin");
    CHECK(RoleName::parse("1st").error().hint.empty());
    CHECK(RoleName::parse("1st").error().field == "role");
}

TEST_CASE("users are named by address, id or user name") {
    CHECK(std::holds_alternative<Email>(*parse_user_ref("Mike@example.com")));
    CHECK(std::holds_alternative<Username>(*parse_user_ref("@mike")));
    CHECK(
        std::holds_alternative<UserId>(*parse_user_ref("id:017f22e2-79b0-7cc3-98c4-dc0c0c07398f")));
    for (const char* text :
         {"Mike@example.com", "@Mike", "id:017f22e2-79b0-7cc3-98c4-dc0c0c07398f"})
        CHECK(to_text(*parse_user_ref(text)) == text);
    CHECK(parse_user_ref("mike").error().hint == "write @mike to name a user by user name");
    CHECK(parse_user_ref("017f22e2-79b0-7cc3-98c4-dc0c0c07398f").error().hint ==
          "write id:017f22e2-79b0-7cc3-98c4-dc0c0c07398f to name a user by id");
    CHECK(parse_user_ref("").error().hint == "name a user by address, @username or id:UUID");
    CHECK_FALSE(parse_user_ref("id:mike"));
    CHECK_FALSE(parse_user_ref("@"));
}

TEST_CASE("dots that carriers gave out are taken on purpose alone", "[ids]") {
    for (const char* odd : {"a..b@docomo.example", "ab.@docomo.example"}) {
        CHECK_FALSE(Email::parse(odd).has_value());
        CHECK(Email::has_odd_dots(odd));
        const auto email = Email::parse(odd, Email::Dots::odd);
        REQUIRE(email.has_value());
        CHECK(email->canonical() == odd);
        const auto named = parse_user_ref(odd);
        REQUIRE(named.has_value());
        CHECK(to_text(*named) == odd);
    }
    CHECK_FALSE(Email::parse(".ab@docomo.example", Email::Dots::odd).has_value());
    CHECK_FALSE(Email::has_odd_dots("a.b@c..d"));
}
