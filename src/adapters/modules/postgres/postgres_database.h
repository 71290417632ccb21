// One PostgreSQL database, in its schema auth_cli. Whoever writes holds a lock from the start of
// the transaction, as with SQLite; where the lock is that of a table, they are serializable
// besides.
#pragma once

#include "adapters/modules/postgres/postgres_statement.h"
#include "core/base/hold.h"
#include "core/store/migrations.h"

#include <map>

namespace auth {

class PostgresDatabase final : public Database {
  public:
    // See open_postgres_module.
    [[nodiscard]] static std::unique_ptr<PostgresDatabase> open(const std::string& url,
                                                                Hold writing);
    [[nodiscard]] static std::unique_ptr<PostgresDatabase> create(const std::string& url,
                                                                  Hold writing);

    [[nodiscard]] const Dialect& dialect() const override;
    Statement& prepare(std::string_view sql) override;
    void execute(const std::string& sql) override { connection_.run(sql); }
    [[nodiscard]] std::int64_t changes() const override { return changes_; }
    [[nodiscard]] int schema_version() override;
    void set_schema_version(int version) override;
    [[nodiscard]] const Migrations& migrations() const override { return postgres_migrations(); }
    void expect_much() override;
    [[nodiscard]] std::unique_ptr<BulkInsert> bulk_insert(std::string_view sql,
                                                          WhenTaken when_taken) override;
    [[nodiscard]] bool restricted() const override { return restricted_; }
    void approach(std::string_view what, std::string_view name) override;
    [[nodiscard]] std::vector<TableColumn> columns(std::string_view table) override;
    void adopt_numbers() override;
    [[nodiscard]] std::vector<IntegrityProblem> integrity_problems() override;
    [[nodiscard]] std::string location() const override { return connection_.location(); }
    [[nodiscard]] std::optional<std::int64_t> size() override;

  protected:
    void begin_snapshot() override;
    void end_snapshot() noexcept override { roll_back(0); }
    void begin(int depth, const Locks& locks) override;
    void commit(int depth) override;
    void roll_back(int depth) noexcept override;

  private:
    PostgresDatabase(const std::string& url, Hold writing)
        : connection_(url), writing_(std::move(writing)) {}
    [[nodiscard]] bool has_schema();
    void look_around();
    void make_schema();
    void check_owner();
    void begin_writing();

    Connection connection_;
    Hold writing_; // while a transaction makes others wait
    std::shared_ptr<void> held_;
    std::map<std::string, std::unique_ptr<PostgresStatement>, std::less<>> statements_;
    std::int64_t changes_ = 0;
    bool patient_ = false;
    std::optional<bool> copies_; // whether the server takes COPY, once somebody asked
    bool to_make_ = false;
    bool restricted_ = false;
    bool locks_rows_ = false; // the server knows no LOCK TABLE
};

} // namespace auth
