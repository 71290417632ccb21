#include "core/base/encoding.h"
#include "core/federation/issuer_fetch.h"
#include "core/federation/issuer_keys.h"
#include "core/mail/mailer.h"
#include "support/at_once.h"
#include "support/catch.h"
#include "support/fake_issuer.h"
#include "support/fakes.h"
#include "support/files.h"
#include "support/temp_directory.h"

#include <nlohmann/json.hpp>

#include <atomic>

using namespace auth;
using namespace std::chrono_literals;

namespace {

constexpr Seconds a_day = 24h;

struct Cached {
    Cached() : key(SigningKey::generate(Algorithm::es256)) { issuer.keys = {key.public_jwk()}; }

    [[nodiscard]] IssuerCache::Place place() const {
        return {directory / "cache", directory / "state/cache.key"};
    }
    // As one run of the program.
    std::unique_ptr<IssuerKeys> run(bool offline = false, bool cached = true) {
        std::optional<IssuerCache> cache;
        if (cached)
            cache.emplace(place(), random);
        return std::make_unique<IssuerKeys>(
            issuer.url,
            IssuerKeys::Needs{.http = offline ? nullptr : issuer.http(),
                              .clock = clock,
                              .stopped = [] { return false; },
                              .cache = std::move(cache),
                              .warn = [&](const Error& why) { warnings.push_back(why.message); },
                              .remark = [&](const Remarks& said) { remarks = said; }});
    }
    static Json header(const SigningKey& signer) {
        return {{"alg", to_name(signer.algorithm())}, {"kid", signer.kid()}};
    }
    // "" where the key was found, else why not.
    static std::string answer(IssuerKeys& keys, const Json& header) {
        const auto answer = keys.answer(header);
        if (!answer)
            return answer.error().reason;
        return answer->key ? "" : answer->problem->code;
    }
    std::string online() { return answer(*run(), header(key)); }
    std::string online(std::string_view kid) {
        return answer(*run(), {{"alg", "ES256"}, {"kid", kid}});
    }
    std::string offline() { return answer(*run(true), header(key)); }
    void goes_down(std::string_view reason = delivery::unreachable) {
        issuer.trouble = error(ErrorCode::delivery, "the server idp.example cannot be reached")
                             .with_reason(std::string(reason));
    }

    test::TempDirectory directory;
    test::FixedClock clock;
    test::SeededRandom random;
    test::FakeIssuer issuer;
    SigningKey key;
    std::vector<std::string> warnings;
    Remarks remarks;
};

HttpResponse said(std::string cache_control, std::string age = {}) {
    HttpResponse response{200, "application/json", Secret()};
    response.cache_control = std::move(cache_control);
    response.age = std::move(age);
    return response;
}

} // namespace

TEST_CASE("an answer is fresh for as long as it says, from a minute to a day (RFC 9111)") {
    CHECK(freshness_of(said("")) == 5min);
    CHECK(freshness_of(said("public")) == 5min);
    CHECK(freshness_of(said("public, max-age=3600, must-revalidate")) == 1h);
    CHECK(freshness_of(said("Max-Age=\"600\"")) == 10min);
    CHECK(freshness_of(said("max-age=21598", "1598")) == 20000s);
    CHECK(freshness_of(said("max-age=600", "soon")) == 10min);
    CHECK(freshness_of(said("max-age=600", "9999999999999999999999")) == 1min);
    CHECK(freshness_of(said("max-age=31536000", "9999999999999999999999")) == 1min);
    CHECK(freshness_of(said("max-age=600, max-age=300")) == 5min);
    CHECK(freshness_of(said("s-maxage=600")) == 5min);
    CHECK(freshness_of(said("max-age=31536000")) == a_day);
    CHECK(freshness_of(said("max-age=99999999999999999999999999")) == a_day);
    for (const char* short_lived : {"max-age=0", "max-age=59", "max-age=-5", "max-age=", "no-store",
                                    "max-age=600, no-cache", "max-age=1h", "max-age= 600 s"})
        CHECK(freshness_of(said(short_lived)) == 1min);
}

