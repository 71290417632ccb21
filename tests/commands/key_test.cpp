#include "cli/output/fields.h"
#include "support/catch.h"
#include "support/test_world.h"

#include <filesystem>
#include <regex>

using namespace auth;
using test::keys;
using test::Outcome;
using test::TestWorld;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;
using Words = std::vector<std::string>;

template <class Fields> Names names_of(const Fields& fields) {
    Names names;
    for (const Member& member : fields)
        names.emplace_back(member.name);
    return names;
}

// RFC 8037, A.1.
const char* const ed25519 = R"({"kty":"OKP","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";

struct Keys : TestWorld {
    Json json(Words words) {
        words.emplace_back("--json");
        return must(words).document();
    }
    Names kids() {
        Names out;
        const Json list = json({"key", "list"});
        for (const Json& key : list.at("keys"))
            out.push_back(key.at("kid"));
        return out;
    }
    std::string first = kids().front();
    std::string key_file = file("ed25519.json", ed25519).string();
    std::string out_dir = (home() / "public").string();

    void serve() { must({"config", "set", "token.issuer", "https://id.example.org"}); }
    void add_ann() { must({"create", "ann@example.org", "--no-password", "--verified"}); }
    std::string state() {
        return must({"key", "list", "--json"}).out + must({"audit", "head", "--json"}).out +
               must({"config", "list", "--json"}).out;
    }
};

} // namespace

TEST_CASE("every change of a key answers with the same members") {
    Keys world;
    const std::string kid = world.json({"key", "create", "--alg", "EdDSA"}).at("kid");
    const std::vector<Words> changes{{"key", "create"},
                                     {"key", "rotate"},
                                     {"key", "rotate", "--at", "+1h"},
                                     {"key", "retire", kid},
                                     {"key", "retire", kid},
                                     {"key", "revoke", kid},
                                     {"key", "revoke", kid},
                                     {"key", "import", world.key_file},
                                     {"key", "import", world.key_file},
                                     {"key", "create", "--alg", "HS256"}};
    for (const Words& words : changes) {
        CAPTURE(words);
        const Json document = world.json(words);
        CHECK(keys(document) == names_of(fields::key_change));
        CHECK(document.at("schema") == "auth-cli.key/1");
        CHECK(document.at("changed").is_boolean());
        CHECK(document.at("retired").is_array());
    }
    const Json list = world.json({"key", "list"});
    CHECK(keys(list) == Names{"schema", "keys"});
    Names listed = names_of(fields::key);
    listed.erase(listed.begin());
    CHECK(keys(list.at("keys").front()) == listed);
}

TEST_CASE("every member of what key export answers may be asked for") {
    Keys world;
    world.serve();
    const std::vector<Words> forms{{"key", "export"},
                                   {"key", "export", "--jwk"},
                                   {"key", "export", "--pem"},
                                   {"key", "export", "--discovery", world.out_dir}};
    for (const Words& words : forms) {
        CAPTURE(words);
        const Json document = world.json(words);
        for (const std::string& name : keys(document)) {
            CAPTURE(name);
            Words asked = words;
            asked.insert(asked.end(), {"--field", name});
            CHECK(world.run(asked).exit == 0);
        }
    }
}

TEST_CASE("a dry run of a change of keys says what would be, and leaves all as it is") {
    Keys world;
    world.serve();
    const std::string before = world.state();
    const std::vector<Words> changes{{"key", "create"},
                                     {"key", "create", "--alg", "HS256"},
                                     {"key", "rotate"},
                                     {"key", "rotate", "--alg", "EdDSA"},
                                     {"key", "rotate", "--at", "+1h"},
                                     {"key", "retire", world.first},
                                     {"key", "revoke", world.first},
                                     {"key", "import", world.key_file},
                                     {"key", "export", "--discovery", world.out_dir}};
    for (Words words : changes) {
        CAPTURE(words);
        words.emplace_back("--dry-run");
        CHECK(world.must(words).err.starts_with("dry run: "));
        CHECK(world.json(words).at("changed") == true);
        CHECK(world.state() == before);
    }
    CHECK_FALSE(fs::exists(world.out_dir));
    CHECK_FALSE(fs::exists(world.home() / ".local/share/auth-cli/hs256.secret"));
}

