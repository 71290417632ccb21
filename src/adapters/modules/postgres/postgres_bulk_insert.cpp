#include "adapters/modules/postgres/postgres_bulk_insert.h"

#include <fmt/format.h>

#include <utility>

namespace auth {
namespace {

// Of rows that wait for finish(), in bytes.
constexpr std::size_t most_gathered_bytes = 1U << 20U;

} // namespace

PostgresBulkInsert::PostgresBulkInsert(Conversation& conversation, const PlainInsert& insert,
                                       WhenTaken when_taken, std::vector<Oid> types)
    : conversation_(conversation), rows_(insert, std::move(types)),
      all_or_none_(when_taken == WhenTaken::none) {
    values_.resize(insert.count);
    conversation_.bulk().enter(rows_, all_or_none_);
}

PostgresBulkInsert::~PostgresBulkInsert() {
    conversation_.bulk().leave(rows_);
}

// The server says only by a command that fails that a row is taken, and goes on behind a savepoint.
void PostgresBulkInsert::send_guarded(std::string_view after) {
    const bool first = std::exchange(phase_, Phase::open) == Phase::before;
    try {
        conversation_.bulk().send_alone(rows_, first ? "SAVEPOINT bulk_insert;" : "", after);
    } catch (const Failure& failure) {
        if (failure.error().code != ErrorCode::exists)
            throw;
        conversation_.wire().run("ROLLBACK TO bulk_insert; RELEASE bulk_insert");
        phase_ = Phase::taken;
    }
}

void PostgresBulkInsert::add() {
    if (phase_ != Phase::taken) {
        rows_.add(values_);
        conversation_.bulk().note_row(rows_);
        if (all_or_none_ && rows_.size() >= most_gathered_bytes)
            send_guarded("");
    }
    clear_values();
}

Status PostgresBulkInsert::finish() {
    if (!all_or_none_)
        conversation_.bulk().send_all();
    else if (phase_ == Phase::open || !rows_.empty())
        send_guarded("RELEASE bulk_insert;");
    if (std::exchange(phase_, Phase::before) == Phase::taken)
        return fail(ErrorCode::exists,
                    fmt::format("{} already has one of the rows", rows_.insert().table));
    return {};
}

} // namespace auth
