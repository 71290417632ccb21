"""Connections to PostgreSQL that end in the middle, at each message of either side."""
import itertools
import json

from tests.system.support import postgres_server, scratch
from tests.system.support.relay import CLIENT, SERVER, Cut, Relay
from tests.system.support.scratch import PASSWORD, ScratchTest


class Losses(ScratchTest):
    """Needs the server of --postgres."""

    def setUp(self):
        super().setUp()
        self.server = postgres_server.saved(scratch.postgres_directory())
        self.init()
        self.socket = f"{self.server.directory}/.s.PGSQL.{self.server.port}"

    def through(self, cut, *arguments, **how):
        """The command with a connection that is cut, and whether it came to that."""
        with Relay(self.socket, cut=cut) as relay:
            env = how.pop("env", {}) | {"AUTH_CLI_DB": relay.url(self.home.name)}
            done = self.auth(*arguments, "--json", env=env, **how)
            return done, relay

    def messages(self, *arguments, **how):
        """How many messages each side sends in the command, by side; and those that let the client in."""
        far = Cut(CLIENT, 1 << 30)
        done, relay = self.through(far, *arguments, **how)
        self.assertEqual(done.code, 0, done)
        ways = relay.connections[0]
        return {CLIENT: ways.up.messages.count, SERVER: ways.down.messages.count}

    def each_cut(self, counts):
        for sender in (CLIENT, SERVER):
            numbers = range(1, counts[sender] + 1)
            step = scratch.figure(1, max(1, len(numbers) // 12))
            for number, after in itertools.product(numbers[::step], (False, True)):
                yield Cut(sender, number, after)

    def rows_of(self, event):
        trail = self.ok("audit", "list", "--event", event, "--jsonl").text
        return [json.loads(line)["target"] for line in trail.splitlines()]

    def test_a_create_is_done_once(self):
        def create(cut, email):
            return self.through(cut, "create", email, "--no-password", "--verified")
        counts = self.messages("create", "first@example.org", "--no-password", "--verified")
        done_once = ["first@example.org"]
        for number, cut in enumerate(self.each_cut(counts)):
            email = f"user{number}@example.org"
            done, relay = create(cut, email)
            with self.subTest(cut=cut):
                self.assertEqual(done.code, 0, done)
                self.assertEqual(relay.cuts, 1)
            done_once.append(email)
        self.assertEqual(sorted(self.ok("list", "--fields", "email", "--plain").line.split("\n")),
                         sorted(done_once))
        ids = self.rows_of("user_created")
        self.assertEqual(len(ids), len(done_once))
        self.assertEqual(len(set(ids)), len(done_once))
        self.ok("audit", "verify")
        self.ok("db", "check")

    def test_reads_are_asked_again(self):
        self.create("ann@example.org")
        counts = self.messages("list")
        for cut in self.each_cut(counts):
            done, relay = self.through(cut, "list")
            with self.subTest(cut=cut):
                self.assertEqual(done.code, 0, done)
                self.assertEqual(relay.cuts, 1)
                self.assertIn(b"ann@example.org", done.out)

    def test_logins_count_once(self):
        self.create("ann@example.org", PASSWORD)
        how = {"stdin": PASSWORD.encode()}
        login = ("login", "ann@example.org", "--password-stdin", "--no-store")
        counts = self.messages(*login, **how)
        succeeded = 1
        for cut in self.each_cut(counts):
            done, relay = self.through(cut, *login, **how)
            with self.subTest(cut=cut):
                succeeded += done.code == 0
                self.assertIn(done.code, (0, 11), done)
        self.assertEqual(len(self.rows_of("authn_login_success")), succeeded)
        self.ok("audit", "verify")

    def test_an_import_is_done_once_or_not_at_all(self):
        def rows(name):
            emails = [f"{name}-{row}@example.org" for row in range(3)]
            return set(emails), self.write(name, "".join(json.dumps({"email": email}) + "\n" for email in emails))
        made, file = rows("first")
        perhaps = []
        counts = self.messages("import", file)
        for number, cut in enumerate(self.each_cut(counts)):
            emails, file = rows(f"file{number}")
            done, _ = self.through(cut, "import", file)
            with self.subTest(cut=cut):
                self.assertIn(done.code, (0, 11), done)
                if done.code == 0:
                    made |= emails
                elif b"outcome_unknown" in done.err:
                    perhaps.append(emails)
        there = self.ok("list", "--fields", "email", "--plain").line.split("\n")
        for emails in perhaps:
            made |= emails & set(there)
            self.assertIn(len(emails & set(there)), (0, 3))
        self.assertEqual(sorted(there), sorted(made))
        self.assertEqual(len(self.rows_of("user_created")), len(made))
        self.ok("audit", "verify")
        self.ok("db", "check")

    def test_a_refresh_leaves_a_token_file_that_works(self):
        self.create("ann@example.org")
        self.assertEqual(self.login("ann@example.org").code, 0)
        clock = [self.later(f"+{60 * turn}s") for turn in range(1000)]  # what is younger is not renewed
        counts = self.messages("token", "refresh", env=clock[1])
        renewals = len(self.rows_of("authn_token_refreshed"))
        for turn, cut in enumerate(self.each_cut(counts), 2):
            done, _ = self.through(cut, "token", "refresh", env=clock[turn])
            with self.subTest(cut=cut):
                self.assertIn(done.code, (0, 11), done)
                self.assertNotIn(b"outcome_unknown", done.err)
                renewals += done.code == 0
                self.assertEqual(len(self.rows_of("authn_token_refreshed")), renewals, done)
                # Whatever has happened, the file holds the session's latest token.
                self.ok("whoami", env=clock[turn])
                renewals = len(self.rows_of("authn_token_refreshed"))
        self.assertEqual(self.rows_of("authn_token_reuse"), [])

    def test_a_transaction_that_would_read_something_else_changes_nothing(self):
        self.ok("role", "create", "admin")
        self.create("ann@example.org")
        lost = 0
        for number in range(40, 200, 8):
            self.ok("role", "grant", "ann@example.org", "admin")
            done, relay = self.through(Cut(SERVER, number), "role", "revoke", "ann@example.org", "admin")
            lost += len(relay.connections) > 1
            self.assertEqual(done.code, 0, done)
            if not relay.cuts:
                break
        self.assertGreater(lost, 0)
        self.ok("audit", "verify")


if __name__ == "__main__":
    scratch.main()
