// An issuer of tokens that answers as a test wants, without a network.
#pragma once

#include "core/base/json.h"
#include "core/jose/jwk.h"
#include "core/ports/http.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace auth::test {

// Outlives what http() makes; any number of threads may ask it.
class FakeIssuer {
  public:
    std::string url = "https://idp.example";
    std::vector<Json> keys;
    Json more = Json::object(); // of the discovery document, beside what is needed or in its place
    long status = 200;          // of the key set
    std::optional<Error> trouble;
    std::string cache_control;
    std::string age;
    std::chrono::milliseconds takes{0}; // for the key set
    int asked = 0;                      // for the key set
    int asked_past_caches = 0;          // of these

    [[nodiscard]] std::unique_ptr<Http> http() { return std::make_unique<Client>(*this); }

  private:
    class Client final : public Http {
      public:
        explicit Client(FakeIssuer& issuer) : issuer_(issuer) {}
        Result<HttpResponse> exchange(const HttpRequest& request,
                                      const std::function<bool()>&) override {
            return issuer_.answer(request);
        }

      private:
        FakeIssuer& issuer_;
    };

    Result<HttpResponse> answer(const HttpRequest& request) {
        const std::lock_guard guard(mutex_);
        if (trouble)
            return fail(*trouble);
        if (request.url == url + "/.well-known/openid-configuration") {
            Json document = {{"issuer", url}, {"jwks_uri", url + "/jwks"}};
            document.update(more);
            return HttpResponse{200, "application/json", Secret(document.dump())};
        }
        ++asked;
        asked_past_caches += request.past_caches ? 1 : 0;
        std::this_thread::sleep_for(takes);
        HttpResponse response{status, "application/json", Secret(Json{{"keys", keys}}.dump())};
        response.cache_control = cache_control;
        response.age = age;
        return response;
    }

    std::mutex mutex_;
};

} // namespace auth::test
