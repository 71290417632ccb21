#include "adapters/modules/postgres/postgres_database.h"

#include "adapters/modules/postgres/postgres_bulk_insert.h"
#include "adapters/modules/postgres/postgres_schema.h"
#include "adapters/modules/postgres/schema_suspicion.h"
#include "core/base/text.h"
#include "core/store/schema_refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace auth {
namespace {

// Rows that came since statistics were made.
constexpr std::int64_t worth_analysing = 10'000;

// From the catalogue itself: names that were looked up in vain are remembered for a while.
constexpr std::string_view is_there =
    "SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'schema_version' AND relkind = 'r'"
    " AND relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'auth_cli')";

// The version, how long a statement may take, and whether the role may only log users in.
constexpr std::string_view surroundings =
    "SELECT version, current_setting('statement_timeout'), row_security_active('users')"
    " AND NOT coalesce(pg_has_role(to_regrole('auth_operator'), 'USAGE'), false)"
    " FROM schema_version";

// A server that does not answer gets this much longer than it has for a statement.
constexpr std::chrono::seconds grace{5};

// "1500ms", "30s", "2min" (PostgreSQL manual, 20.1.1), in seconds that are not less.
std::chrono::seconds time_limit(const std::string& text) {
    char* unit = nullptr;
    const long long number = std::strtoll(text.c_str(), &unit, 10);
    const std::string_view name = unit;
    if (name == "s")
        return std::chrono::seconds(number);
    if (name == "min")
        return std::chrono::minutes(number);
    if (name == "h" || name == "d")
        return std::chrono::hours(name == "h" ? number : 24 * number);
    return std::chrono::seconds(number / 1000 + 1);
}

} // namespace

std::unique_ptr<PostgresDatabase> PostgresDatabase::open(const std::string& url, Hold writing,
                                                         const Expect& expect) {
    std::unique_ptr<PostgresDatabase> database(new PostgresDatabase(url, std::move(writing)));
    // All in one journey.
    database->prepare(schema_suspicion_query).expect();
    if (expect)
        expect(*database);
    try {
        database->look_around();
    } catch (const Failure& failure) {
        // Something was asked of a table that is not there, or not like that yet.
        if (failure.error().code != ErrorCode::database_corrupt)
            throw;
        if (!database->prepare(is_there).any())
            throw Failure(error(ErrorCode::database_missing,
                                fmt::format("there is no database '{}'", database->location()))
                              .with_hint(NextStep{"db init"}));
        database->look_around();
    }
    database->refuse_foreign_code();
    if (auto done = migrate(*database); !done)
        throw Failure(std::move(done).error());
    return database;
}

void PostgresDatabase::look_around() {
    Statement& row = prepare(surroundings);
    if (!row.step())
        return;
    known_version_ = static_cast<int>(row.integer(0));
    conversation_.wire().be_patient(time_limit(row.text(1)) + grace);
    restricted_ = row.integer(2) != 0;
    row.reset();
    // Until it names a user it sees none, whatever the session was used for before.
    if (restricted_)
        conversation_.introduce_as(question_of("SELECT set_config('auth_cli.subject', '', true)"));
}

// What others made of the tables. A newer version may have made more, and is refused for that.
void PostgresDatabase::refuse_foreign_code() {
    const auto suspicion = prepare(schema_suspicion_query).first([](const Statement& row) {
        return row.integer(0) != 0;
    });
    if (!suspicion.value_or(true) || known_version_ > newest_version(migrations()))
        return;
    const auto lines = prepare(foreign_code_query()).first([](const Statement& row) {
        return row.optional_text(0).value_or("");
    });
    const auto foreign = foreign_code(lines.value_or(""));
    if (!foreign.empty())
        throw Failure(schema_refusal(location(), foreign));
}

