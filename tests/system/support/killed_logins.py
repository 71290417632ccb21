"""Wrong logins that are killed while they are at work, and what the database must know of them."""
import os
import random
import signal
import sqlite3
import subprocess
import time

LOCKED_AFTER = 100
WRONG = b"wrong-umbrella-12-thursday\n"


def wait_after(failures):
    """Seconds after that many failures in a row."""
    for below, seconds in ((3, 1), (9, 3), (25, 5), (100, 10)):
        if failures < below:
            return seconds
    return None


def signal_as(uid, pid, number):
    """Whether somebody of that uid may send the signal: sends it, if so."""
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(uid, uid, uid)
            os.kill(pid, number)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def kill_logins(command, count, longest, kill, **how):
    """Starts so many, each of which `kill` ends at a random point within `longest` seconds. Says how many of
    them were killed by it before they ended."""
    chance = random.Random(400)
    killed = 0
    for _ in range(count):
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, **how) as login:
            login.stdin.write(WRONG)
            login.stdin.close()
            time.sleep(chance.uniform(0, longest))
            kill(login.pid)
            killed += login.wait() == -signal.SIGKILL
    return killed


def most_within(seconds):
    """How many logins the ladder lets go on in that time. Attempts and waits are kept in whole seconds, so the last
    one may begin nearly a second early."""
    due, most = 0, 0
    while due < seconds + 1 and most < LOCKED_AFTER:
        most += 1
        due += wait_after(most) or 0
    return most


def check_trail(test, database, user, waits=True):
    """Every counted attempt has a row that was written before its comparison, and no two are nearer to each other
    than the ladder lets them be. Gives the number of attempts."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as file:
        counted = file.execute("SELECT coalesce(max(failures), 0) FROM attempts").fetchone()[0]
        times = [row[0] for row in file.execute(
            "SELECT at FROM audit WHERE event = 'authn_login_attempt' AND target = ? ORDER BY seq", (user,))]
        fails = file.execute("SELECT count(*) FROM audit WHERE event = 'authn_login_fail' AND target = ?",
                             (user,)).fetchone()[0]
    file.close()
    test.assertGreater(counted, 0)
    test.assertLessEqual(counted, LOCKED_AFTER)
    test.assertEqual(len(times), counted)
    if waits:
        # The last one may be unanswered yet.
        test.assertGreaterEqual(fails, counted - 1)
        for n in range(1, counted):
            test.assertGreaterEqual(times[n] - times[n - 1], wait_after(n), (n, times))
    return counted
