#include "core/federation/runner_token.h"
#include "support/catch.h"

using namespace auth;

namespace {

class OneAnswer : public Http {
  public:
    OneAnswer(long status, std::string_view body)
        : response_{status, "application/json", Secret(body)} {}
    Result<HttpResponse> exchange(const HttpRequest& request,
                                  const std::function<bool()>&) override {
        asked = request.url;
        authorization = request.authorization.reveal();
        posted = request.form.has_value();
        return std::move(response_);
    }
    std::string asked;
    std::string authorization;
    bool posted = false;

  private:
    HttpResponse response_;
};

Runner runner_at(std::string url) {
    return {std::move(url), Secret(std::string_view("of-the-job"))};
}

} // namespace

TEST_CASE("a runner is asked for the audience, as the job that it runs") {
    for (const auto& [url, asked] : std::initializer_list<std::pair<std::string, std::string>>{
             {"https://runner.example/token?api-version=2.0",
              "https://runner.example/token?api-version=2.0&audience=https%3A%2F%2Fa.example%2Fx"},
             {"http://127.0.0.1:8/token",
              "http://127.0.0.1:8/token?audience=https%3A%2F%2Fa.example%2Fx"}}) {
        OneAnswer http(200, R"({"count":1,"value":"a.b.c"})");
        const auto token =
            ask_runner(runner_at(url), "https://a.example/x", http, [] { return false; });
        REQUIRE(token);
        CHECK(token->reveal() == "a.b.c");
        CHECK(http.asked == asked);
        CHECK(http.authorization == "Bearer of-the-job");
        CHECK_FALSE(http.posted);
    }
}

TEST_CASE("what a runner does not give") {
    const auto refused = [](const Runner& runner, long status, std::string_view body) {
        OneAnswer http(status, body);
        const Error error = ask_runner(runner, "a", http, [] { return false; }).error();
        CHECK(error.message.find("of-the-job") == std::string::npos);
        CHECK(http.asked.empty() == (error.code != ErrorCode::delivery));
        return error;
    };
    const char* const right = "https://runner.example/token";
    CHECK(refused(runner_at(right), 403, "{}").reason == "http_error");
    CHECK(refused(runner_at(right), 200, "{}").reason == "malformed");
    CHECK(refused(runner_at(right), 200, R"({"value":""})").reason == "malformed");
    CHECK(refused(runner_at(right), 200, R"({"value":7})").reason == "malformed");
    CHECK(refused(runner_at(right), 200, "<html>").reason == "malformed");
    CHECK(refused(runner_at(""), 200, "").code == ErrorCode::input_required);
    CHECK(refused({right, Secret()}, 200, "").code == ErrorCode::input_required);
    CHECK(refused(runner_at(""), 200, "").hint.words.find("id-token: write") != std::string::npos);
    for (const char* url : {"http://runner.example/token", "file:///etc/passwd", "https://a@b/",
                            "https://runner.example/#x"})
        CHECK(refused(runner_at(url), 200, "").code == ErrorCode::usage);
}
