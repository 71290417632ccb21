#include "adapters/modules/postgres/connecting.h"

#include "adapters/modules/postgres/postgres_failure.h"
#include "core/base/text.h"
#include "core/store/postgres_security.h"
#include "core/store/postgres_url.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <poll.h>
#include <utility>

namespace auth {
namespace {

using std::chrono::seconds;

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

// Another attempt, which tells why the server refuses the connection, as SQLSTATE: the library has
// it only for statements, but writes it in place of the sentence where it is told to.
PostgresHandle try_again(const Parameters& parameters) {
    const Arguments arguments(parameters);
    PostgresHandle handle(PQconnectStartParams(arguments.names.data(), arguments.values.data(), 1));
    if (!handle)
        throw std::bad_alloc();
    if (PQstatus(handle.get()) == CONNECTION_BAD)
        return handle;
    PQsetErrorVerbosity(handle.get(), PQERRORS_SQLSTATE);
    finish_connecting(handle.get(), seconds(2));
    return handle;
}

// At the end of what such an attempt says. Empty or something else where no server answers.
std::string refusal_of(PGconn* handle) {
    constexpr std::size_t length = 5;
    const std::string said(trimmed(PQerrorMessage(handle), white_space));
    return said.size() < length ? "" : said.substr(said.size() - length);
}

} // namespace

Connecting::Connecting(const std::string& url) : location_(shown_url(url)) {
    unsetenv("PGPASSWORD"); // no variable ever holds a password
    const PostgresServer server = server_at(read_url(url));
    may_be_clear_ = may_be_clear(server);
    if (may_be_clear_ && server.by_service)
        throw Failure(error(ErrorCode::usage, "a service file's password might go in clear")
                          .with_field("db")
                          .with_hint("leave sslmode out of the database URL"));
    parameters_ = parameters_of(url, server);
}

PostgresHandle Connecting::connect() const {
    const Arguments arguments(parameters_);
    PostgresHandle handle(PQconnectdbParams(arguments.names.data(), arguments.values.data(), 1));
    if (handle == nullptr)
        throw std::bad_alloc();
    if (PQstatus(handle.get()) != CONNECTION_OK) {
        const std::string why = PQerrorMessage(handle.get());
        if (may_be_clear_ && PQconnectionNeedsPassword(handle.get()) != 0)
            throw postgres_failure(location_, "08001",
                                   "it wants a password, and none goes over a connection that may "
                                   "be unencrypted: leave sslmode out of the URL");
        handle = try_again(parameters_);
        const bool missing = refusal_of(handle.get()) == state_missing_database;
        if (PQstatus(handle.get()) != CONNECTION_OK)
            throw postgres_failure(location_, missing ? state_missing_database : "08001", why);
        PQsetErrorVerbosity(handle.get(), PQERRORS_DEFAULT);
    }
    PQsetNoticeProcessor(
        handle.get(), [](void*, const char*) {}, nullptr);
    return handle;
}

int connecting_journeys(PGconn* handle) {
    constexpr int connection_and_start = 2;
    constexpr int scram = 2;
    constexpr int tls = 2;
    return connection_and_start + (PQconnectionUsedPassword(handle) != 0 ? scram : 0) +
           (PQsslInUse(handle) != 0 ? tls : 0);
}

} // namespace auth
