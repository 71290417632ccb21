// A statement on a PostgreSQL server.
#pragma once

#include "adapters/modules/postgres/conversation.h"
#include "adapters/modules/postgres/kept_values.h"
#include "core/store/database.h"

#include <memory>
#include <string>
#include <vector>

namespace auth {

class PostgresStatement final : public KeptValues<Statement> {
  public:
    PostgresStatement(Conversation& conversation, std::string_view sql);

    bool step() override;
    void run() override;
    void reset() override;
    void expect() override;
    void prove_commit() override;
    [[nodiscard]] bool is_null(int column) const override;
    [[nodiscard]] std::int64_t integer(int column) const override;
    [[nodiscard]] std::string text(int column) const override;
    [[nodiscard]] std::string blob(int column) const override;

  private:
    [[nodiscard]] QuestionPtr question();
    [[nodiscard]] const char* value(int column) const;

    Conversation& conversation_;
    std::shared_ptr<const std::string> sql_;
    bool reads_;             // and changes nothing
    std::vector<Oid> types_; // as first bound; 0 lets the server tell
    QuestionPtr asked_;
};

} // namespace auth
