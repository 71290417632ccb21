#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/key_files/key_set.h"
#include "core/keys/key_lifecycle.h"
#include "core/keys/signing_key.h"
#include "core/sessions/access.h"
#include "core/token_drill/fixtures.h"
#include "core/token_drill/known_keys.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <fstream>
#include <map>
#include <set>

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;
using test::user_ref;

namespace {

constexpr const char* service = "https://api.example.org";

struct DrillRealm : TestRealm {
    explicit DrillRealm(test::RealmKind kind = test::RealmKind::test) : TestRealm(kind) {
        set("token.issuer", "https://id.example.org");
        test::add_user(realm());
    }
    void sign_by(Algorithm algorithm) {
        if (algorithm == Algorithm::hs256) {
            set("token.secret_file", secret_file());
            set("token.algorithm", "HS256");
        } else if (algorithm != Algorithm::es256) {
            REQUIRE(rotate_keys(realm(), algorithm, clock.now()));
            set("token.algorithm", to_name(algorithm));
        }
    }
    std::string secret_file() {
        const auto path = directory() / "secret";
        std::ofstream(path) << "a-shared-secret-of-32-bytes-here\n";
        return path.string();
    }
    [[nodiscard]] static FixtureOrder order() {
        FixtureOrder wanted;
        wanted.audiences = {service};
        wanted.purpose = "token_fixtures";
        return wanted;
    }
    Fixtures fixtures() {
        auto made = make_fixtures(realm(), user_ref(test::ann), order());
        REQUIRE(made);
        return *std::move(made);
    }
    Fixtures kit(Algorithm algorithm, std::string_view seed = "1") {
        auto made = make_kit(realm(), user_ref(test::ann), order(), {algorithm, 24h}, seed);
        REQUIRE(made);
        return *std::move(made);
    }
    // What `token verify --aud` says.
    std::string reason_of(const std::string& token) {
        Question question = own_question(realm().settings, TokenUse::verify, clock.now());
        question.expected.own.audience = question.expected.foreign.audience = service;
        auto judged = TokenJudge(realm(), question).judge(token);
        REQUIRE(judged);
        return judged->verdict.valid()
                   ? ""
                   : refusal(std::move(judged->verdict), TokenUse::verify).reason;
    }
};

std::map<std::string, std::string, std::less<>> reasons_in(const Fixtures& made) {
    std::map<std::string, std::string, std::less<>> reasons;
    for (const Fixture& fixture : made.tokens)
        reasons[std::string(fixture.rule->name)] = fixture.reason;
    return reasons;
}

std::vector<std::string> texts_of(const Fixtures& made) {
    std::vector<std::string> texts;
    for (const Fixture& fixture : made.tokens)
        texts.push_back(fixture.token);
    return texts;
}

constexpr std::array every_algorithm{Algorithm::es256, Algorithm::rs256, Algorithm::ps256,
                                     Algorithm::eddsa, Algorithm::hs256};

} // namespace

TEST_CASE("each case has a name of its own, a source, a reason and what to do", "[drill]") {
    std::set<std::string_view> names;
    for (const DrillCase& rule : drill_cases()) {
        CAPTURE(rule.name);
        CHECK(names.insert(rule.name).second);
        CHECK_FALSE(rule.source.empty());
        CHECK(rule.why.ends_with('.'));
        CHECK(rule.mend.ends_with('.'));
        CHECK(split(rule.mend, '\n').size() <= 2);
        CHECK((rule.level == DrillLevel::may) == (rule.answer == RightAnswer::either));
    }
}

