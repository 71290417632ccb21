#include "core/settings/profile_rules.h"
#include "core/settings/setting.h"
#include "support/catch.h"

using namespace auth;

TEST_CASE("profile rules are a list of directories and profiles", "[profile_rules]") {
    const char* const text = R"([{"directory":"~/jobs/","profile":"work"},)"
                             R"({"directory":"/srv/shop","profile":"shop-1"}])";
    const auto rules = parse_profile_rules(text);
    REQUIRE(rules);
    REQUIRE(rules->size() == 2);
    CHECK(rules->front().directory == "~/jobs/");
    CHECK(rules->back().profile == "shop-1");
    CHECK(to_text(*rules) == text);
    CHECK(canonical_setting(setting<"profile_rules">, text, false) == text);
    CHECK(parse_profile_rules("[]")->empty());
    for (const char* directory :
         {"/", "~", "~/", "~/two words", "//srv//shop", "~/.config", "~/a.b"}) {
        CAPTURE(directory);
        CHECK(parse_profile_rules(to_text({{directory, "work"}})));
    }
}

TEST_CASE("profile rules that mean nothing are refused", "[profile_rules]") {
    const char* const wrong[] = {"",
                                 "{}",
                                 R"({"~/jobs/": "work"})",
                                 R"(["~/jobs/"])",
                                 R"([{"directory": "~/jobs/"}])",
                                 R"([{"profile": "work"}])",
                                 R"([{"directory": "~/jobs/", "profile": 1}])",
                                 R"([{"directory": "~/a", "profile": "a", "user": "x"}])",
                                 R"([{"directory": "~/a", "profile": "a"},)"
                                 R"( {"directory": "~/a", "profile": "b"}])"};
    for (const char* text : wrong) {
        CAPTURE(text);
        REQUIRE_FALSE(parse_profile_rules(text));
        CHECK(parse_profile_rules(text).error().code == ErrorCode::usage);
        CHECK_FALSE(canonical_setting(setting<"profile_rules">, text, false));
    }
    for (const char* directory : {"", "jobs", "./jobs", "~ann/jobs", "~/jobs/*", "~/jobs/**",
                                  "~/jobs/../play", "/srv/./shop", "~/a\nb"}) {
        CAPTURE(directory);
        CHECK_FALSE(parse_profile_rules(to_text({{directory, "work"}})));
    }
    for (const char* profile : {"", "../x", "a/b", ".hidden", "-x"}) {
        CAPTURE(profile);
        CHECK_FALSE(parse_profile_rules(to_text({{"~/jobs", profile}})));
    }
}

TEST_CASE("a config file keeps profile rules as a list", "[profile_rules]") {
    const auto texts =
        parse_config(R"({"profile_rules": [{"directory": "~/jobs/", "profile": "work"}]})");
    REQUIRE(texts);
    CHECK(texts->at("profile_rules") == R"([{"directory":"~/jobs/","profile":"work"}])");
    CHECK(*parse_config(write_config(*texts)) == *texts);
    CHECK(write_config(*texts).find(R"("directory": "~/jobs/")") != std::string::npos);
    CHECK_FALSE(parse_config(R"({"profile_rules": {"~/jobs/": "work"}})"));
    // A program may be a text as well.
    const SettingTexts command{{"key_command", "/usr/bin/pass"}};
    CHECK(*parse_config(write_config(command)) == command);
}
