#include "core/base/host.h"
#include "core/base/mailbox.h"
#include "support/catch.h"

using namespace auth;

TEST_CASE("a mailbox is an address, with or without a name") {
    const auto bare = Mailbox::parse(" Accounts@Example.ORG ");
    REQUIRE(bare);
    CHECK(bare->name.empty());
    CHECK(bare->address == "accounts@example.org");
    CHECK(bare->domain() == "example.org");
    CHECK(bare->text() == "accounts@example.org");

    for (const char* text :
         {"Example, Accounts <a@example.org>", "\"Example, Accounts\" <a@example.org>",
          "\"Example\\, Accounts\"<a@example.org>"}) {
        const auto named = Mailbox::parse(text);
        REQUIRE(named);
        CHECK(named->name == "Example, Accounts");
        CHECK(named->address == "a@example.org");
        CHECK(named->text() == "Example, Accounts <a@example.org>");
    }
    CHECK(Mailbox::parse("auth-cli@localhost"));
    CHECK(Mailbox::parse("<a@example.org>")->name.empty());
}

TEST_CASE("what is no mailbox is refused") {
    for (const char* text :
         {"", "nobody", "Name <>", "Name <nobody>", "a@b.example, c@d.example",
          "A <a@b.example>\r\nBcc: x@y.example", "a@b.example\n", "<a@b.example> x"})
        CHECK_FALSE(Mailbox::parse(text));
}

TEST_CASE("a host is a name or an address, and nothing else") {
    CHECK(parse_host("Mail.Example.org") == "mail.example.org");
    CHECK(parse_host("127.0.0.1") == "127.0.0.1");
    CHECK(parse_host("2001:DB8::1") == "2001:db8::1");
    for (const char* text : {"", "a b", "mail.example.org:25", "user@host", "host/path", "-x", ".x",
                             "a..b", "smtp://host", "[::1]", "h\xc3\xb6st", "a\nb"})
        CHECK_FALSE(parse_host(text));
}

TEST_CASE("only this machine is loopback") {
    for (const char* host : {"localhost", "127.0.0.1", "127.8.9.1", "::1"})
        CHECK(is_loopback(host));
    for (const char* host :
         {"127.example.org", "localhost.example.org", "10.0.0.1", "0.0.0.0", "::2", ""})
        CHECK_FALSE(is_loopback(host));
}
