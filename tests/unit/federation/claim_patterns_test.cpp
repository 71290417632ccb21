#include "core/federation/workload_rules.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>

using namespace auth;

namespace {

ClaimPatterns patterns(const std::vector<std::string>& words) {
    return parse_claim_patterns(words).value();
}

// What is wrong with the words, or "".
std::string refusal_of_words(const std::vector<std::string>& words) {
    const auto parsed = parse_claim_patterns(words);
    if (parsed)
        return "";
    CHECK(parsed.error().code == ErrorCode::usage);
    CHECK(parsed.error().field == "claim");
    return parsed.error().message;
}

WorkloadRule rule_of(const std::vector<std::string>& words) {
    WorkloadRule rule;
    rule.claims = patterns(words);
    return rule;
}

} // namespace

TEST_CASE("a claim is named exactly, or by how it begins") {
    const ClaimPatterns app = patterns({"sub=repo:example-org/app:*", "ref=refs/heads/main"});
    const auto fits_app = [&](const Json& sub, const Json& ref) {
        return fits(app, Json{{"sub", sub}, {"ref", ref}});
    };
    CHECK(fits_app("repo:example-org/app:ref:refs/heads/main", "refs/heads/main"));
    CHECK(fits_app("repo:example-org/app:*", "refs/heads/main"));
    for (const char* sub :
         {"repo:example-org/app:", "repo:example-org/app", "repo:example-org/app-evil:x",
          "repo:mallory/app:x", "repo:Example-org/app:x", " repo:example-org/app:x",
          "x:repo:example-org/app:x", ""})
        CHECK_FALSE(fits_app(sub, "refs/heads/main"));
    for (const char* ref : {"refs/heads/main2", "refs/heads/mai", "refs/heads/Main", "", "*"})
        CHECK_FALSE(fits_app("repo:example-org/app:x", ref));
}

TEST_CASE("only text fits") {
    const ClaimPatterns wanted = patterns({"sub=a", "level=1", "on=true"});
    const auto with = [&](const char* name, const Json& value) {
        Json claims = {{"sub", "a"}, {"level", "1"}, {"on", "true"}};
        claims[name] = value;
        return fits(wanted, claims);
    };
    CHECK(with("level", "1"));
    for (const Json& value : {Json(1), Json({"1"}), Json(), Json(Json::object()), Json(1.0)})
        CHECK_FALSE(with("level", value));
    CHECK_FALSE(with("on", true));
    CHECK_FALSE(fits(wanted, {{"sub", "a"}, {"level", "1"}}));
    CHECK_FALSE(fits(wanted, Json::object()));
    CHECK_FALSE(fits(patterns({"sub=a/b/*"}), {{"sub", "a/b/" + std::string(1024, 'x')}}));
}

TEST_CASE("a star is at the end, behind a name that is whole") {
    CHECK(refusal_of_words({"sub=repo:org/app:*"}).empty());
    CHECK(refusal_of_words({"sub=system:serviceaccount:*"}).empty());
    CHECK(refusal_of_words({"sub=a", "ref=refs/tags/*"}).empty());
    for (const char* pattern : {"sub=*", "sub=repo:org/app*", "sub=repo:*:x", "sub=a:**",
                                "sub=a:*/*", "sub=org/app-*", "sub=*:x"})
        CHECK(refusal_of_words({pattern}).find("it may have one '*', at its end") !=
              std::string::npos);
    CHECK_FALSE(refusal_of_words({"sub=a", "ref=*"}).empty());
    CHECK_FALSE(refusal_of_words({"sub=a", "ref=v*"}).empty());
}

TEST_CASE("a rule says who the workload is") {
    CHECK_FALSE(refusal_of_words({}).empty());
    CHECK_FALSE(refusal_of_words({"ref=refs/heads/main"}).empty());
    // Everybody has such a subject.
    CHECK(refusal_of_words({"sub=repo:*"}) == "'repo:*' fits every workload of the issuer");
    CHECK_FALSE(refusal_of_words({"sub=org/*", "repository=org/*"}).empty());
    CHECK(refusal_of_words({"sub=repo:*", "repository_owner=example-org"}).empty());
    CHECK(refusal_of_words({"sub=org/example/*"}).empty());
}

TEST_CASE("claims that make no rule") {
    for (const char* word : {"sub", "sub=", "=x", "", "sub=a\nb", "su\tb=a"})
        CHECK_FALSE(refusal_of_words({word}).empty());
    CHECK_FALSE(refusal_of_words({"sub=a", "sub=b"}).empty());
    for (const char* name : {"iss", "aud", "exp", "nbf", "iat", "jti"})
        CHECK_FALSE(refusal_of_words({"sub=a", std::string(name) + "=1"}).empty());
    CHECK_FALSE(refusal_of_words({"sub=" + std::string(1025, 'a')}).empty());
    CHECK_FALSE(refusal_of_words({"sub=" + std::string(1000, 'a'), "x=" + std::string(1000, 'a'),
                                  "y=" + std::string(100, 'a')})
                    .empty());
    CHECK(patterns({"sub=a=b"}).at("sub") == "a=b");
}

TEST_CASE("the narrowest rule decides, and no other") {
    const auto narrowest_of = [](const std::vector<WorkloadRule>& rules) {
        const WorkloadRule* found = narrowest(rules);
        return found == nullptr ? "" : Json(found->claims).dump();
    };
    const WorkloadRule organisation = rule_of({"sub=repo:org/*"});
    const WorkloadRule app = rule_of({"sub=repo:org/app:*"});
    const WorkloadRule main = rule_of({"sub=repo:org/app:*", "ref=refs/heads/main"});
    const WorkloadRule exact = rule_of({"sub=repo:org/app:x", "ref=refs/heads/main"});
    const WorkloadRule environment = rule_of({"sub=repo:org/app:*", "environment=production"});
    CHECK(narrowest_of({}).empty());
    CHECK(narrowest_of({app}) == R"({"sub":"repo:org/app:*"})");
    CHECK(narrowest_of({organisation, main, app}) == Json(main.claims).dump());
    CHECK(narrowest_of({exact, organisation, main}) == Json(exact.claims).dump());
    CHECK(narrowest_of({main, environment}).empty());
    CHECK(narrowest_of({main, app, environment}).empty());
    CHECK(is_narrower(main.claims, app.claims));
    CHECK_FALSE(is_narrower(app.claims, main.claims));
    CHECK_FALSE(is_narrower(organisation.claims, app.claims));
    CHECK_FALSE(is_narrower(patterns({"sub=repo:org/app:"}), app.claims));
}
