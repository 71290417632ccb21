#include "core/settings/setting.h"
#include "core/settings/settings.h"
#include "core/settings/settings_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;

namespace {

const SettingDefinition& definition(std::string_view name) {
    const auto found = find_setting(name);
    REQUIRE(found);
    return **found;
}

std::string canonical(std::string_view name, std::string_view value, bool relaxed = false) {
    const auto good = canonical_setting(definition(name), value, relaxed);
    if (!good) {
        CHECK(good.error().code == ErrorCode::usage);
        CHECK(good.error().field == name);
    }
    return good ? *good : "refused";
}

} // namespace

TEST_CASE("a setting's value comes from the strongest source that gives one") {
    Settings settings;
    CHECK(settings.get(setting<"profile">) == "default");
    CHECK(settings.value(setting<"profile">).source == SettingSource::fallback);
    const SettingSource weakest_first[] = {SettingSource::database, SettingSource::config_file,
                                           SettingSource::profile_rule, SettingSource::environment,
                                           SettingSource::flag};
    for (const SettingSource source : weakest_first) {
        const std::string value(to_name(source));
        settings.set_layer(source, {{"profile", value}});
        CHECK(settings.get(setting<"profile">) == value);
        CHECK(settings.value(setting<"profile">).source == source);
    }
    settings.set_layer(SettingSource::flag, {{"profile", ""}});
    CHECK(settings.value(setting<"profile">).source == SettingSource::environment);
}

TEST_CASE("every default is a value that its setting takes") {
    for (const SettingDefinition& each : setting_definitions()) {
        CAPTURE(each.name);
        CHECK_FALSE(each.meaning.empty());
        if (!each.fallback.empty())
            CHECK(canonical(each.name, each.fallback) == each.fallback);
    }
}

TEST_CASE("every limit comes with its unit and its reason") {
    for (const SettingDefinition& each : setting_definitions()) {
        CAPTURE(each.name);
        const bool number = each.kind == SettingKind::integer;
        const bool bounded = number || each.kind == SettingKind::duration;
        CHECK((each.range.minimum < each.range.maximum) == bounded);
        CHECK(each.unit.empty() != number);
        CHECK(each.choices.empty() != (each.kind == SettingKind::choice));
        CHECK(each.why.empty() != (bounded || each.off_in_test_databases_only));
    }
}

TEST_CASE("a handle knows its setting and the type of its values") {
    const Settings settings;
    STATIC_REQUIRE(std::is_same_v<decltype(settings.get(setting<"profile">)), std::string>);
    STATIC_REQUIRE(std::is_same_v<decltype(settings.get(setting<"no_input">)), bool>);
    STATIC_REQUIRE(std::is_same_v<decltype(settings.get(setting<"codes.digits">)), std::int64_t>);
    STATIC_REQUIRE(std::is_same_v<decltype(settings.get(setting<"session.idle">)), Seconds>);
    CHECK(setting<"session.idle">.name() == "session.idle");
    CHECK(settings.get(setting<"session.idle">) == Seconds(600));
    CHECK_FALSE(settings.given(setting<"token.audience">));
    CHECK(settings.get(setting<"token.audience">).empty());
    CHECK(settings.is_default(setting<"profile">));
}

TEST_CASE("values have one spelling") {
    CHECK(canonical("no_input", "on") == "true");
    CHECK(canonical("no_input", "yes") == "true");
    CHECK(canonical("no_input", "0") == "false");
    CHECK(canonical("session.idle", "300s") == "5m");
    CHECK(canonical("session.max", "24h") == "1d");
    CHECK(canonical("codes.digits", "08") == "8");
    CHECK(canonical("output", "json") == "json");
    CHECK(canonical("token.issuer", "https://id.example.org") == "https://id.example.org");
}

TEST_CASE("wrong values are refused") {
    const std::pair<const char*, const char*> wrong[] = {
        {"no_input", "maybe"},        {"no_input", ""},
        {"codes.digits", "3"},        {"codes.digits", "11"},
        {"codes.digits", "7.5"},      {"codes.digits", "seven"},
        {"codes.digits", "7 "},       {"codes.digits", "+7"},
        {"codes.digits", "0x7"},      {"codes.digits", "99999999999999999999"},
        {"session.idle", "0s"},       {"session.idle", "61m"},
        {"session.idle", "10"},       {"session.idle", "-5m"},
        {"output", "yaml"},           {"output", "JSON"},
        {"token.algorithm", "none"},  {"token.issuer", "a\nb"},
        {"token.issuer", "\xff"},     {"password.min_length", "14"},
        {"password.memory", "8"},     {"codes.tries", "6"},
        {"codes.resend_gap", "59s"},  {"lockout.waits", "false"},
        {"password.blocklist", "off"}};
    for (const auto& [name, value] : wrong) {
        CAPTURE(name, value);
        CHECK(canonical(name, value) == "refused");
    }
}

TEST_CASE("a list of names has one spelling") {
    CHECK(canonical("token.claims", "name,email") == "email,name");
    CHECK(canonical("token.claims", "email,name,email") == "email,name");
    CHECK(canonical("token.claims", "https://example.org/team") == "https://example.org/team");
    CHECK(canonical("token.claims", std::string(64, 'x')) == std::string(64, 'x'));
    for (const char* value : {"", ",", "email,", ",email", "email,,name", "e mail", "email, name",
                              "email\n", "\u00e9", "a\x7f"}) {
        CAPTURE(value);
        CHECK(canonical("token.claims", value) == "refused");
    }
    CHECK(canonical("token.claims", std::string(65, 'x')) == "refused");
}