TEST_CASE("one fetch serves every run until the keys are no longer fresh") {
    Cached cached;
    cached.issuer.cache_control = "max-age=600";
    for (int run = 0; run < 3; ++run)
        CHECK(cached.online().empty());
    CHECK(cached.issuer.asked == 1);
    cached.clock.advance(599s);
    CHECK(cached.online().empty());
    CHECK(cached.issuer.asked == 1);
    cached.clock.advance(1s);
    CHECK(cached.online().empty());
    CHECK(cached.issuer.asked == 2);
    CHECK(cached.warnings.empty());
}

TEST_CASE("a key that the issuer took back is gone when its set is no longer fresh") {
    Cached cached;
    CHECK(cached.online().empty());
    cached.issuer.keys = {SigningKey::generate(Algorithm::es256).public_jwk()};
    cached.clock.advance(5min);
    CHECK(cached.online() == "unknown_key");
}

TEST_CASE("an unknown key is asked for once, past caches") {
    Cached cached;
    CHECK(cached.online().empty());
    CHECK(cached.online("none") == "unknown_key");
    CHECK(cached.issuer.asked == 2);
    CHECK(cached.issuer.asked_past_caches == 1);
    CHECK(cached.online("none") == "unknown_key");
    CHECK(cached.issuer.asked == 2);
    // A new key is found at once, whatever was made up before.
    const SigningKey next = SigningKey::generate(Algorithm::es256);
    cached.issuer.keys.push_back(next.public_jwk());
    CHECK(cached.online(next.kid()).empty());
    CHECK(cached.issuer.asked == 3);
    CHECK(cached.online().empty());
    cached.clock.advance(asking_pause);
    CHECK(cached.online("none") == "unknown_key");
    CHECK(cached.issuer.asked == 4);
}

TEST_CASE("made-up keys have the issuer asked only so often") {
    Cached cached;
    CHECK(cached.online().empty());
    for (int i = 0; i < 40; ++i)
        CHECK(cached.online(std::to_string(i)) == "unknown_key");
    CHECK(cached.issuer.asked == 1 + static_cast<int>(most_sought_in_a_minute));
    cached.clock.advance(1min);
    CHECK(cached.online("again") == "unknown_key");
    CHECK(cached.issuer.asked == 2 + static_cast<int>(most_sought_in_a_minute));
}

TEST_CASE("a run that lasts asks anew in time, and takes what other runs got") {
    Cached cached;
    const auto lasting = cached.run();
    const Json header = Cached::header(cached.key);
    CHECK(Cached::answer(*lasting, header).empty());
    const SigningKey next = SigningKey::generate(Algorithm::es256);
    cached.issuer.keys = {next.public_jwk()};
    CHECK(cached.online(next.kid()).empty());
    CHECK(cached.issuer.asked == 2);
    CHECK(Cached::answer(*lasting, Cached::header(next)).empty());
    CHECK(cached.issuer.asked == 2);
    cached.clock.advance(5min);
    CHECK(Cached::answer(*lasting, header) == "unknown_key");
}

TEST_CASE("without a cache keys are kept for one run") {
    Cached cached;
    const auto keys = cached.run(false, false);
    const Json header = Cached::header(cached.key);
    CHECK(Cached::answer(*keys, header).empty());
    CHECK(Cached::answer(*keys, header).empty());
    CHECK(cached.issuer.asked == 1);
    CHECK(Cached::answer(*keys, {{"alg", "ES256"}, {"kid", "none"}}) == "unknown_key");
    CHECK(Cached::answer(*keys, {{"alg", "ES256"}, {"kid", "none"}}) == "unknown_key");
    CHECK(cached.issuer.asked == 2);
    CHECK(Cached::answer(*cached.run(true, false), header) == "unknown_key");
    CHECK(std::filesystem::is_empty(cached.directory.path()));
}

