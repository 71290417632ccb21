#include "adapters/modules/postgres/turn.h"

#include "adapters/modules/postgres/postgres_locks.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace auth {
namespace {

// Acts on one user need a tenth of it. What is longer is not repeated.
constexpr std::size_t most_questions = 500;
constexpr std::size_t most_bytes = 1U << 20U;

// db init of several processes at once.
constexpr std::string_view making_lock = "SELECT pg_advisory_xact_lock(1096111171)";

std::vector<std::string> statements_for(bool everything, const std::vector<std::int64_t>& numbers) {
    if (everything)
        return {std::string(lock_everything)};
    std::vector<std::string> out{std::string(lock_shared)};
    if (!numbers.empty())
        out.push_back(lock_command(numbers));
    return out;
}

} // namespace

Turn::Turn(Kind kind, const Locks& locks)
    : kind_(kind), first_locks_(lock_numbers(locks)), locks_everything_(locks.is_everything()),
      held_(first_locks_), holds_everything_(locks_everything_) {}

std::string Turn::opening() const {
    return kind_ == Kind::snapshot ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                   : "BEGIN ISOLATION LEVEL READ COMMITTED";
}

std::vector<std::string> Turn::locking() const {
    switch (kind_) {
    case Kind::snapshot:
        return {};
    case Kind::making:
        return {std::string(making_lock)};
    case Kind::writing:
        break;
    }
    return statements_for(locks_everything_, first_locks_);
}

QuestionPtr Turn::descend(int depth) {
    QuestionPtr savepoint = question_of(fmt::format("SAVEPOINT level_{}", depth));
    levels_.push_back({savepoint, held_, holds_everything_, proof_});
    return savepoint;
}

std::vector<std::string> Turn::lock_more(const Locks& locks) {
    if (holds_everything_ || kind_ != Kind::writing)
        return {};
    if (locks.is_everything()) {
        holds_everything_ = true;
        return {std::string(lock_everything)};
    }
    std::vector<std::int64_t> missing;
    std::ranges::set_difference(lock_numbers(locks), held_, std::back_inserter(missing));
    if (missing.empty())
        return {};
    held_.insert(held_.end(), missing.begin(), missing.end());
    std::ranges::sort(held_);
    return {lock_command(missing)};
}

QuestionPtr Turn::fall_back() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    held_ = std::move(level.held);
    holds_everything_ = level.everything;
    proof_ = std::move(level.proof);
    return std::move(level.savepoint);
}

void Turn::remember(const QuestionPtr& question) {
    if (!remembers_)
        return;
    bytes_ += question->bytes();
    history_.push_back(question);
    if (history_.size() > most_questions || bytes_ > most_bytes)
        forget();
}

void Turn::forget() {
    remembers_ = false;
    history_.clear();
}

} // namespace auth
