// How a server is reached: from the URL and the environment to an open connection.
#pragma once

#include <libpq-fe.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace auth {

struct ClosePostgres {
    void operator()(PGconn* handle) const { PQfinish(handle); }
};
using PostgresHandle = std::unique_ptr<PGconn, ClosePostgres>;

class Connecting {
  public:
    // Throws Failure, code usage.
    explicit Connecting(const std::string& url);
    // Throws Failure: database_missing, database_unavailable.
    [[nodiscard]] PostgresHandle connect() const;
    // The URL, for people.
    [[nodiscard]] const std::string& location() const { return location_; }

  private:
    std::string location_;
    std::vector<std::pair<std::string, std::string>> parameters_;
    bool may_be_clear_ = false;
};

// Journeys that it took: one to connect, one to be let in, two more for a password by SCRAM, and
// two for TLS 1.3. The library tells no more: hosts that were tried in vain and an older TLS are
// not counted.
[[nodiscard]] int connecting_journeys(PGconn* handle);

} // namespace auth