TEST_CASE("offline, keys are used for a day after they were fetched, and nobody is asked") {
    Cached cached;
    CHECK(cached.offline() == "unknown_key");
    CHECK(cached.issuer.asked == 0);
    CHECK(cached.online().empty());
    cached.clock.advance(a_day - 1s);
    CHECK(cached.offline().empty());
    CHECK(Cached::answer(*cached.run(true), {{"alg", "ES256"}, {"kid", "none"}}) == "unknown_key");
    cached.clock.advance(1s);
    CHECK(cached.offline() == "unknown_key");
    CHECK(cached.issuer.asked == 1);
    CHECK(cached.warnings.empty());
}

TEST_CASE("while the issuer is down its keys stand in for an hour at most") {
    Cached cached;
    CHECK(cached.online().empty());
    cached.clock.advance(5min);
    SECTION("unreachable") {
        cached.goes_down();
    }
    SECTION("too slow") {
        cached.goes_down(delivery::timeout);
    }
    SECTION("busy") {
        cached.issuer.status = 429;
    }
    SECTION("broken") {
        cached.issuer.status = 503;
    }
    CHECK(cached.online().empty());
    REQUIRE(cached.warnings.size() == 1);
    CHECK(cached.warnings[0].ends_with("; the keys that were fetched 5 minutes ago are used"));
    cached.clock.advance(1h - 1s);
    CHECK(cached.online().empty());
    cached.clock.advance(1s);
    const auto refused = cached.run()->answer(Cached::header(cached.key));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::delivery);
    CHECK(refused.error().hint.words == "--offline uses the keys that were fetched 1 hour ago");
}

TEST_CASE("an issuer that is down is not asked by every run") {
    Cached cached;
    CHECK(cached.online().empty());
    cached.clock.advance(5min);
    cached.issuer.status = 503;
    CHECK(cached.online().empty());
    CHECK(cached.online().empty());
    CHECK(cached.issuer.asked == 2);
    cached.clock.advance(asking_pause);
    CHECK(cached.online().empty());
    CHECK(cached.issuer.asked == 3);
    cached.issuer.status = 200;
    cached.clock.advance(asking_pause);
    cached.warnings.clear();
    CHECK(cached.online().empty());
    CHECK(cached.warnings.empty());
    CHECK(cached.issuer.asked == 4);
}

TEST_CASE("an issuer that answers wrongly is not down: its old keys are not used") {
    Cached cached;
    CHECK(cached.online().empty());
    cached.clock.advance(5min);
    SECTION("its certificate is wrong") {
        cached.goes_down(delivery::insecure);
        CHECK(cached.online() == "insecure");
    }
    SECTION("the key set is gone") {
        cached.issuer.status = 404;
        CHECK(cached.online() == "http_error");
    }
    SECTION("it took all keys back") {
        cached.issuer.keys.clear();
        CHECK(cached.online() == "no_usable_key");
    }
    SECTION("it calls itself something else") {
        cached.issuer.more = {{"issuer", "https://other.example"}};
        CHECK(cached.online() == "wrong_issuer");
    }
}

TEST_CASE("keys that an issuer took back do not return while it is down") {
    Cached cached;
    CHECK(cached.online().empty());
    cached.issuer.keys.clear();
    CHECK(cached.online("none") == "no_usable_key");
    CHECK(cached.offline() == "unknown_key");
    cached.goes_down();
    CHECK(cached.online() == delivery::unreachable);
    cached.issuer.trouble.reset();
    cached.issuer.keys = {cached.key.public_jwk()};
    CHECK(cached.online().empty());
}

TEST_CASE("an unknown key is no verdict on the token while the issuer is down") {
    Cached cached;
    CHECK(cached.online().empty());
    cached.goes_down();
    CHECK(cached.online("none") == delivery::unreachable);
    CHECK(cached.online().empty());
    cached.issuer.trouble.reset();
    CHECK(cached.online("none") == "unknown_key");
}

