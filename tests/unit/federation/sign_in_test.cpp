#include "core/federation/sign_in.h"
#include "core/federation/web_address.h"
#include "support/catch.h"
#include "support/fakes.h"

#include <nlohmann/json.hpp>

#include <deque>

using namespace auth;
using namespace std::chrono_literals;

namespace {

// Says what it was told to, in order, and keeps what it was asked.
class ScriptedHttp : public Http {
  public:
    Result<HttpResponse> exchange(const HttpRequest& request,
                                  const std::function<bool()>&) override {
        asked.push_back(request.url);
        forms.emplace_back(request.form ? request.form->reveal() : "");
        authorizations.emplace_back(request.authorization.reveal());
        if (answers.empty())
            throw std::logic_error("nobody expected " + request.url);
        auto answer = std::move(answers.front());
        answers.pop_front();
        return answer;
    }
    void answer(long status, const Json& body) {
        answers.emplace_back(HttpResponse{status, "application/json", Secret(body.dump())});
    }

    std::deque<Result<HttpResponse>> answers;
    std::vector<std::string> asked;
    std::vector<std::string> forms;
    std::vector<std::string> authorizations;
};

struct Stage {
    Stage() : key(SigningKey::generate(Algorithm::es256)) {
        provider.name = "corp";
        provider.issuer = metadata.issuer = "https://idp.example";
        provider.client_id = "client";
        provider.scope = "openid";
        metadata.token_endpoint = "https://idp.example/token";
        metadata.jwks_uri = "https://idp.example/jwks";
        metadata.device_authorization_endpoint = "https://idp.example/device";
    }
    ProviderClient client(std::string_view secret = "") {
        return {provider, Secret(secret), metadata, http, clock, [] { return false; }};
    }
    void answer_tokens() {
        const std::int64_t now = unix_seconds(clock.now());
        const Json claims = {{"iss", provider.issuer}, {"sub", "ann-1"}, {"aud", "client"},
                             {"exp", now + 3600},      {"iat", now},     {"email", "a@b.example"}};
        http.answer(200, {{"id_token", sign_token(key, "JWT", claims)}});
        http.answer(200, {{"keys", {key.public_jwk()}}});
    }
    Result<ProvedIdentity> by_device() {
        ProviderClient made = client();
        return sign_in_by_device(
            made,
            [&](Seconds span) {
                pauses.push_back(span);
                clock.advance(span);
                return Status();
            },
            [&](const DeviceCode& code) { shown = code.user_code; });
    }
    void offer(const Json& more = Json::object()) {
        Json code = {{"device_code", "d"},
                     {"user_code", "WDJB-MJHT"},
                     {"verification_uri", "https://idp.example/activate"},
                     {"expires_in", 600}};
        code.update(more);
        http.answer(200, code);
    }

    test::FixedClock clock;
    ScriptedHttp http;
    SigningKey key;
    Provider provider;
    ProviderMetadata metadata;
    std::vector<Seconds> pauses;
    std::string shown;
};

Result<HttpResponse> timeout() {
    return fail(error(ErrorCode::delivery, "slow").with_reason("timeout"));
}

} // namespace

TEST_CASE("a device is asked for as often as the provider likes (RFC 8628 section 3.5)") {
    Stage stage;
    stage.offer();
    stage.http.answer(428, {{"error", "authorization_pending"}});
    stage.http.answer(429, {{"error", "slow_down"}});
    stage.http.answer(403, {{"error", "authorization_pending"}});
    stage.http.answers.push_back(timeout());
    stage.http.answer(502, {});
    stage.answer_tokens();
    const auto proved = stage.by_device();
    REQUIRE(proved);
    CHECK(proved->subject == "ann-1");
    CHECK(stage.shown == "WDJB-MJHT");
    CHECK(stage.pauses == std::vector<Seconds>{5s, 5s, 10s, 10s, 20s, 25s});
    CHECK(stage.http.forms[1] ==
          "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=d"
          "&client_id=client");
}

TEST_CASE("a device is waited for until its code expires, however slow the provider is") {
    Stage stage;
    stage.offer({{"expires_in", 30}, {"interval", 5}});
    for (int i = 0; i < 2; ++i)
        stage.http.answer(503, {});
    stage.answer_tokens();
    CHECK(stage.by_device());
    CHECK(stage.pauses == std::vector<Seconds>{5s, 10s, 15s});
}

TEST_CASE("a device code that nobody enters expires") {
    Stage stage;
    stage.offer({{"expires_in", 12}, {"interval", 4}});
    for (int i = 0; i < 3; ++i)
        stage.http.answer(400, {{"error", "authorization_pending"}});
    const auto proved = stage.by_device();
    REQUIRE_FALSE(proved);
    CHECK(proved.error().code == ErrorCode::expired);
    CHECK(stage.pauses.size() == 3);
}

