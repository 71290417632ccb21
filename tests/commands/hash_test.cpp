#include "support/catch.h"
#include "support/test_world.h"

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

const std::string md5crypt = "$1$peersalt$E.MJg8oGzCfSXSAgFG5ff/";
const std::string cheap_bcrypt = "$2b$04$CX3uGz9oC9FasMSEzmsj4OpBWw7R5yw/t2vk.K5r9Cxz3wMFkCfIy";

} // namespace

TEST_CASE("hash explain says what a hash is, to people and to scripts") {
    TestWorld world;
    const Json shown = world.must({"hash", "explain", md5crypt, "--json"}).document();
    CHECK(test::keys(shown) == std::vector<std::string>{"schema", "scheme", "cost", "strength",
                                                        "milliseconds", "accepted", "reason",
                                                        "rehash"});
    CHECK(shown.at("scheme") == "md5crypt");
    CHECK(shown.at("strength") == "weak");
    CHECK(shown.at("milliseconds").get<double>() > 0);
    CHECK(shown.at("accepted") == true);
    CHECK(shown.at("rehash") == true);
    CHECK(shown.at("reason").is_null());
    CHECK(world.must({"hash", "explain", md5crypt}).out.starts_with("scheme         md5crypt\n"));
    CHECK(world.must({"hash", "explain", md5crypt}).out.find("peersalt") == std::string::npos);
}

TEST_CASE("hash explain reads stdin, or asks") {
    TestWorld world;
    CHECK(world.type(md5crypt + "\n").must({"hash", "explain", "-", "--field", "scheme"}).out ==
          "md5crypt\n");
    CHECK(world.answer("Password hash: ", md5crypt)
              .must({"hash", "explain", "--field", "scheme"})
              .out == "md5crypt\n");
    const Outcome nobody = world.run({"hash", "explain", "--no-input", "--json"});
    CHECK(nobody.exit == 2);
    CHECK(nobody.problem().at("code") == "input_required");
    CHECK(nobody.problem().at("field") == "password_hash");
}

TEST_CASE("hash explain needs no database, and says where one refuses") {
    TestWorld nowhere(TestWorld::Start::with_nothing);
    const Json alone = nowhere.must({"hash", "explain", cheap_bcrypt, "--json"}).document();
    CHECK(alone.at("accepted").is_null());
    CHECK(alone.at("rehash").is_null());
    nowhere.must({"db", "init"});
    const std::string of_tests = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQxMjM0NTY$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const Json refused = nowhere.must({"hash", "explain", of_tests, "--json"}).document();
    CHECK(refused.at("accepted") == false);
    CHECK(refused.at("reason") == "weak_hash");
    CHECK(refused.at("rehash").is_null());
    CHECK(nowhere.must({"hash", "explain", of_tests}).out.find("refuses it: weak_hash") !=
          std::string::npos);

    const Outcome dear = nowhere.run({"hash", "explain", "$2b$16" + cheap_bcrypt.substr(6)});
    CHECK(dear.exit == 8);
    CHECK(nowhere.run({"hash", "explain", "letmein"}).exit == 2);
}

TEST_CASE("a hash that is as new ones are stays") {
    TestWorld world;
    const std::string current = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
                                "E/9XOcEJe3mPXG7g015mjI/Ptw7gpcl7bw+7BNqI9bQ";
    CHECK(world.must({"hash", "explain", current, "--field", "rehash"}).out == "false\n");
}

TEST_CASE("hash calibrate never goes below the floor") {
    TestWorld world(TestWorld::Start::with_nothing);
    const Json quick = world.must({"hash", "calibrate", "--target", "1ms", "--json"}).document();
    CHECK(quick.at("target") == 1);
    CHECK(quick.at("recommended").at("memory") == 19456);
    CHECK(quick.at("recommended").at("passes") == 2);
    CHECK(quick.at("current").at("memory") == 65536);
    CHECK(quick.at("next") == Json({"auth-cli config set password.memory 19456",
                                    "auth-cli config set password.passes 2"}));
    world.must({"db", "init"});
    for (const Json& command : quick.at("next")) {
        const std::string line = command.get<std::string>();
        const std::size_t value = line.rfind(' ');
        const std::size_t name = line.rfind(' ', value - 1);
        world.must(
            {"config", "set", line.substr(name + 1, value - name - 1), line.substr(value + 1)});
    }
    const Json settled = world.must({"hash", "calibrate", "--target", "1ms", "--json"}).document();
    CHECK(settled.at("next").empty());
    CHECK(settled.at("current").at("memory") == 19456);
}

TEST_CASE("hash calibrate spends the time it is given") {
    TestWorld world;
    // A hundred times what a pass takes here, so that a busy machine has the time as well.
    const Json slow = world.must({"hash", "calibrate", "--target", "2s", "--json"}).document();
    const Json& recommended = slow.at("recommended");
    CHECK(recommended.at("memory").get<int>() >= 65536);
    CHECK(recommended.at("memory").get<int>() * recommended.at("passes").get<int>() > 65536);
    for (const char* wrong : {"0ms", "soon", "61s", "0s", "5", "ms", "-5ms", "10m", "60001ms"}) {
        CAPTURE(wrong);
        const Outcome refused = world.run({"hash", "calibrate", "--target", wrong, "--json"});
        CHECK(refused.exit == 2);
        CHECK(refused.problem().at("field") == "target");
    }
}

TEST_CASE("db status counts hashes by kind") {
    TestWorld world;
    world.type("some password").must({"create", "ann@example.org", "--password-stdin"});
    const auto file = world.file("hash", md5crypt);
    world.must({"create", "bob@example.org", "--password-hash-file", file.string()});
    world.must({"create", "cyd@example.org", "--password-hash-file", file.string()});
    const Json hashes = world.must({"db", "status", "--json"}).document().at("hashes");
    CHECK(
        hashes ==
        Json::array(
            {{{"scheme", "md5crypt"}, {"cost", "1000 rounds"}, {"strength", "weak"}, {"users", 2}},
             {{"scheme", "argon2id"},
              {"cost", "m=8 KiB, t=1, p=1"},
              {"strength", "weak"},
              {"users", 1}}}));
    CHECK(world.must({"db", "status"})
              .out.find("hashes        2 md5crypt (1000 rounds): weak\n"
                        "              1 argon2id") != std::string::npos);
}
