#include "adapters/modules/postgres/batch_settings.h"
#include "adapters/modules/postgres/conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace auth {
namespace {

// As long as the wait for the lock, where there is one.
constexpr std::chrono::seconds longest_turn{5};

} // namespace

void Conversation::begin(Turn::Kind kind, const Locks& locks) {
    forget_expected(0);
    queue_.clear();
    turn_.emplace(kind, locks);
    wire_.forget_statement();
    if (many_rows_)
        turn_->forget();
}

void Conversation::end_turn() {
    turn_.reset();
    expected_.clear();
    kept_ = 0;
    queue_.clear();
    queued_bytes_ = 0;
    wire_.forget_statement();
}

void Conversation::set_savepoint(int depth, const Locks& locks) {
    add(turn_->descend(depth));
    for (std::string& lock : turn_->lock_more(locks))
        if (!locks_rows_)
            add(question_of(std::move(lock)));
}

void Conversation::release_savepoint(int depth) {
    if (bulk_.lost())
        throw wire_.failure(state_transaction_failed, "rows of the transaction were lost");
    add(question_of(fmt::format("RELEASE level_{}", depth)));
    turn_->ascend();
}

void Conversation::roll_back_to_savepoint(int depth) {
    bulk_.drop();
    const QuestionPtr savepoint = turn_->fall_back();
    forget_expected(kept_);
    latest_write_.reset();
    if (savepoint->state == Question::State::waiting) { // nothing of it was ever sent
        const auto its = std::ranges::find(queue_, savepoint);
        queue_.erase(its, queue_.end());
        return;
    }
    queue_.clear();
    add(question_of(fmt::format("ROLLBACK TO level_{}", depth)));
    add(question_of(fmt::format("RELEASE level_{}", depth)));
    if (introduction_)
        add(introduction_->again());
}

// With what waits.
void Conversation::send_commit(Question::State& progress) {
    const QuestionPtr commit = housekeeping("COMMIT");
    queue_.push_back(commit);
    try {
        send();
        while (commit->state != Question::State::answered)
            receive(nullptr);
    } catch (...) {
        progress = commit->state;
        throw;
    }
    // COMMIT of a transaction that failed undoes it and reports success.
    if (commit->answer.tag() != "COMMIT")
        throw wire_.failure(state_transaction_failed, "the transaction had failed");
}

void Conversation::commit() {
    bulk_.send_all();
    if (bulk_.lost())
        throw wire_.failure(state_transaction_failed, "rows of the transaction were lost");
    forget_expected(0);
    if (!turn_->begun)
        return end_turn();
    auto progress = Question::State::waiting;
    try {
        send_commit(progress);
    } catch (const ConnectionLost& lost) {
        if (progress == Question::State::waiting)
            recover(lost);
        else if (was_committed(lost))
            return roll_back(); // of the second one
        else
            repeat_history();
        commit_again();
    }
    end_turn();
}

// The answer is not waited for: whatever is asked next comes after it.
void Conversation::roll_back() noexcept {
    bulk_.drop();
    latest_write_.reset();
    const bool sent = turn_->begun && (!opening_ || opening_->state != Question::State::waiting);
    end_turn();
    if (!sent || !wire_.is_open())
        return;
    try {
        queue_.push_back(housekeeping("ROLLBACK"));
        send();
    } catch (const Failure&) {
        // Without a connection the server rolls back by itself.
        queue_.clear();
    }
}

// Where there is no LOCK TABLE, writers take turns by a row, and those that come too late for their
// snapshot begin again.
void Conversation::take_turn_by_row() {
    receive_last_rows();
    while (!sent_.empty())
        receive(nullptr);
    (void)wire_.try_run("ROLLBACK");
    opening_.reset();
    const auto deadline = std::chrono::steady_clock::now() + longest_turn;
    while (true) {
        try {
            return wire_.run(fmt::format("BEGIN ISOLATION LEVEL REPEATABLE READ; {};"
                                         " UPDATE write_lock SET turn = turn + 1",
                                         settings_text));
        } catch (const Failure& failure) {
            (void)wire_.try_run("ROLLBACK");
            if (failure.error().code != ErrorCode::database_busy ||
                std::chrono::steady_clock::now() >= deadline)
                throw;
        }
    }
}

} // namespace auth
