"""Backups under writers, and restores that are killed at every step, refused, or in competition."""
import os
import sqlite3
import subprocess
import threading

from tests.system.support import faults, scratch
from tests.system.support.scratch import ScratchTest

# What makes a difference on disk.
SYSTEM_CALLS = ["pwrite64", "fdatasync", "fsync", "ftruncate", "link", "rename", "unlink"]


def sound(path):
    with sqlite3.connect(path) as connection:
        answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    return answer == "ok"


class Backup(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        for name in ("ann", "bob"):
            self.ok("create", f"{name}@example.org", "--no-password")
        self.backup = self.home / "backup.db"

    def back_up(self, *args):
        return self.ok("db", "backup", str(self.backup), *args)

    def users(self, *args):
        return self.ok("list", "--field", "email", *args).text.split()

    def test_a_backup_is_private_and_whole_whatever_the_umask(self):
        self.back_up()
        self.assertEqual(self.backup.stat().st_mode & 0o777, 0o600)
        self.assertTrue(sound(self.backup))
        self.assertEqual(self.backup.stat().st_nlink, 1)
        left = [path.name for path in self.home.iterdir() if "backup" in path.name]
        self.assertEqual(left, ["backup.db"])

    def test_the_backup_alone_tells_no_secret(self):
        code = self.code_for("ann@example.org")
        self.back_up()
        data = self.backup.read_bytes()
        self.assertNotIn(code.encode(), data)
        self.assertNotIn((self.data / "auth.key").read_bytes(), data)

    def test_backups_under_writers_are_sound(self):
        stop = threading.Event()
        failed = []

        def write(thread):
            for n in range(1000):
                if stop.is_set():
                    return
                done = self.auth("create", f"u{thread}.{n}@example.org", "--no-password")
                if done.code != 0:
                    failed.append(str(done))
        writers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
        for writer in writers:
            writer.start()
        key = str(self.data / "auth.key")
        counts = []
        try:
            for n in range(8):
                copy = str(self.home / f"copy{n}.db")
                self.ok("db", "backup", copy)
                self.ok("db", "check", "--db", copy, "--key-file", key)
                counts.append(int(self.ok("list", "--count", "--db", copy, "--key-file", key).line))
        finally:
            stop.set()
            for writer in writers:
                writer.join()
        self.assertEqual(failed, [])
        self.assertEqual(counts, sorted(counts))

    def test_restores_among_writers_lose_no_database(self):
        self.back_up()
        stop = threading.Event()
        bad = []

        def write(thread):
            n = 0
            while not stop.is_set():
                n += 1
                done = self.auth("create", f"u{thread}.{n}@example.org", "--no-password")
                if done.code not in (0, 11) or b"damaged" in done.err:
                    bad.append(str(done))
        writers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
        for writer in writers:
            writer.start()
        try:
            for _ in range(8):
                done = self.auth("db", "restore", str(self.backup), "--replace")
                if done.code != 0:  # what it would carry over is not what is there any more
                    self.assertEqual(done.code, 11, done)
                    self.assertIn(b"changed meanwhile; nothing was restored", done.err)
        finally:
            stop.set()
            for writer in writers:
                writer.join()
        self.assertEqual(bad, [])
        self.ok("db", "restore", str(self.backup), "--replace")
        self.ok("db", "check")
        self.assertIn("ann@example.org", self.users())

    # Killed at the n-th of each system call

    def kill_at_each_step(self, args, reset, check):
        faults.require_strace(self)
        kills = faults.kill_at_each_call(self, args, reset, check, SYSTEM_CALLS, most=10_000)
        self.assertGreater(kills, 10)

    def test_a_killed_backup_leaves_none_or_a_whole_one(self):
        def reset():
            self.backup.unlink(missing_ok=True)

        def check(done):
            if done.code == 0:
                self.assertTrue(self.backup.exists(), done)
            if self.backup.exists():
                self.assertTrue(sound(self.backup), done)
            self.ok("db", "check")
        self.kill_at_each_step(["db", "backup", str(self.backup)], reset, check)
        reset()
        self.back_up()

    def test_a_killed_restore_leaves_the_old_database_or_the_new_one(self):
        self.back_up()
        self.ok("create", "cat@example.org", "--no-password")
        live = self.db.read_bytes()
        new, old = ["ann@example.org", "bob@example.org"], [
            "ann@example.org", "bob@example.org", "cat@example.org"]

        def reset():
            (self.data / "auth.db-journal").unlink(missing_ok=True)
            self.db.write_bytes(live)

        def check(done):
            found = self.users()
            self.assertIn(found, [new] if done.code == 0 else [new, old], done)
            self.ok("db", "check")
        self.kill_at_each_step(["db", "restore", str(self.backup), "--replace"], reset, check)
        reset()
        self.ok("db", "restore", str(self.backup), "--replace")
        self.assertEqual(self.users(), new)

    def test_a_killed_restore_over_a_damaged_database_works_the_second_time(self):
        self.back_up()

        def reset():
            self.db.write_bytes(b"damaged beyond recognition")
            self.db.chmod(0o600)

        def check(done):
            again = self.auth("db", "restore", str(self.backup), "--replace")
            self.assertEqual(again.code, 0, (done, again))
            self.assertEqual(len(self.users()), 2)
        self.kill_at_each_step(["db", "restore", str(self.backup), "--replace"], reset, check)

    def test_a_full_disk_or_a_broken_one_changes_nothing(self):
        self.back_up()
        self.ok("create", "cat@example.org", "--no-password")
        for name, problem in (("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("fsync", "EIO"),
                              ("fdatasync", "EIO")):
            args = ["db", "restore", str(self.backup), "--replace"]
            for n in range(1, 40, 3):
                with self.subTest(call=name, problem=problem, n=n):
                    done = self.auth(*args,
                                     wrapper=faults.inject(name, f"error={problem}:when={n}+"))
                    found = self.users()
                    self.assertIn(len(found), [2] if done.code == 0 else [2, 3], done)
                    self.ok("db", "check")
                    if len(found) == 2:
                        self.ok("create", "cat@example.org", "--no-password")

    def test_a_journal_that_lost_its_database_is_not_played_into_the_new_one(self):
        self.back_up()
        # A process that died in the middle of a transaction leaves its journal.
        writer = subprocess.Popen(
            ["/usr/bin/python3", "-c",
             "import sqlite3, os, sys\n"
             "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
             "c.execute('PRAGMA cache_size=1'); c.execute('PRAGMA cache_spill=1')\n"
             "c.execute('BEGIN IMMEDIATE')\n"
             "for n in range(300): c.execute(\"INSERT INTO settings VALUES (?, 'x', 1)\", (f'n{n}' * 20,))\n"
             "os.kill(os.getpid(), 9)", str(self.db)])
        writer.wait()
        journal = self.data / "auth.db-journal"
        self.assertTrue(journal.exists())
        journal.chmod(0o600)
        self.db.unlink()
        self.ok("db", "restore", str(self.backup), "--replace")
        self.assertFalse(journal.exists())
        self.ok("db", "check")
        self.assertEqual(len(self.users()), 2)

    def test_the_hostile_backup(self):
        fifo = self.home / "fifo"
        os.mkfifo(fifo, 0o600)
        link = self.home / "link"
        self.back_up()
        link.symlink_to(self.backup)
        before = self.digest()
        for path in (fifo, link, self.home, "/dev/zero"):
            with self.subTest(path=path):
                done = self.auth("db", "restore", str(path), "--replace")
                self.assertIn(done.code, (11, 12), done)
                self.assertEqual(self.digest(), before)


if __name__ == "__main__":
    scratch.main()
