#include "core/sessions/access.h"
#include "core/token_drill/drill.h"
#include "core/token_drill/junit.h"
#include "core/token_drill/services.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <deque>
#include <set>

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;
using Kind = ServiceAnswer::Kind;

namespace {

struct Service : TestRealm {
    Service() { test::add_user(realm()); }
    DrillPlan plan;
    int made = 0;

    MakeTokens tokens() {
        return [this] {
            ++made;
            FixtureOrder order;
            order.purpose = "token_drill";
            return make_fixtures(realm(), test::user_ref(test::ann), order);
        };
    }
    // As the reason of each token says.
    AskService right() {
        return [this](std::string_view token) -> Result<ServiceAnswer> {
            Question question = own_question(realm().settings, TokenUse::verify, clock.now());
            const auto judged = TokenJudge(realm(), question).judge(token);
            return ServiceAnswer{judged->verdict.valid() ? Kind::in : Kind::out, ""};
        };
    }
    DrillReport run(const AskService& ask) {
        auto report = run_drill(plan, clock, tokens(), ask);
        REQUIRE(report);
        return *std::move(report);
    }
};

AskService always(Kind kind) {
    return [kind](std::string_view) -> Result<ServiceAnswer> { return ServiceAnswer{kind, ""}; };
}

std::set<std::string> wrong_in(const DrillReport& report) {
    std::set<std::string> names;
    for (const DrillOutcome& outcome : report.outcomes)
        if (outcome.deviates())
            names.emplace(outcome.rule->name);
    return names;
}

struct ScriptedHttp final : Http {
    std::vector<HttpRequest> asked;
    std::deque<long> statuses;
    Result<HttpResponse> exchange(const HttpRequest& request,
                                  const std::function<bool()>& /*stopped*/) override {
        asked.push_back({.url = request.url, .header = request.header.copy()});
        HttpResponse response;
        response.status = statuses.front();
        statuses.pop_front();
        return response;
    }
};

} // namespace

TEST_CASE("a right service passes at each level", "[drill]") {
    for (const DrillLevel level : {DrillLevel::must, DrillLevel::profile, DrillLevel::database}) {
        Service service;
        service.plan.level = level;
        const DrillReport report = service.run(service.right());
        CHECK(wrong_in(report).empty());
        CHECK(report.outcomes.front().rule->name == "control");
        CHECK(report.outcomes.back().rule->name == "control_at_end");
    }
}

TEST_CASE("a level judges what is below it as well", "[drill]") {
    std::size_t before = 0;
    for (const DrillLevel level : {DrillLevel::must, DrillLevel::profile, DrillLevel::database}) {
        Service service;
        service.plan.level = level;
        const DrillReport report = service.run(always(Kind::in));
        CHECK(wrong_in(report).size() > before);
        before = wrong_in(report).size();
        CHECK(wrong_in(report).contains("none_lower"));
        CHECK(wrong_in(report).contains("no_type") == (level != DrillLevel::must));
        CHECK(wrong_in(report).contains("revoked_session") == (level == DrillLevel::database));
    }
}

TEST_CASE("a service that refuses right tokens is asked nothing more", "[drill]") {
    for (const Kind kind : {Kind::out, Kind::unclear}) {
        Service service;
        const DrillReport report = service.run(always(kind));
        CHECK(report.stopped_early);
        CHECK(report.outcomes.size() == 1);
        CHECK(report.deviations() == 1);
    }
}

TEST_CASE("tokens are made anew before they expire", "[drill]") {
    Service service;
    const AskService right = service.right();
    const DrillReport report = service.run([&](std::string_view token) {
        service.clock.advance(5s);
        return right(token);
    });
    CHECK(wrong_in(report).empty());
    CHECK(service.made > 10);
    CHECK(service.plan.sessions.size() == static_cast<std::size_t>(service.made) * 2);
}

