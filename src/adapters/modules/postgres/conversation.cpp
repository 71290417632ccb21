#include "adapters/modules/postgres/conversation.h"

#include "adapters/modules/postgres/batch_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace auth {
namespace {

// What waits at most before it is sent, and how many batches are on their way at once.
constexpr std::size_t most_waiting = 256;
constexpr std::size_t most_waiting_bytes = 1U << 18U;
constexpr std::ptrdiff_t most_batches = 2;

// An answer with fewer rows is handed out once it is complete.
constexpr std::size_t many_rows = 256;

bool is_unsupported(std::string_view state) {
    return state == "0A000" || state == "42601";
}

} // namespace

// Whoever is to go on after a loss does so by doing it once more.
template <class Act> void Conversation::persist(const Act& act) {
    while (true) {
        try {
            return act();
        } catch (const ConnectionLost& lost) {
            recover(lost);
        } catch (const TableLockUnknown&) {
            locks_rows_ = true;
            repeat_turn();
        }
    }
}

void Conversation::introduce() {
    if (turn_ ? turn_->begun : !queue_.empty())
        return;
    if (turn_) {
        turn_->begun = true;
        if (locks_rows_ && turn_->kind() == Turn::Kind::writing) {
            take_turn_by_row();
            return introduce_client();
        }
        opening_ = housekeeping(turn_->opening());
        queue_.push_back(opening_);
    }
    queue_.push_back(housekeeping(std::string(settings_text)));
    if (many_rows_)
        queue_.push_back(housekeeping(std::string(many_rows_text)));
    if (turn_) {
        table_lock_.reset();
        for (std::string& lock : turn_->locking()) {
            queue_.push_back(housekeeping(std::move(lock)));
            if (!table_lock_)
                table_lock_ = queue_.back();
        }
    }
    introduce_client();
    // What is not kept cannot be asked again if a lock is not to be had in this way.
    if (turn_ && turn_->kind() == Turn::Kind::writing && !turn_->can_be_repeated())
        settle();
}

// A transaction that is repeated begins as it did before.
void Conversation::introduce_client() {
    QuestionPtr introduction = introduction_;
    if (turn_ && !turn_->introduction)
        turn_->introduction = introduction;
    else if (turn_)
        introduction = turn_->introduction;
    if (!introduction)
        return;
    queue_.push_back(introduction->again());
    queue_.back()->housekeeping = true;
}

void Conversation::add(const QuestionPtr& question) {
    bulk_.send_all();
    introduce();
    queue_.push_back(question);
    queued_bytes_ += question->bytes();
    if (turn_ && (queue_.size() >= most_waiting || queued_bytes_ >= most_waiting_bytes))
        send_ahead();
}

// Sends without waiting, so that neither side waits for the other while there is much to do.
void Conversation::send_ahead() {
    persist([this] {
        send();
        while (std::ranges::count(sent_, nullptr) > most_batches)
            receive(nullptr);
    });
}

void Conversation::send() {
    if (!wire_.is_open()) {
        sent_.clear();
        open_.reset();
    }
    if (queue_.empty())
        return;
    receive_last_rows();
    if (!turn_)
        wire_.forget_statement();
    queued_bytes_ = 0;
    while (!queue_.empty()) {
        const QuestionPtr question = queue_.front();
        queue_.pop_front();
        sent_.push_back(question);
        question->state = Question::State::sent;
        if (turn_ && !question->housekeeping)
            turn_->remember(question);
        wire_.send(*question);
    }
    sent_.push_back(nullptr);
    wire_.sync();
}

void Conversation::take(Question& question, QueryResult result) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_ABORTED)
        return;
    if (status != PGRES_FATAL_ERROR)
        return question.answer.add(std::move(result));
    if (failed_)
        return;
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    lock_failed_ = &question == table_lock_.get() && state != nullptr && is_unsupported(state);
    failed_ = std::move(result);
}

// The answers of one batch. If the wanted one is the last of them and has many rows, the rest of
// them stays on its way.
void Conversation::receive(const Question* wanted) {
    while (sent_.front() != nullptr) {
        const QuestionPtr question = sent_.front();
        const bool in_parts = question.get() == wanted && sent_[1] == nullptr;
        if (in_parts && !failed_)
            wire_.one_row_at_a_time();
        while (QueryResult result = wire_.next()) {
            take(*question, std::move(result));
            if (in_parts && question->answer.rows() == many_rows) {
                open_ = question;
                if (turn_)
                    turn_->forget();
                return;
            }
        }
        question->state = Question::State::answered;
        sent_.pop_front();
    }
    pass_mark();
}