TEST_CASE("a failure without keys is not remembered") {
    Cached cached;
    cached.issuer.status = 503;
    CHECK(cached.online() == "http_error");
    cached.issuer.status = 200;
    CHECK(cached.online().empty());
}

TEST_CASE("a clock that is set back makes no keys fresh") {
    Cached cached;
    cached.issuer.cache_control = "max-age=86400";
    CHECK(cached.online().empty());
    cached.clock.advance(-1s);
    CHECK(cached.offline() == "unknown_key");
    cached.goes_down();
    CHECK(cached.online() == delivery::unreachable);
    cached.issuer.trouble.reset();
    CHECK(cached.online().empty());
    CHECK(cached.issuer.asked == 2);
    CHECK(cached.offline().empty());
}

TEST_CASE("what an issuer publishes is no shared secret") {
    Cached cached;
    cached.issuer.keys = {
        {{"kty", "oct"}, {"kid", "s"}, {"k", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}}};
    CHECK(Cached::answer(*cached.run(), {{"alg", "HS256"}, {"kid", "s"}}) == "wrong_algorithm");
}

TEST_CASE("keys that are spelled in an unusual way are used, and remarked on") {
    Cached cached;
    // The usual exponent, 65537, after a byte that is zero.
    cached.issuer.keys = {{{"kty", "RSA"},
                           {"kid", "a"},
                           {"n", to_base64url(std::string(256, '\xc5'))},
                           {"e", "AAEAAQ"}}};
    CHECK(Cached::answer(*cached.run(), {{"alg", "RS256"}, {"kid", "a"}}).empty());
    CHECK(cached.remarks.size() == 1);
}

TEST_CASE("runs at once have the issuer asked once") {
    Cached cached;
    cached.issuer.takes = 100ms;
    std::atomic<int> found = 0;
    const auto thrown =
        test::at_once(8, [&](unsigned) { found += cached.online().empty() ? 1 : 0; });
    CHECK(thrown.empty());
    CHECK(found == 8);
    CHECK(cached.issuer.asked == 1);
}

TEST_CASE("a cache that somebody altered is not used, and is put right") {
    Cached cached;
    CHECK(cached.online().empty());
    const std::filesystem::path state = cached.place().mac_key;
    std::filesystem::path entry;
    for (const auto& file : std::filesystem::directory_iterator(cached.place().directory))
        if (file.path().extension() == ".json")
            entry = file.path();
    SECTION("its content") {
        std::ofstream(entry, std::ios::app) << ' ';
        CHECK(cached.offline() == "unknown_key");
        CHECK(cached.warnings.back().ends_with("was altered or cut off"));
    }
    SECTION("its mode") {
        std::filesystem::permissions(entry, std::filesystem::perms(0666));
        CHECK(cached.offline() == "unknown_key");
    }
    SECTION("a link") {
        std::filesystem::rename(entry, cached.directory / "elsewhere");
        std::filesystem::create_symlink(cached.directory / "elsewhere", entry);
        CHECK(cached.offline() == "unknown_key");
    }
    SECTION("the key of its MAC") {
        std::filesystem::remove(state);
        CHECK(cached.offline() == "unknown_key");
    }
    CHECK(cached.online().empty());
    CHECK(cached.issuer.asked == 2);
    CHECK(test::mode_of(entry) == 0600);
    CHECK(cached.offline().empty());
    CHECK(cached.online().empty());
    CHECK(cached.issuer.asked == 2);
}

TEST_CASE("a directory that others can write keeps nothing, and the issuer is asked each time") {
    Cached cached;
    CHECK(cached.online().empty());
    std::filesystem::permissions(cached.place().directory, std::filesystem::perms(0777));
    CHECK(cached.offline() == "unknown_key");
    CHECK(cached.online().empty());
    CHECK(cached.online().empty());
    CHECK(cached.issuer.asked == 3);
}
