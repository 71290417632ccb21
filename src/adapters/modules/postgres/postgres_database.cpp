#include "adapters/modules/postgres/postgres_database.h"

#include "adapters/modules/postgres/postgres_bulk_insert.h"
#include "adapters/modules/postgres/postgres_schema.h"
#include "core/base/text.h"
#include "core/store/schema_refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace auth {
namespace {

// As long as the wait for the lock, where there is one.
constexpr std::chrono::seconds longest_turn{5};

// Rows that came since statistics were made.
constexpr std::int64_t worth_analysing = 10'000;

bool is_conflict(std::string_view state) {
    return state == "40001" || state == "40P01";
}

bool is_unsupported(std::string_view state) {
    return state == "0A000" || state == "42601";
}

} // namespace

std::unique_ptr<PostgresDatabase> PostgresDatabase::open(const std::string& url, Hold writing) {
    std::unique_ptr<PostgresDatabase> database(new PostgresDatabase(url, std::move(writing)));
    if (!database->has_schema())
        throw Failure(error(ErrorCode::database_missing,
                            fmt::format("there is no database '{}'", database->location()))
                          .with_hint(NextStep{"db init"}));
    database->look_around();
    if (auto done = migrate(*database); !done)
        throw Failure(std::move(done).error());
    return database;
}

// What the role may do, and what others made of the tables: in one question, since each is a
// journey to the server.
void PostgresDatabase::look_around() {
    const std::string found =
        connection_
            .ask("SELECT concat(row_security_active('users')"
                 " AND NOT coalesce(pg_has_role(to_regrole('auth_operator'), 'USAGE'), false),"
                 " chr(10), (" +
                 foreign_code_query() + "))")
            .value_or("");
    restricted_ = found.starts_with('t');
    const auto foreign = foreign_code(found.substr(std::min(found.find('\n'), found.size())));
    // A newer version may have made more, and is refused for that.
    if (!foreign.empty() && schema_version() <= newest_version(migrations()))
        throw Failure(schema_refusal(location(), foreign));
}

std::unique_ptr<PostgresDatabase> PostgresDatabase::create(const std::string& url, Hold writing) {
    std::unique_ptr<PostgresDatabase> database(new PostgresDatabase(url, std::move(writing)));
    if (database->has_schema())
        throw Failure(error(ErrorCode::exists,
                            fmt::format("the database '{}' already exists", database->location()))
                          .with_hint(NextStep{"db status"}));
    database->to_make_ = true;
    return database;
}

const Dialect& PostgresDatabase::dialect() const {
    static constexpr Dialect dialect{
        "postgresql",
        "CAST(coalesce(json_agg({0}), '[]') AS text)",
        R"(((CAST({0} AS json) ->> {1}) COLLATE "C"))",
        "SELECT json_array_elements_text(CAST({0} AS json))",
        64,
        true,
    };
    return dialect;
}

Statement& PostgresDatabase::prepare(std::string_view sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end())
        found = statements_
                    .emplace(sql, std::make_unique<PostgresStatement>(
                                      connection_, sql, fmt::format("s{}", statements_.size()),
                                      changes_))
                    .first;
    found->second->reset();
    return *found->second;
}

bool PostgresDatabase::has_schema() {
    // From the catalogue itself: names that were looked up in vain are remembered for a while.
    return connection_
        .ask("SELECT 1 FROM pg_catalog.pg_tables"
             " WHERE schemaname = 'auth_cli' AND tablename = 'schema_version'")
        .has_value();
}

int PostgresDatabase::schema_version() {
    if (to_make_)
        return 0;
    const auto version = connection_.ask("SELECT version FROM schema_version");
    return static_cast<int>(std::strtol(version.value_or("0").c_str(), nullptr, 10));
}

void PostgresDatabase::set_schema_version(int version) {
    connection_.run(fmt::format("UPDATE schema_version SET version = {}", version));
    to_make_ = false;
}

void PostgresDatabase::expect_much() {
    if (!std::exchange(patient_, true))
        connection_.expect_many_rows();
}

std::unique_ptr<BulkInsert> PostgresDatabase::bulk_insert(std::string_view sql,
                                                          WhenTaken when_taken) {
    // The server takes no COPY into a table where rows have policies.
    if (!copies_)
        copies_ = connection_.ask("SELECT row_security_active('users')") != "t";
    return std::make_unique<PostgresBulkInsert>(*this, connection_, sql, when_taken, *copies_);
}

void PostgresDatabase::approach(std::string_view what, std::string_view name) {
    if (restricted_)
        prepare("SELECT approach(?1, ?2)").with(what, name).run();
}

std::vector<TableColumn> PostgresDatabase::columns(std::string_view table) {
    std::vector<TableColumn> out;
    Statement& rows = prepare("SELECT column_name, data_type FROM information_schema.columns"
                              " WHERE table_schema = 'auth_cli' AND table_name = ?1"
                              " ORDER BY ordinal_position");
    for (rows.with(table); rows.step();) {
        const std::string type = rows.text(1);
        out.push_back({rows.text(0), type == "bigint" ? TableColumn::Type::integer
                                     : type == "text" ? TableColumn::Type::text
                                                      : TableColumn::Type::blob});
    }
    return out;
}

void PostgresDatabase::adopt_numbers() {
    for (const auto* column : {"audit.seq", "code_requests.id", "outbox.seq", "signing_keys.seq"}) {
        const std::string_view whole = column;
        const std::string_view table = whole.substr(0, whole.find('.'));
        const std::string_view name = whole.substr(table.size() + 1);
        connection_.run(fmt::format("SELECT setval(pg_get_serial_sequence('auth_cli.{0}', '{1}'),"
                                    " max({1})) FROM {0} HAVING count(*) > 0",
                                    table, name));
    }
}

