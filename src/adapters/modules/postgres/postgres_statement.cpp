#include "adapters/modules/postgres/postgres_statement.h"

#include <algorithm>
#include <cstdlib>
#include <new>

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

// What begins otherwise may change rows, also where it returns some.
bool is_question(std::string_view sql) {
    sql.remove_prefix(std::min(sql.find_first_not_of(" \n"), sql.size()));
    return sql.starts_with("SELECT");
}

struct FreeBytes {
    void operator()(unsigned char* bytes) const { PQfreemem(bytes); }
};

} // namespace

PostgresStatement::PostgresStatement(Conversation& conversation, std::string_view sql)
    : conversation_(conversation), sql_(std::make_shared<const std::string>(with_dollars(sql))),
      reads_(is_question(sql)) {}

QuestionPtr PostgresStatement::question() {
    auto question = std::make_shared<Question>();
    question->sql = sql_;
    question->values = values_;
    types_.resize(values_.size(), 0);
    for (std::size_t i = 0; i < values_.size(); ++i) {
        const KeptValue::Kind kind = values_[i].kind;
        if (kind == KeptValue::Kind::integer)
            types_[i] = int8_type;
        else if (kind != KeptValue::Kind::null)
            types_[i] = kind == KeptValue::Kind::blob ? bytea_type : text_type;
    }
    question->types = types_;
    question->writes = !reads_;
    return question;
}

bool PostgresStatement::step() {
    if (!asked_) {
        asked_ = question();
        if (QuestionPtr expected = conversation_.take_expected(*asked_))
            asked_ = std::move(expected);
        else if (reads_)
            conversation_.add(asked_);
        else
            conversation_.write(asked_);
        conversation_.ask(asked_);
    }
    return conversation_.next_row(*asked_);
}

void PostgresStatement::run() {
    asked_ = question();
    conversation_.write(asked_);
}

void PostgresStatement::reset() {
    // Rows that are on their way have to arrive.
    while (asked_ && conversation_.is_receiving(*asked_) && conversation_.next_row(*asked_)) {
    }
    asked_.reset();
    clear_values();
}

void PostgresStatement::expect() {
    conversation_.expect(question());
}

void PostgresStatement::prove_commit() {
    conversation_.prove_commit(question());
}

const char* PostgresStatement::value(int column) const {
    return PQgetvalue(asked_->answer.result(), asked_->answer.row(), column);
}

bool PostgresStatement::is_null(int column) const {
    return PQgetisnull(asked_->answer.result(), asked_->answer.row(), column) != 0;
}

std::int64_t PostgresStatement::integer(int column) const {
    const char* text = value(column);
    if (*text == 't')
        return 1;
    return *text == 'f' ? 0 : std::strtoll(text, nullptr, 10);
}

std::string PostgresStatement::text(int column) const {
    return {value(column), static_cast<std::size_t>(
                               PQgetlength(asked_->answer.result(), asked_->answer.row(), column))};
}

std::string PostgresStatement::blob(int column) const {
    std::size_t size = 0;
    const std::unique_ptr<unsigned char, FreeBytes> bytes(
        PQunescapeBytea(reinterpret_cast<const unsigned char*>(value(column)), &size));
    if (!bytes)
        throw std::bad_alloc();
    return {reinterpret_cast<const char*>(bytes.get()), size};
}

} // namespace auth
