#include "adapters/modules/postgres/postgres_bulk_insert.h"

#include <fmt/format.h>

#include <utility>

namespace auth {
namespace {

// Sent as soon as this much is gathered, in bytes.
constexpr std::size_t most_gathered = 1U << 20U;

} // namespace

PostgresBulkInsert::PostgresBulkInsert(Database& database, Connection& connection,
                                       std::string_view sql, WhenTaken when_taken, bool copies)
    : database_(database), connection_(connection), sql_(sql), insert_(PlainInsert::of(sql)),
      all_or_none_(when_taken == WhenTaken::none), copies_(copies), values_(insert_.count) {}

PostgresBulkInsert::~PostgresBulkInsert() {
    connection_.copies.forget(insert_);
}

PostgresBulkInsert::Value& PostgresBulkInsert::value(int position, Kind kind) {
    Value& one = values_.at(static_cast<std::size_t>(position - 1));
    one.kind = kind;
    return one;
}

BulkInsert& PostgresBulkInsert::bind(int position, std::int64_t number) {
    value(position, Kind::integer).number = number;
    return *this;
}

BulkInsert& PostgresBulkInsert::bind(int position, std::string_view text) {
    value(position, Kind::text).bytes.assign(text);
    return *this;
}

BulkInsert& PostgresBulkInsert::bind_blob(int position, std::string_view bytes) {
    value(position, Kind::blob).bytes.assign(bytes);
    return *this;
}

BulkInsert& PostgresBulkInsert::bind_null(int position) {
    (void)value(position, Kind::null);
    return *this;
}

void PostgresBulkInsert::copy_row() {
    CopyBuffers& copies = connection_.copies;
    copies.begin_row(insert_);
    for (const Value& one : values_) {
        if (one.kind == Kind::null)
            copies.add_null();
        else if (one.kind == Kind::integer)
            copies.add(one.number);
        else if (one.kind == Kind::text)
            copies.add_text(one.bytes);
        else
            copies.add_bytes(one.bytes);
    }
    copies.end_row();
    if (copies.size() >= most_gathered)
        connection_.make_ready();
}

void PostgresBulkInsert::insert_row() {
    Statement& row = database_.prepare(sql_);
    int position = 0;
    for (const Value& one : values_) {
        ++position;
        if (one.kind == Kind::null)
            row.bind_null(position);
        else if (one.kind == Kind::integer)
            row.bind(position, one.number);
        else if (one.kind == Kind::text)
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
        connection_.copies.drop();
        connection_.run("ROLLBACK TO bulk_insert; RELEASE bulk_insert");
        phase_ = Phase::taken;
    }
}

void PostgresBulkInsert::add() {
    if (all_or_none_ && phase_ == Phase::before) {
        connection_.run("SAVEPOINT bulk_insert");
        phase_ = Phase::open;
    }
    if (phase_ != Phase::taken)
        attempt([&] { copies_ ? copy_row() : insert_row(); });
    for (Value& one : values_)
        one.kind = Kind::null;
}

Status PostgresBulkInsert::finish() {
    if (!all_or_none_)
        connection_.make_ready();
    else if (phase_ == Phase::open)
        attempt([&] { connection_.run("RELEASE bulk_insert"); });
    if (std::exchange(phase_, Phase::before) == Phase::taken)
        return fail(ErrorCode::exists,
                    fmt::format("{} already has one of the rows", insert_.table));
    return {};
}

} // namespace auth
