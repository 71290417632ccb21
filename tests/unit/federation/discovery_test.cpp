#include "core/federation/provider_client.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>

#include <map>

using namespace auth;

namespace {

const std::string issuer = "https://idp.example/a";
const std::string well_known = issuer + "/.well-known/openid-configuration";

// Answers each address as it was told.
class Web : public Http {
  public:
    Result<HttpResponse> exchange(const HttpRequest& request,
                                  const std::function<bool()>&) override {
        asked.push_back(request.url);
        const auto& [status, text] = pages.at(request.url);
        if (status == 200)
            return HttpResponse{status, "application/json", Secret(text)};
        HttpResponse moved{status, "", Secret()};
        moved.location = text;
        return moved;
    }
    void show_document(const std::string& url, const std::string& named = issuer) {
        const Json document = {{"issuer", named},
                               {"authorization_endpoint", "https://idp.example/authorize"},
                               {"token_endpoint", "https://idp.example/token"},
                               {"jwks_uri", "https://idp.example/jwks"}};
        pages[url] = {200, document.dump()};
    }
    std::string reason(const std::string& of = issuer) {
        asked.clear();
        const auto found = discover(*this, {}, of);
        return found ? "" : found.error().reason;
    }

    std::map<std::string, std::pair<long, std::string>> pages;
    std::vector<std::string> asked;
};

} // namespace

TEST_CASE("a discovery document may move on its host, by https") {
    Web web;
    for (const long status : {301, 302, 303, 307, 308})
        for (const std::string& place : {std::string("https://idp.example/moved"),
                                         std::string("https://IDP.example:443/x?y")}) {
            web.pages[well_known] = {status, place};
            web.show_document(place);
            CHECK(web.reason().empty());
            CHECK(web.asked == std::vector<std::string>{well_known, place});
        }
    web.show_document("https://idp.example/moved", "https://idp.example/b");
    web.pages[well_known] = {302, "https://idp.example/moved"};
    CHECK(web.reason() == "wrong_issuer");
}

TEST_CASE("a redirect to elsewhere is not followed") {
    Web web;
    for (const char* place :
         {"http://idp.example/moved", "https://idp.example:8443/moved",
          "https://evil.example/moved", "https://idp.example.evil.example/moved",
          "https://idp.example@evil.example/moved", "https://idp.example/#x",
          "http://127.0.0.1/moved", "file:///etc/passwd", "//idp.example"}) {
        web.pages[well_known] = {302, place};
        CHECK(web.reason() == "http_error");
        CHECK(web.asked == std::vector<std::string>{well_known});
    }
    web.pages[well_known] = {302, ""}; // to nowhere
    CHECK(web.reason() == "http_error");
    web.pages[well_known] = {300, "https://idp.example/moved"}; // a choice of several
    CHECK(web.reason() == "http_error");
    web.pages["http://127.0.0.1/.well-known/openid-configuration"] = {302,
                                                                      "http://127.0.0.1/moved"};
    CHECK(web.reason("http://127.0.0.1") == "http_error");
}

TEST_CASE("a redirect is judged at each step, and there are five at most") {
    Web web;
    const auto step = [](int number) { return "https://idp.example/" + std::to_string(number); };
    web.pages[well_known] = {302, step(1)};
    for (int i = 1; i < 5; ++i)
        web.pages[step(i)] = {302, step(i + 1)};
    web.show_document(step(5));
    CHECK(web.reason().empty());
    web.pages[step(5)] = {302, step(1)};
    CHECK(web.reason() == "http_error");
    CHECK(web.asked.size() == 6);
    web.pages[step(1)] = {302, "https://evil.example/"};
    CHECK(web.reason() == "http_error");
    CHECK(web.asked.size() == 2);
}

TEST_CASE("an issuer that was nearly named is named in the hint") {
    const auto hint = [](const std::string& typed, const std::string& named) {
        const auto read = read_metadata({{"issuer", named}}, typed);
        REQUIRE_FALSE(read);
        CHECK(read.error().reason == "wrong_issuer");
        return read.error().hint.words;
    };
    CHECK(hint("https://h", "https://h/") == "--issuer https://h/ would fit");
    CHECK(hint("https://h/a//", "https://h/a") == "--issuer https://h/a would fit");
    CHECK(hint("https://h/realms/Main", "https://H/realms/main") ==
          "--issuer https://H/realms/main would fit");
    CHECK(hint("https://h:443/a", "https://h/a") == "--issuer https://h/a would fit");
    CHECK(hint("https://h/common/v2.0", "https://h/{tenantid}/v2.0") ==
          "--issuer 'https://h/{tenantid}/v2.0' would fit, with your own value for {tenantid}");
    CHECK(hint("https://h/t-common", "https://h/t-{id}/") ==
          "--issuer 'https://h/t-{id}/' would fit, with your own value for {id}");
    for (const char* other :
         {"https://elsewhere.example", "https://elsewhere.example/", "http://h/a/",
          "https://h:8/a/", "https://h/b", "https://h/a/b", "https://h/{}", "https://h/{\x1b}",
          "https://h/{a", "", "https://{h}/a", "https://h/a?x/", "https://h/a#/", "a/"})
        CHECK(hint("https://h/a", other).empty());
    CHECK(hint("https://h", "https://h" + std::string(3000, '/')).empty());
}
