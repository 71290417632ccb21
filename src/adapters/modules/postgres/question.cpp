#include "adapters/modules/postgres/question.h"

#include <cstdlib>
#include <utility>

namespace auth {

void Answer::mix(std::string_view bytes) {
    constexpr std::uint64_t prime = 1099511628211U; // FNV-1a
    for (const char c : bytes)
        digest_ = (digest_ ^ static_cast<unsigned char>(c)) * prime;
    digest_ = (digest_ ^ bytes.size()) * prime;
}

void Answer::add(QueryResult result) {
    const int rows = PQntuples(result.get());
    const int columns = PQnfields(result.get());
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < columns; ++column) {
            const std::string_view value(
                PQgetvalue(result.get(), row, column),
                static_cast<std::size_t>(PQgetlength(result.get(), row, column)));
            mix(PQgetisnull(result.get(), row, column) != 0 ? "NULL" : "value");
            mix(value);
            bytes_ += value.size();
        }
    }
    if (PQresultStatus(result.get()) != PGRES_SINGLE_TUPLE) {
        tag_ = PQcmdStatus(result.get());
        changes_ = std::strtoll(PQcmdTuples(result.get()), nullptr, 10);
        mix(tag_);
    }
    rows_ += static_cast<std::size_t>(rows);
    if (rows > 0)
        results_.push_back(std::move(result));
}

bool Answer::next() {
    ++row_;
    if (!results_.empty() && row_ >= PQntuples(results_.front().get())) {
        results_.pop_front();
        row_ = 0;
    }
    if (!results_.empty())
        return true;
    row_ = -1;
    return false;
}

std::size_t Question::bytes() const {
    std::size_t sum = sql->size();
    for (const KeptValue& value : values)
        sum += value.bytes.size() + sizeof value.number;
    return sum;
}

QuestionPtr Question::again() const {
    auto question = std::make_shared<Question>();
    question->sql = sql;
    question->values = values;
    question->types = types;
    question->housekeeping = housekeeping;
    question->writes = writes;
    return question;
}

QuestionPtr question_of(std::string sql) {
    auto question = std::make_shared<Question>();
    question->sql = std::make_shared<const std::string>(std::move(sql));
    return question;
}

QuestionPtr housekeeping(std::string sql) {
    QuestionPtr question = question_of(std::move(sql));
    question->housekeeping = true;
    return question;
}

} // namespace auth
