#include "adapters/modules/postgres/postgres_statement.h"

#include <cstdlib>

namespace auth {
namespace {

// pg_type.dat
constexpr Oid bytea_type = 17;
constexpr Oid int8_type = 20;
constexpr Oid text_type = 25;

std::string with_dollars(std::string_view sql) {
    std::string out(sql);
    bool quoted = false;
    for (std::size_t at = 0; at + 1 < out.size(); ++at) {
        if (out[at] == '\'')
            quoted = !quoted;
        else if (!quoted && out[at] == '?' && out[at + 1] >= '1' && out[at + 1] <= '9')
            out[at] = '$';
    }
    return out;
}

struct FreeBytes {
    void operator()(unsigned char* bytes) const { PQfreemem(bytes); }
};

} // namespace

PostgresStatement::PostgresStatement(Connection& connection, std::string_view sql, std::string name,
                                     std::int64_t& changes)
    : connection_(connection), sql_(with_dollars(sql)), name_(std::move(name)), changes_(changes) {}

void PostgresStatement::prepare_by_name() {
    if (PQsendPrepare(connection_.handle(), name_.c_str(), sql_.c_str(),
                      static_cast<int>(types_.size()), types_.data()) == 0)
        connection_.fail(nullptr);
    const QueryResult result = connection_.next();
    connection_.finish();
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
        connection_.fail(result.get());
}

void PostgresStatement::send() {
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
    types_.resize(values_.size(), 0);
    for (std::size_t i = 0; i < values_.size(); ++i) {
        KeptValue& one = values_[i];
        if (one.kind == KeptValue::Kind::integer) {
            one.bytes = std::to_string(one.number);
            types_[i] = int8_type;
        } else if (one.kind != KeptValue::Kind::null) {
            types_[i] = one.kind == KeptValue::Kind::blob ? bytea_type : text_type;
        }
        values.push_back(one.kind == KeptValue::Kind::null ? nullptr : one.bytes.c_str());
        lengths.push_back(static_cast<int>(one.bytes.size()));
        formats.push_back(one.kind == KeptValue::Kind::blob ? 1 : 0);
    }
    connection_.make_ready();
    const int count = static_cast<int>(values.size());
    if (++uses_ == 2)
        prepare_by_name();
    const int sent =
        uses_ == 1 ? PQsendQueryParams(connection_.handle(), sql_.c_str(), count, types_.data(),
                                       values.data(), lengths.data(), formats.data(), 0)
                   : PQsendQueryPrepared(connection_.handle(), name_.c_str(), count, values.data(),
                                         lengths.data(), formats.data(), 0);
    if (sent == 0 || PQsetSingleRowMode(connection_.handle()) == 0)
        connection_.fail(nullptr);
    connection_.set_open_rows(this);
    phase_ = Phase::coming;
}

// The next row; nullptr after the last, when the connection is free again.
QueryResult PostgresStatement::receive() {
    QueryResult result;
    try {
        result = connection_.next();
    } catch (...) {
        connection_.set_open_rows(nullptr);
        phase_ = Phase::done;
        throw;
    }
    if (PQresultStatus(result.get()) == PGRES_SINGLE_TUPLE)
        return result;
    connection_.set_open_rows(nullptr);
    phase_ = Phase::done;
    connection_.finish();
    switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
        changes_ = std::strtoll(PQcmdTuples(result.get()), nullptr, 10);
        return nullptr;
    case PGRES_TUPLES_OK:
        return nullptr;
    default:
        connection_.fail(result.get());
    }
}

void PostgresStatement::fetch_rest() {
    while (QueryResult row = receive())
        kept_.push_back(std::move(row));
    phase_ = Phase::kept;
}

bool PostgresStatement::step() {
    row_.reset();
    if (phase_ == Phase::ready)
        send();
    if (phase_ == Phase::coming) {
        row_ = receive();
    } else if (!kept_.empty()) {
        row_ = std::move(kept_.front());
        kept_.pop_front();
    }
    return row_ != nullptr;
}

void PostgresStatement::reset() {
    while (phase_ == Phase::coming)
        (void)receive();
    kept_.clear();
    row_.reset();
    clear_values();
    phase_ = Phase::ready;
}

bool PostgresStatement::is_null(int column) const {
    return PQgetisnull(row_.get(), 0, column) != 0;
}

std::int64_t PostgresStatement::integer(int column) const {
    const char* text = PQgetvalue(row_.get(), 0, column);
    if (*text == 't')
        return 1;
    return *text == 'f' ? 0 : std::strtoll(text, nullptr, 10);
}

std::string PostgresStatement::text(int column) const {
    return {PQgetvalue(row_.get(), 0, column),
            static_cast<std::size_t>(PQgetlength(row_.get(), 0, column))};
}

std::string PostgresStatement::blob(int column) const {
    std::size_t size = 0;
    const std::unique_ptr<unsigned char, FreeBytes> bytes(PQunescapeBytea(
        reinterpret_cast<const unsigned char*>(PQgetvalue(row_.get(), 0, column)), &size));
    if (!bytes)
        throw std::bad_alloc();
    return {reinterpret_cast<const char*>(bytes.get()), size};
}

} // namespace auth
