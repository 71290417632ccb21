#include "core/federation/device_code.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>

using namespace auth;
using namespace std::chrono_literals;

namespace {

HttpResponse said(long status, std::string_view body) {
    return {status, "application/json", Secret(body)};
}

HttpResponse said_error(long status, std::string_view code) {
    return said(status, Json({{"error", code}}).dump());
}

Seconds interval_after(const Result<HttpResponse>& response, Seconds before = 5s) {
    const auto poll = read_poll(response, before);
    REQUIRE(poll);
    CHECK_FALSE(poll->tokens);
    return poll->interval;
}

Result<HttpResponse> failed(std::string_view reason) {
    return fail(error(ErrorCode::delivery, "no answer").with_reason(std::string(reason)));
}

} // namespace

TEST_CASE("the error code decides, with whatever status of 4xx") {
    for (const long status : {200, 400, 401, 403, 428, 499})
        CHECK(interval_after(said_error(status, "authorization_pending")) == 5s);
    for (const long status : {200, 400, 403, 429})
        CHECK(interval_after(said_error(status, "slow_down")) == 10s);
    for (const long status : {400, 403, 428, 429}) {
        CHECK(read_poll(said_error(status, "access_denied"), 5s).error().code ==
              ErrorCode::bad_credentials);
        CHECK(read_poll(said_error(status, "authorization_declined"), 5s).error().code ==
              ErrorCode::bad_credentials);
        CHECK(read_poll(said_error(status, "expired_token"), 5s).error().code ==
              ErrorCode::expired);
        CHECK(read_poll(said_error(status, "invalid_client"), 5s).error().code ==
              ErrorCode::delivery);
    }
}

TEST_CASE("who has too many requests, or is out of order, is asked less often") {
    CHECK(interval_after(said(429, "<html>")) == 10s);
    CHECK(interval_after(said(429, "")) == 10s);
    CHECK(interval_after(said_error(429, "too_many_requests")) == 10s);
    CHECK(interval_after(said_error(429, "authorization_pending")) == 10s);
    for (const long status : {500, 502, 503, 504, 599}) {
        CHECK(interval_after(said(status, "<html>bad gateway</html>"), 7s) == 12s);
        CHECK(interval_after(said_error(status, "access_denied"), 7s) == 12s); // no endpoint's word
    }
    for (const char* reason : {"timeout", "unreachable", "interrupted"}) {
        CHECK(interval_after(failed(reason)) == 10s);
        CHECK(interval_after(failed(reason), 40s) == 60s);
        CHECK(interval_after(failed(reason), 65s) == 65s); // as the provider wanted
    }
}

TEST_CASE("what else comes ends the login with a device") {
    for (const char* reason : {"insecure", "too_long"})
        CHECK(read_poll(failed(reason), 5s).error().reason == reason);
    CHECK(read_poll(fail(ErrorCode::cancelled, "cancelled"), 5s).error().code ==
          ErrorCode::cancelled);
    CHECK(read_poll(said(404, "<html>"), 5s).error().reason == "http_error");
    CHECK(read_poll(said(302, ""), 5s).error().reason == "http_error");
    CHECK(read_poll(said(200, "<html>"), 5s).error().reason == "malformed");
    CHECK(read_poll(said(200, "{}"), 5s).error().reason == "malformed");
    CHECK(read_poll(said_error(400, "what_now"), 5s).error().reason == "what_now");
}

TEST_CASE("tokens end the wait") {
    const auto poll = read_poll(said(200, R"({"id_token":"i","error":null})"), 5s);
    REQUIRE(poll);
    REQUIRE(poll->tokens);
    CHECK(poll->tokens->id_token.reveal() == "i");
}

TEST_CASE("a refused device code says why") {
    const auto refused = [](long status) {
        return read_device_code(said(status, R"({"error":"invalid_client",)"
                                             R"("error_description":"no devices, x-1"})"),
                                "https://idp.example", {"x-1"})
            .error();
    };
    for (const long status : {200, 400, 403}) {
        CHECK(refused(status).reason == "invalid_client");
        CHECK(refused(status).message ==
              "the provider refuses: invalid_client: 'no devices, [hidden]'");
    }
    CHECK(refused(500).reason == "http_error");
}