TEST_CASE("each token is refused for its own reason", "[drill]") {
    DrillRealm realm;
    User bob = test::add_user(realm, {.email = "bob@example.org", .disabled = true});
    FixtureOrder order = DrillRealm::order();
    order.disabled = user_ref("bob@example.org");
    const auto made = make_fixtures(realm, user_ref(test::ann), order);
    REQUIRE(made);
    const std::map<std::string, std::string, std::less<>> expected{
        {"control", ""},
        {"control_unknown_members", ""},
        {"control_audience_list", ""},
        {"none_lower", "unsecured"},
        {"none_capital", "unsecured"},
        {"none_upper", "unsecured"},
        {"none_mixed", "unsecured"},
        {"none_with_signature", "unsecured"},
        {"no_algorithm", "missing_algorithm"},
        {"empty_algorithm", "unknown_algorithm"},
        {"relabelled_algorithm", "wrong_algorithm"},
        {"signature_stripped", "bad_signature"},
        {"signature_absent", "malformed"},
        {"signature_truncated", "bad_signature"},
        {"signature_altered", "bad_signature"},
        {"signature_zero", "bad_signature"},
        {"signature_order", "bad_signature"},
        {"signature_padded", "malformed"},
        {"signature_other_bits", "malformed"},
        {"payload_altered", "bad_signature"},
        {"header_altered", "bad_signature"},
        {"wrong_key", "bad_signature"},
        {"unknown_kid", "unknown_key"},
        {"unknown_kid_known_key", "unknown_key"},
        {"no_kid", ""},
        {"embedded_jwk", "unknown_key"},
        {"embedded_jwk_right_kid", "embedded_key"},
        {"embedded_jku", "unknown_key"},
        {"embedded_x5u", "unknown_key"},
        {"embedded_x5c", "unknown_key"},
        {"hmac_pem", "unknown_key"},
        {"hmac_pem_trimmed", "unknown_key"},
        {"hmac_der", "unknown_key"},
        {"hmac_jwk", "unknown_key"},
        {"hmac_jwks", "unknown_key"},
        {"hmac_empty_secret", "unknown_key"},
        {"hmac_common_secret", "unknown_key"},
        {"kid_path", "unknown_key"},
        {"kid_absolute_path", "unknown_key"},
        {"kid_known_file", "unknown_key"},
        {"kid_known_file_trimmed", "unknown_key"},
        {"kid_sql", "unknown_key"},
        {"kid_empty", "unknown_key"},
        {"not_a_token", "malformed"},
        {"payload_is_a_list", "malformed"},
        {"duplicate_claim_last_bad", "duplicate_member"},
        {"duplicate_claim_last_good", "duplicate_member"},
        {"duplicate_header_last_good", "duplicate_member"},
        {"critical_extension", "critical_header"},
        {"critical_b64", "critical_header"},
        {"encrypted", "encrypted"},
        {"oversized", "too_long"},
        {"expired_year", "expired"},
        {"expired_hour", "expired"},
        {"expired_second", "expired"},
        {"not_yet_valid", "not_yet_valid"},
        {"issued_in_future", "issued_in_future"},
        {"other_audience", "wrong_audience"},
        {"audience_prefix", "wrong_audience"},
        {"audience_suffix", "wrong_audience"},
        {"audience_case", "wrong_audience"},
        {"audience_slash", "wrong_audience"},
        {"audience_list_of_others", "wrong_audience"},
        {"no_audience", "missing_claim"},
        {"other_issuer", "wrong_issuer"},
        {"issuer_prefix", "wrong_issuer"},
        {"issuer_suffix", "wrong_issuer"},
        {"issuer_case", "wrong_issuer"},
        {"issuer_slash", "wrong_issuer"},
        {"issuer_list", "bad_claim"},
        {"no_issuer", "missing_claim"},
        {"type_logout", "wrong_type"},
        {"type_jwt", "wrong_type"},
        {"no_type", "wrong_type"},
        {"revoked_session", "revoked"},
        {"password_changed", "revoked"},
        {"deleted_user", "revoked"},
        {"disabled_user", "revoked"},
        {"revoked_key", "revoked_key"},
        {"retired_key", "retired_key"},
    };
    CHECK(reasons_in(*made) == expected);
    for (const Fixture& fixture : made->tokens) {
        CAPTURE(fixture.rule->name);
        CHECK(realm.reason_of(fixture.token) == fixture.reason);
    }
}

TEST_CASE("keys of every algorithm make fixtures and kits", "[drill]") {
    for (const Algorithm algorithm : every_algorithm) {
        CAPTURE(to_name(algorithm));
        DrillRealm realm;
        realm.sign_by(algorithm);
        CHECK(realm.fixtures().algorithm == to_name(algorithm));
        const Fixtures kit = realm.kit(algorithm);
        CHECK(kit.algorithm == to_name(algorithm));
        const auto keys = KeySet::from_jwks(kit.key_set.dump(), algorithm);
        REQUIRE(keys);
        const auto parts = split_token(kit.tokens.front().token);
        REQUIRE(parts);
        const auto key = keys->find(kit.kid, algorithm);
        REQUIRE(key);
        CHECK((*key)->verify(parts->signing_input, parts->signature));
    }
}

