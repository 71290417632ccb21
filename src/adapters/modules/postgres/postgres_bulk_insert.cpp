#include "adapters/modules/postgres/postgres_bulk_insert.h"

#include <fmt/format.h>

#include <utility>

namespace auth {
namespace {

// Sent as soon as this much is gathered, in bytes.
constexpr std::size_t most_gathered = 1U << 20U;

} // namespace

PostgresBulkInsert::PostgresBulkInsert(Database& database, Conversation& conversation,
                                       std::string_view sql, WhenTaken when_taken, bool copies)
    : database_(database), conversation_(conversation), sql_(sql), insert_(PlainInsert::of(sql)),
      all_or_none_(when_taken == WhenTaken::none), copies_(copies) {
    values_.resize(insert_.count);
}

PostgresBulkInsert::~PostgresBulkInsert() {
    conversation_.copies().forget(insert_);
}

void PostgresBulkInsert::copy_row() {
    CopyBuffers& copies = conversation_.copies();
    copies.begin_row(insert_);
    for (const KeptValue& one : values_) {
        if (one.kind == KeptValue::Kind::null)
            copies.add_null();
        else if (one.kind == KeptValue::Kind::integer)
            copies.add(one.number);
        else if (one.kind == KeptValue::Kind::text)
            copies.add_text(one.bytes);
        else
            copies.add_bytes(one.bytes);
    }
    copies.end_row();
    if (copies.size() >= most_gathered)
        conversation_.send_copies();
}

void PostgresBulkInsert::insert_row() {
    Statement& row = database_.prepare(sql_);
    int position = 0;
    for (const KeptValue& one : values_) {
        ++position;
        if (one.kind == KeptValue::Kind::null)
            row.bind_null(position);
        else if (one.kind == KeptValue::Kind::integer)
            row.bind(position, one.number);
        else if (one.kind == KeptValue::Kind::text)
            row.bind(position, one.bytes);
        else
            row.bind_blob(position, one.bytes);
    }
    row.run();
}

// The server says only by a command that fails that a row is taken, and goes on behind a savepoint.
template <class Act> void PostgresBulkInsert::attempt(Act act) {
    try {
        act();
    } catch (const Failure& failure) {
        if (!all_or_none_ || failure.error().code != ErrorCode::exists)
            throw;
        conversation_.copies().drop();
        conversation_.add(question_of("ROLLBACK TO bulk_insert"));
        conversation_.add(question_of("RELEASE bulk_insert"));
        phase_ = Phase::taken;
    }
}

void PostgresBulkInsert::add() {
    if (all_or_none_ && phase_ == Phase::before) {
        conversation_.add(question_of("SAVEPOINT bulk_insert"));
        phase_ = Phase::open;
    }
    if (phase_ != Phase::taken)
        attempt([&] { copies_ ? copy_row() : insert_row(); });
    clear_values();
}

Status PostgresBulkInsert::finish() {
    if (!all_or_none_) {
        if (!conversation_.copies().empty())
            conversation_.send_copies();
    } else if (phase_ == Phase::open) {
        attempt([&] {
            conversation_.add(question_of("RELEASE bulk_insert"));
            conversation_.settle();
        });
    }
    if (std::exchange(phase_, Phase::before) == Phase::taken)
        return fail(ErrorCode::exists,
                    fmt::format("{} already has one of the rows", insert_.table));
    return {};
}

} // namespace auth
