#include "core/base/encoding.h"
#include "core/key_files/key_set.h"
#include "core/keys/key_lifecycle.h"
#include "core/keys/signing_key.h"
#include "core/sessions/access.h"
#include "core/sessions/issued_token.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <functional>
#include <set>

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;
using test::user_ref;

namespace {

std::string signed_by(const SigningKey& key, const Json& header, const std::string& payload) {
    std::string token = to_base64url(header.dump()) + "." + to_base64url(payload);
    token += "." + to_base64url(key.sign(token));
    return token;
}

struct JudgedLogin : TestRealm {
    JudgedLogin() : key(*current_signing_key(realm())) {
        user = test::add_user(realm());
        auto grant = log_in(realm(), user_ref("ann@example.org"), Secret(test::good_password), {});
        REQUIRE(grant);
        session = grant->session;
        token = grant->access_token.reveal();
        header = parse_token(token)->header;
        claims = parse_token(token)->claims;
    }
    SigningKey key;
    User user;
    Session session;
    std::string token;
    Json header;
    Json claims;

    // A token as ours is, but for one claim or member.
    std::string with_claim(const char* name, const Json& value) {
        Json changed = claims;
        changed[name] = value;
        return signed_by(key, header, changed.dump());
    }
    std::string with_header(const char* name, const Json& value) {
        Json changed = header;
        changed[name] = value;
        return signed_by(key, changed, claims.dump());
    }

