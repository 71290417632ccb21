// Which token opens what: one for each pair of a key, claims, a type and a user's state, judged by
// `token verify`, `whoami` and `exec`. The answers are in tests/data/token-trust.txt.
#include "core/jose/jose.h"
#include "core/keys/signing_key.h"
#include "core/store/meta_table.h"
#include "core/store/sqlite/sqlite_database.h"
#include "support/catch.h"
#include "support/data.h"
#include "support/logged_in.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <sstream>

using namespace auth;
using test::Outcome;

namespace {

const char* const ann = "ann@example.org";
const char* const partner = "https://partner.example";
const char* const secret = "a secret of at least thirty-two bytes";

constexpr std::array user_states = {"active", "disabled", "deleted"};
constexpr std::array claim_sets = {"ours", "theirs", "none", "mixed"};
constexpr std::array types = {"at+jwt", "JWT", "none", "id+jwt"};

// Ann has a live session, and whoever makes tokens has a key of each kind.
struct Tokens : test::LoggedIn {
    std::map<std::string, SigningKey> keys;
    Json ours;

    Tokens() {
        keys.emplace("retired", current_key());
        must({"key", "rotate"});
        clock.advance(std::chrono::hours(24 * 90)); // longer than any session of its time
        keys.emplace("rotated", current_key());
        must({"key", "rotate"});
        keys.emplace("revoked", current_key());
        must({"key", "rotate"});
        keys.emplace("ours", current_key());
        must({"key", "revoke", keys.at("revoked").kid()});
        import("imported public", false, {"--issuer", partner});
        import("imported private", true, {});
        import("imported private of an issuer", true, {"--issuer", partner});
        must({"config", "set", "token.secret_file", file("secret", secret).string()});
        must({"config", "set", "token.secret_issuer", partner});
        keys.emplace("shared secret", *SigningKey::from_shared_secret(Secret(secret)));
        type("some password").must({"login", ann, "--password-stdin"});
        std::string token = must({"token", "print"}).out;
        token.pop_back();
        ours = parse_token(token)->claims;
    }
    SigningKey current_key() {
        const auto opened = SqliteDatabase::open(database()).value();
        const auto meta = meta_table::load(*opened).value();
        const Vault vault(database().parent_path() / "auth.key", meta.database_id, meta.key_check);
        const Settings settings;
        Realm realm{.database = *opened,
                    .vault = vault,
                    .settings = settings,
                    .clock = clock,
                    .random = random,
                    .actor = nullptr};
        return *current_signing_key(realm);
    }
    void import(const std::string& name, bool with_private, std::vector<std::string> more) {
        const SigningKey key = SigningKey::generate(Algorithm::es256);
        const Secret jwk = with_private ? key.private_jwk() : Secret(key.public_jwk().dump());
        more.insert(more.begin(), {"key", "import", file(name, jwk.reveal()).string()});
        must(more);
        keys.emplace(name, key);
    }
    void bring(std::string_view state) {
        if (state == "disabled")
            must({"disable", ann});
        else if (state == "deleted")
            must({"delete", ann, "--yes"});
    }
    // "mixed" are another issuer's about a session of ours.
    [[nodiscard]] Json claims(std::string_view whose) const {
        if (whose == "ours")
            return ours;
        if (whose == "none")
            return {{"exp", ours.at("exp")}};
        if (whose == "theirs")
            return {{"iss", partner}, {"sub", "7"}, {"exp", ours.at("exp")}};
        Json mixed = ours;
        mixed["iss"] = partner;
        return mixed;
    }
    static std::string reason(const Outcome& outcome) {
        const auto problem = outcome.problem();
        const std::string why =
            problem.at("reason").is_null() ? "" : problem.at("reason").get<std::string>();
        return why.empty() ? problem.at("code").get<std::string>() : why;
    }
    std::string answers(const std::string& token) {
        const Outcome verified = run({"token", "verify", token, "--json"});
        environment["AUTH_CLI_TOKEN"] = token;
        const Outcome who = run({"whoami", "--json"});
        became.reset();
        const Outcome executed = run({"exec", "--json", "--", "deploy"});
        environment.erase("AUTH_CLI_TOKEN");
        return fmt::format("{} {} {}", verified.exit == 0 ? "ok" : reason(verified),
                           who.exit == 0 ? "ok" : reason(who),
                           became && became->value == token ? "ok" : reason(executed));
    }
};

// "key | claims | type" and the answers for each state of the user.
std::map<std::string, std::vector<std::string>> all_answers() {
    std::map<std::string, std::vector<std::string>> out;
    for (const char* state : user_states) {
        Tokens world;
        world.bring(state);
        for (const auto& [name, key] : world.keys)
            for (const char* whose : claim_sets)
                for (const char* type : types) {
                    const std::string typ = type == std::string("none") ? "" : type;
                    out[fmt::format("{} | {} | {}", name, whose, type)].push_back(
                        world.answers(sign_token(key, typ, world.claims(whose))));
                }
    }
    return out;
}

} // namespace

TEST_CASE("what each token opens") {
    std::map<std::string, std::string> expected;
    std::istringstream lines(data_file("token-trust.txt"));
    for (std::string line; std::getline(lines, line);) {
        const std::size_t end = line.find(" => ");
        if (!line.starts_with('#') && end != std::string::npos)
            expected[line.substr(0, end)] = line.substr(end + 4);
    }
    const auto answers = all_answers();
    CHECK(answers.size() == 8 * claim_sets.size() * types.size());
    for (const auto& [token, found] : answers)
        CHECK(token + " => " + expected[token] ==
              fmt::format("{} => {}", token, fmt::join(found, " | ")));
    CHECK(expected.size() == answers.size());
}