TEST_CASE("no answer is unclear, and at the beginning an error", "[drill]") {
    Service service;
    int asked = 0;
    const DrillReport report = service.run([&](std::string_view token) -> Result<ServiceAnswer> {
        if (++asked == 5)
            return fail(error(ErrorCode::delivery, "took long").with_reason("timeout"));
        return service.right()(token);
    });
    CHECK(wrong_in(report).size() == 1);
    CHECK(report.outcomes.at(4).answer.said == "timeout");
    const auto none = run_drill(service.plan, service.clock, service.tokens(),
                                [](std::string_view) -> Result<ServiceAnswer> {
                                    return fail(ErrorCode::delivery, "there is nobody");
                                });
    REQUIRE_FALSE(none);
    CHECK(none.error().code == ErrorCode::delivery);
}

TEST_CASE("deviations may be accepted, with a reason", "[drill]") {
    const auto accepted =
        parse_accepted_deviations("# ours\n\nnone_lower: a test service\r\nwrong_key: so it is\n");
    REQUIRE(accepted);
    CHECK(accepted->size() == 2);
    for (const char* text : {"none_lower", "none_lower:", "none_lower:  \n", "no_such: reason",
                             "none_lower: a\nnone_lower: b"}) {
        CAPTURE(text);
        const auto parsed = parse_accepted_deviations(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::usage);
    }
    Service service;
    service.plan.accepted = *accepted;
    const AskService right = service.right();
    const DrillReport report = service.run([&](std::string_view token) -> Result<ServiceAnswer> {
        const auto parsed = parse_token(token);
        if (parsed && parsed->header.value("alg", "") == "none" && parsed->signature.empty())
            return ServiceAnswer{Kind::in, "200"};
        return right(token);
    });
    CHECK(wrong_in(report).empty());
    CHECK(report.stale == std::vector<std::string>{"wrong_key"});
    const std::string xml = junit_report(report, "http://127.0.0.1/?a=1&b=<2>");
    CHECK(xml.find("skipped=\"1\"") != std::string::npos);
    CHECK(xml.find("a=1&amp;b=&lt;2&gt;") != std::string::npos);
    CHECK(xml.find("<skipped message=\"a test service\"/>") != std::string::npos);
}

TEST_CASE("where a request has the token, and what a status means", "[drill]") {
    ScriptedHttp http;
    http.statuses = {200, 204, 299, 400, 401, 403, 413, 431, 302, 404, 500};
    const auto header = header_place("X-Token: Token");
    const auto bare = header_place("X-Token");
    const auto cookie = named_place(TokenPlace::Kind::cookie, "cookie", "session");
    const auto query = named_place(TokenPlace::Kind::query, "query", "access_token");
    REQUIRE((header && bare && cookie && query));
    const std::vector<TokenPlace> places{TokenPlace{}, *header, *bare, *cookie, *query};
    std::vector<Kind> kinds;
    for (std::size_t i = 0; i < 11; ++i) {
        const auto service =
            http_service(http, "https://api.example.org/me?a=1", places.at(i % 5), {});
        kinds.push_back(service("a.b.c").value().kind);
    }
    CHECK(kinds == std::vector<Kind>{Kind::in, Kind::in, Kind::in, Kind::out, Kind::out, Kind::out,
                                     Kind::out, Kind::out, Kind::unclear, Kind::unclear,
                                     Kind::unclear});
    CHECK(http.asked.at(0).header.reveal() == "Authorization: Bearer a.b.c");
    CHECK(http.asked.at(1).header.reveal() == "X-Token: Token a.b.c");
    CHECK(http.asked.at(2).header.reveal() == "X-Token: a.b.c");
    CHECK(http.asked.at(3).header.reveal() == "Cookie: session=a.b.c");
    CHECK(http.asked.at(4).url == "https://api.example.org/me?a=1&access_token=a.b.c");
    CHECK_FALSE(header_place("X Token"));
    CHECK_FALSE(header_place("X-Token: a\r\nHost: b"));
    CHECK_FALSE(named_place(TokenPlace::Kind::cookie, "cookie", "a;b"));
}
