#include "adapters/modules/postgres/connection.h"

#include "core/base/text.h"
#include "core/store/postgres_security.h"
#include "core/store/postgres_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <poll.h>
#include <utility>

namespace auth {
namespace {

using std::chrono::seconds;

// A server that does not answer gets this much longer than it has for a statement.
constexpr seconds grace{5};

constexpr std::string_view missing_database = "3D000"; // SQLSTATE

ErrorCode code_of(std::string_view state) {
    const std::string_view kind = state.substr(0, 2);
    if (state.empty() || kind == "08" || kind == "28" || state == "57P01" || state == "57P02" ||
        state == "57P03")
        return ErrorCode::database_unavailable;
    if (state == missing_database)
        return ErrorCode::database_missing;
    if (state == "42501")
        return ErrorCode::refused;
    if (kind == "40" || state == "55P03" || state == "57014" || state == "53300")
        return ErrorCode::database_busy;
    if (state == "23505")
        return ErrorCode::exists;
    if (state == "25006")
        return ErrorCode::database_read_only;
    if (kind == "53" || kind == "58")
        return ErrorCode::io;
    // Our own statements fail so only where the schema is not what its version says.
    if (kind == "42" || kind == "XX" || state == "3F000")
        return ErrorCode::database_corrupt;
    return ErrorCode::internal;
}

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

std::string option(const Options& options, std::string_view keyword) {
    for (const PQconninfoOption* each = options.get(); each != nullptr && each->keyword != nullptr;
         ++each)
        if (each->keyword == keyword && each->val != nullptr)
            return each->val;
    return "";
}

std::string libpq_version() {
    return fmt::format("{}.{}", PQlibVersion() / 10'000, PQlibVersion() % 10'000);
}

// A password in an argument or a variable can be read by others.
Options read_url(const std::string& url) {
    const auto wrong = [&](std::string_view why) {
        return Failure(
            error(ErrorCode::usage, fmt::format("the database URL {}", why)).with_field("db"));
    };
    char* why = nullptr;
    Options options(PQconninfoParse(url.c_str(), &why));
    if (!options) {
        if (const auto newer = newer_parameter(url, PQlibVersion())) {
            PQfreemem(why);
            Error refusal =
                wrong(fmt::format("has the parameter {}, which needs libpq {} or later; this is {}",
                                  newer->name, newer->since, libpq_version()))
                    .error();
            throw Failure(
                std::move(refusal).with_hint("leave the parameter out, or install a newer libpq"));
        }
        std::string text = why != nullptr ? why : "cannot be read";
        PQfreemem(why);
        // The library quotes what it could not read, which may be the password.
        throw wrong(url.find('@') == std::string::npos ? "is malformed: " + one_line(text)
                                                       : "is malformed");
    }
    if (!option(options, "password").empty() || !option(options, "sslpassword").empty()) {
        Error refusal = wrong("holds a password, which other processes can read").error();
        throw Failure(std::move(refusal).with_hint(
            "put it into a file of mode 0600, HOST:PORT:DATABASE:USER:PASSWORD a line, and name"
            " it with ?passfile=FILE or PGPASSFILE"));
    }
    return options;
}

// Where the library itself looks for certificates, if they are there.
std::string own_root_file() {
    const char* home = std::getenv("HOME");
    const std::filesystem::path file =
        std::filesystem::path(home != nullptr ? home : "") / ".postgresql/root.crt";
    std::error_code ignored;
    return file.is_absolute() && std::filesystem::exists(file, ignored) ? file.string() : "";
}

PostgresServer server_at(const Options& url) {
    const Options defaults(PQconndefaults()); // of the environment
    const auto given = [&](const char* keyword) {
        std::string own = option(url, keyword);
        return own.empty() ? option(defaults, keyword) : own;
    };
    PostgresServer server;
    server.host = given("host");
    server.hostaddr = given("hostaddr");
    server.by_service = !given("service").empty();
    server.sslmode = option(url, "sslmode");
    server.sslrootcert = given("sslrootcert");
    if (server.sslrootcert.empty())
        server.sslrootcert = own_root_file();
    server.require_auth = given("require_auth");
    return server;
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

Parameters parameters_of(const std::string& url, const PostgresServer& server) {
    // What stands after the URL cannot be changed by it.
    Parameters parameters{{"connect_timeout", "5"},
                          {"application_name", "auth-cli"},
                          {"keepalives_idle", "10"},
                          {"keepalives_interval", "5"},
                          {"keepalives_count", "3"},
                          {"tcp_user_timeout", "15000"},
                          {"dbname", url},
                          {"client_encoding", "UTF8"},
                          {"fallback_application_name", "auth-cli"}};
    for (auto& parameter : security_parameters(server, PQlibVersion()))
        parameters.push_back(std::move(parameter));
    return parameters;
}

// As the library wants them.
struct Arguments {
    std::vector<const char*> names;
    std::vector<const char*> values;

    explicit Arguments(const Parameters& parameters) {
        for (const auto& [name, value] : parameters) {
            names.push_back(name.c_str());
            values.push_back(value.c_str());
        }
        names.push_back(nullptr);
        values.push_back(nullptr);
    }
};

// Takes the connection as far as it comes without a wait longer than that.
void finish_connecting(PGconn* handle, seconds patience) {
    const auto wait = static_cast<int>(std::chrono::milliseconds(patience).count());
    auto wanted = PGRES_POLLING_WRITING;
    while (wanted == PGRES_POLLING_READING || wanted == PGRES_POLLING_WRITING) {
        const bool reads = wanted == PGRES_POLLING_READING;
        pollfd socket{PQsocket(handle), static_cast<short>(reads ? POLLIN : POLLOUT), 0};
        if (poll(&socket, 1, wait) <= 0)
            return;
        wanted = PQconnectPoll(handle);
    }
}

// Why the server refuses the connection, as SQLSTATE: the library has it only for statements, but
// writes it in place of the sentence where it is told to, at the end. Empty or something else where
// no server answers.
std::string refusal_of(const Parameters& parameters) {
    constexpr std::size_t length = 5;
    const Arguments arguments(parameters);
    const std::unique_ptr<PGconn, decltype(&PQfinish)> handle(
        PQconnectStartParams(arguments.names.data(), arguments.values.data(), 1), PQfinish);
    if (!handle || PQstatus(handle.get()) == CONNECTION_BAD)
        return "";
    PQsetErrorVerbosity(handle.get(), PQERRORS_SQLSTATE);
    finish_connecting(handle.get(), seconds(2));
    const std::string said(trimmed(PQerrorMessage(handle.get()), white_space));
    return said.size() < length ? "" : said.substr(said.size() - length);
}

} // namespace

Connection::Connection(const std::string& url) : location_(shown_url(url)) {
    unsetenv("PGPASSWORD"); // no variable ever holds a password
    const PostgresServer server = server_at(read_url(url));
    if (may_be_clear(server) && server.by_service)
        throw Failure(error(ErrorCode::usage, "a service file's password might go in clear")
                          .with_field("db")
                          .with_hint("leave sslmode out of the database URL"));
    const Parameters parameters = parameters_of(url, server);
    const Arguments arguments(parameters);
    handle_.reset(PQconnectdbParams(arguments.names.data(), arguments.values.data(), 1));
    if (handle_ == nullptr)
        throw std::bad_alloc();
    if (PQstatus(handle_.get()) != CONNECTION_OK) {
        const std::string why = PQerrorMessage(handle_.get());
        if (may_be_clear(server) && PQconnectionNeedsPassword(handle_.get()) != 0)
            throw failure("08001", "it wants a password, and none goes over a connection that may "
                                   "be unencrypted: leave sslmode out of the URL");
        const bool missing = refusal_of(parameters) == missing_database;
        throw failure(missing ? missing_database : "08001", why);
    }
    PQsetNoticeProcessor(
        handle_.get(), [](void*, const char*) {}, nullptr);
    // Times the URL or the role set stay as they are.
    run("SET search_path = auth_cli; SET bytea_output = hex; SET extra_float_digits = 1;"
        " SET standard_conforming_strings = on;"
        " SELECT set_config(name, value, false)"
        " FROM (VALUES ('lock_timeout', '5s'), ('statement_timeout', '30s')) AS wanted (name, "
        "value)"
        " WHERE current_setting(name) = '0'");
    const auto limit = ask("SELECT ceil(extract(epoch FROM"
                           " CAST(current_setting('statement_timeout') AS interval)))");
    patience_ = seconds(std::strtol(limit.value_or("30").c_str(), nullptr, 10)) + grace;
}

void Connection::expect_many_rows() {
    // No statistics know of the rows that come: without these, the server reads whole tables to
    // find a few of them.
    run("SET statement_timeout = 0; SET enable_seqscan = off; SET enable_hashjoin = off;"
        " SET enable_mergejoin = off");
    patience_.reset();
}

Failure Connection::failure(std::string_view state, std::string_view message) const {
    const ErrorCode code = code_of(state);
    const std::string shown = one_line(message);
    const auto say = [&](std::string_view text, Hint hint = {}) {
        return Failure(error(code, fmt::format("the database '{}' {}", location_, text))
                           .with_hint(std::move(hint)));
    };
    switch (code) {
    case ErrorCode::database_unavailable:
        return say(fmt::format("cannot be reached: {}", shown),
                   "check the server, the URL and the password file (passfile or PGPASSFILE)");
    case ErrorCode::database_missing:
        return say("does not exist on its server", {"createdb it, then run", NextStep{"db init"}});
    case ErrorCode::refused: {
        Error refusal =
            error(code, fmt::format("this role may not do that in '{}': {}", location_, shown));
        return Failure(std::move(refusal)
                           .with_reason("database_privileges")
                           .with_hint("use a database role that may"));
    }
    case ErrorCode::database_busy:
        if (state == "55P03")
            return say("is busy: another process has held it for 5 seconds", "try again");
        return say(fmt::format("is busy: {}", shown), "try again");
    case ErrorCode::database_read_only:
        return say("cannot be written: its server is a standby, or read-only",
                   "name the primary server with --db");
    case ErrorCode::database_corrupt:
        return say(fmt::format("is damaged or not one of ours: {}", shown),
                   "restore it from a backup");
    default:
        return say(fmt::format("failed: {}", shown));
    }
}

void Connection::fail(const PGresult* result) const {
    const char* state = result != nullptr ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    const char* why =
        result != nullptr ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
    throw failure(state != nullptr ? state : "",
                  why != nullptr ? why : PQerrorMessage(handle_.get()));
}

void Connection::await_readable() const {
    const auto deadline =
        std::chrono::steady_clock::now() + patience_.value_or(std::chrono::hours(24 * 365));
    pollfd socket{PQsocket(handle_.get()), POLLIN, 0};
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            throw failure("08006", "the server does not answer");
        const int ready =
            poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
        if (ready > 0)
            return;
        if (ready < 0 && errno != EINTR)
            throw failure("08006", "the connection cannot be waited for");
    }
}

QueryResult Connection::next() {
    while (PQisBusy(handle_.get()) != 0) {
        await_readable();
        if (PQconsumeInput(handle_.get()) == 0)
            throw failure("08006", PQerrorMessage(handle_.get()));
    }
    return QueryResult(PQgetResult(handle_.get()));
}

void Connection::finish() {
    while (next() != nullptr) {
    }
}

std::string Connection::try_run(const std::string& commands) {
    if (PQsendQuery(handle_.get(), commands.c_str()) == 0)
        fail(nullptr);
    std::string state;
    while (const QueryResult result = next()) {
        if (PQresultStatus(result.get()) != PGRES_FATAL_ERROR || !state.empty())
            continue;
        const char* found = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        state = found != nullptr ? found : "08006";
    }
    return state;
}

void Connection::run(const std::string& commands) {
    make_ready();
    if (PQsendQuery(handle_.get(), commands.c_str()) == 0)
        fail(nullptr);
    QueryResult failed;
    while (QueryResult result = next())
        if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR && !failed)
            failed = std::move(result);
    if (failed)
        fail(failed.get());
}

