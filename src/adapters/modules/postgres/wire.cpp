#include "adapters/modules/postgres/wire.h"

#include "adapters/modules/postgres/postgres_failure.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <thread>
#include <utility>

namespace auth {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// What a server gets that does not say how long a statement may take.
constexpr seconds usual_patience{35};
// As long as a standby may take to be promoted.
constexpr seconds longest_failover{15};
constexpr milliseconds between_attempts{250};

// Parameters of a question as the library wants them.
struct SentValues {
    std::vector<std::string> numbers;
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;

    explicit SentValues(const std::vector<KeptValue>& kept) {
        numbers.reserve(kept.size());
        for (const KeptValue& one : kept) {
            const std::string* bytes = &one.bytes;
            if (one.kind == KeptValue::Kind::integer)
                bytes = &numbers.emplace_back(std::to_string(one.number));
            values.push_back(one.kind == KeptValue::Kind::null ? nullptr : bytes->c_str());
            lengths.push_back(static_cast<int>(bytes->size()));
            formats.push_back(one.kind == KeptValue::Kind::blob ? 1 : 0);
        }
    }
};

} // namespace

Wire::Wire(const std::string& url)
    : where_(url), handle_(where_.connect()), journeys_(connecting_journeys(handle_.get())),
      patience_(usual_patience) {}

void Wire::reconnect() {
    handle_.reset();
    parsed_.reset();
    unanswered_ = false;
    const auto deadline = steady_clock::now() + longest_failover;
    while (true) {
        try {
            handle_ = where_.connect();
            journeys_ += connecting_journeys(handle_.get());
            return;
        } catch (const Failure& failure) {
            if (failure.error().code != ErrorCode::database_unavailable ||
                steady_clock::now() >= deadline)
                throw;
        }
        std::this_thread::sleep_for(between_attempts);
    }
}

void Wire::lost(std::string_view why, bool silent) {
    const Failure loss =
        failure(state_lost, why.empty() ? PQerrorMessage(handle_.get()) : std::string(why));
    handle_.reset();
    throw ConnectionLost(loss, silent);
}

void Wire::enter_pipeline() {
    if (!handle_)
        lost("the connection was lost");
    if (PQpipelineStatus(handle_.get()) != PQ_PIPELINE_OFF)
        return;
    if (PQenterPipelineMode(handle_.get()) == 0 || PQsetnonblocking(handle_.get(), 1) != 0)
        lost();
}

void Wire::leave_pipeline() {
    if (!handle_)
        lost("the connection was lost");
    parsed_.reset();
    if (PQpipelineStatus(handle_.get()) == PQ_PIPELINE_OFF)
        return;
    if (PQexitPipelineMode(handle_.get()) == 0 || PQsetnonblocking(handle_.get(), 0) != 0)
        lost();
}

void Wire::send(const Question& question) {
    enter_pipeline();
    const SentValues sent(question.values);
    const int count = static_cast<int>(question.values.size());
    const bool known = parsed_ == question.sql && parsed_types_ == question.types;
    const int done = known ? PQsendQueryPrepared(handle_.get(), "", count, sent.values.data(),
                                                 sent.lengths.data(), sent.formats.data(), 0)
                           : PQsendQueryParams(handle_.get(), question.sql->c_str(), count,
                                               question.types.data(), sent.values.data(),
                                               sent.lengths.data(), sent.formats.data(), 0);
    if (done == 0)
        lost();
    parsed_ = question.sql;
    parsed_types_ = question.types;
}

void Wire::sync() {
    enter_pipeline();
    if (PQpipelineSync(handle_.get()) == 0)
        lost();
    unanswered_ = true;
    flush();
}

void Wire::flush() {
    while (true) {
        const int left = PQflush(handle_.get());
        if (left < 0)
            lost();
        if (left == 0)
            return;
        // A server that cannot send what it has to say takes nothing more in, either.
        await(POLLIN | POLLOUT);
        if (PQconsumeInput(handle_.get()) == 0)
            lost();
    }
}

void Wire::await(short events) {
    const auto deadline = steady_clock::now() + patience_.value_or(std::chrono::hours(24 * 365));
    pollfd socket{PQsocket(handle_.get()), events, 0};
    while (true) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
        if (left.count() <= 0)
            lost("the server does not answer", true);
        const int ready =
            poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
        if (ready > 0)
            return;
        if (ready < 0 && errno != EINTR)
            lost("the connection cannot be waited for");
    }
}

void Wire::await_answer() {
    if (std::exchange(unanswered_, false))
        ++journeys_;
    while (PQisBusy(handle_.get()) != 0) {
        await(POLLIN);
        if (PQconsumeInput(handle_.get()) == 0)
            lost();
    }
}

QueryResult Wire::next() {
    if (!handle_)
        lost("the connection was lost");
    await_answer();
    QueryResult result(PQgetResult(handle_.get()));
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR && result != nullptr) {
        const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        if (is_connection_lost(state != nullptr ? state : "")) {
            const ConnectionLost loss(failure(result.get()));
            handle_.reset();
            throw loss;
        }
    }
    return result;
}

void Wire::one_row_at_a_time() {
    // Refused where there is nothing to read: then it makes no difference.
    if (handle_)
        (void)PQsetSingleRowMode(handle_.get());
}

std::string Wire::try_run(const std::string& commands) {
    leave_pipeline();
    if (PQsendQuery(handle_.get(), commands.c_str()) == 0)
        lost();
    unanswered_ = true;
    std::string state;
    while (const QueryResult result = next()) {
        if (PQresultStatus(result.get()) != PGRES_FATAL_ERROR || !state.empty())
            continue;
        state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    }
    return state;
}

// Throws the first result that is a failure; a COPY gets the rows.
void Wire::receive_all(std::string_view rows) {
    unanswered_ = true;
    QueryResult failed;
    while (QueryResult result = next()) {
        const auto status = PQresultStatus(result.get());
        if (status == PGRES_FATAL_ERROR && !failed)
            failed = std::move(result);
        if (status != PGRES_COPY_IN)
            continue;
        if (PQputCopyData(handle_.get(), rows.data(), static_cast<int>(rows.size())) != 1 ||
            PQputCopyEnd(handle_.get(), nullptr) != 1)
            lost();
        unanswered_ = true;
    }
    if (failed)
        throw failure(failed.get());
}

void Wire::run(const std::string& commands, std::string_view rows) {
    leave_pipeline();
    if (PQsendQuery(handle_.get(), commands.c_str()) == 0)
        lost();
    receive_all(rows);
}

void Wire::run(const std::string& statement, const std::vector<Oid>& types,
               const std::vector<std::string>& values) {
    leave_pipeline();
    std::vector<const char*> starts;
    std::vector<int> lengths;
    for (const std::string& value : values) {
        starts.push_back(value.data());
        lengths.push_back(static_cast<int>(value.size()));
    }
    const std::vector<int> binary(values.size(), 1);
    if (PQsendQueryParams(handle_.get(), statement.c_str(), static_cast<int>(values.size()),
                          types.data(), starts.data(), lengths.data(), binary.data(), 0) == 0)
        lost();
    receive_all({});
}

Failure Wire::failure(std::string_view state, std::string_view message) const {
    return postgres_failure(where_.location(), state, message);
}

Failure Wire::failure(const PGresult* result) const {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* why = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    return failure(state != nullptr ? state : "",
                   why != nullptr ? why : PQerrorMessage(handle_.get()));
}

} // namespace auth
