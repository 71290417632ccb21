#include "core/sessions/access.h"

#include "core/accounts/attempts_table.h"
#include "core/base/text.h"
#include "core/jose/numeric_date.h"
#include "core/keys/database_keys.h"
#include "core/sessions/access_claims.h"
#include "core/sessions/sessions_table.h"
#include "core/settings/setting.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

bool is_own(TokenUse use) {
    return use == TokenUse::act || use == TokenUse::renew || use == TokenUse::end;
}

bool forgives_expiry(TokenUse use) {
    return use == TokenUse::renew || use == TokenUse::end;
}

// Where a token has to be ours, a key that only others sign with is as good as none.
FindKey own_keys_only(FindKey keys) {
    return [keys = std::move(keys)](const Json& header) -> Result<KeyAnswer> {
        AUTH_TRY(KeyAnswer answer, keys(header));
        if (!answer.origin || answer.origin->signs_here)
            return answer;
        const bool signed_once = answer.key->algorithm() == Algorithm::hs256;
        answer.problem = because(signed_once ? Reason::retired_key : Reason::unknown_key, "kid",
                                 "the key that signed it is another service's");
        return answer;
    };
}

FindKey keys_for(const Question& question, FindKey keys) {
    return is_own(question.use) ? own_keys_only(std::move(keys)) : keys;
}

// Which of several values is wrong has to be told.
std::string sentence(const Problem& problem) {
    const bool named = problem.code.starts_with("wrong_") && !problem.claim.empty();
    return named ? fmt::format("{}: {}", problem.claim, problem.detail) : problem.detail;
}

std::string sentences(const std::vector<Problem>& problems) {
    std::string out;
    for (const Problem& problem : problems)
        out += (out.empty() ? "" : "; ") + sentence(problem);
    return out;
}

std::string own_words(const std::vector<Problem>& problems) {
    const Problem& first = problems.front();
    const bool alone = problems.size() == 1;
    const bool timed = is(first, Reason::expired);
    if (alone && timed && first.claim == "exp")
        return "the token has " + first.detail;
    const ReasonTraits* reason = find_reason(first.code);
    if (alone && (timed || (reason != nullptr && reason->whole)))
        return first.detail;
    return "the token is not valid: " + sentences(problems);
}

std::string words_for(TokenUse use, const std::vector<Problem>& problems) {
    if (is_own(use))
        return own_words(problems);
    return fmt::format("{} is refused: {}",
                       use == TokenUse::identify ? "the provider's ID token" : "the token",
                       sentences(problems));
}

Hint hint_for(TokenUse use, const Verdict& verdict, std::string_view reason) {
    if (is_own(use))
        return NextStep{"login"};
    if (use != TokenUse::verify || !verdict.header)
        return {};
    if (reason == to_name(Reason::wrong_audience))
        return {"name who it is to be for with --aud, or see who it is for",
                NextStep{"token decode"}};
    return {"see what is in it", NextStep{"token decode"}};
}

Problem session_ended() {
    return because(Reason::revoked, "sid", "the session was ended");
}

std::optional<Problem> session_problem(const std::optional<Session>& session,
                                       const std::optional<User>& user, Time now) {
    if (!session || !user || session->user_id != user->id)
        return session_ended();
    return session_problem(*session, user->session_epoch, user->disabled_at.has_value(), now);
}

// Others sign with a shared key as well: of theirs nothing is told but what they know already, the
// id of a session.
std::optional<TokenHolder> look_up(Realm& realm, const Verdict& verdict) {
    const std::string subject = text_member(verdict.claims, "sub");
    const auto row =
        sessions_table::find_listed(realm.database, text_member(verdict.claims, "sid"));
    const bool named = row && row->session.user_id == subject;
    if (verdict.shared && !named)
        return std::nullopt;
    TokenHolder holder;
    if (named) {
        holder.session = row->session;
        holder.state =
            session_state(row->session, row->user_epoch, row->user_disabled, realm.now());
    }
    holder.user = users_table::find_by_id(realm.database, subject);
    return holder;
}

