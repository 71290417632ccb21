// What is said to the server, in few journeys: questions wait until an answer is needed, then they
// go together. A transaction begins with its first question, and its commit takes along what
// waits. Nothing depends on the session, since a pooler may give each transaction another.
//
// A connection that is lost is replaced where nobody can tell the difference: questions are asked
// again, and a transaction is repeated if its answers are the same. Throws Failure by SQLSTATE.
#pragma once

#include "adapters/modules/postgres/bulk_sender.h"
#include "adapters/modules/postgres/turn.h"
#include "adapters/modules/postgres/wire.h"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

class Conversation {
  public:
    explicit Conversation(const std::string& url) : wire_(url) {}

    // Asks it with the next batch.
    void add(const QuestionPtr& question);
    // Asks it now, with what waits: all of its answer is there afterwards, or the first of many
    // rows.
    void ask(const QuestionPtr& question);
    // A statement whose answer nobody reads but by changes(): inside a transaction it waits.
    void write(const QuestionPtr& question);
    // Of the latest write; waits for its answer.
    [[nodiscard]] std::int64_t changes();
    // Moves to the next row of a question that was asked.
    [[nodiscard]] bool next_row(Question& question);
    // Whether more of its rows are on their way.
    [[nodiscard]] bool is_receiving(const Question& question) const {
        return open_.get() == &question && wire_.is_open();
    }
    // Waits for all that was added.
    void settle();

    // Asks it with the next batch, for somebody who will want its answer unless there is a write.
    void expect(const QuestionPtr& question);
    // What is expected by now outlives writes of the transaction.
    void keep_expected() { kept_ = expected_.size(); }
    // That question if it was expected, or nullptr.
    [[nodiscard]] QuestionPtr take_expected(const Question& like);

    void begin(Turn::Kind kind, const Locks& locks);
    [[nodiscard]] bool in_transaction() const { return turn_.has_value(); }
    void commit();
    void roll_back() noexcept;
    void set_savepoint(int depth, const Locks& locks);
    void release_savepoint(int depth);
    void roll_back_to_savepoint(int depth);
    void prove_commit(QuestionPtr proof) { turn_->prove_by(std::move(proof)); }

    // Runs commands without parameters, a journey of their own.
    void execute(const std::string& commands);
    // Rows that are gathered, which go before anything else.
    [[nodiscard]] BulkSender& bulk() { return bulk_; }
    // Waits for all that was added, so that the wire can be used for other commands, such as COPY;
    // inside a transaction.
    void free_wire();

    // Asked at the beginning of each transaction and batch: what the server knows of the client.
    void introduce_as(QuestionPtr introduction);
    // From here on statements may take as long as they need, and find rows by an index alone.
    void expect_many_rows();
    // Before the first answer of a transaction, and of each later question, is handed out.
    void check_before_answers(std::function<void()> check) { check_ = std::move(check); }

    [[nodiscard]] Wire& wire() { return wire_; }
    [[nodiscard]] const Wire& wire() const { return wire_; }

  private:
    template <class Act> void persist(const Act& act);
    void introduce();
    void introduce_client();
    void take_turn_by_row();
    void send();
    void send_ahead();
    void receive(const Question* wanted);
    void receive_last_rows();
    void pass_mark();
    void drop_answers();
    void take(Question& question, QueryResult result);
    void forget_expected(std::size_t from);
    void end_turn();

    void recover(const ConnectionLost& lost);
    void repeat_turn();
    void repeat_history();
    void send_commit(Question::State& progress);
    [[nodiscard]] bool was_committed(const ConnectionLost& lost);
    void commit_again();

    Wire wire_;
    std::deque<QuestionPtr> queue_;
    std::size_t queued_bytes_ = 0;
    std::deque<QuestionPtr> sent_; // not answered yet; nullptr ends a batch
    QuestionPtr open_;             // its rows are still coming
    QueryResult failed_;           // what went wrong in the batch that is being received
    bool lock_failed_ = false;     // and whether that was the lock of all writers
    std::vector<QuestionPtr> expected_;
    std::size_t kept_ = 0; // of them
    QuestionPtr latest_write_;
    std::optional<Turn> turn_;
    QuestionPtr opening_;
    QuestionPtr table_lock_;
    QuestionPtr introduction_;
    bool many_rows_ = false;
    bool locks_rows_ = false; // the server knows no LOCK TABLE
    int recoveries_ = 0;
    std::function<void()> check_;
    BulkSender bulk_{*this}; // last: it may still use the rest
};

} // namespace auth
