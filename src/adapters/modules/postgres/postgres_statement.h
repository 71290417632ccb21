// A statement on a PostgreSQL connection. The first use goes out in one message, later ones by a
// prepared name; rows come in one at a time.
#pragma once

#include "adapters/modules/postgres/connection.h"
#include "adapters/modules/postgres/kept_values.h"
#include "core/store/database.h"

#include <deque>
#include <string>
#include <vector>

namespace auth {

class PostgresStatement final : public KeptValues<Statement>, private OpenRows {
  public:
    PostgresStatement(Connection& connection, std::string_view sql, std::string name,
                      std::int64_t& changes);

    bool step() override;
    void reset() override;
    [[nodiscard]] bool is_null(int column) const override;
    [[nodiscard]] std::int64_t integer(int column) const override;
    [[nodiscard]] std::string text(int column) const override;
    [[nodiscard]] std::string blob(int column) const override;

  private:
    enum class Phase { ready, coming, kept, done };
    void send();
    void prepare_by_name();
    [[nodiscard]] QueryResult receive();
    void fetch_rest() override;

    Connection& connection_;
    std::string sql_;
    std::string name_;
    std::int64_t& changes_;
    std::vector<Oid> types_; // as first bound; 0 lets the server tell
    Phase phase_ = Phase::ready;
    int uses_ = 0;
    QueryResult row_;
    std::deque<QueryResult> kept_;
};

} // namespace auth