TEST_CASE("no token by a trusted key is good for longer than a minute", "[drill]") {
    for (const Algorithm algorithm : every_algorithm) {
        CAPTURE(to_name(algorithm));
        DrillRealm realm(test::RealmKind::normal);
        realm.sign_by(algorithm);
        for (const Fixture& fixture : realm.fixtures().tokens) {
            CAPTURE(fixture.rule->name);
            const auto parts = split_token(fixture.token);
            if (!parts)
                continue;
            const auto raw =
                Json::parse(from_base64url(parts->payload).value_or("null"), nullptr, false);
            // Whatever a careless verifier reads, the end is near.
            if (raw.is_object() && raw.contains("sub")) {
                REQUIRE(raw.contains("exp"));
                CHECK(raw.at("exp").get<std::int64_t>() <= unix_seconds(realm.clock.now() + 60s));
            }
        }
    }
}

TEST_CASE("in a test database the same second gives the same tokens", "[drill]") {
    for (const Algorithm algorithm : {Algorithm::es256, Algorithm::eddsa, Algorithm::hs256}) {
        CAPTURE(to_name(algorithm));
        DrillRealm realm;
        realm.sign_by(algorithm);
        const Fixtures first = realm.fixtures();
        const Fixtures second = realm.fixtures();
        CHECK(texts_of(first) == texts_of(second));
        CHECK(realm.reason_of(first.tokens.front().token).empty());
    }
    DrillRealm realm;
    for (const Algorithm algorithm : {Algorithm::es256, Algorithm::eddsa, Algorithm::hs256}) {
        CHECK(texts_of(realm.kit(algorithm, "7")) == texts_of(realm.kit(algorithm, "7")));
        CHECK(realm.kit(algorithm, "7").key_set != realm.kit(algorithm, "8").key_set);
    }
}

TEST_CASE("other databases make other tokens each time", "[drill]") {
    DrillRealm realm(test::RealmKind::normal);
    CHECK(texts_of(realm.fixtures()) != texts_of(realm.fixtures()));
    CHECK(realm.kit(Algorithm::eddsa).key_set != realm.kit(Algorithm::eddsa).key_set);
}

TEST_CASE("dead keys are kept once, and trusted never", "[drill]") {
    DrillRealm realm;
    (void)realm.fixtures();
    realm.clock.advance(1s);
    (void)realm.fixtures();
    CHECK(realm.count("SELECT count(*) FROM signing_keys") == 3);
    CHECK(published_keys(realm).size() == 1);
    for (const SigningKey& key : {known_revoked_key(), known_retired_key()}) {
        const auto kept = find_key(realm, key.kid());
        REQUIRE(kept);
        CHECK_FALSE(kept->has_private);
        for (const Time at :
             {from_unix_seconds(1), realm.clock.now(), realm.clock.now() + 24h * 9999})
            CHECK_FALSE(kept->verifies(at));
    }
}

TEST_CASE("a drill's session dies with it", "[drill]") {
    DrillRealm realm;
    const Fixtures made = realm.fixtures();
    const std::string& control = made.tokens.front().token;
    CHECK(realm.reason_of(control).empty());
    end_fixture_sessions(realm, made.sessions);
    CHECK(realm.reason_of(control) == "revoked");
    CHECK(realm.events().back() == "token_fixtures");
}

TEST_CASE("fixtures of nobody, of somebody disabled, and with claims of the program's", "[drill]") {
    DrillRealm realm;
    const auto code = [&](std::string_view who, const FixtureOrder& order) {
        const auto made = make_fixtures(realm, user_ref(who), order);
        REQUIRE_FALSE(made);
        return made.error().code;
    };
    CHECK(code("eve@example.org", DrillRealm::order()) == ErrorCode::not_found);
    test::add_user(realm, {.email = "bob@example.org", .disabled = true});
    CHECK(code("bob@example.org", DrillRealm::order()) == ErrorCode::refused);
    FixtureOrder order = DrillRealm::order();
    order.disabled = user_ref(test::ann);
    CHECK(code(test::ann, order) == ErrorCode::usage);
    order = DrillRealm::order();
    order.claims = {{"exp", 1}};
    CHECK(code(test::ann, order) == ErrorCode::usage);
    CHECK(realm.count("SELECT count(*) FROM sessions") == 0);
}

TEST_CASE("claims of the caller's stand in every token", "[drill]") {
    DrillRealm realm;
    FixtureOrder order = DrillRealm::order();
    order.claims = {{"id", 7}};
    const auto made = make_fixtures(realm, user_ref(test::ann), order);
    REQUIRE(made);
    CHECK(parse_token(made->tokens.front().token)->claims.at("id") == 7);
}
