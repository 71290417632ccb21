"""Runs that strace kills, or whose system calls it lets fail, at each step that makes a difference on
disk."""
import os
import re
import subprocess

SYSTEM_CALLS = ["pwrite64", "write", "fdatasync", "fsync", "ftruncate", "openat", "link", "rename",
                "unlink"]
FAILURES = [("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("write", "ENOSPC"), ("fsync", "EIO"),
            ("fdatasync", "EIO"), ("link", "EIO"), ("rename", "EIO")]
# All of them where this is set; else a sample.
EVERY = bool(os.environ.get("AUTH_CLI_EVERY_CALL"))


def require_strace(test):
    if subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False,
                      capture_output=True).returncode != 0:
        test.skipTest("strace is not allowed here")


def count_calls(test, name, args):
    """How often a run makes the system call."""
    log = test.home / "trace"
    test.auth(*args, wrapper=["strace", "-qq", "-e", f"trace={name}", "-o", str(log)])
    text = log.read_text(errors="replace") if log.exists() else ""
    return len(re.findall(rf"(?m)^{name}\(", text))


def inject(name, what):
    return ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={name}", "-e",
            f"inject={name}:{what}"]


def steps(count, most):
    """1 to `count`, or about `most` of them with the first and the last few."""
    if EVERY or count <= most:
        return list(range(1, count + 1))
    chosen = set(range(1, count + 1, -(-count // (most // 2))))
    return sorted(chosen | set(range(max(1, count - most // 2 + 1), count + 1)))


def kill_at_each_call(test, args, reset, check, calls=SYSTEM_CALLS, most=12):
    """Says how many runs were killed."""
    kills = 0
    for name in calls:
        reset()
        for n in steps(count_calls(test, name, args), most):
            with test.subTest(call=name, n=n):
                reset()
                done = test.auth(*args, wrapper=inject(name, f"signal=KILL:when={n}"))
                kills += done.code != 0
                check(done)
    return kills


def fail_at_each_call(test, args, reset, check, most=8):
    """From the n-th on, the system call fails."""
    for name, problem in FAILURES:
        reset()
        for n in steps(count_calls(test, name, args), most):
            with test.subTest(call=name, problem=problem, n=n):
                reset()
                check(test.auth(*args, wrapper=inject(name, f"error={problem}:when={n}+")))
