#include "core/mail/templates.h"
#include "support/catch.h"
#include "support/temp_directory.h"

#include <fstream>

using namespace auth;

namespace {

const Time now = from_unix_seconds(1'769'850'300); // 2026-01-31T09:05:00Z
const Recipient ann{"", "ann@example.org", "Ann Lee"};

Words built_in(const Letter& letter) {
    return *write_words(letter, ann, now, {});
}

struct Directory : test::TempDirectory {
    void put(const std::string& name, const std::string& text) const {
        std::ofstream(*this / name) << text;
    }
    [[nodiscard]] std::filesystem::path path() const { return *this / ""; }
    [[nodiscard]] Result<Words> words(const Letter& letter, const Recipient& to = ann) const {
        return write_words(letter, to, now, path());
    }
    // What is wrong with it, and the hint.
    [[nodiscard]] std::string problem() const {
        const Status checked = check_templates(path());
        return checked ? "" : checked.error().message + "; " + checked.error().hint.words;
    }
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("letters tell the code, how long it is good, and what to do otherwise") {
    CHECK(has(built_in(login_added_letter("login with google")).text, ": login with google."));
    for (const Letter& letter :
         {verification_letter("0012345", Seconds(600)), reset_letter("0012345", Seconds(600))}) {
        const Words words = built_in(letter);
        for (const std::string& each : {words.text, words.html}) {
            CHECK(has(each, "0012345"));
            CHECK(has(each, "good for 10 minutes"));
            CHECK(has(each, "ignore this mail"));
            CHECK_FALSE(has(each, "{{"));
        }
        CHECK_FALSE(has(words.subject, "0012345"));
        CHECK_FALSE(has(words.subject, "\n"));
    }
    CHECK(verification_letter("1", Seconds(1)).kind == "verify");
    CHECK(reset_letter("1", Seconds(1)).kind == "reset");
}

TEST_CASE("a link stands whole in both forms, escaped where it is HTML") {
    const Letter letter = link_letter("https://id.example.org/?a=1&token=abc", Seconds(600));
    CHECK(letter.kind == "link");
    CHECK(letter.link == "https://id.example.org/?a=1&token=abc");
    const Words words = built_in(letter);
    CHECK(has(words.text, "\nhttps://id.example.org/?a=1&token=abc\n"));
    CHECK(has(words.html, "href=\"https://id.example.org/?a=1&amp;token=abc\""));
}

TEST_CASE("notices say who, what and when") {
    CHECK(has(built_in(password_changed_letter()).text,
              "of ann@example.org was changed at 2026-01-31 09:05 UTC"));
    CHECK(has(built_in(new_login_letter("laptop, from 192.0.2.7")).text,
              "not seen before: laptop, from 192.0.2.7."));
    CHECK(has(built_in(factor_letter("a TOTP app was added")).text, ": a TOTP app was added."));
    for (const Letter& letter : {password_changed_letter(), new_login_letter("x"),
                                 factor_letter("x"), login_added_letter("x"), test_letter()})
        CHECK(letter.kind == "notice");
}

TEST_CASE("what people are called cannot leave its place") {
    Directory own;
    own.put("verify.subject", "For {{name}}\n");
    own.put("verify.txt", "{{ name }}: {{code}}");
    own.put("verify.html", "<p title='{{name}}'>{{code}}</p>");
    const auto words = own.words(verification_letter("1", Seconds(1)),
                                 {"", "a@b.example", "A\r\nBcc: x@y.example\0'\"><b>"});
    REQUIRE(words);
    CHECK(words->subject == "For A  Bcc: x@y.example");
    CHECK(words->text == "A  Bcc: x@y.example: 1");
    const auto quotes =
        own.words(verification_letter("1", Seconds(1)), {"", "", "'\"><b>&{{code}}"});
    REQUIRE(quotes);
    CHECK(quotes->html == "<p title='&#39;&quot;&gt;&lt;b&gt;&amp;{{code}}'>1</p>");
}

TEST_CASE("who has no name is called by the address") {
    Directory own;
    own.put("reset.txt", "{{name}} {{code}}");
    CHECK(own.words(reset_letter("1", Seconds(1)), {"", "a@b.example"})->text == "a@b.example 1");
}

TEST_CASE("own words replace the built-in ones part by part") {
    Directory own;
    const Letter letter = verification_letter("123", Seconds(90));
    own.put("verify.subject", "Willkommen, dein Schlüssel");
    CHECK(own.words(letter)->subject == "Willkommen, dein Schlüssel");
    CHECK(own.words(letter)->text == built_in(letter).text);
    own.put("verify.html", "<b>{{code}}</b>");
    CHECK(own.words(letter)->html == "<b>123</b>");
    CHECK(own.words(letter)->text == built_in(letter).text);
    std::filesystem::remove(own / "verify.html");
    own.put("verify.txt", "Code {{code}}, {{life}}\n");
    CHECK(own.words(letter)->text == "Code 123, 90 seconds\n");
    CHECK(own.words(letter)->html.empty());
    CHECK(own.words(reset_letter("1", Seconds(1)))->html ==
          built_in(reset_letter("1", Seconds(1))).html);
    CHECK(own.problem().empty());
}

TEST_CASE("a template that cannot be used is named, with what would do") {
    Directory own;
    own.put("verify.txt", "{{cod}}");
    CHECK(has(own.problem(), "verify.txt' names '{{cod}}'"));
    CHECK(has(own.problem(), "its values are: code, life, email, name, time"));
    CHECK(own.words(verification_letter("1", Seconds(1))).error().code == ErrorCode::usage);
    own.put("verify.txt", "hello {{code");
    CHECK(has(own.problem(), "has a {{ without its }}"));
    own.put("verify.txt", "hello");
    CHECK(has(own.problem(), "verify.txt' lacks {{code}}"));
    own.put("verify.txt", "\xff{{code}}");
    CHECK(has(own.problem(), "verify.txt' is not UTF-8"));
    own.put("verify.txt", std::string(70'000, 'x'));
    CHECK(has(own.problem(), "verify.txt'"));
    own.put("verify.txt", "{{code}}");
    CHECK(own.problem().empty());
    own.put("link.html", "<a>");
    CHECK(has(own.problem(), "link.html' lacks {{link}}"));
    std::filesystem::remove(own / "link.html");
    own.put("reset.subject", "two\nlines");
    CHECK(has(own.problem(), "reset.subject' must be one line"));
    own.put("reset.subject", "\n");
    CHECK(has(own.problem(), "reset.subject' must be one line"));
    std::filesystem::remove(own / "reset.subject");
    std::filesystem::create_directory(own / "reset.txt");
    CHECK(has(own.problem(), "reset.txt'"));
}

TEST_CASE("files that no letter uses are pointed out, and a missing directory too") {
    Directory own;
    own.put("README~", "");
    own.put(".hidden", "");
    CHECK(own.problem().empty());
    own.put("verfiy.txt", "{{code}}");
    CHECK(has(own.problem(), "did you mean 'verify.txt'?"));
    const Status missing = check_templates(own / "missing");
    REQUIRE_FALSE(missing);
    CHECK(has(missing.error().message, "missing'"));
    CHECK(missing.error().field == "mail.templates");
}
