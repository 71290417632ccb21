// The one judge of tokens: whether one may be trusted for what is to be done with it. Commands and
// sign-ins choose the use and show the verdict; nobody else decides.
#pragma once

#include "core/jose/verifier.h"
#include "core/realm.h"
#include "core/sessions/session.h"
#include "core/users/user.h"

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace auth {

// What a token is wanted for.
enum class TokenUse {
    act,      // by its user: this database signed it, and its session lives
    renew,    // as act, but its own expiry is forgiven
    end,      // to end its session: that this database signed it is enough, expired or not
    verify,   // by a service: as the caller expects, and with our keys its session lives
    identify, // to learn who logged in at a provider: as its issuer's keys and the caller say
    look,     // to show it: nothing follows, so everything wrong is told, and what is known of it
};

struct Question {
    TokenUse use = TokenUse::act;
    Expectations expected{};
    std::optional<Time> at{}; // keys are judged as of then; nothing for now
};
// As this database's settings expect its own tokens; for looking nothing is expected but the times.
[[nodiscard]] Question own_question(const Settings& settings, TokenUse use, Time now);

// Whose a token is that was signed with a key of this database. Only looking finds dead sessions.
struct TokenHolder {
    std::optional<Session> session{};
    std::optional<SessionState> state{}; // of the session
    std::optional<User> user{};
    bool anybody_waits = true; // as of Access
};

struct Judgment {
    Verdict verdict{};
    std::optional<TokenHolder> holder{}; // nothing for verify and identify, and for others' tokens
};

// Judges token after token; for one thread. Copies may work at once on one realm.
class TokenJudge {
  public:
    // With keys from elsewhere, behind which there are no sessions.
    TokenJudge(FindKey keys, Question question);
    // With the keys of a database, which outlives the judge.
    TokenJudge(Realm& realm, Question question);

    // Fails as FindKey: where the key cannot be read, nothing is known of the token.
    [[nodiscard]] Result<Judgment> judge(std::string_view token);
    // Several, in one look at the sessions.
    [[nodiscard]] Result<std::vector<Judgment>> judge(std::span<const std::string_view> tokens);
    // Judges as of `now` from here on, and looks for keys anew, unless asked about another time.
    void follow(Time now);
    [[nodiscard]] const Expectations& expected() const { return verifier_.expected(); }

  private:
    TokenJudge(Realm& realm, Question question, std::shared_ptr<std::mutex> lock);
    void expect(std::string_view token);
    void judge_session(Judgment& judgment);
    void require_live(Judgment& judgment);
    void require_live_access(Judgment& judgment);

    Realm* realm_ = nullptr;
    std::shared_ptr<std::mutex> lock_; // guards the realm
    TokenUse use_;
    bool follows_ = true;
    Verifier verifier_;
};

// Why a session no longer vouches for its tokens: "expired" or "revoked"; nothing while it lives.
[[nodiscard]] std::optional<Problem>
session_problem(const Session& session, std::int64_t user_epoch, bool user_disabled, Time now);
// A verdict with problems as an error: code expired where that is all that is wrong with a token of
// ours, else invalid_token with the first other reason.
[[nodiscard]] Error refusal(Verdict verdict, TokenUse use);

// Whether a session may renew its tokens: it and its user are there, and it lives. Fails as
// refusal.
[[nodiscard]] Status check_renewable(const std::optional<Session>& session,
                                     const std::optional<User>& user, Time now);

// An access token that this database vouches for.
struct Access {
    User user;
    Session session;
    Json header;
    Json claims;
    Time expires_at;
    // Whether any address at all may have to wait for its next attempt. Read with the rest, so that
    // showing the user costs no journey of its own.
    bool anybody_waits = true;
};
// `use` is act or renew. A workload's session has those of the user's roles that its token carries.
// Fails as refusal.
[[nodiscard]] Result<Access> check_access(Realm& realm, std::string_view token, TokenUse use);

} // namespace auth
