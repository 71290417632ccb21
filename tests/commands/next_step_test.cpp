#include "cli/next_step.h"
#include "support/catch.h"
#include "support/test_world.h"

using namespace auth;
using test::TestWorld;

namespace {

const NextStep keys{"key list"};
const NextStep verify{"verify", {"ann@example.org", "--resend"}};

} // namespace

TEST_CASE("a next step is a line of shell") {
    CHECK(as_typed(keys, {}) == "auth-cli key list");
    CHECK(as_typed(verify, {}) == "auth-cli verify ann@example.org --resend");
    CHECK(as_typed({"list", {"--where", "created<-30d and name=O'Neil"}}, {}) ==
          R"(auth-cli list --where 'created<-30d and name=O'\''Neil')");
    CHECK(as_typed({"show", {""}}, {}) == "auth-cli show ''");
    CHECK(as_typed({"import", {"x.csv", "--allow", "hashes,mfa"}}, {}) ==
          "auth-cli import x.csv --allow hashes,mfa");
    // What is to be filled in stays bare.
    CHECK(as_typed({"config set", {"token.issuer", "https://HOST"}}, {}) ==
          "auth-cli config set token.issuer https://HOST");
}

TEST_CASE("a next step carries the flags of this call") {
    const GivenFlags all{"my keys.db", "a'b.key", "work", "t.token"};
    CHECK(as_typed(verify, all) ==
          R"(auth-cli verify ann@example.org --resend --db 'my keys.db' --key-file 'a'\''b.key')"
          " --profile work --token-file t.token");
    CHECK(as_typed(keys, {.profile = "work"}) == "auth-cli key list --profile work");
    // A value that looks like a flag.
    CHECK(as_typed(keys, {.db = "-x.db"}) == "auth-cli key list '--db=-x.db'");
    // What follows a -- is not ours.
    CHECK(as_typed({"exec", {"--", "CMD"}}, {.db = "x.db"}) == "auth-cli exec --db x.db -- CMD");
    CHECK(as_typed({"exec", {"--", "CMD", "--db"}}, {.db = "x.db"}) ==
          "auth-cli exec --db x.db -- CMD --db");
}

TEST_CASE("a next step on another database gets neither that flag nor the key file") {
    const GivenFlags given{.db = "x.db", .key_file = "x.key", .profile = "work"};
    CHECK(as_typed({"db init", {"--test", "--db", "test.db"}}, given) ==
          "auth-cli db init --test --db test.db --profile work");
    CHECK(as_typed({"db init", {"--db=test.db"}}, given) ==
          "auth-cli db init '--db=test.db' --profile work");
    CHECK(as_typed({"login", {"--profile", "other"}}, given) ==
          "auth-cli login --profile other --db x.db --key-file x.key");
}

TEST_CASE("help, completion and version are the same for every database") {
    const GivenFlags given{.db = "x.db", .key_file = "x.key", .profile = "work"};
    CHECK(as_typed({"help", {"audit"}}, given) == "auth-cli help audit");
    CHECK(as_typed({"completion", {"bash"}}, given) == "auth-cli completion bash");
    CHECK(as_typed({"version"}, given) == "auth-cli version");
    CHECK(as_typed({"list", {"--help"}}, given) == "auth-cli list --help");
}

TEST_CASE("no password of a database URL is shown") {
    CHECK(as_typed(keys, {.db = "postgresql://ann:secret@host/x"}).find("secret") ==
          std::string::npos);
}

TEST_CASE("a hint is words, commands or both") {
    CHECK(in_words(Hint(), {}).empty());
    CHECK(in_words("edit the file", {.db = "x.db"}) == "edit the file");
    CHECK(in_words(keys, {.db = "x.db"}) == "auth-cli key list --db x.db");
    CHECK(in_words({"ask an operator to run", NextStep{"unlock", {"EMAIL"}}}, {}) ==
          "ask an operator to run: auth-cli unlock EMAIL");
    CHECK(in_words(std::vector{keys, verify}, {.db = "x.db"}) ==
          "auth-cli key list --db x.db, or auth-cli verify ann@example.org --resend --db x.db");
}

TEST_CASE("only what was given as a flag is given again") {
    Settings settings;
    settings.set_layer(SettingSource::environment, {{"db", "env.db"}, {"profile", "env"}});
    settings.set_layer(SettingSource::flag, {{"key_file", "k"}, {"profile", "work"}});
    const GivenFlags given = given_flags(settings);
    CHECK(given.db.empty());
    CHECK(given.key_file == "k");
    CHECK(given.profile == "work");
    CHECK(given.token_file.empty());
}

TEST_CASE("documents and errors have next steps as text") {
    TestWorld world;
    const Json made =
        world.must({"--profile", "work", "create", "ann@example.org", "--no-password", "--json"})
            .document();
    CHECK(made.at("next") == Json::array({"auth-cli verify ann@example.org --profile work"}));
    CHECK(world.must({"create", "bob@example.org", "--no-password"}).err ==
          "created bob@example.org; next: auth-cli verify bob@example.org\n");
    const auto refused = world.run({"show", "eve@example.org", "--profile", "work", "--json"});
    CHECK(refused.problem().at("hint") == "auth-cli list --profile work");
    CHECK(world.run({"show", "--profile", "work"})
              .err.ends_with("auth-cli: hint: auth-cli show --help\n"));
}
