"""Many processes on one database and one token file."""
import collections
import concurrent.futures
import pathlib
import sqlite3
import time

from tests.system.support import scratch
from tests.system.support.job import Job
from tests.system.support.scratch import OTHER_PASSWORD, PASSWORD, ScratchTest

MANY = 50
PROCESSES = 8
UPDATES = 100
GUESSES = 200
LOCKED_AFTER = 100


def codes(runs):
    return collections.Counter(run.code for run in runs)


class Concurrency(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()

    def test_creates_of_one_address(self):
        runs = self.at_once(MANY, "create", "one@example.org", "--no-password", "--verified")
        self.assertEqual(codes(runs), {0: 1, 9: MANY - 1}, odd(runs, 0, 9))
        self.assertEqual(self.ok("list", "--count").line, "1")
        self.ok("audit", "verify")

    def test_updates_of_different_users(self):
        emails = [f"user{number}@example.org" for number in range(PROCESSES)]
        for email in emails:
            self.ok("create", email, "--no-password", "--verified")

        def update_one(email):
            return [self.auth("update", email, "--name", f"Name {number}")
                    for number in range(1, UPDATES + 1)]
        with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
            runs = [run for some in pool.map(update_one, emails) for run in some]
        self.assertEqual(codes(runs), {0: PROCESSES * UPDATES}, odd(runs, 0))
        for email in emails:
            self.assertEqual(self.ok("show", email, "--field", "name").line, f"Name {UPDATES}")
        self.ok("audit", "verify")
        self.ok("db", "check")

    def test_submits_of_one_right_code(self):
        email = "code@example.org"
        self.ok("create", email, "--password-stdin", stdin=PASSWORD.encode())
        runs = self.at_once(MANY, "verify", email, self.code_for(email))
        self.assertEqual(codes(runs)[0], 1, odd(runs, 3))
        self.assertLessEqual(set(codes(runs)), {0, 3, 10}, odd(runs, 0, 3, 10))
        self.assertEqual(self.ok("show", email, "--field", "verified").line, "true")

    def test_wrong_logins_are_counted_each(self):
        email = "guess@example.org"
        self.create(email)
        wrong = self.write("wrong", OTHER_PASSWORD)
        runs = self.at_once(GUESSES, "login", email, "--password-file", wrong)
        self.assertEqual(codes(runs), {3: LOCKED_AFTER, 10: GUESSES - LOCKED_AFTER},
                         odd(runs, 3, 10))
        trail = self.ok("audit", "list", "--event", "authn_login_fail", "--jsonl").text
        self.assertEqual(len(trail.splitlines()), LOCKED_AFTER)
        self.assertEqual(self.login(email).code, 10)
        self.ok("unlock", email)
        self.assertEqual(self.login(email).code, 0)

    def test_resets_with_one_right_code(self):
        email = "reset@example.org"
        self.create(email)
        self.ok("reset", email, "--request")
        new = self.write("new", OTHER_PASSWORD + "\n")
        runs = self.at_once(MANY, "reset", email, self.code_for(email), "--password-file", new)
        self.assertEqual(codes(runs)[0], 1, odd(runs, 3))
        self.assertLessEqual(set(codes(runs)), {0, 3, 10}, odd(runs, 0, 3, 10))

    def test_renewals_of_one_token_file(self):
        email = "session@example.org"
        self.create(email)
        self.assertEqual(self.login(email).code, 0)
        runs = self.at_once(MANY, "whoami", env=self.later("+60s"))
        self.assertEqual(codes(runs), {0: MANY}, odd(runs, 0))
        for offset in ("+61s", "+500s", "+1000s"):
            self.ok("whoami", env=self.later(offset))
        reused = self.ok("audit", "list", "--event", "authn_token_reuse", "--jsonl")
        self.assertEqual(reused.line, "")

    def test_refreshes_of_one_token_file(self):
        email = "refresh@example.org"
        self.create(email)
        self.assertEqual(self.login(email).code, 0)
        for arguments in ([], ["--if-under", "10m"]):
            before = self.renewals()
            time.sleep(5.1)  # what is younger is not renewed again
            runs = self.at_once(MANY, "token", "refresh", "--json", *arguments)
            self.assertEqual(codes(runs), {0: MANY}, odd(runs, 0))
            changed = sum(run.json()["changed"] for run in runs)
            self.assertEqual(self.renewals() - before, changed)
            # With sanitizers the last may start long after the first has ended.
            if not scratch.sanitized():
                self.assertEqual(changed, 1)
        self.assertEqual(self.ok("whoami", "--field", "email").line, email)
        self.assertEqual(self.ok("audit", "list", "--event", "authn_token_reuse", "--jsonl").line,
                         "")

    def test_ctrl_z_waits_for_the_lock(self):
        if self.url:
            self.skipTest("looks at a file's lock")
        self.ok("create", "ann@example.org", "--no-password")
        other = sqlite3.connect(self.db, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("begin immediate")
        job = Job([scratch.binary(), "update", "ann@example.org", "--name", "Ann"],
                  self.environment(TERM="dumb"), self.home)
        self.addCleanup(job.close)
        # Bit 19 of what it catches is SIGTSTP: from then on it waits for the lock, or has it.
        self.wait_until(lambda: int(status(job.process, "SigCgt"), 16) >> 19 & 1)
        time.sleep(0.3)
        job.press(b"\x1a")
        self.assertIsNone(job.news(0.5))
        other.execute("rollback")
        self.assertEqual(job.news(10), "stopped")
        # What it had begun is done, and nobody waits for it.
        other.execute("begin immediate")
        self.assertEqual(other.execute("select name from users").fetchall(), [("Ann",)])
        other.execute("rollback")
        job.resume()
        self.assertEqual(job.news(10), "ended 0")

    def test_ctrl_z_works_elsewhere(self):
        job = Job([scratch.binary(), "outbox", "wait", "--to", "a@example.org", "--timeout", "5s"],
                  self.environment(TERM="dumb"), self.home)
        self.addCleanup(job.close)
        time.sleep(0.5)
        job.press(b"\x1a")
        self.assertEqual(job.news(2), "stopped")
        job.resume()
        self.assertRegex(job.news(10) or "", "ended")

    def wait_until(self, what):
        end = time.monotonic() + 10
        while not what():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.005)

    def renewals(self):
        renewed = self.ok("audit", "list", "--event", "authn_token_refreshed", "--jsonl")
        return len(renewed.text.splitlines())


def status(process, name):
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return line.split()[1]
    return "0"


def odd(runs, *expected):
    """The first run that ended otherwise, for the message."""
    return next((str(run) for run in runs if run.code not in expected), "")


if __name__ == "__main__":
    scratch.main()
