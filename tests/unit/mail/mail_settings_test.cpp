#include "core/mail/mail_settings.h"
#include "core/settings/setting.h"
#include "support/catch.h"

using namespace auth;

namespace {

Settings with(SettingTexts texts) {
    texts.emplace("mail.smtp_host", "mail.example.org");
    Settings settings;
    settings.set_layer(SettingSource::database, std::move(texts));
    settings.canonicalise();
    return settings;
}

std::string helo(const std::string& name) {
    return smtp_server(with({{"mail.smtp_helo", name}}))->helo;
}

} // namespace

TEST_CASE("EHLO says a name, or an address in brackets", "[mail_settings]") {
    CHECK(smtp_server(with({}))->helo.empty());
    CHECK(helo("Relay.example.org") == "relay.example.org");
    CHECK(helo("relay.example.org.") == "relay.example.org");
    CHECK(helo("192.0.2.7") == "[192.0.2.7]");
    CHECK(helo("2001:db8::7") == "[IPv6:2001:db8::7]");
    for (const char* name : {"two words", "a\r\nMAIL FROM:<x@example.org>", "a\n", "[192.0.2.7]",
                             "a/b", "a%0d", "", "-a", "ä.example.org"}) {
        CAPTURE(name);
        CHECK_FALSE(canonical_setting(setting<"mail.smtp_helo">, name, false));
    }
}

TEST_CASE("a user of a mail server has a password, or a program that prints a token",
          "[mail_settings]") {
    const auto alone = smtp_server(with({{"mail.smtp_user", "ann"}}));
    REQUIRE_FALSE(alone);
    CHECK(alone.error().field == "mail.smtp_user");
    CHECK(smtp_server(with({{"mail.smtp_user", "ann"}, {"mail.smtp_password_file", "/p"}})));
    const auto server =
        smtp_server(with({{"mail.smtp_user", "ann"}, {"mail.smtp_token_command", "/bin/token"}}));
    REQUIRE(server);
    CHECK(server->token_command == std::vector<std::string>{"/bin/token"});
    // Either may come first, so that neither needs the other.
    CHECK(smtp_server(with({{"mail.smtp_token_command", R"(["/bin/token", "ann"])"}}))
              ->token_command.size() == 2);
}

TEST_CASE("a program is named by its path, or by an array of that and its arguments",
          "[mail_settings]") {
    const auto canonical = [](const char* text) {
        return canonical_setting(setting<"mail.smtp_token_command">, text, false);
    };
    CHECK(canonical("/bin/my token") == R"(["/bin/my token"])");
    CHECK(canonical(R"([ "/bin/token" , "a b" ])") == R"(["/bin/token","a b"])");
    for (const char* text : {"token", "./token", "/bin/token\n", "[]", R"(["token"])", "{}"}) {
        CAPTURE(text);
        CHECK_FALSE(canonical(text));
    }
}

TEST_CASE("the program of a setting must be one", "[mail_settings]") {
    const auto check = [](const char* text) {
        return check_mail_settings(with({{"mail.smtp_token_command", text}}),
                                   setting<"mail.smtp_token_command">);
    };
    CHECK(check("/bin/sh"));
    CHECK(check(R"(["/bin/sh", "-c", "echo token"])"));
    CHECK(check("/no/such/program").error().field == "mail.smtp_token_command");
    CHECK_FALSE(check("/bin/sh -c token"));
    CHECK_FALSE(check("/etc"));
}
