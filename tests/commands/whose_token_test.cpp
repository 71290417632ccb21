// Who signed, in whose name, as what, and of whom: what token verify, whoami and exec make of each.
#include "core/jose/jose.h"
#include "support/catch.h"
#include "support/test_world.h"

#include <fmt/format.h>

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

const char* const ours = "auth-cli";
const char* const theirs = "https://partner.example";
const char* const secret = "a secret of at least thirty-two bytes";

enum class By { own, retired, revoked, public_half, private_half, shared };

// Its name is typed as an argument, and must not look like a flag.
SigningKey nameable_key() {
    SigningKey key = SigningKey::generate(Algorithm::es256);
    while (key.kid().starts_with('-'))
        key = SigningKey::generate(Algorithm::es256);
    return key;
}

// Ann's login of each state of hers, and a key of each kind.
struct Place : TestWorld {
    explicit Place(By by) {
        if (by == By::shared) {
            must({"config", "set", "token.secret_file", file("secret", secret).string()});
            must({"config", "set", "token.secret_issuer", theirs});
            must({"config", "set", "token.algorithm", "HS256"});
        }
        if (by == By::own || by == By::retired || by == By::revoked) {
            const Secret jwk = key.private_jwk();
            must({"key", "import", file("ours.jwk", jwk.reveal()).string()});
        }
        type("some password")
            .must({"create", "ann@example.org", "--password-stdin", "--verified", "--login"});
        std::string token = must({"token", "print"}).out;
        token.pop_back();
        claims = parse_token(token)->claims;
        claims["aud"] = ours;
        bring(by);
    }
    void bring(By by) {
        const Secret jwk = key.private_jwk();
        if (by == By::retired) {
            must({"key", "rotate"});
            clock.advance(std::chrono::hours(13));
            claims["exp"] = unix_seconds(clock.now()) + 600;
        } else if (by == By::revoked) {
            must({"key", "revoke", key.kid()});
        } else if (by == By::public_half) {
            must({"key", "import", file("p.jwk", key.public_jwk().dump()).string(), "--issuer",
                  theirs});
        } else if (by == By::private_half) {
            must({"key", "import", file("p.jwk", jwk.reveal()).string(), "--issuer", theirs});
        } else if (by == By::shared) {
            key = *SigningKey::from_shared_secret(Secret(std::string_view(secret)));
        }
    }
    std::string token(std::string_view in_name_of, std::string_view type) const {
        Json said = claims;
        if (in_name_of == "theirs" || in_name_of == "mixed")
            said["iss"] = theirs; // mixed: with our user, session, audience and client
        if (in_name_of == "none")
            said.erase("iss");
        if (in_name_of == "theirs")
            for (const char* name : {"sid", "client_id", "roles"})
                said.erase(name);
        return sign_token(key, type, said);
    }
    bool accepted(const std::string& token, const std::vector<std::string>& command) {
        environment["AUTH_CLI_TOKEN"] = token;
        const Outcome outcome = run(command);
        environment.erase("AUTH_CLI_TOKEN");
        // Here exec finds no program, once the token was good enough to look for one.
        const bool good = outcome.exit == (command.front() == "exec" ? 127 : 0);
        CHECK((good || outcome.exit == 5 || outcome.exit == 6));
        return good;
    }

    SigningKey key = nameable_key();
    Json claims;
};

// Columns: at+jwt, JWT, no type, id+jwt. "a": while the user is active; "+": whatever the user is,
// since the token is not about ours; ".": never.
struct Row {
    By by;
    const char* in_name_of;
    const char* verify;
    const char* act;
};
const std::vector<Row> table{
    {By::own, "ours", "a...", "a..."},          {By::own, "theirs", "....", "...."},
    {By::own, "none", "....", "...."},          {By::own, "mixed", "....", "...."},
    {By::retired, "ours", "....", "...."},      {By::retired, "theirs", "....", "...."},
    {By::retired, "none", "....", "...."},      {By::retired, "mixed", "....", "...."},
    {By::revoked, "ours", "....", "...."},      {By::revoked, "theirs", "....", "...."},
    {By::revoked, "none", "....", "...."},      {By::revoked, "mixed", "....", "...."},
    {By::public_half, "ours", "....", "...."},  {By::public_half, "theirs", ".++.", "...."},
    {By::public_half, "none", "....", "...."},  {By::public_half, "mixed", ".++.", "...."},
    {By::private_half, "ours", "....", "...."}, {By::private_half, "theirs", ".++.", "...."},
    {By::private_half, "none", "....", "...."}, {By::private_half, "mixed", ".++.", "...."},
    {By::shared, "ours", "a...", "a..."},       {By::shared, "theirs", ".++.", "...."},
    {By::shared, "none", "....", "...."},       {By::shared, "mixed", ".++.", "...."},
};
const std::vector<std::string> types{"at+jwt", "JWT", "", "id+jwt"};

} // namespace

TEST_CASE("a token is worth what its key may say, as what it is, of whom") {
    for (const char* user : {"active", "disabled", "deleted"}) {
        for (const Row& row : table) {
            Place place(row.by);
            if (std::string_view(user) == "disabled")
                place.must({"disable", "ann@example.org"});
            if (std::string_view(user) == "deleted")
                place.must({"delete", "ann@example.org", "--yes"});
            for (std::size_t i = 0; i < types.size(); ++i) {
                INFO(fmt::format("key {} name {} typ '{}' user {}", static_cast<int>(row.by),
                                 row.in_name_of, types[i], user));
                const auto due = [&](const char* cells) {
                    return cells[i] == '+' ||
                           (cells[i] == 'a' && std::string_view(user) == "active");
                };
                const std::string token = place.token(row.in_name_of, types[i]);
                CHECK(place.accepted(token, {"token", "verify", "--aud", ours}) == due(row.verify));
                CHECK(place.accepted(token, {"whoami", "--no-refresh"}) == due(row.act));
                CHECK(place.accepted(token, {"exec", "--", "true"}) == due(row.act));
            }
        }
    }
}