// Takes the roles that the token does not carry.
void keep_roles_of(const Json& claims, User& user) {
    const Json& carried = claims.at("roles");
    std::erase_if(user.roles, [&](const std::string& role) {
        return std::ranges::find(carried, Json(role)) == carried.end();
    });
}

} // namespace

Question own_question(const Settings& settings, TokenUse use, Time now) {
    Question question{use};
    ClaimRules& rules = question.expected.own;
    rules.now = now;
    if (use == TokenUse::look) {
        question.expected.all_problems = true;
        rules.types = {};
    } else {
        rules.type = access_type;
        rules.issuer = settings.get(setting<"token.issuer">);
        rules.audience = own_audience(settings);
    }
    question.expected.foreign = rules;
    return question;
}

TokenJudge::TokenJudge(FindKey keys, Question question)
    : use_(question.use), follows_(!question.at),
      verifier_(keys_for(question, std::move(keys)), std::move(question.expected)) {}

TokenJudge::TokenJudge(Realm& realm, Question question)
    : TokenJudge(realm, std::move(question), std::make_shared<std::mutex>()) {}

TokenJudge::TokenJudge(Realm& realm, Question question, std::shared_ptr<std::mutex> lock)
    : realm_(&realm), lock_(std::move(lock)), use_(question.use), follows_(!question.at),
      verifier_(keys_for(question, database_keys(realm, *lock_, question.at)),
                std::move(question.expected)) {}

void TokenJudge::follow(Time now) {
    if (follows_ && now != expected().own.now)
        verifier_.renew(now);
}

Result<Judgment> TokenJudge::judge(std::string_view token) {
    AUTH_TRY(std::vector<Judgment> judged, judge(std::span(&token, 1)));
    return std::move(judged.front());
}

// The key, the session and the user that the token names, to be asked together. Whether it may
// name them is judged with the answers.
void TokenJudge::expect(std::string_view token) {
    if (realm_ == nullptr || !realm_->database.round_trips())
        return; // nothing travels
    const auto parsed = parse_token(token);
    if (!parsed)
        return;
    const std::lock_guard guard(*lock_);
    expect_verification_key(*realm_, parsed->header);
    const std::string session = text_member(parsed->claims, "sid");
    switch (use_) {
    case TokenUse::act:
    case TokenUse::renew:
        attempts_table::expect_any_blocked(realm_->database, expected().own.now);
        sessions_table::expect(realm_->database, session);
        users_table::expect_by_id(realm_->database, text_member(parsed->claims, "sub"));
        return;
    case TokenUse::end:
        sessions_table::expect(realm_->database, session);
        return;
    case TokenUse::verify:
        if (!expected().signature_only)
            sessions_table::expect_listed(realm_->database, session);
        return;
    case TokenUse::identify:
    case TokenUse::look:
        return;
    }
}

Result<std::vector<Judgment>> TokenJudge::judge(std::span<const std::string_view> tokens) {
    std::vector<Judgment> judged;
    judged.reserve(tokens.size());
    // One look at one token needs no snapshot: a session that its user's row ends is ended.
    const bool one = tokens.size() == 1;
    if (one)
        expect(tokens.front());
    for (const std::string_view token : tokens) {
        AUTH_TRY(Verdict verdict, verifier_.verify(token));
        if (forgives_expiry(use_))
            std::erase_if(verdict.problems, [](const Problem& problem) {
                return is(problem, Reason::expired) && problem.claim == "exp";
            });
        judged.push_back({std::move(verdict)});
    }
    if (realm_ == nullptr || expected().signature_only)
        return judged;
    // The database is one connection, and a snapshot for many costs what one does.
    const std::lock_guard guard(*lock_);
    std::optional<Snapshot> snapshot;
    if (!one)
        snapshot.emplace(realm_->database);
    for (Judgment& judgment : judged)
        judge_session(judgment);
    return judged;
}

