"""Imports of some size: one bad row among many, runs that are killed or interrupted, many at once."""
import collections
import json
import signal
import subprocess
import time

from tests.system.support import scratch
from tests.system.support.scratch import PASSWORD, ScratchTest

ROWS, BAD = 10_000, 7_777
HASHED = 4_000  # fewer, since each costs a hash
HASH = "$2b$04$abcdefghijklmnopqrstuuD.7JqY8gUYk2ZLfFbEJQ9qV9a0mZQz2"


def person(number, **more):
    return json.dumps({"email": f"user{number}@example.org", "name": f"User {number}", **more})


class Imports(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        if scratch.sanitized():  # slow, and the same in all else
            global ROWS, BAD
            ROWS, BAD = 2_000, 1_555

    def people(self, bad=None, count=None, **more):
        lines = [person(number, **more) for number in range(1, (count or ROWS) + 1)]
        if bad:
            lines[bad - 1] = '{"email":"not an address"}'
        return self.write("people.jsonl", "\n".join(lines) + "\n")

    def count(self):
        return int(self.ok("list", "--count").line)

    def results(self, name="results.jsonl"):
        return [json.loads(line) for line in (self.home / name).read_text().splitlines()]

    def test_one_bad_row_stops_an_atomic_import(self):
        done = self.fails(14, "import", self.people(bad=BAD), "--results", "results.jsonl")
        self.assertEqual(self.count(), 0)
        self.assertIn(f"line {BAD}: not an address: ".encode(), done.err)
        results = self.results()
        self.assertEqual([row["line"] for row in results], list(range(1, ROWS + 1)))
        self.assertEqual(collections.Counter(row["result"] for row in results),
                         {"skipped": ROWS - 1, "error": 1})
        bad = results[BAD - 1]["error"]
        self.assertEqual((bad["code"], bad["field"]), ("usage", "email"))
        self.assertTrue(bad["message"])

    def test_others_go_on_where_asked_to(self):
        done = self.fails(14, "import", self.people(bad=BAD), "--keep-going", "--json")
        *records, summary = map(json.loads, done.text.splitlines())
        self.assertEqual(len(records), ROWS)
        self.assertEqual((summary["created"], summary["failed"]), (ROWS - 1, 1))
        self.assertEqual(self.count(), ROWS - 1)
        self.ok("audit", "verify")

    def start(self, *args):
        return subprocess.Popen([scratch.binary(), "import", *args], cwd=self.home,
                                env=self.environment(), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def stopped_midway(self, how, *args):
        """Ends a run by a signal once some of its rows are committed."""
        run = self.start(*args)
        while run.poll() is None and self.count() == 0:
            time.sleep(0.01)
        run.send_signal(how)
        _, said = run.communicate(timeout=60)
        return run.returncode, said.decode()

    def test_a_killed_import_is_resumed(self):
        # Passwords, so that it takes long enough to be met.
        file = self.people(count=HASHED, password=PASSWORD)
        self.ok("config", "set", "password.memory", "1024")
        args = ("people.jsonl", "--keep-going", "--results", "results.jsonl")
        code, _ = self.stopped_midway(signal.SIGKILL, *args)
        self.assertEqual(code, -signal.SIGKILL)
        midway = self.count()
        self.assertTrue(0 < midway < HASHED, midway)
        self.ok("audit", "verify")
        self.ok("db", "check")
        # What was committed is in the results; they may also tell of rows that were not.
        self.assertGreaterEqual(len(self.results()), midway)
        self.ok("config", "unset", "password.memory")
        self.ok("import", file, "--keep-going", "--resume", "results.jsonl")
        self.assertEqual(self.count(), HASHED)
        results = self.results()
        self.assertEqual([row["line"] for row in results], list(range(1, HASHED + 1)))
        self.assertEqual({row["result"] for row in results}, {"created"})
        ids = {row["id"] for row in results}
        self.assertEqual(ids, set(self.ok("list", "--field", "id").text.split()))
        self.ok("audit", "verify")

    def test_an_interrupted_import_says_how_to_go_on(self):
        self.people(password=PASSWORD)
        self.ok("config", "set", "password.memory", "1024")
        code, said = self.stopped_midway(signal.SIGINT, "people.jsonl", "--keep-going",
                                         "--results", "results.jsonl")
        self.assertEqual(code, 130, said)
        self.assertIn("--keep-going --resume results.jsonl", said)
        self.assertEqual(len(self.results()), self.count())

    def test_an_interrupted_atomic_import_leaves_nothing(self):
        self.people(password=PASSWORD)
        self.ok("config", "set", "password.memory", "4096")
        run = self.start("people.jsonl")
        time.sleep(1)
        run.send_signal(signal.SIGTERM)
        _, said = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 143, said)
        self.assertIn(b"nothing was imported", said)
        self.assertEqual(self.count(), 0)

    def test_earlier_failures_are_not_forgotten(self):
        file = self.people(bad=2, count=HASHED, password=PASSWORD)
        code, _ = self.stopped_midway(signal.SIGKILL, file, "--keep-going", "--results", "r.jsonl")
        self.assertEqual(code, -signal.SIGKILL)
        done = self.fails(14, "import", file, "--keep-going", "--resume", "r.jsonl")
        self.assertIn(b", before which 1 failed\n", done.err)
        self.assertEqual(self.count(), HASHED - 1)

    def test_a_file_that_breaks_in_the_middle(self):
        rows = "".join(f"user{number}@example.org,Ann\n" for number in range(300))
        file = self.write("broken.csv", "email,name\n" + rows + 'eve@example.org,"Eve"x\n')
        done = self.fails(14, "import", file, "--keep-going", "--json")
        said = json.loads(done.err.splitlines()[-1])
        self.assertEqual(said["code"], "partial")
        self.assertIn("line 302: ", said["message"])
        self.assertIn("before it: 300 created", said["message"])
        self.write("broken.csv", "email,name\n" + rows + "eve@example.org,Eve\n")
        again = said["hint"].split(": ", 1)[1].split()
        self.assertEqual(again[0], "auth-cli")
        self.ok(*again[1:])
        self.assertEqual(self.count(), 301)

    def test_results_of_another_file_are_refused(self):
        self.write("one.jsonl", person(1) + "\n" + person(2) + "\n")
        self.write("two.jsonl", person(1) + "\n" + person(3) + "\n")
        self.ok("import", "one.jsonl", "--keep-going", "--results", "results.jsonl")
        done = self.fails(2, "import", "two.jsonl", "--keep-going", "--resume", "results.jsonl")
        self.assertIn(b"another file", done.err)
        self.assertEqual(self.count(), 2)

    def test_hashing_does_not_hold_others_up(self):
        """While an atomic import hashes, others write."""
        self.people(count=400, password=PASSWORD)
        self.ok("config", "set", "password.memory", "32768")
        run = self.start("people.jsonl")
        made = 0
        while run.poll() is None:
            self.ok("create", f"other{made}@example.com", "--no-password", "--verified")
            made += 1
        self.assertEqual(run.wait(), 0, run.communicate()[1])
        self.assertGreater(made, 1)
        self.assertEqual(self.count(), 400 + made)
        self.ok("audit", "verify")

    def test_large_rows_among_which_some_are_taken(self):
        """More than is gathered at once, users and their passwords in turns."""
        self.ok("import", self.people(count=1))
        file = self.people(count=700, attributes={"note": "x" * 4000}, password_hash=HASH)
        self.ok("import", file, "--on-conflict", "skip", "--allow", "hashes")
        self.assertEqual(self.count(), 700)
        self.assertEqual(self.ok("db", "check").code, 0)

    def test_eight_at_once(self):
        self.people(count=500)
        runs = self.at_once(8, "import", "people.jsonl", "--on-conflict", "skip", "--json")
        self.assertEqual({run.code for run in runs}, {0}, [str(run) for run in runs if run.code])
        made = sum(json.loads(run.text.splitlines()[-1])["created"] for run in runs)
        self.assertEqual((made, self.count()), (500, 500))
        self.ok("audit", "verify")


if __name__ == "__main__":
    scratch.main()
