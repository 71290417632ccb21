// What a client keeps of its open transaction: enough to begin it again on another connection.
#pragma once

#include "adapters/modules/postgres/question.h"
#include "core/store/locks.h"

#include <cstdint>
#include <string>
#include <vector>

namespace auth {

class Turn {
  public:
    enum class Kind {
        writing,  // with locks
        snapshot, // reads one state
        making,   // there are no tables yet
    };

    Turn(Kind kind, const Locks& locks);

    [[nodiscard]] Kind kind() const { return kind_; }
    // The statement that begins it, and those that take its locks.
    [[nodiscard]] std::string opening() const;
    [[nodiscard]] std::vector<std::string> locking() const;

    // A savepoint, and the locks that it adds.
    [[nodiscard]] QuestionPtr descend(int depth);
    [[nodiscard]] std::vector<std::string> lock_more(const Locks& locks);
    void ascend() { levels_.pop_back(); }
    // The same, where what happened since is undone. The savepoint.
    QuestionPtr fall_back();

    void prove_by(QuestionPtr proof) { proof_ = std::move(proof); }
    [[nodiscard]] const QuestionPtr& proof() const { return proof_; }

    // What was asked so far, unless it is too much or cannot be asked again.
    void remember(const QuestionPtr& question);
    void forget();
    [[nodiscard]] bool can_be_repeated() const { return remembers_; }
    [[nodiscard]] std::vector<QuestionPtr>& history() { return history_; }

    QuestionPtr introduction; // that it began with, if any
    bool begun = false;       // its beginning is in the queue, or was sent
    bool recovered = false;   // it was repeated once

  private:
    struct Level {
        QuestionPtr savepoint;
        std::vector<std::int64_t> held; // before it
        bool everything;
        QuestionPtr proof;
    };

    Kind kind_;
    std::vector<std::int64_t> first_locks_;
    bool locks_everything_; // at its beginning
    std::vector<std::int64_t> held_;
    bool holds_everything_;
    std::vector<Level> levels_;
    QuestionPtr proof_;
    std::vector<QuestionPtr> history_;
    std::size_t bytes_ = 0;
    bool remembers_ = true;
};

} // namespace auth
