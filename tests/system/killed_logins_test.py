"""Logins that are killed at any point: each is counted and on record before it compares anything."""
import os
import signal
import statistics
import time

from tests.system.support import killed_logins, scratch
from tests.system.support.scratch import ScratchTest

BOB, OTHER = "bob@example.org", "other@example.org"


class KilledLogins(ScratchTest):
    LOGINS = scratch.figure(400, 40)

    def setUp(self):
        super().setUp()
        self.init()
        self.create(BOB)
        self.create(OTHER)
        self.bob = self.ok("show", BOB, "--field", "id").line

    def longest(self):
        """A little more than a login takes."""
        times = []
        for _ in range(5):
            start = time.monotonic()
            self.assertEqual(self.login(OTHER).code, 0)
            times.append(time.monotonic() - start)
        return statistics.median(times) * 1.2

    def kill(self):
        longest = self.longest()
        start = time.time()
        killed = killed_logins.kill_logins(
            [scratch.binary(), "login", BOB, "--password-stdin"], self.LOGINS, longest,
            lambda pid: os.kill(pid, signal.SIGKILL), env=self.environment(), cwd=self.home)
        self.assertGreater(killed, 0)  # how many is a matter of the machine's load
        return killed, time.time() - start

    def test_the_waits_stand_between_them(self):
        self.ok("config", "set", "lockout.waits", "true")
        killed, took = self.kill()
        counted = killed_logins.check_trail(self, self.db, self.bob)
        scratch.say(self, f"{killed} of {self.LOGINS} killed in {took:.0f} s, {counted} counted")
        self.assertLessEqual(counted, killed_logins.most_within(took))
        done = self.login(BOB)
        for _ in range(30):
            if done.code != 10:
                break
            time.sleep(0.5)
            done = self.login(BOB)
        self.assertEqual(done.code, 0, done)
        self.ok("audit", "verify")

    def test_without_waits_a_hundred_of_them_lock(self):
        killed, took = self.kill()
        counted = killed_logins.check_trail(self, self.db, self.bob, waits=False)
        scratch.say(self, f"{killed} of {self.LOGINS} killed in {took:.0f} s, {counted} counted")
        if counted == killed_logins.LOCKED_AFTER:
            self.assertEqual(self.login(BOB).code, 10)
            self.assertEqual(self.ok("audit", "list", "--event", "authn_login_lock", "--jsonl").text.count("\n"), 1)
        self.ok("audit", "verify")


if __name__ == "__main__":
    scratch.main()
