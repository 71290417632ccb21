#include "core/mail/smtp_dialogue.h"
#include "support/catch.h"

#include <initializer_list>

using namespace auth;

namespace {

SmtpDialogue heard(std::initializer_list<std::string_view> lines) {
    SmtpDialogue dialogue;
    for (const std::string_view line : lines)
        dialogue.received(line);
    return dialogue;
}

SmtpDialogue greeted(std::initializer_list<std::string_view> lines) {
    SmtpDialogue dialogue;
    dialogue.received("220 mail.example.org ESMTP\r\n");
    dialogue.sent("EHLO client.example.org\r\n");
    for (const std::string_view line : lines)
        dialogue.received(line);
    return dialogue;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("all lines of a reply are one text, with their codes once", "[smtp_dialogue]") {
    const SmtpDialogue dialogue =
        heard({"534-5.7.9 Make an app password at\r\n",
               "534-5.7.9 https://mail.example.org/apps\r\n", "534 5.7.9 and log in with it\r\n"});
    CHECK(dialogue.replies() == 1);
    CHECK(dialogue.whole());
    CHECK(dialogue.code() == 534);
    CHECK(dialogue.reply() ==
          "534 5.7.9 Make an app password at https://mail.example.org/apps and log in with it");
}

TEST_CASE("the latest reply counts, and only whole ones are counted", "[smtp_dialogue]") {
    SmtpDialogue dialogue = heard({"220 hello", "250-ok", "250 more"});
    CHECK(dialogue.replies() == 2);
    CHECK(dialogue.reply() == "250 ok more");
    dialogue.received("554-one");
    CHECK(dialogue.replies() == 2);
    CHECK_FALSE(dialogue.whole());
    CHECK(dialogue.code() == 554);
    CHECK(dialogue.reply() == "554 one");
    dialogue.received("554 two");
    CHECK(dialogue.replies() == 3);
    CHECK(dialogue.reply() == "554 one two");
}

TEST_CASE("replies as servers write them against the rules", "[smtp_dialogue]") {
    CHECK(heard({}).reply().empty());
    CHECK(heard({}).code() == 0);
    CHECK(heard({"554"}).reply() == "554");
    CHECK(heard({"554"}).replies() == 1);
    CHECK(heard({"554-"}).replies() == 0);
    CHECK(heard({"554-a", "554"}).reply() == "554 a");
    CHECK(heard({"554-a", "without a code", "554 b"}).reply() == "554 a without a code b");
    CHECK(heard({"554-5.7.1 a", "554 5.7.1"}).reply() == "554 5.7.1 a");
    CHECK(heard({"554-5.7.1 a", "554 5.7.2 b"}).reply() == "554 5.7.1 a 5.7.2 b");
    CHECK(heard({"554 1.2 reasons"}).reply() == "554 1.2 reasons");
    CHECK(heard({"SSH-2.0-OpenSSH_9.2"}).reply() == "SSH-2.0-OpenSSH_9.2");
    CHECK(heard({"SSH-2.0-OpenSSH_9.2"}).code() == 0);
    CHECK(heard({"5540 x"}).code() == 0);
    CHECK(heard({""}).reply().empty());
}

TEST_CASE("a reply cannot speak to the terminal, and is shortened", "[smtp_dialogue]") {
    CHECK(heard({"550 \x1b[31mred\a \xff \xe2\x80\xae"}).reply() ==
          R"(550 \x1b[31mred\x07 \xff \u{202e})");
    const std::string much = heard({"550 " + std::string(5000, 'x')}).reply();
    CHECK(much.size() < 2100);
    CHECK(much.ends_with("x…"));
    SmtpDialogue endless;
    for (int i = 0; i < 100000; ++i)
        endless.received("550-more and more of it");
    endless.received("550 end");
    CHECK(endless.replies() == 1);
    CHECK(endless.reply().size() < 2100);
    const std::string letters = heard({"550 " + std::string(1, 'x') +
                                       [] {
                                           std::string text;
                                           for (int i = 0; i < 2000; ++i)
                                               text += "é";
                                           return text;
                                       }()})
                                    .reply();
    CHECK(letters.ends_with("é…"));
}

TEST_CASE("what a server offers is in its reply to EHLO", "[smtp_dialogue]") {
    const SmtpDialogue dialogue =
        greeted({"250-auth.example.org AUTH NTLM\r\n", "250-StartTLS\r\n",
                 "250-AUTH XOAUTH2 PLAIN\r\n", "250-AUTH=LOGIN PLAIN\r\n", "250 SIZE 1000\r\n"});
    CHECK(dialogue.offers("STARTTLS"));
    CHECK(dialogue.offers("size"));
    CHECK_FALSE(dialogue.offers("SMTPUTF8"));
    CHECK(dialogue.mechanisms() == Names{"XOAUTH2", "PLAIN", "LOGIN"});
    CHECK(dialogue.offers_login("xoauth2"));
    CHECK_FALSE(dialogue.offers_login("NTLM"));
    CHECK(greeted({"250-mail.example.org", "250 AUTH"}).mechanisms().empty());
    CHECK(greeted({"250-mail.example.org", "250 AUTHENTICATION X"}).mechanisms().empty());
    CHECK(heard({"220-mail.example.org", "220 AUTH PLAIN"}).mechanisms().empty());
}

TEST_CASE("a second greeting takes the place of the first", "[smtp_dialogue]") {
    SmtpDialogue dialogue = greeted({"250-mail.example.org", "250 STARTTLS"});
    dialogue.sent("STARTTLS\r\n");
    dialogue.received("220 go on");
    dialogue.sent("EHLO client.example.org\r\n");
    dialogue.received("250-mail.example.org");
    dialogue.received("250 AUTH PLAIN");
    CHECK_FALSE(dialogue.offers("STARTTLS"));
    CHECK(dialogue.mechanisms() == Names{"PLAIN"});
    CHECK_FALSE(dialogue.tried_login());
    dialogue.sent("AUTH PLAIN\r\n");
    dialogue.received("334 \r\n");
    CHECK(dialogue.tried_login());
    CHECK(dialogue.first_text().empty());
    dialogue.sent("MAIL FROM:<a@example.org>\r\n");
    CHECK(dialogue.mechanisms() == Names{"PLAIN"});
}