TEST_CASE("what tokens say of client and scope is one line") {
    CHECK(canonical("token.client_id", "shop") == "shop");
    CHECK(canonical("token.scope", "openid profile") == "openid profile");
    CHECK(canonical("token.client_id", "a\nb") == "refused");
    CHECK(canonical("token.scope", "a\x1b") == "refused");
    const Settings settings;
    CHECK(settings.get(setting<"token.client_id">) == "auth-cli");
    CHECK(settings.get(setting<"token.scope">).empty());
    CHECK(settings.get(setting<"token.claims">).empty());
}

TEST_CASE("a mistyped choice is guessed") {
    const auto refused = canonical_setting(definition("output"), "jsno", false);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message ==
          "invalid value 'jsno' for output: must be one of text, json, jsonl, plain");
    CHECK(refused.error().hint == "did you mean 'json'?");
}

TEST_CASE("only a test database goes below a floor, and no database above a ceiling") {
    CHECK(canonical("password.min_length", "1", true) == "1");
    CHECK(canonical("codes.resend_gap", "0s", true) == "0s");
    CHECK(canonical("lockout.waits", "false", true) == "false");
    CHECK(canonical("codes.tries", "6", true) == "refused");
    CHECK(canonical("session.idle", "2h", true) == "refused");
    CHECK(canonical("codes.digits", "0", true) == "refused");
}

TEST_CASE("a session limit of nothing is refused even where policy is relaxed") {
    // A session that lasts no time cannot be stored.
    CHECK(canonical("session.idle", "0s", true) == "refused");
    CHECK(canonical("session.max", "0s", true) == "refused");
}

TEST_CASE("an unknown setting is not found, and the nearest is named") {
    const auto refused = find_setting("session.idel");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::not_found);
    CHECK(refused.error().hint == "did you mean 'session.idle'?");
    CHECK(find_setting("nothing.like.it").error().hint == NextStep{"config list"});
}

TEST_CASE("a config file is one flat object of known settings") {
    const auto texts = parse_config(R"({"profile": "work", "codes.digits": 8, "no_input": true})");
    REQUIRE(texts);
    CHECK(*texts == SettingTexts{{"profile", "work"}, {"codes.digits", "8"}, {"no_input", "true"}});
    const char* const wrong[] = {"",
                                 "[]",
                                 "null",
                                 R"({"profile": "a", "profile": "b"})",
                                 R"({"profil": "work"})",
                                 R"({"profile": null})",
                                 R"({"profile": ["a"]})",
                                 R"({"codes.digits": 7.5})",
                                 R"({"codes": {"digits": 7}})"};
    for (const char* text : wrong) {
        CAPTURE(text);
        REQUIRE_FALSE(parse_config(text));
        CHECK(parse_config(text).error().code == ErrorCode::usage);
    }
    CHECK(parse_config(R"({"profil": "work"})").error().hint == "did you mean 'profile'?");
}

TEST_CASE("a config file is read as it was written") {
    const SettingTexts texts{{"profile", "a \"quoted\" name"}, {"output", "json"}};
    CHECK(*parse_config(write_config(texts)) == texts);
    CHECK(parse_config(write_config({}))->empty());
}

TEST_CASE("checking names the setting and where its value came from") {
    Settings settings;
    settings.set_layer(SettingSource::environment, {{"output", "yaml"}});
    const Status checked = settings.check(false);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == ErrorCode::usage);
    CHECK(checked.error().field == "output");
    CHECK(checked.error().message.find("(from AUTH_CLI_OUTPUT)") != std::string::npos);

    settings.set_layer(SettingSource::environment, {});
    settings.set_layer(SettingSource::config_file, {{"password.min_length", "4"}});
    CHECK_FALSE(settings.check(false));
    CHECK(settings.check(true));
}

TEST_CASE("canonical values are what is read") {
    Settings settings;
    settings.set_layer(SettingSource::flag, {{"session.idle", "300s"}, {"no_input", "yes"}});
    settings.canonicalise();
    CHECK(settings.value(setting<"session.idle">).text == "5m");
    CHECK(settings.get(setting<"session.idle">) == Seconds(300));
    CHECK(settings.get(setting<"no_input">));
    CHECK(settings.get(setting<"codes.digits">) == 7);
}

TEST_CASE("the database keeps settings and tells whether one changed") {
    test::TestRealm realm;
    {
        Transaction transaction(realm.database());
        CHECK(settings_table::put(realm.database(), setting<"session.idle">, "5m",
                                  realm.clock.now()));
        CHECK_FALSE(settings_table::put(realm.database(), setting<"session.idle">, "5m",
                                        realm.clock.now()));
        CHECK(settings_table::put(realm.database(), setting<"session.idle">, "6m",
                                  realm.clock.now()));
        transaction.commit();
    }
    realm.reopen();
    CHECK(settings_table::load(realm.database()) == SettingTexts{{"session.idle", "6m"}});
    Transaction transaction(realm.database());
    CHECK(settings_table::remove(realm.database(), setting<"session.idle">));
    CHECK_FALSE(settings_table::remove(realm.database(), setting<"session.idle">));
    CHECK(settings_table::load(realm.database()).empty());
}
