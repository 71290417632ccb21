#include "core/token_drill/fixtures.h"

#include "core/accounts/accounts.h"
#include "core/audit/audit.h"
#include "core/base/broken.h"
#include "core/base/deterministic_random.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/jose/repeatable.h"
#include "core/key_files/key_set.h"
#include "core/keys/discovery.h"
#include "core/keys/key_lifecycle.h"
#include "core/keys/signing_keys_table.h"
#include "core/sessions/access.h"
#include "core/sessions/access_claims.h"
#include "core/sessions/sessions_table.h"
#include "core/settings/setting.h"
#include "core/token_drill/forge.h"
#include "core/token_drill/known_keys.h"

#include <fmt/format.h>

namespace auth {
namespace {

// Where keys that verify nothing say that they come from.
constexpr std::string_view drill_issuer = "urn:auth-cli:drill";

Result<User> require_able_user(Realm& realm, const UserRef& ref) {
    AUTH_TRY(User user, require_user(realm, ref));
    if (user.disabled_at)
        return fail(error(ErrorCode::refused, fmt::format("{} is disabled", user.email))
                        .with_reason("disabled")
                        .with_hint(NextStep{"enable", {user.email_key}}));
    return user;
}

// A session without a refresh token. One that an earlier run made in the same second, in a test
// database, gives way.
Session open_drill_session(Realm& realm, const User& user) {
    Session session;
    session.id = new_uuid(realm.random, realm.now());
    session.user_id = user.id;
    session.kind = SessionKind::issued;
    session.created_at = session.used_at = realm.now();
    session.expires_at = realm.now() + drill_life;
    session.idle = drill_life;
    session.epoch = user.session_epoch;
    sessions_table::remove(realm.database, session.id);
    sessions_table::insert(realm.database, session);
    return session;
}

std::vector<std::string> audiences_for(const Realm& realm, const FixtureOrder& order) {
    if (!order.audiences.empty())
        return order.audiences;
    const auto own = own_audience(realm.settings);
    return own ? std::vector{*own} : std::vector<std::string>{};
}

Json drill_claims(Realm& realm, const User& user, const Session& session, const Forge& forge,
                  const FixtureOrder& wanted) {
    AccessOrder order;
    order.audiences = forge.audiences;
    order.extra = wanted.claims;
    order.issued_at = forge.now;
    order.expires_at = forge.now + forge.life;
    return access_claims(realm, user, session, order);
}

Status check_claims_wanted(const FixtureOrder& order) {
    for (const auto& [name, value] : order.claims.items())
        if (claim_is_reserved(name))
            return fail(
                error(ErrorCode::usage,
                      fmt::format("the claim {} is set by the program alone", in_quotes(name)))
                    .with_field("claim"));
    return {};
}

Json header_for(const SigningKey& key) {
    Json header{{"alg", to_name(key.algorithm())}, {"typ", access_type}};
    if (!key.kid().empty())
        header["kid"] = key.kid();
    return header;
}

// A key that everybody has, which this database trusts neither now nor whatever its clock says.
void keep_dead_key(Realm& realm, const SigningKey& key, bool revoked) {
    if (signing_keys_table::find(realm.database, key.kid()))
        return;
    KeyRecord record;
    record.kid = key.kid();
    record.algorithm = to_name(key.algorithm());
    record.public_jwk = key.public_jwk().dump();
    record.created_at = record.signs_from = from_unix_seconds(0);
    record.imported = true;
    record.issuer = drill_issuer;
    signing_keys_table::insert(realm.database, record, std::nullopt);
    record.signs_until = record.verifies_until = from_unix_seconds(1);
    if (revoked)
        record.revoked_at = from_unix_seconds(1);
    signing_keys_table::update(realm.database, record);
}

Result<DeadSession> session_of_disabled(Realm& realm, const UserRef& ref) {
    AUTH_TRY(const User user, require_user(realm, ref));
    if (!user.disabled_at)
        return fail(error(ErrorCode::usage, fmt::format("{} is not disabled", user.email))
                        .with_field("disabled")
                        .with_hint(NextStep{"disable", {user.email_key}}));
    return DeadSession{open_drill_session(realm, user).id, user.id};
}

DeadSession ended_session(Realm& realm, const User& user) {
    const Session session = open_drill_session(realm, user);
    (void)sessions_table::revoke(realm.database, session.id, "drill", realm.now());
    return {session.id, user.id};
}

// As all sessions are that began before the password changed.
DeadSession superseded_session(Realm& realm, User user) {
    --user.session_epoch;
    return {open_drill_session(realm, user).id, user.id};
}

Question question_for(const Realm& realm, const Forge& forge) {
    Question question = own_question(realm.settings, TokenUse::verify, forge.now);
    // Without an audience a token must not name one of somebody else.
    ClaimRules& own = question.expected.own;
    own.audience = forge.audiences.empty() ? forge.issuer : forge.audiences.front();
    own.audience_optional = forge.audiences.empty();
    question.expected.foreign = own;
    return question;
}

std::string reason_of(TokenJudge& judge, const std::string& token) {
    auto judged = judge.judge(token);
    if (!judged)
        return judged.error().reason;
    if (judged->verdict.valid())
        return {};
    return refusal(std::move(judged->verdict), TokenUse::verify).reason;
}

// Nothing leaves that the rule and the judge see differently.
std::vector<Fixture> forge_all(const Forge& forge, TokenJudge judge) {
    std::vector<Fixture> made;
    for (const DrillCase& rule : drill_cases()) {
        auto token = rule.make(forge);
        if (!token)
            continue;
        std::string reason = reason_of(judge, *token);
        if ((rule.answer == RightAnswer::accepted && !reason.empty()) ||
            (rule.answer == RightAnswer::refused && reason.empty()))
            bug(fmt::format("the drill's token {} is judged wrongly: {}", rule.name, reason)
                    .c_str());
        made.push_back({&rule, *std::move(token), std::move(reason)});
    }
    return made;
}

Fixtures described(const Forge& forge, User user, Json key_set) {
    return {.user = std::move(user),
            .issuer = forge.issuer,
            .audiences = forge.audiences,
            .algorithm = std::string(to_name(forge.key.algorithm())),
            .kid = forge.key.kid(),
            .kit = forge.kit,
            .made_at = forge.now,
            .expires_at = forge.now + forge.life,
            .key_set = std::move(key_set)};
}

void tell_trail(Realm& realm, const FixtureOrder& order, const Fixtures& made) {
    Json detail = {{"keys", made.kit ? "kit" : "database"},
                   {"audience", made.audiences},
                   {"tokens", made.tokens.size()}};
    if (!made.sessions.empty())
        detail["session"] = made.sessions.front();
    detail.update(order.detail);
    record(realm, {.event = order.purpose, .target = made.user.id, .detail = std::move(detail)});
}

Forge forge_for(Realm& realm, SigningKey key, const FixtureOrder& order) {
    SigningKey stranger = known_key(key.algorithm());
    return {.key = std::move(key),
            .stranger = std::move(stranger),
            .chance = realm.test ? &realm.random : nullptr,
            .now = realm.now(),
            .life = drill_life,
            .issuer = realm.settings.get(setting<"token.issuer">),
            .audiences = audiences_for(realm, order)};
}

Result<Fixtures> make_in(Realm& realm, const UserRef& ref, const FixtureOrder& order) {
    AUTH_CHECK(check_claims_wanted(order));
    Transaction transaction(realm.database);
    AUTH_TRY(User user, require_able_user(realm, ref));
    AUTH_TRY(SigningKey key, current_signing_key(realm));
    Forge forge = forge_for(realm, std::move(key), order);
    sessions_table::remove_ended(realm.database, user.id,
                                 realm.now() - realm.settings.get(setting<"session.max">));
    const Session session = open_drill_session(realm, user);
    forge.header = header_for(forge.key);
    forge.claims = drill_claims(realm, user, session, forge, order);
    forge.revoked = ended_session(realm, user);
    forge.superseded = superseded_session(realm, user);
    forge.deleted = {new_uuid(realm.random, realm.now()), new_uuid(realm.random, realm.now())};
    if (order.disabled) {
        AUTH_TRY(forge.disabled, session_of_disabled(realm, *order.disabled));
    }
    keep_dead_key(realm, known_revoked_key(), true);
    keep_dead_key(realm, known_retired_key(), false);
    signing_keys_table::note_expiry(realm.database, forge.key.kid(), session.expires_at);
    Json key_set = jwks_document(published_keys(realm));
    if (!forge.shared())
        forge.key_set = key_set.dump(2) + "\n";
    Fixtures made = described(forge, std::move(user), std::move(key_set));
    for (const auto& dead : {forge.superseded, forge.disabled})
        if (dead)
            made.sessions.push_back(dead->id);
    made.sessions.insert(made.sessions.begin(), session.id);
    made.tokens = forge_all(forge, TokenJudge(realm, question_for(realm, forge)));
    tell_trail(realm, order, made);
    transaction.commit();
    return made;
}

SigningKey kit_key(Realm& realm, Algorithm algorithm) {
    if (algorithm == Algorithm::hs256)
        return SigningKey::from_shared_secret(random_bytes(realm.random, 48)).value();
    return realm.test ? generate_with(algorithm, realm.random) : SigningKey::generate(algorithm);
}

Json kit_key_set(const SigningKey& key) {
    Json keys = Json::array({key.algorithm() == Algorithm::hs256
                                 ? parse_json(key.private_jwk().reveal()).value()
                                 : key.public_jwk()});
    Json set = Json::object();
    set["keys"] = std::move(keys);
    return set;
}

Result<Fixtures> make_kit_in(Realm& realm, const UserRef& ref, const FixtureOrder& order,
                             const KitOrder& kit) {
    AUTH_CHECK(check_claims_wanted(order));
    Transaction transaction(realm.database);
    AUTH_TRY(User user, require_able_user(realm, ref));
    Forge forge = forge_for(realm, kit_key(realm, kit.algorithm), order);
    forge.kit = true;
    forge.life = kit.life;
    forge.header = header_for(forge.key);
    Session unopened;
    unopened.id = new_uuid(realm.random, realm.now());
    forge.claims = drill_claims(realm, user, unopened, forge, order);
    Json key_set = kit_key_set(forge.key);
    const std::string text = key_set.dump(2) + "\n";
    AUTH_TRY(KeySet keys, KeySet::from_jwks(text, kit.algorithm));
    if (!forge.shared())
        forge.key_set = text;
    Fixtures made = described(forge, std::move(user), std::move(key_set));
    made.tokens = forge_all(forge, TokenJudge(
                                       [&keys](const Json& header) -> Result<KeyAnswer> {
                                           return answer_of(keys, header);
                                       },
                                       question_for(realm, forge)));
    tell_trail(realm, order, made);
    transaction.commit();
    return made;
}

} // namespace

Result<Fixtures> make_fixtures(Realm& realm, const UserRef& ref, const FixtureOrder& order) {
    if (!realm.test)
        return make_in(realm, ref, order);
    // Tokens for others, or for something else, have sessions of their own.
    DeterministicRandom chance("1", fmt::format("{} {}", order.purpose, to_text(ref)));
    Realm repeatable = realm.with(chance);
    return make_in(repeatable, ref, order);
}

Result<Fixtures> make_kit(Realm& realm, const UserRef& ref, const FixtureOrder& order,
                          const KitOrder& kit, std::string_view seed) {
    if (!realm.test)
        return make_kit_in(realm, ref, order, kit);
    DeterministicRandom chance(seed, "kit");
    Realm repeatable = realm.with(chance);
    return make_kit_in(repeatable, ref, order, kit);
}

void end_fixture_sessions(Realm& realm, const std::vector<std::string>& sessions) {
    Transaction transaction(realm.database);
    for (const std::string& session : sessions)
        (void)sessions_table::revoke(realm.database, session, "drill", realm.now());
    transaction.commit();
}

} // namespace auth