std::vector<IntegrityProblem> PostgresDatabase::integrity_problems() {
    std::vector<IntegrityProblem> problems;
    Statement& rows = prepare(
        "SELECT 'the index ' || relname || ' is not valid' FROM pg_index"
        " JOIN pg_class ON pg_class.oid = indexrelid"
        " WHERE relnamespace = CAST('auth_cli' AS regnamespace) AND NOT indisvalid"
        " UNION ALL SELECT 'the constraint ' || conname || ' was never checked' FROM pg_constraint"
        " WHERE connamespace = CAST('auth_cli' AS regnamespace) AND NOT convalidated");
    while (rows.step())
        problems.push_back({rows.text(0)});
    return problems;
}

std::optional<std::int64_t> PostgresDatabase::size() {
    const auto bytes =
        connection_.ask("SELECT CAST(sum(pg_total_relation_size(oid)) AS bigint) FROM pg_class"
                        " WHERE relnamespace = CAST('auth_cli' AS regnamespace) AND relkind = 'r'");
    return bytes ? std::optional(std::strtoll(bytes->c_str(), nullptr, 10)) : std::nullopt;
}

void PostgresDatabase::begin_snapshot() {
    connection_.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

void PostgresDatabase::make_schema() {
    // The lock is ours alone; another process may have been quicker all the same.
    connection_.run("BEGIN; SELECT pg_advisory_xact_lock(1096111171)");
    if (has_schema())
        throw Failure(
            error(ErrorCode::exists, fmt::format("the database '{}' already exists", location()))
                .with_hint(NextStep{"db status"}));
    // Where it is there already, making it would need a right in the database that nothing else
    // does.
    if (!connection_.ask("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'auth_cli'"))
        connection_.run("CREATE SCHEMA auth_cli");
    check_owner();
}

// Whoever owns the schema can replace what is made in it. A superuser is a member of every role,
// but for what the catalogue says.
void PostgresDatabase::check_owner() {
    const auto owner =
        connection_.ask("WITH RECURSIVE mine (role) AS (SELECT oid FROM pg_catalog.pg_roles"
                        " WHERE rolname = current_user UNION"
                        " SELECT roleid FROM pg_catalog.pg_auth_members JOIN mine ON member = role)"
                        " SELECT pg_catalog.pg_get_userbyid(nspowner) FROM pg_catalog.pg_namespace"
                        " WHERE nspname = 'auth_cli' AND nspowner NOT IN (SELECT role FROM mine)");
    if (!owner)
        return;
    throw Failure(
        error(ErrorCode::refused,
              fmt::format("the schema auth_cli in '{}' belongs to another role, "
                          "{}, which could replace its tables",
                          location(), in_quotes(*owner)))
            .with_reason("database_privileges")
            .with_hint(
                {"DROP SCHEMA auth_cli, or ALTER SCHEMA auth_cli OWNER TO the role that runs",
                 NextStep{"db init"}}));
}

// LOCK TABLE comes before the transaction's snapshot, which therefore sees all that earlier writers
// did (PostgreSQL manual, LOCK). Where there is none, writers take turns by a row, and those that
// come too late for their snapshot begin again. The row alone puts writers in order there: those
// that wait hold snapshots, and a serializable transaction would now and then be refused for their
// sake.
void PostgresDatabase::begin_writing() {
    connection_.make_ready();
    std::string state;
    const auto deadline = std::chrono::steady_clock::now() + longest_turn;
    do {
        state = connection_.try_run(
            locks_rows_
                ? "BEGIN ISOLATION LEVEL REPEATABLE READ; UPDATE write_lock SET turn = turn + 1"
                : "BEGIN ISOLATION LEVEL SERIALIZABLE;"
                  " LOCK TABLE write_lock IN EXCLUSIVE MODE");
        if (state.empty())
            return;
        const std::string why = PQerrorMessage(connection_.handle());
        (void)connection_.try_run("ROLLBACK");
        if (is_unsupported(state) && !locks_rows_)
            locks_rows_ = true;
        else if (!is_conflict(state))
            connection_.fail_with(state, why);
    } while (std::chrono::steady_clock::now() < deadline);
    connection_.fail_with(state, "other writers were quicker for 5 seconds");
}

void PostgresDatabase::begin(int depth, const Locks& /*locks*/) {
    if (depth > 0)
        return connection_.run(fmt::format("SAVEPOINT level_{}", depth));
    auto held = take(writing_);
    if (to_make_)
        make_schema();
    else
        begin_writing();
    held_ = std::move(held);
}

void PostgresDatabase::commit(int depth) {
    // COMMIT of a transaction that failed undoes it and reports success.
    connection_.make_ready();
    if (connection_.copies().lost())
        connection_.fail_with("25P02", "rows of the transaction were lost");
    if (PQtransactionStatus(connection_.handle()) != PQTRANS_INTRANS)
        connection_.fail_with("25P02", "the transaction had failed");
    connection_.run(depth == 0 ? "COMMIT" : fmt::format("RELEASE level_{}", depth));
    if (depth == 0)
        held_.reset();
    // Until the server next looks by itself it would plan for an empty table. Whose tables they are
    // not may not; nothing depends on it.
    if (depth == 0 && connection_.copies().rows() >= worth_analysing) {
        (void)connection_.try_run("ANALYZE");
        connection_.copies().count_anew();
    }
}

void PostgresDatabase::roll_back(int depth) noexcept {
    try {
        connection_.copies().drop();
        connection_.run(depth == 0
                            ? "ROLLBACK"
                            : fmt::format("ROLLBACK TO level_{0}; RELEASE level_{0}", depth));
    } catch (const Failure&) {
        // Without a connection the server rolls back by itself.
    }
    if (depth == 0)
        held_.reset();
}

} // namespace auth
