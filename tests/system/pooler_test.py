"""Through PgBouncer in transaction mode, whose sessions forget everything between two transactions. What counts
exactly on a connection of its own does so here."""
import json
import subprocess
import sys

from tests.system import postgres_roles_test, races_test
from tests.system.support import postgres_server, scratch
from tests.system.support.pooler import Pooler
from tests.system.support.scratch import ROOT, ScratchTest

TRANSCRIPTS = scratch.figure(["life", "codes", "second_factor", "links", "import", "audit_list", "apply", "db_backup",
                              "mfa_enroll", "outbox_send", "provider_add", "role_grant", "settings", "sliding"],
                             ["life", "second_factor"])


def start_pooler(test, server, **how):
    pooler = Pooler(server, **how)
    pooler.start()
    test.addClassCleanup(pooler.remove)
    test.addClassCleanup(pooler.stop)
    return pooler


class PooledTest(ScratchTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pooler = start_pooler(cls, postgres_server.saved(scratch.postgres_directory()))

    def database_url(self):
        super().database_url()
        return self.pooler.url(self.home.name)


class Life(PooledTest):
    def test_transcripts(self):
        place = self.home / "pooler"
        place.mkdir()
        (place / "server.json").write_text(json.dumps({
            "directory": str(self.pooler.directory), "port": self.pooler.port, "password": self.pooler.password}))
        for name in TRANSCRIPTS:
            with self.subTest(name):
                done = subprocess.run(
                    [sys.executable, "-m", "tests.cli.run", "--binary", scratch.binary(), "--postgres", str(place),
                     str(ROOT / f"tests/cli/{name}.txt")], cwd=ROOT, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_many_users_at_once(self):
        self.init()
        self.ok("seed", "--count", "1000", "--seed", "1")
        exported = self.ok("export", "--with-hashes").out
        self.write("people.jsonl", exported)
        done = self.ok("import", "people.jsonl", "--allow", "all", "--on-conflict", "skip", "--json")
        self.assertEqual(json.loads(done.text.splitlines()[-1])["skipped"], 1000)
        self.ok("delete", "--where", "verified=true", "--yes")
        self.ok("delete", "--where", "verified=false", "--yes")
        self.ok("import", "people.jsonl", "--allow", "all")
        self.assertEqual(self.ok("list", "--count").line, "1000")
        self.ok("db", "copy", str(self.home / "copy.db"))
        self.ok("db", "check")


class Roles(PooledTest, postgres_roles_test.HonestLogins):
    """As those who may do less: the pooler gives each role sessions of its own."""

    def setUp(self):
        super().setUp()
        self.pooler.make_users("some_login", "some_operator")
        self.login_url = self.pooler.url(self.home.name, "some_login")
        self.operator_url = self.pooler.url(self.home.name, "some_operator")


class Passwords(ScratchTest):
    def test_a_pooler_that_asks_for_passwords(self):
        server = postgres_server.saved(scratch.postgres_directory())
        pooler = start_pooler(self, server, passwords=True)
        words = self.write("pass", f"*:*:*:*:{server.password}\n")
        self.url = f"{pooler.tcp_url(self.home.name)}?passfile={words}"
        self.init()
        self.create("ann@example.org")
        self.assertEqual(self.login("ann@example.org").code, 0)
        self.ok("whoami")
        wrong = self.write("wrong", "*:*:*:*:nonsense\n")
        done = self.fails(11, "whoami", "--json", "--db", f"{pooler.tcp_url(self.home.name)}?passfile={wrong}")
        self.assertIn(b'"code":"database_unavailable"', done.err)


class Races(PooledTest, races_test.Races):
    """With a delay before the pooler."""

    def server(self):
        return self.pooler


if __name__ == "__main__":
    scratch.main()