    std::string standing(std::optional<Time> at = {}) {
        const auto problem = check_session(at.value_or(clock.now()));
        return problem ? problem->claim + ":" + problem->code : "";
    }
    // The verdict's only problem, as a service sees it that asks about `now`.
    std::optional<Problem> check_session(Time now) {
        Question question = own_question(realm().settings, TokenUse::verify, now);
        Json late = claims;
        late["exp"] = unix_seconds(now) + 60; // so that the session alone decides
        late["iat"] = unix_seconds(now);
        const auto judged =
            TokenJudge(realm(), question).judge(signed_by(key, header, late.dump()));
        REQUIRE(judged);
        const auto& problems = judged->verdict.problems;
        CHECK(problems.size() < 2);
        return problems.empty() ? std::nullopt : std::optional(problems.front());
    }
    template <class Act> void committed(Act act) {
        Transaction transaction(database());
        act();
        transaction.commit();
    }
};

// The reason that a judge gives, or "".
std::string reason_of(TokenJudge judge, std::string_view token, TokenUse use) {
    auto judged = judge.judge(token);
    REQUIRE(judged);
    if (judged->verdict.valid())
        return "";
    return refusal(std::move(judged->verdict), use).reason;
}

std::string reason_for(JudgedLogin& realm, std::string_view token, TokenUse use) {
    return reason_of(
        TokenJudge(realm, own_question(realm.realm().settings, use, realm.clock.now())), token,
        use);
}

// One way to make a token that is refused for the reason.
struct Row {
    Reason reason;
    std::function<std::string(JudgedLogin&)> make;
};

std::string unsigned_with(const Json& header, const Json& claims) {
    return to_base64url(header.dump()) + "." + to_base64url(claims.dump()) + ".AAAA";
}

const std::vector<Row>& rows() {
    static const std::vector<Row> all{
        {Reason::malformed, [](JudgedLogin&) { return std::string("a.b"); }},
        {Reason::duplicate_member,
         [](JudgedLogin& is) { return signed_by(is.key, is.header, R"({"sub":"a","sub":"b"})"); }},
        {Reason::too_long, [](JudgedLogin&) { return std::string(70'000, 'a'); }},
        {Reason::encrypted, [](JudgedLogin&) { return std::string("a.b.c.d.e"); }},
        {Reason::unsecured,
         [](JudgedLogin& is) {
             return unsigned_with({{"alg", "none"}}, is.claims);
         }},
        {Reason::missing_algorithm,
         [](JudgedLogin& is) {
             return unsigned_with({{"typ", "at+jwt"}}, is.claims);
         }},
        {Reason::unknown_algorithm,
         [](JudgedLogin& is) { return is.with_header("alg", "ES256K"); }},
        {Reason::wrong_algorithm, [](JudgedLogin& is) { return is.with_header("alg", "EdDSA"); }},
        {Reason::bad_header, [](JudgedLogin& is) { return is.with_header("typ", 7); }},
        {Reason::critical_header, [](JudgedLogin& is) { return is.with_header("crit", {"x"}); }},
        {Reason::embedded_key,
         [](JudgedLogin& is) { return is.with_header("jwk", is.key.public_jwk()); }},
        {Reason::unknown_key,
         [](JudgedLogin& is) {
             const SigningKey other = SigningKey::generate(Algorithm::es256);
             Json header = is.header;
             header["kid"] = other.kid();
             return signed_by(other, header, is.claims.dump());
         }},
        {Reason::revoked_key,
         [](JudgedLogin& is) {
             REQUIRE(revoke_key(is, is.key.kid()));
             return is.token;
         }},
        {Reason::retired_key,
         [](JudgedLogin& is) {
             is.execute("UPDATE signing_keys SET signs_until = 1, verifies_until = 1");
             return is.token;
         }},
        {Reason::bad_signature,
         [](JudgedLogin& is) {
             std::string forged = is.token;
             char& letter = forged[forged.size() - 10];
             letter = letter == 'A' ? 'B' : 'A';
             return forged;
         }},
        {Reason::expired,
         [](JudgedLogin& is) { return is.with_claim("exp", unix_seconds(is.clock.now())); }},
        {Reason::not_yet_valid,
         [](JudgedLogin& is) { return is.with_claim("nbf", unix_seconds(is.clock.now()) + 30); }},
        {Reason::issued_in_future,
         [](JudgedLogin& is) { return is.with_claim("iat", unix_seconds(is.clock.now()) + 90); }},
        {Reason::wrong_issuer, [](JudgedLogin& is) { return is.with_claim("iss", "them"); }},
        {Reason::wrong_audience, [](JudgedLogin& is) { return is.with_claim("aud", "them"); }},
        {Reason::wrong_type, [](JudgedLogin& is) { return is.with_header("typ", "JWT"); }},
        {Reason::missing_claim,
         [](JudgedLogin& is) {
             is.claims.erase("exp");
             return is.with_claim("x", 1);
         }},
        {Reason::bad_claim, [](JudgedLogin& is) { return is.with_claim("jti", 7); }},
        {Reason::revoked,
         [](JudgedLogin& is) {
             is.committed([&] { CHECK(end_session(is, is.session.id, "logout")); });
             return is.token;
         }},
    };
    return all;
}

// A key set whose members named "weak", "malformed" and "unsupported" are that, beside a good one.
Json bad_keys() {
    Json weak = Json::parse(R"({"kty":"RSA","kid":"weak","e":"AQAB"})");
    weak["n"] = to_base64url(std::string(128, '\x81'));
    return {{"keys",
             {weak,
              {{"kty", "EC"}, {"kid", "malformed"}, {"crv", "P-256"}, {"x", "?"}},
              {{"kty", "EC"}, {"kid", "unsupported"}, {"crv", "secp256k1"}},
              SigningKey::generate(Algorithm::es256).public_jwk()}}};
}

TokenJudge judge_with(const Json& keys) {
    auto set = KeySet::from_jwks(keys.dump());
    INFO((set ? std::string() : set.error().message));
    REQUIRE(set);
    return {[set = std::make_shared<const KeySet>(*std::move(set))](
                const Json& header) -> Result<KeyAnswer> { return answer_of(*set, header); },
            Question{TokenUse::verify}};
}

std::string file_reason(const Json& keys, const Json& header) {
    return reason_of(judge_with(keys), unsigned_with(header, Json::object()), TokenUse::verify);
}

} // namespace

TEST_CASE("each reason is given for each use that it matters to") {
    for (const Row& row : rows()) {
        const std::string name(to_name(row.reason));
        CAPTURE(name);
        JudgedLogin realm;
        const std::string token = row.make(realm);
        const bool late = row.reason == Reason::expired;
        CHECK(reason_for(realm, token, TokenUse::verify) == name);
        CHECK(reason_for(realm, token, TokenUse::act) == name);
        CHECK(reason_for(realm, token, TokenUse::renew) == (late ? "" : name));
        CHECK(reason_for(realm, token, TokenUse::end) ==
              (late || row.reason == Reason::revoked ? "" : name));

        auto looked = TokenJudge(realm, own_question(realm.realm().settings, TokenUse::look,
                                                     realm.clock.now()))
                          .judge(token);
        REQUIRE(looked);
        const auto& problems = looked->verdict.problems;
        const bool told = std::ranges::any_of(
            problems, [&](const Problem& problem) { return is(problem, row.reason); });
        const std::set<Reason> expected_only{Reason::wrong_issuer, Reason::wrong_audience,
                                             Reason::wrong_type};
        if (row.reason == Reason::revoked)
            CHECK(looked->holder.value().state == SessionState::revoked);
        else
            CHECK(told != expected_only.contains(row.reason));
    }
}

TEST_CASE("keys of a file refuse for what is wrong with them") {
    CHECK(file_reason(bad_keys(), {{"alg", "RS256"}, {"kid", "weak"}}) == "weak_key");
    CHECK(file_reason(bad_keys(), {{"alg", "ES256"}, {"kid", "malformed"}}) == "malformed_key");
    CHECK(file_reason(bad_keys(), {{"alg", "ES256"}, {"kid", "unsupported"}}) == "unsupported_key");
    Json nameless{{"keys", Json::array()}};
    for (int i = 0; i < 2; ++i) {
        Json jwk = SigningKey::generate(Algorithm::es256).public_jwk();
        jwk.erase("kid");
        nameless["keys"].push_back(jwk);
    }
    CHECK(file_reason(nameless, {{"alg", "ES256"}}) == "ambiguous_key");
}

TEST_CASE("no reason of a token is without its row") {
    std::set<Reason> seen{Reason::ambiguous_key, Reason::weak_key,
                          Reason::malformed_key, Reason::unsupported_key,
                          Reason::wrong_subject, Reason::untrusted_certificate};
    for (const Row& row : rows())
        CHECK(seen.insert(row.reason).second);
    for (const ReasonTraits& traits : all_reasons()) {
        CAPTURE(traits.name);
        const bool of_id_tokens = traits.reason >= Reason::wrong_authorized_party &&
                                  traits.reason <= Reason::wrong_at_hash;
        const bool of_files = traits.reason >= Reason::private_key;
        CHECK(seen.contains(traits.reason) != (of_id_tokens || of_files));
        CHECK(find_reason(traits.name) == &traits);
    }
    CHECK(find_reason("nonsense") == nullptr);
}

TEST_CASE("a service may name the subject it expects") {
    JudgedLogin realm;
    Question question = own_question(realm.realm().settings, TokenUse::verify, realm.clock.now());
    question.expected.own.subject = realm.user.id;
    CHECK(reason_of(TokenJudge(realm, question), realm.token, TokenUse::verify).empty());
    question.expected.own.subject = "bob";
    CHECK(reason_of(TokenJudge(realm, question), realm.token, TokenUse::verify) == "wrong_subject");
}

TEST_CASE("the worst of several reasons is named, and all are told") {
    JudgedLogin realm;
    realm.claims["iss"] = "them";
    const std::string token = realm.with_claim("exp", 1);
    TokenJudge judge(realm, own_question(realm.realm().settings, TokenUse::act, realm.clock.now()));
    auto judged = judge.judge(token);
    REQUIRE(judged);
    const Error refused = refusal(std::move(judged->verdict), TokenUse::act);
    CHECK(refused.code == ErrorCode::invalid_token);
    CHECK(refused.reason == "wrong_issuer");
    CHECK(refused.problems.size() == 2);
    CHECK(refused.message.starts_with("the token is not valid: expired "));
    CHECK(refused.message.ends_with("; iss: 'them', not 'auth-cli'"));
}

TEST_CASE("a look tells whose the token is only to those who have one") {
    JudgedLogin realm;
    const auto look = [&](std::string_view token) {
        return TokenJudge(realm,
                          own_question(realm.realm().settings, TokenUse::look, realm.clock.now()))
            .judge(token)
            .value()
            .holder;
    };
    const auto holder = look(realm.token);
    REQUIRE(holder);
    CHECK(holder->state == SessionState::live);
    CHECK(holder->user.value().email == "ann@example.org");
    std::string forged = realm.token;
    char& letter = forged[forged.size() - 10];
    letter = letter == 'A' ? 'B' : 'A';
    CHECK_FALSE(look(forged));
    CHECK_FALSE(
        look(signed_by(SigningKey::generate(Algorithm::es256), realm.header, realm.claims.dump())));
}

TEST_CASE("a login's token stands while its session does") {
    JudgedLogin realm;
    const Time start = realm.clock.now();
    CHECK(realm.standing().empty());
    realm.clock.advance(599s);
    CHECK(realm.standing().empty());
    realm.clock.advance(1s);
    CHECK(realm.standing() == "sid:expired");
    // As of an earlier time it stood.
    CHECK(realm.standing(start + 599s).empty());
    CHECK(realm.standing(start + 600s) == "sid:expired");
}

TEST_CASE("a token without a session, or with another's, stands for nothing") {
    JudgedLogin realm;
    for (const Json& sid : {Json(), Json(""), Json("nonsense"), Json(7), Json(nullptr)}) {
        realm.claims["sid"] = sid;
        CHECK(realm.standing() == "sid:revoked");
    }
    realm.claims.erase("sid");
    CHECK(realm.standing() == "sid:revoked");
    realm.claims["sid"] = realm.session.id;
    CHECK(realm.standing().empty());
    realm.claims["sub"] = "somebody else";
    CHECK(realm.standing() == "sid:revoked");
    for (const Json& sub : {Json(7), Json(nullptr)}) {
        realm.claims["sub"] = sub;
        CHECK(realm.standing() == "sub:bad_claim");
    }
}

TEST_CASE("a session that was ended is over, as of whatever time") {
    JudgedLogin realm;
    const Time before = realm.clock.now();
    realm.clock.advance(60s);
    realm.committed([&] { CHECK(end_session(realm, realm.session.id, "logout")); });
    CHECK(realm.standing() == "sid:revoked");
    CHECK(realm.standing(before) == "sid:revoked");
    realm.clock.advance(24h);
    CHECK(realm.standing() == "sid:revoked");
}

TEST_CASE("so is every session from before the user's all ended") {
    JudgedLogin realm;
    realm.committed([&] {
        User stored = test::stored_user(realm);
        end_all_sessions(realm, stored);
    });
    CHECK(realm.standing() == "sid:revoked");
}

TEST_CASE("a disabled user's tokens say why they are refused") {
    JudgedLogin realm;
    realm.committed([&] { REQUIRE(set_disabled(realm, user_ref("ann@example.org"), true, "")); });
    CHECK(realm.standing() == "sub:revoked");
    realm.committed([&] { REQUIRE(set_disabled(realm, user_ref("ann@example.org"), false, "")); });
    CHECK(realm.standing() == "sid:revoked"); // for good
}

TEST_CASE("a user who was deleted has nothing that stands") {
    JudgedLogin realm;
    realm.committed([&] { REQUIRE(delete_user(realm, user_ref("ann@example.org"))); });
    CHECK(realm.standing() == "sid:revoked");
}

TEST_CASE("an issued token stands for its whole life, unused") {
    JudgedLogin realm;
    IssueOrder order;
    order.ttl = 30min;
    const auto issued = issue_token(realm, user_ref("ann@example.org"), order);
    REQUIRE(issued);
    realm.claims = parse_token(issued->token.reveal())->claims;
    realm.clock.advance(30min - 1s);
    CHECK(realm.standing().empty());
    realm.clock.advance(1s);
    CHECK(realm.standing() == "sid:expired");
}
