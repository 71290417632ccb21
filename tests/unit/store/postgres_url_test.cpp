#include "core/store/postgres_url.h"
#include "support/catch.h"

using namespace auth;

TEST_CASE("a URL is shown with the server that it names and without its password") {
    struct Case {
        const char* url;
        const char* shown;
    };
    const auto cases = {
        Case{"postgresql://db.example/auth", "postgresql://db.example/auth"},
        Case{"postgres://ann@db.example:5433/auth?sslmode=verify-full",
             "postgres://ann@db.example:5433/auth?sslmode=verify-full"},
        Case{"postgresql:///auth?host=/run/pg&port=5433",
             "postgresql:///auth?host=/run/pg&port=5433"},
        Case{"postgresql://ann:secret@db.example/auth?a=1&b=2",
             "postgresql://ann@db.example/auth?a=1&b=2"},
        Case{"postgresql://ann:se?cret@db.example/auth", "postgresql://ann@db.example/auth"},
        Case{"postgresql://ann:se@cret@db.example/auth", "postgresql://ann@db.example/auth"},
        Case{"postgresql://ann:se/cret@db.example/auth", "postgresql://ann@db.example/auth"},
        Case{"postgresql://[::1]:5433/auth", "postgresql://[::1]:5433/auth"},
        Case{"postgresql:///auth?password=secret", "postgresql:///auth"},
        Case{"postgresql:///auth?host=h&sslpassword=secret&port=1",
             "postgresql:///auth?host=h&port=1"},
        Case{"postgresql:///auth?p%61ssword=secret&port=1", "postgresql:///auth?port=1"},
        Case{"postgresql:///auth?", "postgresql:///auth"},
        Case{"mysql://ann:secret@db.example/auth?pw=secret", "mysql://ann@db.example/auth"}};
    for (const Case& each : cases) {
        CAPTURE(each.url);
        CHECK(shown_url(each.url) == each.shown);
    }
}