// Somebody waits for a key that they pressed.
std::unique_ptr<PostgresDatabase> PostgresDatabase::look(const std::string& url) {
    const std::string_view before = url.find('?') == std::string::npos ? "?" : "&";
    std::unique_ptr<PostgresDatabase> database(
        new PostgresDatabase(fmt::format("{}{}connect_timeout=2", url, before), {}));
    database->prepare(schema_suspicion_query).expect();
    database->look_around();
    database->refuse_foreign_code();
    database->conversation_.wire().be_patient(std::chrono::seconds(2));
    return database;
}

std::unique_ptr<PostgresDatabase> PostgresDatabase::create(const std::string& url, Hold writing) {
    std::unique_ptr<PostgresDatabase> database(new PostgresDatabase(url, std::move(writing)));
    if (database->prepare(is_there).any())
        throw Failure(error(ErrorCode::exists,
                            fmt::format("the database '{}' already exists", database->location()))
                          .with_hint(NextStep{"db status"}));
    database->to_make_ = true;
    return database;
}

const Dialect& PostgresDatabase::dialect() const {
    static constexpr Dialect dialect{
        .engine = "postgresql",
        .text_array = "CAST(coalesce(json_agg({0}), '[]') AS text)",
        .json_member = R"(((CAST({0} AS json) ->> {1}) COLLATE "C"))",
        .texts_of = "SELECT json_array_elements_text(CAST({0} AS json))",
        .audit_lanes = 64,
        .appends_audit = true,
        // Whoever appends holds one of these locks from before a number is drawn until the commit
        // can be seen.
        .audit_writers =
            R"(SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND relation IN (to_regclass('auth_cli.write_lock'), to_regclass('auth_cli.audit_lanes'))
            AND mode NOT IN ('AccessShareLock', 'ShareUpdateExclusiveLock')
            AND pid <> pg_backend_pid()
            UNION ALL SELECT 'standby' WHERE pg_is_in_recovery())",
    };
    return dialect;
}

PostgresDatabase::PostgresDatabase(const std::string& url, Hold writing)
    : conversation_(url), writing_(std::move(writing)) {
    conversation_.check_before_answers([this] { check_guard(); });
}

Statement& PostgresDatabase::prepare(std::string_view sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end())
        found =
            statements_.emplace(sql, std::make_unique<PostgresStatement>(conversation_, sql)).first;
    found->second->reset();
    return *found->second;
}

int PostgresDatabase::schema_version() {
    if (to_make_)
        return 0;
    if (const auto known = std::exchange(known_version_, std::nullopt);
        known && !conversation_.in_transaction())
        return *known;
    return prepare("SELECT version FROM schema_version")
        .first([](const Statement& row) { return static_cast<int>(row.integer(0)); })
        .value_or(0);
}

void PostgresDatabase::set_schema_version(int version) {
    prepare("UPDATE schema_version SET version = ?1").with(std::int64_t{version}).run();
    to_make_ = false;
}

void PostgresDatabase::expect_much() {
    conversation_.expect_many_rows();
}

// The server takes no COPY into a table where rows have policies for this role: of those the types
// of the columns are asked for.
const PostgresDatabase::ColumnTypes& PostgresDatabase::guarded_columns() {
    if (guarded_columns_)
        return *guarded_columns_;
    guarded_columns_.emplace();
    Statement& rows =
        prepare("SELECT relname, attname, CAST(atttypid AS bigint)"
                " FROM pg_catalog.pg_class JOIN pg_catalog.pg_attribute ON attrelid = pg_class.oid"
                " WHERE relnamespace = CAST('auth_cli' AS regnamespace) AND relkind = 'r'"
                " AND relrowsecurity AND row_security_active(pg_class.oid)"
                " AND attnum > 0 AND NOT attisdropped");
    while (rows.step())
        (*guarded_columns_)[rows.text(0)][rows.text(1)] = static_cast<Oid>(rows.integer(2));
    return *guarded_columns_;
}