TEST_CASE("no private half leaves by any way out") {
    Keys world;
    world.serve();
    const std::vector<Words> ways{{"key", "import", world.key_file, "--json"},
                                  {"key", "create", "--alg", "PS256", "--json"},
                                  {"key", "list", "--json"},
                                  {"key", "export", "--jwks"},
                                  {"key", "export", "--jwk", world.first},
                                  {"key", "export", "--pem"},
                                  {"key", "export", "--discovery", world.out_dir, "--json"},
                                  {"key", "rotate", "--json"},
                                  {"audit", "list", "--json"}};
    std::string all;
    for (const Words& words : ways) {
        const Outcome said = world.must(words);
        all += said.out + said.err;
    }
    const std::regex private_member(R"re("(d|p|q|dp|dq|qi|k|oth)"|PRIVATE KEY)re");
    const std::regex public_member(R"re("(n|x)")re");
    CHECK_FALSE(std::regex_search(all, private_member));
    CHECK(all.find("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A") == std::string::npos);
    CHECK(std::regex_search(all, public_member)); // so members did pass by
}

TEST_CASE("a rotation to another algorithm signs with it from the same moment") {
    Keys world;
    const Json made = world.json({"key", "rotate", "--alg", "EdDSA"});
    CHECK(made.at("signs") == true);
    CHECK(made.at("retired") == Json::array({world.first}));
    world.add_ann();
    const std::string token = world.json({"token", "issue", "ann@example.org"}).at("access_token");
    const Json header = world.json({"token", "decode", token}).at("header");
    CHECK(header.at("kid") == made.at("kid"));
    CHECK(header.at("alg") == "EdDSA");
}

TEST_CASE("a copy of the database without its key file cannot sign") {
    Keys world;
    world.add_ann();
    const std::string token = world.json({"token", "issue", "ann@example.org"}).at("access_token");
    fs::remove(world.home() / ".local/share/auth-cli/auth.key");
    const std::vector<Words> signing{{"token", "issue", "ann@example.org"},
                                     {"key", "create"},
                                     {"key", "rotate"},
                                     {"key", "import", world.key_file}};
    for (Words words : signing) {
        CAPTURE(words);
        words.emplace_back("--json");
        const Outcome refused = world.run(words);
        CHECK(refused.exit == 11);
        CHECK(refused.problem().at("code") == "key_mismatch");
    }
    // What was signed can still be checked.
    CHECK(world.run({"token", "verify", token}).exit == 0);
    CHECK(world.run({"key", "export"}).exit == 0);
    CHECK(world.run({"key", "list"}).exit == 0);
}

TEST_CASE("keys, and tokens for others, are an operator's") {
    Keys world;
    world.add_ann();
    world.secure = true;
    const std::vector<Words> commands{{"key", "list"},
                                      {"key", "create"},
                                      {"key", "rotate"},
                                      {"key", "retire", world.first},
                                      {"key", "revoke", world.first},
                                      {"key", "export"},
                                      {"key", "import", world.key_file},
                                      {"token", "issue", "ann@example.org"}};
    for (Words words : commands) {
        CAPTURE(words);
        words.emplace_back("--json");
        const Outcome refused = world.run(words);
        CHECK(refused.exit == 8);
        CHECK(refused.problem().at("reason") == "operator_only");
    }
    world.secure = false;
    CHECK(world.kids() == Names{world.first});
}

TEST_CASE("what a static issuer serves follows the keys") {
    Keys world;
    world.serve();
    const auto publish = [&] {
        return world.json({"key", "export", "--discovery", world.out_dir}).at("changed");
    };
    CHECK(publish() == true);
    CHECK(publish() == false);
    const std::string second = world.json({"key", "rotate"}).at("kid");
    CHECK(publish() == true);
    CHECK(world.json({"key", "export"}).at("keys").front().at("kid") == second);
    // The retired key is served for as long as its tokens may live.
    world.clock.advance(Seconds(12 * 3600 - 1));
    CHECK(publish() == false);
    world.clock.advance(Seconds(1));
    CHECK(publish() == true);
    world.must({"config", "set", "token.issuer", "https://other.example.org"});
    CHECK(publish() == true);
    CHECK(fs::exists(fs::path(world.out_dir) / "jwks.json"));
    CHECK(fs::exists(fs::path(world.out_dir) / ".well-known/openid-configuration"));
}

TEST_CASE("a database that signs with a shared secret has no key to export") {
    Keys world;
    world.must({"key", "create", "--alg", "HS256"});
    world.must({"config", "set", "token.algorithm", "HS256"});
    world.must({"key", "revoke", world.first});
    CHECK(world.json({"key", "export"}) == Json{{"keys", Json::array()}});
    CHECK(world.must({"key", "export", "--pem"}).out.empty());
    const Outcome none = world.run({"key", "export", "--jwk", "--json"});
    CHECK(none.exit == 7);
    CHECK(none.problem().at("code") == "not_found");
    const Outcome rotated = world.run({"key", "rotate", "--json"});
    CHECK(rotated.exit == 2);
    CHECK(rotated.problem().at("field") == "alg");
}
