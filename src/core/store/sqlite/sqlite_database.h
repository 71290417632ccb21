// One SQLite file, by SQLiteCpp: rollback journal with synchronous=EXTRA, immediate writes, foreign
// keys, secure_delete, defensive mode.
#pragma once

#include "core/base/hold.h"
#include "core/store/database.h"

#include <filesystem>
#include <memory>

namespace auth {

// How long an act waits for others to leave the file.
inline constexpr int busy_timeout_ms = 5000;

// Held while others wait for the file: its writers while it is read, and everybody while it is
// opened or written.
struct LockHolds {
    Hold writing;
    Hold reading;
};

class SqliteDatabase final : public Database {
  public:
    // Opens a database of ours. Fails with database_missing, unsafe_permissions, database_corrupt
    // (also for a file that is not ours), schema_too_new, and where SQLite cannot open or read it.
    // Throws Failure where a step of its migration breaks.
    [[nodiscard]] static Result<std::unique_ptr<SqliteDatabase>>
    open(const std::filesystem::path& path, LockHolds holds = {});
    // The same to look at it only: nothing is made, migrated or waited for, and no write is
    // possible. Its schema may be older or newer. Fails also with database_busy, at once.
    [[nodiscard]] static Result<std::unique_ptr<SqliteDatabase>>
    open_to_look(const std::filesystem::path& path);
    // Makes an empty one, mode 0600, in a directory of mode 0700. Fails with exists,
    // unsafe_permissions or io, and where SQLite cannot write it.
    [[nodiscard]] static Result<std::unique_ptr<SqliteDatabase>>
    create(const std::filesystem::path& path);
    // In memory, for tests.
    [[nodiscard]] static std::unique_ptr<SqliteDatabase> in_memory();
    ~SqliteDatabase() override;

    [[nodiscard]] const Dialect& dialect() const override;
    Statement& prepare(std::string_view sql) override;
    void execute(const std::string& sql) override;
    [[nodiscard]] std::int64_t changes() override;
    [[nodiscard]] int schema_version() override;
    void set_schema_version(int version) override;
    [[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>&
    migrations() const override;
    void expect_much() override;
    [[nodiscard]] std::unique_ptr<BulkInsert> bulk_insert(std::string_view sql,
                                                          WhenTaken when_taken) override;
    [[nodiscard]] std::vector<TableColumn> columns(std::string_view table) override;
    [[nodiscard]] std::vector<IntegrityProblem> integrity_problems() override;
    [[nodiscard]] std::string location() const override;
    [[nodiscard]] std::optional<std::int64_t> size() override;

  protected:
    void begin_snapshot() override;
    void end_snapshot() noexcept override;
    void begin(int depth, const Locks& locks) override;
    void commit(int depth) override;
    void roll_back(int depth) noexcept override;

  private:
    // Fails with database_corrupt for a file that is not ours, or not all of it; SQLite's own
    // exceptions pass.
    [[nodiscard]] Status recognise();

    struct State;
    explicit SqliteDatabase(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace auth
