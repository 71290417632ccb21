#include "core/store/postgres_security.h"
#include "support/catch.h"

using namespace auth;

namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

const char* const system_roots = "/etc/ssl/certs/ca-certificates.crt";

Parameters parameters(const char* url, int libpq = 150000) {
    return security_parameters(server_of(url), libpq);
}

} // namespace

TEST_CASE("a server elsewhere is verified in full unless the URL says otherwise") {
    for (const char* url :
         {"postgresql://db.example/users", "postgres://ann@db.example:5433/users",
          "postgresql://10.0.0.7", "postgresql://[2001:db8::1]:5432/x",
          "postgresql://db.example?connect_timeout=3", "postgresql:///x?host=db.example",
          "postgresql://localhost,db.example/x",
          "postgresql://db.example/x?sslmode=", "postgresql://127.evil.example/x",
          "postgresql://localhost.evil.example/x", "postgresql://0.0.0.0/x",
          "postgresql:///x?service=main", "postgresql://localhost/x?hostaddr=10.1.1.1",
          "postgresql://db.example/x?hostaddr=,127.0.0.1"}) {
        CAPTURE(url);
        CHECK(parameters(url) ==
              Parameters{{"sslmode", "verify-full"}, {"sslrootcert", system_roots}});
        CHECK(parameters(url, 160000) ==
              Parameters{{"sslmode", "verify-full"}, {"sslrootcert", "system"}});
        CHECK_FALSE(is_unproved(server_of(url)));
    }
}

TEST_CASE("what stays on this machine is as the library has it") {
    for (const char* url :
         {"postgresql:///users", "postgresql://",
          "postgresql://ann@/x?host=/run/postgresql&port=5433",
          "postgresql://%2Frun%2Fpostgresql/x", "postgresql://localhost/x",
          "postgresql://127.0.0.1:5/x", "postgresql://[::1]:5432/x",
          "postgresql://127.8.9.1,localhost/x", "postgresql://localhost/x?sslmode=disable",
          "postgresql://db.example/x?hostaddr=127.0.0.1"}) {
        CAPTURE(url);
        CHECK(is_on_this_machine(server_of(url)));
        CHECK(parameters(url).empty());
        CHECK(parameters(url, 160000) == Parameters{{"require_auth", "!password"}});
        CHECK_FALSE(is_unproved(server_of(url)));
        CHECK_FALSE(may_be_clear(server_of(url)));
    }
}

TEST_CASE("an sslmode of the URL decides, and no password goes in clear") {
    for (const char* mode : {"disable", "allow", "prefer"}) {
        const std::string url = std::string("postgresql://db.example/x?sslmode=") + mode;
        CHECK(parameters(url.c_str()) == Parameters{{"passfile", "/dev/null/none"}});
        CHECK(parameters(url.c_str(), 170000) == Parameters{{"require_auth", "!password"}});
        CHECK(parameters((url + "&require_auth=password").c_str(), 170000) ==
              Parameters{{"require_auth", "!password"}});
        CHECK(is_unproved(server_of(url)));
        CHECK(may_be_clear(server_of(url)));
    }
    for (const char* mode : {"require", "verify-ca"}) {
        const std::string url = std::string("postgresql://db.example/x?ssl%6dode=") + mode;
        CHECK(parameters(url.c_str()).empty());
        CHECK(parameters(url.c_str(), 160000) == Parameters{{"require_auth", "!password"}});
        CHECK(is_unproved(server_of(url)));
        CHECK_FALSE(may_be_clear(server_of(url)));
    }
    CHECK(is_unproved(server_of("postgresql://db.example/x?ssl=true")));
    CHECK(is_unproved(server_of("postgresql://db.example/x?sslmode=verify-full&sslmode=disable")));
    CHECK(parameters("postgresql://db.example/x?sslmode=verify-full") ==
          Parameters{{"sslrootcert", system_roots}});
}

TEST_CASE("certificates and methods that were named stay") {
    PostgresServer server = server_of("postgresql://db.example/x?sslmode=verify-full");
    server.sslrootcert = "/srv/root.crt";
    CHECK(security_parameters(server, 160000).empty());
    server = server_of("postgresql://db.example/x?sslmode=require");
    server.require_auth = "password";
    CHECK(security_parameters(server, 160000).empty());
}

TEST_CASE("a parameter that the library is too old for is known by its name") {
    const auto newer = [](const char* url, int libpq) {
        const auto found = newer_parameter(url, libpq);
        return found ? found->name + " " + std::to_string(found->since) : "";
    };
    const char* direct = "postgresql://ann@db.example/x?sslmode=verify-full&sslnegotiation=direct";
    CHECK(newer(direct, 150008) == "sslnegotiation 17");
    CHECK(newer(direct, 170000).empty());
    CHECK(newer("postgresql://db.example/x?channel%5fbinding=require", 120022) ==
          "channel_binding 13");
    CHECK(newer("postgresql://db.example/x?channel_binding=require", 130000).empty());
    CHECK(newer("postgresql://db.example/x?hunter2=1", 130000).empty());
    CHECK(newer("postgresql://db.example/x", 130000).empty());
}
