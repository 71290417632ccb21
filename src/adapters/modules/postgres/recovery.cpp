#include "adapters/modules/postgres/conversation.h"

#include <fmt/format.h>

#include <utility>

namespace auth {
namespace {

constexpr int most_recoveries = 3;

Failure unknown_outcome(const std::string& location) {
    Error lost = error(ErrorCode::database_unavailable,
                       fmt::format("the connection to the database '{}' was lost during the commit:"
                                   " it is unknown whether the change was made",
                                   location));
    return Failure(
        std::move(lost)
            .with_reason("outcome_unknown")
            .with_hint({"the audit log tells:", NextStep{"audit list", {"--limit", "5"}}}));
}

} // namespace

// Asks again what was asked, on another connection; throws what was lost where that would not be
// the same.
void Conversation::recover(const ConnectionLost& lost) {
    std::vector<QuestionPtr> again;
    bool possible = !open_ && !lost.silent() && ++recoveries_ <= most_recoveries;
    for (QuestionPtr& question : std::exchange(sent_, {}))
        if (question && !question->housekeeping && question->state != Question::State::answered) {
            possible = possible && (turn_ || !question->writes);
            again.push_back(std::move(question));
        }
    open_.reset();
    failed_.reset();
    if (turn_)
        possible = possible && turn_->can_be_repeated() && !std::exchange(turn_->recovered, true);
    if (!possible)
        throw lost;
    wire_.reconnect();
    if (turn_)
        return repeat_turn();
    for (QuestionPtr& question : std::exchange(queue_, {}))
        if (!question->housekeeping)
            again.push_back(std::move(question));
    for (const QuestionPtr& question : again) {
        question->state = Question::State::waiting;
        question->answer = {};
        add(question);
    }
}

void Conversation::repeat_turn() {
    const std::deque<QuestionPtr> later = std::exchange(queue_, {});
    turn_->begun = false;
    introduce();
    repeat_history();
    for (const QuestionPtr& question : later)
        if (!question->housekeeping)
            queue_.push_back(question);
}

// What the transaction did so far. Whoever has an answer of it must be able to go on with it.
void Conversation::repeat_history() {
    std::vector<QuestionPtr> history = std::exchange(turn_->history(), {});
    std::vector<QuestionPtr> asked;
    for (const QuestionPtr& question : history) {
        asked.push_back(question->handed_out ? question->again() : question);
        asked.back()->state = Question::State::waiting;
        if (!question->handed_out)
            question->answer = {};
        queue_.push_back(asked.back());
    }
    send();
    while (!sent_.empty())
        receive(nullptr);
    for (std::size_t i = 0; i < history.size(); ++i)
        if (history[i]->answer.digest() != asked[i]->answer.digest())
            throw wire_.failure("40001", "the connection was lost, and others have changed what "
                                         "was read; nothing was changed");
    turn_->history() = std::move(history);
}

// The answer to COMMIT was lost. The transaction begins again with its locks: whoever sees what it
// did, or does not see it, does so for good.
bool Conversation::was_committed(const ConnectionLost& lost) {
    sent_.clear();
    open_.reset();
    failed_.reset();
    try {
        if (!turn_->proof())
            throw lost;
        const QuestionPtr proof = turn_->proof()->again();
        proof->housekeeping = true;
        wire_.reconnect();
        queue_.clear();
        turn_->begun = false;
        introduce();
        queue_.push_back(proof);
        send();
        while (!sent_.empty())
            receive(nullptr);
        if (proof->answer.rows() > 0)
            return true;
    } catch (const Failure&) {
        throw unknown_outcome(wire_.location());
    }
    if (!turn_->can_be_repeated())
        throw lost;
    return false;
}

void Conversation::commit_again() {
    auto progress = Question::State::waiting;
    try {
        send_commit(progress);
    } catch (const ConnectionLost&) {
        if (progress == Question::State::waiting)
            throw;
        throw unknown_outcome(wire_.location());
    }
}

} // namespace auth
