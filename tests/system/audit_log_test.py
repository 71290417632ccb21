"""The audit log followed while others write it, archived under them, and killed while it is archived."""
import concurrent.futures
import json
import os
import signal
import subprocess
import time

from tests.system.support import scratch
from tests.system.support.scratch import ScratchTest

WRITERS = 8
UPDATES = 20


class AuditLog(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()

    def follow(self, *more):
        process = subprocess.Popen([scratch.binary(), "audit", "list", "--follow", "--jsonl", *more],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(),
                                   cwd=self.home)
        self.addCleanup(process.kill)
        return process

    def stop(self, process, how=signal.SIGTERM):
        process.send_signal(how)
        out, err = process.communicate(timeout=10)
        self.assertEqual(err, b"")
        self.assertEqual(process.returncode, 128 + how)
        return [json.loads(line)["seq"] for line in out.splitlines()]

    def listed(self):
        return [int(line) for line in self.ok("audit", "list", "--field", "seq").text.split()]

    def write_from_many(self):
        emails = [f"user{number}@example.org" for number in range(WRITERS)]
        for email in emails:
            self.ok("create", email, "--no-password", "--verified")

        def update(email):
            for number in range(UPDATES):
                self.ok("update", email, "--name", f"Name {number}")
        with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(update, emails))

    def test_no_row_is_missed_or_repeated_while_many_write(self):
        followers = [self.follow(), self.follow("--after", "2")]
        self.write_from_many()
        time.sleep(2.5)
        rows = self.listed()
        self.assertGreaterEqual(len(rows), WRITERS * (UPDATES + 1))
        first, second = self.stop(followers[0]), self.stop(followers[1], signal.SIGINT)
        self.assertEqual(first, rows)
        self.assertEqual(second, [seq for seq in rows if seq > 2])
        # Resumed behind the last number that was received.
        self.ok("create", "late@example.org", "--no-password")
        resumed = self.follow("--after", str(rows[-1]))
        time.sleep(1.5)
        self.assertEqual(self.stop(resumed), [seq for seq in self.listed() if seq > rows[-1]])

    def test_a_reader_that_goes_ends_it_quietly(self):
        process = self.follow()
        process.stdout.readline()
        process.stdout.close()
        for number in range(3):
            self.ok("create", f"late{number}@example.org", "--no-password")
            time.sleep(1.2)
        self.assertEqual(process.wait(timeout=10), 0)
        self.assertEqual(process.stderr.read(), b"")

    def test_an_archive_meanwhile_is_survived(self):
        process = self.follow()
        for number in range(5):
            self.ok("create", f"user{number}@example.org", "--no-password")
        time.sleep(1.5)
        before = self.listed()
        self.ok("audit", "archive", "old.jsonl", "--before", "+1m")
        self.ok("create", "late@example.org", "--no-password")
        time.sleep(2.5)
        self.assertEqual(self.stop(process), before + self.listed())
        self.ok("audit", "verify", "--archive", "old.jsonl")

    def test_writers_go_on_while_rows_are_archived(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            writing = pool.submit(self.write_from_many)
            time.sleep(0.5)
            names = []
            while not writing.done() and len(names) < 5:
                name = f"archive{len(names)}.jsonl"
                done = self.auth("audit", "archive", name, "--before", "+1m")
                self.assertIn(done.code, (0, 11), done)
                names += [name] if os.path.exists(self.home / name) else []
            writing.result()
        arguments = [word for name in names for word in ("--archive", name)]
        self.ok("audit", "verify")
        checked = self.ok("audit", "verify", *arguments, "--json").json()
        head = self.ok("audit", "head", "--json").json()
        self.assertEqual((checked["rows"], checked["archived_rows"]), (head["rows"], 0))

    def test_a_killed_archive_leaves_rows_or_file(self):
        for number in range(20):
            self.ok("create", f"user{number}@example.org", "--no-password")
        for delay in range(0, 60, 6):
            process = subprocess.Popen([scratch.binary(), "audit", "archive", "old.jsonl", "--before", "+1m"],
                                       env=self.environment(), cwd=self.home, stderr=subprocess.PIPE)
            time.sleep(delay / 1000)
            process.kill()
            process.communicate()
            self.ok("audit", "verify")
            left = self.listed()
            if left[0] != 1:
                break
        else:
            self.ok("audit", "archive", "old.jsonl", "--before", "+1m")
        self.ok("audit", "verify", "--archive", "old.jsonl")


if __name__ == "__main__":
    scratch.main()
