#include "core/federation/web_address.h"
#include "support/catch.h"

using namespace auth;

TEST_CASE("addresses are encrypted or of this machine") {
    for (const char* url : {"https://idp.example", "https://idp.example:8443/realms/a?x=1",
                            "https://[2001:db8::1]:443/", "http://127.0.0.1:4000/cb",
                            "http://localhost", "http://[::1]:80/"})
        CHECK(is_web_address(url));
    for (const char* url : {"",
                            "idp.example",
                            "http://idp.example",
                            "https://",
                            "https:///x",
                            "https://:443/",
                            "https://a:b/",
                            "https://a:/",
                            "https://a:123456/",
                            "https://u@a/",
                            "https://a/#x",
                            "https://a/ b",
                            "https://a/\"",
                            "https://a\\b",
                            "https://a/\x7f",
                            "https://[::1",
                            "http://127.0.0.1.example",
                            "http://127.0.0.1@example",
                            "http://localhost.example",
                            "http://127.0.0.2",
                            "http://[::1].example",
                            "HTTP://localhost",
                            "ftp://a/"})
        CHECK_FALSE(is_web_address(url));
}

TEST_CASE("an origin is scheme, host and port") {
    CHECK(origin_of("https://Idp.example:443/a") == "https://idp.example");
    CHECK(origin_of("https://idp.example:80?x") == "https://idp.example:80");
    CHECK(origin_of("http://[::1]:80/") == "http://[::1]");
    CHECK(origin_of("ftp://idp.example").empty());
    CHECK(stays_on_https_host("https://a.example/x", "https://A.example:443/y"));
    CHECK_FALSE(stays_on_https_host("http://127.0.0.1/x", "http://127.0.0.1/y"));
    CHECK_FALSE(stays_on_https_host("https://a.example/x", "https://a.example:8443/x"));
    CHECK_FALSE(stays_on_https_host("https://a.example/x", "https://a.example"
                                                           "@evil.example/"));
}

TEST_CASE("loopback is said of plain HTTP alone") {
    CHECK(is_loopback_address("http://127.0.0.1:80/x"));
    CHECK(is_loopback_address("http://localhost?x"));
    CHECK_FALSE(is_loopback_address("https://127.0.0.1/"));
    CHECK_FALSE(is_loopback_address("http://example/127.0.0.1"));
}

TEST_CASE("forms are encoded as RFC 6749 appendix B has it") {
    // The example of that appendix: space, percent, ampersand, plus, pound and euro signs.
    WebForm form;
    form.add("a", " %&+\xC2\xA3\xE2\x82\xAC").add("b", "-._~");
    CHECK(form.text().reveal() == "a=%20%25%26%2B%C2%A3%E2%82%AC&b=-._~");
}

TEST_CASE("queries are read strictly") {
    const auto found = parse_query("code=a%2Fb+c&state=&x");
    REQUIRE(found);
    CHECK(*found == WebParameters{{"code", "a/b c"}, {"state", ""}, {"x", ""}});
    CHECK(parse_query("")->empty());
    CHECK(parse_query("&&")->empty());
    for (const char* query : {"a=%", "a=%4", "a=%zz", "a=1&a=1", "%61=1&a=2", "a=%4%31"})
        CHECK_FALSE(parse_query(query));
}
