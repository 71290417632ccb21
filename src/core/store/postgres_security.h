// How a PostgreSQL server must prove itself before it gets a password (libpq manual,
// sections 34.1.2 and 34.19). libpq by itself takes any server's word.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth {

// What a URL, and where it is silent the environment, says of the server.
struct PostgresServer {
    std::string host;         // names, addresses or socket directories, with commas between
    std::string hostaddr;     // addresses that stand in for them
    bool by_service = false;  // a service file has more to say
    std::string sslmode;      // of the URL itself, or ""
    std::string sslrootcert;  // "" for none
    std::string require_auth; // "" for none
};

// As far as the URL itself says.
[[nodiscard]] PostgresServer server_of(std::string_view url);

// Whether whatever is sent stays on this machine: sockets and loopback addresses only.
[[nodiscard]] bool is_on_this_machine(const PostgresServer& server);
// Whether its URL lets a server elsewhere go without proof of who it is.
[[nodiscard]] bool is_unproved(const PostgresServer& server);
// Whether its URL lets a connection elsewhere go unencrypted.
[[nodiscard]] bool may_be_clear(const PostgresServer& server);

// What libpq, of the version that PQlibVersion() tells, is to be told beyond the URL. A server
// elsewhere is verified in full unless the URL itself has an sslmode. No password goes in clear
// over a connection that may be unencrypted: libpq 16 refuses to, an older one cannot and is given
// none.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
security_parameters(const PostgresServer& server, int libpq);

// A parameter of the URL that only later versions of libpq know.
struct NewerParameter {
    std::string name;
    int since = 0; // the major version
};
[[nodiscard]] std::optional<NewerParameter> newer_parameter(std::string_view url, int libpq);

} // namespace auth
