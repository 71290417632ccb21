#include "core/federation/issuer_fetch.h"

#include "core/base/text.h"
#include "core/federation/provider_answer.h"
#include "core/federation/provider_client.h"
#include "core/federation/provider_trouble.h"

#include <algorithm>

namespace auth {
namespace {

constexpr Seconds usual_freshness{300};

// RFC 9111 section 1.2.2; nothing for other text. Numbers of any length are read as at most 68
// years.
std::optional<Seconds> delta_seconds(std::string_view text) {
    constexpr Seconds longest{2147483648};
    if (text.empty() || !std::ranges::all_of(text, is_digit))
        return std::nullopt;
    const auto number = parse_integer(text);
    return number ? std::min(Seconds(*number), longest) : longest;
}

bool is_passing(const Result<HttpResponse>& answer) {
    return answer ? is_overloaded(answer->status) : failed_on_its_way(answer.error());
}

// Knows whether the last answer says that the server is down or busy.
class WatchedHttp final : public Http {
  public:
    explicit WatchedHttp(Http& http) : http_(http) {}
    [[nodiscard]] Result<HttpResponse> exchange(const HttpRequest& request,
                                                const std::function<bool()>& stopped) override {
        auto answer = http_.exchange(request, stopped);
        passing_ = is_passing(answer);
        return answer;
    }
    [[nodiscard]] bool passing() const { return passing_; }

  private:
    Http& http_;
    bool passing_ = false;
};

Result<FetchedKeys> fetch(Http& http, const std::function<bool()>& stopped, std::string_view issuer,
                          bool past_caches) {
    AUTH_TRY(const ProviderMetadata metadata,
             discover(http, stopped, issuer, Endpoints::keys_alone));
    HttpRequest request{metadata.jwks_uri};
    request.past_caches = past_caches;
    AUTH_TRY(const HttpResponse response, http.exchange(request, stopped));
    AUTH_CHECK(read_key_set(response));
    return FetchedKeys{std::string(response.body.reveal()), freshness_of(response)};
}

} // namespace

Seconds freshness_of(const HttpResponse& response) {
    if (response.cache_control.empty())
        return usual_freshness;
    std::optional<Seconds> said;
    for (const std::string& part : split(lower_ascii(response.cache_control), ',')) {
        const std::string_view directive = trimmed(part, " \t");
        if (directive == "no-store" || directive == "no-cache")
            return shortest_freshness;
        constexpr std::string_view max_age = "max-age=";
        if (!directive.starts_with(max_age))
            continue;
        const std::string_view value = trimmed(directive.substr(max_age.size()), "\"");
        const Seconds span = delta_seconds(value).value_or(Seconds::zero());
        said = std::min(said.value_or(span), span);
    }
    if (!said)
        return usual_freshness;
    const Seconds age = delta_seconds(trimmed(response.age)).value_or(Seconds::zero());
    return std::clamp(*said - age, shortest_freshness, longest_freshness);
}

tl::expected<FetchedKeys, FetchFailure> fetch_issuer_keys(Http& http,
                                                          const std::function<bool()>& stopped,
                                                          std::string_view issuer,
                                                          bool past_caches) {
    WatchedHttp watched(http);
    auto fetched = fetch(watched, stopped, issuer, past_caches);
    if (!fetched)
        return tl::unexpected(FetchFailure{std::move(fetched).error(), watched.passing()});
    return *std::move(fetched);
}

} // namespace auth
