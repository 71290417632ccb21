// A statement on its way to the server, and what came back.
#pragma once

#include "adapters/modules/postgres/kept_values.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <libpq-fe.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using QueryResult = std::unique_ptr<PGresult, ClearResult>;

// Rows as they came, read once.
class Answer {
  public:
    // A result without an error: some rows, or the end.
    void add(QueryResult result);
    // Moves to the next row that is here.
    [[nodiscard]] bool next();
    // Of the row.
    [[nodiscard]] const PGresult* result() const { return results_.front().get(); }
    [[nodiscard]] int row() const { return row_; }

    [[nodiscard]] std::size_t rows() const { return rows_; } // that came so far
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::int64_t changes() const { return changes_; }
    // "COMMIT", "INSERT 0 1"
    [[nodiscard]] const std::string& tag() const { return tag_; }
    // Equal for equal rows and changes.
    [[nodiscard]] std::uint64_t digest() const { return digest_; }

  private:
    void mix(std::string_view bytes);

    std::deque<QueryResult> results_;
    int row_ = -1;
    std::size_t rows_ = 0;
    std::size_t bytes_ = 0;
    std::int64_t changes_ = 0;
    std::string tag_;
    std::uint64_t digest_ = 0;
};

struct Question {
    enum class State { waiting, sent, answered };

    std::shared_ptr<const std::string> sql; // with $1 $2
    std::vector<KeptValue> values{};
    std::vector<Oid> types{};  // of the values; 0 lets the server tell
    bool housekeeping = false; // asked by the conversation itself
    bool writes = false;       // and must not be asked twice
    State state = State::waiting;
    bool handed_out = false; // somebody knows the answer
    Answer answer{};

    [[nodiscard]] bool same_as(const Question& other) const {
        return *sql == *other.sql && values == other.values;
    }
    [[nodiscard]] std::size_t bytes() const; // of what is sent, about
    // The same, not asked yet.
    [[nodiscard]] std::shared_ptr<Question> again() const;
};
using QuestionPtr = std::shared_ptr<Question>;

[[nodiscard]] QuestionPtr question_of(std::string sql);
// Asked by the conversation itself.
[[nodiscard]] QuestionPtr housekeeping(std::string sql);

} // namespace auth
