// Keys that only check what another service signed must not speak for this database.
#include "core/jose/jose.h"
#include "support/catch.h"
#include "support/logged_in.h"

using namespace auth;
using test::Outcome;

namespace {

const char* const ann = "ann@example.org";
const char* const secret = "a secret of at least thirty-two bytes";

// Ann is logged in, and another service's public key, or a secret it shares, is known here.
struct Beside : test::LoggedIn {
    Beside() {
        std::string token = must({"token", "print"}).out;
        token.pop_back();
        claims = parse_token(token)->claims;
    }
    SigningKey with_public_key() {
        SigningKey key = SigningKey::generate(Algorithm::es256);
        must({"key", "import", file("their.jwk", key.public_jwk().dump()).string(), "--issuer",
              "https://service.example"});
        return key;
    }
    SigningKey with_secret() {
        must({"config", "set", "token.secret_file", file("secret", secret).string()});
        must({"config", "set", "token.secret_issuer", "https://service.example"});
        return *SigningKey::from_shared_secret(Secret(std::string_view(secret)));
    }
    // What the service signs for itself.
    Json theirs() const {
        return {{"iss", "https://service.example"}, {"sub", "7"}, {"exp", claims.at("exp")}};
    }
    Outcome verify(const std::string& token, std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"token", "verify", "-"});
        return type(token).run(more);
    }
    Json claims; // of Ann's own token
};

void check_access_forgery(Beside& world, const SigningKey& key) {
    Json claims = world.claims;
    claims["roles"] = {"admin"};
    for (const char* type : {"at+jwt", "AT+JWT", "application/at+jwt"}) {
        CAPTURE(type);
        const std::string forged = sign_token(key, type, claims);
        CHECK(world.verify(forged).exit == 6);
        CHECK(world.verify(forged, {"--iss", "auth-cli", "--typ", type}).exit == 6);
        CHECK(world.verify(forged + "\n" + forged, {"--jsonl"}).exit == 14);
        world.environment["AUTH_CLI_TOKEN"] = forged;
        CHECK(world.run({"whoami"}).exit == 6);
        CHECK(world.run({"token", "print"}).exit == 6);
        world.environment.erase("AUTH_CLI_TOKEN");
        CHECK(world.run({"token", "revoke", forged}).exit == 6);
        const Json found = world.must({"token", "decode", forged, "--json"}).document();
        CHECK(found.at("status") == "invalid");
        CHECK(found.at("session").is_null());
        CHECK(found.at("user").is_null());
        // It says so of any issuer: only this database's keys sign access tokens here.
        Json elsewhere = claims;
        elsewhere["iss"] = "https://service.example";
        CHECK(world.verify(sign_token(key, type, elsewhere), {"--iss", "https://service.example"})
                  .exit == 6);
    }
    CHECK(world.run({"whoami"}).exit == 0);
}

void check_plain_forgery(Beside& world, const SigningKey& key) {
    Json claims = world.theirs();
    CHECK(world.verify(sign_token(key, "JWT", claims)).exit == 0);
    CHECK(world.verify(sign_token(key, "JWT", claims), {"--iss", "https://service.example"}).exit ==
          0);
    claims["iss"] = "auth-cli";
    for (const char* type : {"JWT", ""}) {
        const std::string forged = sign_token(key, type, claims);
        CHECK(world.verify(forged).exit == 6);
        const Outcome refused = world.verify(forged, {"--iss", "auth-cli", "--json"});
        CHECK(refused.exit == 6);
        CHECK(refused.problem().at("reason") == "wrong_issuer");
    }
}

} // namespace

TEST_CASE("a key that was imported to verify with signs no token of ours") {
    Beside world;
    const SigningKey key = world.with_public_key();
    check_access_forgery(world, key);
    check_plain_forgery(world, key);
}

TEST_CASE("a shared secret that this database does not sign with signs no token of ours") {
    Beside world;
    const SigningKey key = world.with_secret();
    check_access_forgery(world, key);
    check_plain_forgery(world, key);
}