std::unique_ptr<BulkInsert> PostgresDatabase::bulk_insert(std::string_view sql,
                                                          WhenTaken when_taken) {
    const PlainInsert insert = PlainInsert::of(sql);
    std::vector<Oid> types;
    if (const auto guarded = guarded_columns().find(insert.table);
        guarded != guarded_columns().end())
        for (const std::string& column : split(insert.columns, ','))
            types.push_back(guarded->second.at(std::string(trimmed(column, " "))));
    return std::make_unique<PostgresBulkInsert>(conversation_, insert, when_taken,
                                                std::move(types));
}

void PostgresDatabase::approach(std::string_view what, std::string_view name) {
    if (!restricted_)
        return;
    const QuestionPtr introduction = question_of("SELECT approach($1, $2)");
    for (const std::string_view each : {what, name})
        introduction->values.push_back({KeptValue::Kind::text, 0, std::string(each)});
    introduction->types.assign(2, 0);
    conversation_.introduce_as(introduction);
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
        prepare(fmt::format("SELECT setval(pg_get_serial_sequence('auth_cli.{0}', '{1}'),"
                            " max({1})) FROM {0} HAVING count(*) > 0",
                            table, name))
            .run();
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
    return prepare("SELECT CAST(sum(pg_total_relation_size(oid)) AS bigint) FROM pg_class"
                   " WHERE relnamespace = CAST('auth_cli' AS regnamespace) AND relkind = 'r'")
        .first([](const Statement& row) { return row.integer(0); });
}

void PostgresDatabase::make_schema() {
    // The lock is ours alone; another process may have been quicker all the same.
    if (prepare(is_there).any())
        throw Failure(
            error(ErrorCode::exists, fmt::format("the database '{}' already exists", location()))
                .with_hint(NextStep{"db status"}));
    // Where it is there already, making it would need a right in the database that nothing else
    // does.
    if (!prepare("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'auth_cli'").any())
        conversation_.execute("CREATE SCHEMA auth_cli");
    check_owner();
}

// Whoever owns the schema can replace what is made in it. A superuser is a member of every role,
// but for what the catalogue says.
void PostgresDatabase::check_owner() {
    const auto owner =
        prepare("WITH RECURSIVE mine (role) AS (SELECT oid FROM pg_catalog.pg_roles"
                " WHERE rolname = current_user UNION"
                " SELECT roleid FROM pg_catalog.pg_auth_members JOIN mine ON member = role)"
                " SELECT pg_catalog.pg_get_userbyid(nspowner) FROM pg_catalog.pg_namespace"
                " WHERE nspname = 'auth_cli' AND nspowner NOT IN (SELECT role FROM mine)")
            .first([](const Statement& row) { return row.text(0); });
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

void PostgresDatabase::begin_snapshot() {
    conversation_.begin(Turn::Kind::snapshot, {});
}

void PostgresDatabase::begin(int depth, const Locks& locks) {
    if (depth > 0)
        return conversation_.set_savepoint(depth, locks);
    auto held = take(writing_);
    conversation_.begin(to_make_ ? Turn::Kind::making : Turn::Kind::writing, locks);
    if (to_make_)
        try {
            make_schema();
        } catch (...) {
            conversation_.roll_back();
            throw;
        }
    held_ = std::move(held);
}

void PostgresDatabase::commit(int depth) {
    if (depth > 0)
        return conversation_.release_savepoint(depth);
    conversation_.commit();
    held_.reset();
    analyse();
}

// Until the server next looks by itself it would plan for empty tables. Whose tables they are not
// may not; nothing depends on it.
void PostgresDatabase::analyse() {
    std::string tables;
    for (const std::string& table : conversation_.bulk().tables_with(worth_analysing))
        tables += fmt::format("{}auth_cli.{}", tables.empty() ? "" : ", ", table);
    if (!tables.empty())
        (void)conversation_.wire().try_run("ANALYZE " + tables);
    conversation_.bulk().count_anew();
}

void PostgresDatabase::roll_back(int depth) noexcept {
    if (depth == 0) {
        conversation_.roll_back();
        held_.reset();
        return;
    }
    try {
        conversation_.roll_back_to_savepoint(depth);
    } catch (const Failure&) {
        // Without a connection the server rolls back by itself.
    }
}

} // namespace auth
