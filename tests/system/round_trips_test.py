"""How many round trips a command makes to a PostgreSQL server, libpq's own two included: counted by a relay."""
from tests.system.support import postgres_server, scratch
from tests.system.support.relay import Relay
from tests.system.support.scratch import PASSWORD, ScratchTest

EMAIL = "ann@example.org"


class RoundTrips(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        server = postgres_server.saved(scratch.postgres_directory())
        self.relay = Relay(f"{server.directory}/.s.PGSQL.{server.port}")
        self.relay.__enter__()
        self.addCleanup(self.relay.__exit__)
        self.url = self.relay.url(self.home.name)

    def trips(self, *args, **how):
        before = self.relay.round_trips()
        self.ok(*args, **how)
        return self.relay.round_trips() - before

    def log_in(self):
        return self.trips("login", EMAIL, "--password-stdin", stdin=PASSWORD.encode())

    def test_login(self):
        self.create(EMAIL)
        self.assertLessEqual(self.log_in(), 9)
        self.assertLessEqual(self.log_in(), 9)

    def test_whoami(self):
        self.create(EMAIL)
        self.log_in()
        self.assertLessEqual(self.trips("whoami"), 6)

    def test_renewal(self):
        self.create(EMAIL)
        self.ok("config", "set", "token.ttl", "30s")
        self.log_in()
        for offset in ("+60s", "+120s"):
            self.assertLessEqual(self.trips("whoami", env=self.later(offset)), 7)
        renewed = self.ok("audit", "list", "--event", "authn_token_refreshed", "--jsonl")
        self.assertEqual(len(renewed.text.splitlines()), 2)

    def test_token_refresh(self):
        self.create(EMAIL)
        self.log_in()
        self.assertLessEqual(self.trips("token", "refresh"), 7)

    def test_create(self):
        self.assertLessEqual(self.trips("create", EMAIL, "--verified", "--password-stdin",
                                        stdin=PASSWORD.encode()), 8)
        self.assertLessEqual(self.trips("create", "bob@example.org", "--password-stdin",
                                        stdin=PASSWORD.encode()), 8)
        self.assertRegex(self.code_for("bob@example.org"), r"^\d{7}$")


if __name__ == "__main__":
    scratch.main()