TEST_CASE("a shared secret that this database signs with is good for the service's own tokens") {
    Beside world;
    const SigningKey key = world.with_secret();
    world.must({"config", "set", "token.algorithm", "HS256"});
    Json claims = world.theirs();
    CHECK(world.verify(sign_token(key, "JWT", claims)).exit == 0);
    // In our name it speaks only of sessions that live.
    claims["iss"] = "auth-cli";
    CHECK(world.verify(sign_token(key, "JWT", claims)).exit == 6);
    CHECK(world.verify(sign_token(key, "at+jwt", claims)).exit == 6);
    claims.erase("iss");
    CHECK(world.verify(sign_token(key, "", claims)).exit == 6);
    world.must({"config", "set", "token.secret_issuer", "none"});
    CHECK(world.verify(sign_token(key, "", claims)).exit == 0);
    CHECK(world.verify(sign_token(key, "JWT", world.theirs())).exit == 6);
    world.type("some password").must({"login", ann, "--password-stdin"});
    CHECK(world.must({"token", "verify", "--field", "header.alg"}).out == "HS256\n");
}

TEST_CASE("a session goes on by its refresh token where the shared secret signs no more") {
    Beside world;
    (void)world.with_secret();
    world.must({"config", "set", "token.algorithm", "HS256"});
    world.type("some password").must({"login", ann, "--password-stdin"});
    world.must({"config", "set", "token.algorithm", "ES256"});
    CHECK(world.run({"token", "verify"}).exit == 6);
    world.must({"whoami"});
    CHECK(world.must({"token", "verify", "--field", "header.alg"}).out == "ES256\n");
}

TEST_CASE("with its private half a key signs here, and in no other name") {
    Beside world;
    const SigningKey key = SigningKey::generate(Algorithm::es256);
    const Secret jwk = key.private_jwk();
    world.must({"key", "import", world.file("their.jwk", jwk.reveal()).string()});
    CHECK(world.verify(sign_token(key, "at+jwt", world.claims)).exit == 0);
    Json claims = world.theirs();
    CHECK(world.verify(sign_token(key, "JWT", claims)).exit == 6);
    claims["iss"] = "auth-cli";
    CHECK(world.verify(sign_token(key, "JWT", claims)).exit == 6);
}

TEST_CASE("a private key of another issuer is kept as a public one") {
    Beside world;
    const SigningKey key = SigningKey::generate(Algorithm::es256);
    const Secret jwk = key.private_jwk();
    const std::string file = world.file("their.jwk", jwk.reveal()).string();
    const Outcome imported =
        world.must({"key", "import", file, "--issuer", "https://service.example"});
    const Json again =
        world.must({"key", "import", file, "--issuer", "https://service.example", "--json"})
            .document();
    CHECK(again.at("private") == false);
    CHECK(again.at("issuer") == "https://service.example");
    CHECK(imported.err.find("private half was not kept") != std::string::npos);
    check_access_forgery(world, key);
    check_plain_forgery(world, key);
}

TEST_CASE("a public key is asked whose tokens it may sign") {
    Beside world;
    const SigningKey key = SigningKey::generate(Algorithm::es256);
    const std::string file = world.file("their.jwk", key.public_jwk().dump()).string();
    const Outcome refused = world.run({"key", "import", file, "--json"});
    CHECK(refused.exit == 2);
    CHECK(refused.problem().at("field") == "issuer");
    CHECK(world.run({"key", "import", file, "--issuer", "auth-cli"}).exit == 2);
    world.must({"key", "import", file, "--any-issuer"});
    CHECK(world.verify(sign_token(key, "JWT", world.theirs())).exit == 0);
    Json claims = world.theirs();
    for (const Json& issuer : {Json("auth-cli"), Json(""), Json(7)}) {
        claims["iss"] = issuer;
        CHECK(world.verify(sign_token(key, "JWT", claims)).exit == 6);
    }
    // Another issuer has to be said, and then it moves.
    world.must({"key", "import", file, "--issuer", "https://other.example"});
    CHECK(world.verify(sign_token(key, "JWT", world.theirs())).exit == 6);
}
