// A SQLite file whose audit trail is written in lanes, as that of a server is.
#pragma once

#include "core/store/database.h"

#include <memory>
#include <utility>
#include <vector>

namespace auth::test {

class LanedDatabase final : public Database {
  public:
    explicit LanedDatabase(Database& file) : file_(file), dialect_(file.dialect()) {
        dialect_.audit_lanes = 64;
    }
    [[nodiscard]] const Dialect& dialect() const override { return dialect_; }
    Statement& prepare(std::string_view sql) override { return file_.prepare(sql); }
    void execute(const std::string& sql) override { file_.execute(sql); }
    [[nodiscard]] std::int64_t changes() override { return file_.changes(); }
    [[nodiscard]] int schema_version() override { return file_.schema_version(); }
    void set_schema_version(int version) override { file_.set_schema_version(version); }
    [[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>&
    migrations() const override {
        return file_.migrations();
    }
    void expect_much() override { file_.expect_much(); }
    [[nodiscard]] std::unique_ptr<BulkInsert> bulk_insert(std::string_view sql,
                                                          WhenTaken when_taken) override {
        return file_.bulk_insert(sql, when_taken);
    }
    [[nodiscard]] std::vector<TableColumn> columns(std::string_view table) override {
        return file_.columns(table);
    }
    [[nodiscard]] std::vector<IntegrityProblem> integrity_problems() override {
        return file_.integrity_problems();
    }
    [[nodiscard]] std::string location() const override { return file_.location(); }
    [[nodiscard]] std::optional<std::int64_t> size() override { return file_.size(); }

  protected:
    void begin_snapshot() override { snapshot_ = std::make_unique<Snapshot>(file_); }
    void end_snapshot() noexcept override { snapshot_.reset(); }
    void begin(int, const Locks& locks) override {
        open_.push_back(std::make_unique<Transaction>(file_, locks));
    }
    void commit(int) override {
        open_.back()->commit();
        open_.pop_back();
    }
    void roll_back(int) noexcept override { open_.pop_back(); }

  private:
    Database& file_;
    Dialect dialect_;
    std::unique_ptr<Snapshot> snapshot_;
    std::vector<std::unique_ptr<Transaction>> open_;
};

} // namespace auth::test
