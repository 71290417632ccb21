// One PostgreSQL database, in its schema auth_cli. A transaction holds its locks from the start;
// transactions that share none run side by side.
#pragma once

#include "adapters/modules/postgres/postgres_statement.h"
#include "core/base/hold.h"
#include "core/store/migrations.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth {

class PostgresDatabase final : public Database {
  public:
    // See open_postgres_module.
    [[nodiscard]] static std::unique_ptr<PostgresDatabase> open(const std::string& url,
                                                                Hold writing, const Expect& expect);
    [[nodiscard]] static std::unique_ptr<PostgresDatabase> create(const std::string& url,
                                                                  Hold writing);
    [[nodiscard]] static std::unique_ptr<PostgresDatabase> look(const std::string& url);

    [[nodiscard]] const Dialect& dialect() const override;
    Statement& prepare(std::string_view sql) override;
    void execute(const std::string& sql) override { conversation_.execute(sql); }
    [[nodiscard]] std::int64_t changes() override { return conversation_.changes(); }
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
    [[nodiscard]] std::string location() const override { return conversation_.wire().location(); }
    [[nodiscard]] std::optional<std::int64_t> size() override;
    [[nodiscard]] std::optional<int> round_trips() const override {
        return conversation_.wire().journeys();
    }

  protected:
    void begin_snapshot() override;
    void end_snapshot() noexcept override { roll_back(0); }
    [[nodiscard]] bool asks_together() const override { return true; }
    void keep_expected() override { conversation_.keep_expected(); }
    void settle() override { conversation_.settle(); }
    void begin(int depth, const Locks& locks) override;
    void commit(int depth) override;
    void roll_back(int depth) noexcept override;

  private:
    PostgresDatabase(const std::string& url, Hold writing);
    void look_around();
    void refuse_foreign_code();
    void make_schema();
    void check_owner();
    void analyse();
    using ColumnTypes = std::map<std::string, std::map<std::string, Oid>, std::less<>>;
    [[nodiscard]] const ColumnTypes& guarded_columns();

    Conversation conversation_;
    Hold writing_; // while a transaction makes others wait
    std::shared_ptr<void> held_;
    std::map<std::string, std::unique_ptr<PostgresStatement>, std::less<>> statements_;
    std::optional<ColumnTypes> guarded_columns_; // once somebody asked
    bool to_make_ = false;
    bool restricted_ = false;
    std::optional<int> known_version_; // of the opening, for whoever asks first
};

} // namespace auth
