// One connection to a PostgreSQL server: one command at a time, each within a deadline.
#pragma once

#include "adapters/modules/postgres/copy_buffers.h"
#include "core/base/result.h"

#include <chrono>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using QueryResult = std::unique_ptr<PGresult, ClearResult>;

// A command whose rows are still coming in.
class OpenRows {
  public:
    virtual ~OpenRows() = default;
    // Fetches the rest, so that the connection is free for another command.
    virtual void fetch_rest() = 0;
};

class Connection {
  public:
    // Throws Failure: usage, database_missing, database_unavailable.
    explicit Connection(const std::string& url);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Runs commands without parameters. Throws Failure by the server's SQLSTATE.
    void run(const std::string& commands);
    // The SQLSTATE it failed with, or "".
    [[nodiscard]] std::string try_run(const std::string& commands);
    // One text of one row; nothing where it is NULL or there is no row.
    [[nodiscard]] std::optional<std::string> ask(const std::string& query);

    // Before a command is sent: what is gathered goes first, and rows that are coming in are
    // fetched.
    void make_ready();
    void set_open_rows(OpenRows* rows) { open_rows_ = rows; }
    // The next result of the command that was sent, nullptr after the last.
    [[nodiscard]] QueryResult next();
    // Reads and drops what is left of it.
    void finish();
    // Throws what went wrong with the command: `result`, or the connection where it is nullptr.
    [[noreturn]] void fail(const PGresult* result) const;
    [[noreturn]] void fail_with(std::string_view state, std::string_view message) const {
        throw failure(state, message);
    }

    [[nodiscard]] PGconn* handle() const { return handle_.get(); }
    [[nodiscard]] const std::string& location() const { return location_; }
    // From here on statements may take as long as they need, and find rows by an index alone.
    void expect_many_rows();

    // Rows that are gathered for COPY; make_ready() sends them.
    [[nodiscard]] CopyBuffers& copies() { return copies_; }

  private:
    [[nodiscard]] Failure failure(std::string_view state, std::string_view message) const;
    void await_readable() const;
    void send_copies();

    struct Finish {
        void operator()(PGconn* handle) const { PQfinish(handle); }
    };
    std::string location_;
    std::unique_ptr<PGconn, Finish> handle_;
    CopyBuffers copies_;
    OpenRows* open_rows_ = nullptr;
    std::optional<std::chrono::seconds> patience_;
};

} // namespace auth