void TokenJudge::judge_session(Judgment& judgment) {
    const Verdict& verdict = judgment.verdict;
    switch (use_) {
    case TokenUse::act:
    case TokenUse::renew:
        if (verdict.valid())
            require_live_access(judgment);
        return;
    case TokenUse::end:
        if (verdict.valid())
            judgment.holder = {
                sessions_table::find(realm_->database, text_member(verdict.claims, "sid"))};
        return;
    case TokenUse::verify:
        if (verdict.valid() && verdict.ours)
            require_live(judgment);
        return;
    case TokenUse::identify:
        return;
    case TokenUse::look:
        // None that is made up is to tell who exists.
        if (verdict.ours)
            judgment.holder = look_up(*realm_, verdict);
    }
}

void TokenJudge::require_live(Judgment& judgment) {
    Verdict& verdict = judgment.verdict;
    const auto found =
        sessions_table::find_listed(realm_->database, text_member(verdict.claims, "sid"));
    std::optional<Problem> problem = session_ended();
    if (found && found->session.user_id == text_member(verdict.claims, "sub"))
        problem = session_problem(found->session, found->user_epoch, found->user_disabled,
                                  expected().own.now);
    if (problem)
        verdict.problems.push_back(*std::move(problem));
}

void TokenJudge::require_live_access(Judgment& judgment) {
    Verdict& verdict = judgment.verdict;
    TokenHolder holder;
    holder.session = sessions_table::find(realm_->database, text_member(verdict.claims, "sid"));
    holder.user = users_table::find_by_id(realm_->database, text_member(verdict.claims, "sub"));
    holder.anybody_waits = attempts_table::any_blocked(realm_->database, expected().own.now);
    if (auto problem = session_problem(holder.session, holder.user, expected().own.now))
        verdict.problems.push_back(*std::move(problem));
    judgment.holder = std::move(holder);
}

std::optional<Problem> session_problem(const Session& session, std::int64_t user_epoch,
                                       bool user_disabled, Time now) {
    switch (session_state(session, user_epoch, user_disabled, now)) {
    case SessionState::live:
        return std::nullopt;
    case SessionState::expired:
        return because(
            Reason::expired, "sid",
            fmt::format("the session reached its end {}", relative(session.expires_at, now)));
    case SessionState::idle:
        return because(Reason::expired, "sid",
                       fmt::format("the session was idle too long; it ended {}",
                                   relative(session.idle_expires_at(), now)));
    case SessionState::revoked:
    case SessionState::ended:
        break;
    }
    if (user_disabled)
        return because(Reason::revoked, "sub", "the user is disabled");
    return session_ended();
}

Error refusal(Verdict verdict, TokenUse use) {
    auto& problems = verdict.problems;
    const auto worst = std::ranges::find_if(
        problems, [](const Problem& problem) { return !is(problem, Reason::expired); });
    const bool late = worst == problems.end();
    const std::string reason = late ? std::string(to_name(Reason::expired)) : worst->code;
    // A provider's token that comes too late is a fault of that login, not the end of one.
    const bool ended = late && use != TokenUse::identify;
    Error refused =
        error(ended ? ErrorCode::expired : ErrorCode::invalid_token, words_for(use, problems))
            .with_reason(reason)
            .with_hint(hint_for(use, verdict, reason));
    refused.problems = std::move(problems);
    return refused;
}

Status check_renewable(const std::optional<Session>& session, const std::optional<User>& user,
                       Time now) {
    auto problem = session_problem(session, user, now);
    if (!problem)
        return {};
    Verdict verdict;
    verdict.problems.push_back(*std::move(problem));
    return fail(refusal(std::move(verdict), TokenUse::renew));
}

Result<Access> check_access(Realm& realm, std::string_view token, TokenUse use) {
    TokenJudge judge(realm, own_question(realm.settings, use, realm.now()));
    AUTH_TRY(Judgment judged, judge.judge(token));
    auto& [verdict, holder] = judged;
    if (!verdict.valid())
        return fail(refusal(std::move(verdict), use));
    if (holder->session->kind == SessionKind::workload)
        keep_roles_of(verdict.claims, *holder->user);
    // Others who share a secret may have signed for times without end; the session has one.
    const Time expires = second_of(verdict.claims.at("exp")).value_or(holder->session->expires_at);
    return Access{*std::move(holder->user),
                  *std::move(holder->session),
                  verdict.header->json,
                  std::move(verdict.claims),
                  expires,
                  holder->anybody_waits};
}

} // namespace auth