TEST_CASE("intervals and lives of device codes are held in bounds") {
    const auto read = [](const Json& more) {
        Json code = {{"device_code", "d"},
                     {"user_code", "u"},
                     {"verification_url", "https://idp.example/"}}; // as Google spells it
        code.update(more);
        return read_device_code({200, "", Secret(code.dump())}, "https://idp.example").value();
    };
    CHECK(read(Json::object()).interval == 5s);
    CHECK(read(Json::object()).expires_in == 30min);
    CHECK(read({{"interval", 0}}).interval == 1s);
    CHECK(read({{"interval", -1}, {"expires_in", 1LL << 60}}).expires_in == 30min);
    CHECK(read({{"interval", 1LL << 60}}).interval == 60s);
    CHECK(read({{"interval", "5"}}).interval == 5s);
}

TEST_CASE("a secret goes where the provider takes it") {
    Stage stage;
    stage.http.answer(
        400, {{"error", "invalid_client"},
              {"error_description", "a:b c, a%3Ab%20c and Y2xpZW50OmElM0FiJTIwYw== are wrong"}});
    CHECK(stage.client("a:b c").ask_device_code().error().message ==
          "the provider refuses: invalid_client: '[hidden], [hidden] and [hidden] are wrong'");
    // RFC 6749 section 2.3.1: both halves are form-encoded first.
    CHECK(stage.http.authorizations.back() == "Basic Y2xpZW50OmElM0FiJTIwYw==");
    CHECK(stage.http.forms.back() == "scope=openid"); // RFC 6749 section 2.3: one way at a time
    stage.metadata.secret_in_form = true;
    stage.http.answer(400, {{"error", "invalid_client"}});
    CHECK_FALSE(stage.client("a:b c").ask_device_code());
    CHECK(stage.http.authorizations.back().empty());
    CHECK(stage.http.forms.back() == "scope=openid&client_id=client&client_secret=a%3Ab%20c");
}

namespace {

// Brings the requests that it is given, one by one, until one is answered for good.
class ScriptedLoopback : public Loopback {
  public:
    explicit ScriptedLoopback(std::deque<PageRequest>& requests) : requests_(requests) {}
    [[nodiscard]] int port() const override { return 4000; }
    [[nodiscard]] Status
    serve(Seconds, const std::function<bool()>&,
          const std::function<PageAnswer(const PageRequest&)>& answer) override {
        while (!requests_.empty()) {
            const PageAnswer said = answer(requests_.front());
            requests_.pop_front();
            if (said.last)
                return {};
        }
        return fail(ErrorCode::expired, "nobody came");
    }

  private:
    std::deque<PageRequest>& requests_;
};

} // namespace

TEST_CASE("a browser's callback is redeemed, forged ones before it are not") {
    Stage stage;
    test::SeededRandom random;
    std::deque<PageRequest> requests;
    stage.provider.redirect_port = 4000;
    ProviderClient client = stage.client();
    const auto open = [&](int port) -> Result<std::unique_ptr<Loopback>> {
        CHECK(port == 4000);
        return std::make_unique<ScriptedLoopback>(requests);
    };
    const auto sign_in = [&](bool with_right_state) {
        const Pause pause = [&](Seconds span) {
            stage.pauses.push_back(span);
            return Status();
        };
        return sign_in_by_browser(
            client, open, 5min, "", random, pause, [&](const std::string& url) {
                const WebParameters query = parse_query(url.substr(url.find('?') + 1)).value();
                const std::string uri = query.at("redirect_uri");
                const std::string path = uri.substr(uri.find('/', 7));
                const std::string state = with_right_state ? query.at("state") : "x";
                requests = {{"GET", path + "?error=access_denied", "127.0.0.1:4000"},
                            {"GET", path + "?code=c&state=" + state, "127.0.0.1:4000"}};
            });
    };
    CHECK(sign_in(false).error().code == ErrorCode::expired);
    CHECK(stage.http.asked.empty());
    stage.http.answer(400, {{"error", "invalid_grant"}});
    CHECK(sign_in(true).error().code == ErrorCode::bad_code);
    CHECK(
        stage.http.forms.back().starts_with("grant_type=authorization_code&code=c&redirect_uri="));
    stage.answer_tokens(); // without a nonce
    CHECK(sign_in(true).error().reason == "wrong_nonce");
    CHECK(stage.pauses.empty());

    stage.http.answer(502, {});
    stage.http.answer(429, {});
    stage.answer_tokens();
    CHECK(sign_in(true).error().reason == "wrong_nonce");
    CHECK(stage.pauses == std::vector<Seconds>{1s, 2s});
    for (int i = 0; i < 4; ++i)
        stage.http.answer(503, {});
    CHECK(sign_in(true).error().reason == "http_error");
    CHECK(stage.pauses == std::vector<Seconds>{1s, 2s, 1s, 2s, 4s});
    stage.http.answer(429, {{"error", "invalid_grant"}});
    CHECK(sign_in(true).error().code == ErrorCode::bad_code);
    CHECK(stage.pauses.size() == 5);
}
