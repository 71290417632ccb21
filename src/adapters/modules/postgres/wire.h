// An open connection in libpq's pipeline mode: questions are sent, then a mark; results come back
// in that order. Each wait has a deadline. Throws ConnectionLost where nothing more comes.
#pragma once

#include "adapters/modules/postgres/connecting.h"
#include "adapters/modules/postgres/postgres_failure.h"
#include "adapters/modules/postgres/question.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

class Wire {
  public:
    // Connects. Throws Failure: usage, database_missing, database_unavailable.
    explicit Wire(const std::string& url);
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    // Connects anew, for as long as a fail-over may take. Throws as the constructor.
    void reconnect();
    // False once the connection was lost.
    [[nodiscard]] bool is_open() const { return handle_ != nullptr; }

    void send(const Question& question);
    // Ends a batch: the server executes up to here, also where something fails before.
    void sync();
    // The next result; nullptr after the last of a question. Rows come one at a time if told so
    // before the first.
    [[nodiscard]] QueryResult next();
    void one_row_at_a_time();
    // What is sent from here on may meet another server behind a pooler.
    void forget_statement() { parsed_.reset(); }

    // Without the pipeline, when no result is to come. Runs commands, of which a COPY takes the
    // rows, or throws Failure.
    void run(const std::string& commands, std::string_view rows = {});
    // The same for a statement with parameters in binary format.
    void run(const std::string& statement, const std::vector<Oid>& types,
             const std::vector<std::string>& values);
    // The same; the SQLSTATE it failed with, or "".
    [[nodiscard]] std::string try_run(const std::string& commands);

    [[nodiscard]] Failure failure(std::string_view state, std::string_view message) const;
    [[nodiscard]] Failure failure(const PGresult* result) const;
    [[nodiscard]] const std::string& location() const { return where_.location(); }
    [[nodiscard]] int journeys() const { return journeys_; }
    // How long to wait for an answer; as long as it takes where that is nothing.
    void be_patient(std::optional<std::chrono::seconds> patience) { patience_ = patience; }

  private:
    [[noreturn]] void lost(std::string_view why = {}, bool silent = false);
    void enter_pipeline();
    void leave_pipeline();
    void await(short events);
    void flush();
    void await_answer();
    void receive_all(std::string_view rows);

    Connecting where_;
    PostgresHandle handle_;
    std::shared_ptr<const std::string> parsed_; // the server's unnamed statement
    std::vector<Oid> parsed_types_;
    int journeys_ = 0;
    bool unanswered_ = false; // something was sent since an answer was last waited for
    std::optional<std::chrono::seconds> patience_;
};

} // namespace auth