std::optional<std::string> Connection::ask(const std::string& query) {
    make_ready();
    if (PQsendQuery(handle_.get(), query.c_str()) == 0)
        fail(nullptr);
    const QueryResult result = next();
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
        finish();
        fail(result.get());
    }
    finish();
    if (PQntuples(result.get()) == 0 || PQgetisnull(result.get(), 0, 0) != 0)
        return std::nullopt;
    return std::string(PQgetvalue(result.get(), 0, 0));
}

void Connection::make_ready() {
    if (open_rows_ != nullptr)
        std::exchange(open_rows_, nullptr)->fetch_rest();
    if (!copies_.empty())
        send_copies();
}

void Connection::send_copies() {
    for (const CopyBuffers::Buffer& buffer : copies_.take()) {
        const std::string command =
            fmt::format("COPY {} ({}) FROM STDIN", buffer.insert->table, buffer.insert->columns);
        if (PQsendQuery(handle_.get(), command.c_str()) == 0)
            fail(nullptr);
        if (const QueryResult ready = next(); PQresultStatus(ready.get()) != PGRES_COPY_IN) {
            finish();
            fail(ready.get());
        }
        if (PQputCopyData(handle_.get(), buffer.rows.data(),
                          static_cast<int>(buffer.rows.size())) != 1 ||
            PQputCopyEnd(handle_.get(), nullptr) != 1)
            fail(nullptr);
        const QueryResult done = next();
        finish();
        if (PQresultStatus(done.get()) != PGRES_COMMAND_OK)
            fail(done.get());
    }
}

} // namespace auth