void Conversation::receive_last_rows() {
    while (open_) {
        if (QueryResult result = wire_.next()) {
            take(*open_, std::move(result));
            continue;
        }
        std::exchange(open_, nullptr)->state = Question::State::answered;
        sent_.pop_front();
        pass_mark();
    }
}

void Conversation::pass_mark() {
    (void)wire_.next();
    sent_.pop_front();
    if (!failed_)
        return;
    const QueryResult failed = std::move(failed_);
    drop_answers(); // of what was sent ahead, and failed for the same reason
    expected_.clear();
    kept_ = 0;
    wire_.forget_statement();
    if (std::exchange(lock_failed_, false))
        throw TableLockUnknown(wire_.failure(failed.get()));
    if (turn_)
        turn_->forget();
    throw wire_.failure(failed.get());
}

void Conversation::drop_answers() {
    for (; !sent_.empty(); sent_.pop_front()) {
        QueryResult result = wire_.next();
        if (!sent_.front())
            continue;
        sent_.front()->state = Question::State::answered;
        while (result)
            result = wire_.next();
    }
}

void Conversation::ask(const QuestionPtr& question) {
    persist([&] {
        if (question->state == Question::State::waiting)
            send();
        while (question->state != Question::State::answered && open_ != question && !sent_.empty())
            receive(question.get());
    });
    if (check_)
        check_();
    question->handed_out = true;
}

void Conversation::write(const QuestionPtr& question) {
    question->writes = true;
    forget_expected(turn_ ? kept_ : 0);
    latest_write_ = question;
    add(question);
    if (!turn_)
        ask(question);
}

std::int64_t Conversation::changes() {
    if (!latest_write_)
        return 0;
    ask(latest_write_);
    return latest_write_->answer.changes();
}

bool Conversation::next_row(Question& question) {
    if (question.answer.next())
        return true;
    if (open_.get() != &question)
        return false;
    if (QueryResult result = wire_.next()) {
        take(question, std::move(result));
        if (!failed_ && question.answer.next())
            return true;
    }
    receive_last_rows();
    return false;
}

void Conversation::settle() {
    bulk_.wait();
    persist([this] {
        send();
        receive_last_rows();
        while (!sent_.empty())
            receive(nullptr);
    });
}

void Conversation::expect(const QuestionPtr& question) {
    const auto same = [&](const QuestionPtr& other) { return other->same_as(*question); };
    if (std::ranges::any_of(expected_, same))
        return;
    expected_.push_back(question);
    add(question);
}

QuestionPtr Conversation::take_expected(const Question& like) {
    const auto found = std::ranges::find_if(
        expected_, [&](const QuestionPtr& each) { return each->same_as(like); });
    if (found == expected_.end())
        return nullptr;
    if (std::distance(expected_.begin(), found) < static_cast<std::ptrdiff_t>(kept_))
        --kept_;
    QuestionPtr question = std::move(*found);
    expected_.erase(found);
    return question;
}

// Those from that one on.
void Conversation::forget_expected(std::size_t from) {
    while (expected_.size() > from) {
        const auto waiting = std::ranges::find(queue_, expected_.back());
        if (waiting != queue_.end())
            queue_.erase(waiting);
        expected_.pop_back();
    }
    kept_ = std::min(kept_, from);
}

void Conversation::introduce_as(QuestionPtr introduction) {
    // Whoever was seen before may be out of sight now, and the other way about.
    if (std::exchange(introduction_, std::move(introduction)))
        forget_expected(turn_ ? kept_ : 0);
    if (turn_ && turn_->begun)
        add(introduction_->again());
    if (turn_)
        return;
    queue_.clear();
    std::erase_if(expected_,
                  [](const QuestionPtr& each) { return each->state == Question::State::waiting; });
}

void Conversation::expect_many_rows() {
    if (std::exchange(many_rows_, true))
        return;
    wire_.be_patient(std::nullopt);
    if (!turn_)
        return;
    turn_->forget();
    if (turn_->begun)
        queue_.push_back(housekeeping(std::string(many_rows_text)));
}

void Conversation::execute(const std::string& commands) {
    bulk_.send_all();
    if (turn_) {
        introduce();
        turn_->forget();
    }
    settle();
    wire_.run(turn_ ? commands : fmt::format("{}; {}", settings_text, commands));
}

void Conversation::free_wire() {
    introduce();
    turn_->forget();
    settle();
}

} // namespace auth
