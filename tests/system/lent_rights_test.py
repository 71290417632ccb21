"""Rights that are only lent: subjects who reach one account's database through sudo, and through a setuid
program. With accounts and a sudo rule of its own, in a mount namespace that ends with the test."""
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

from tests.system.support import killed_logins, scratch
from tests.system.support.scratch import PASSWORD, ScratchTest

INSIDE = "AUTH_CLI_TEST_NAMESPACE"
KEEPER, ALICE, BOB = 60901, 60902, 60903
IGNORED = signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT
BLOCKED = signal.SIGALRM, signal.SIGUSR1, signal.SIGTERM
ANN, BEN = "ann@example.org", "ben@example.org"


# A mail program that writes down who it is and what it was given, in a file named as the mail's address.
HELPER = """#!/usr/bin/python3 -IS
import json, os, resource, sys
status = dict(line.rstrip("\\n").split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
given = {
    "uids": set(status["Uid"].split()), "gids": set(status["Gid"].split()), "started_by": [
        line.split()[1:] for line in open("/proc/%d/status" % os.getppid()) if line.startswith(("Uid:", "Gid:"))],
    "signals": int(status["SigIgn"], 16) | int(status["SigBlk"], 16), "umask": status["Umask"],
    "limits": [resource.getrlimit(n) for n in (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE,
                                               resource.RLIMIT_DATA)],
    "names": sorted(os.environ), "directory": os.getcwd(), "session": os.getsid(0) == os.getpid(),
    "descriptors": sorted(os.readlink("/proc/self/fd/" + n) for n in os.listdir("/proc/self/fd")
                          if os.path.exists("/proc/self/fd/" + n)),
}
sys.stdin.buffer.read()
place = os.path.join(SPOOL, sys.argv[-1])
open(place + ".part", "w").write(json.dumps(given, default=sorted))
os.rename(place + ".part", place)
"""


# How each way into another process is refused; "" where it is not.
TRACER = """
import ctypes, errno, json, os, sys
pid = int(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
def tried(call, *args):
    return errno.errorcode[ctypes.get_errno()] if call(*args) < 0 else ""
said = {"attach": tried(libc.ptrace, 16, pid, None, None)}
if not said["attach"]:
    os.waitpid(pid, 0)
    libc.ptrace(17, pid, None, None)
said["seize"] = tried(libc.ptrace, 0x4206, pid, None, None)
said["pidfd_getfd"] = tried(libc.syscall, 438, os.pidfd_open(pid), 0, 0)
print(json.dumps(said))
"""


def hand_down():
    """What a caller can leave to the program: run in the child, before it."""
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED)
    for what, soft in ((resource.RLIMIT_NOFILE, 77), (resource.RLIMIT_CPU, 40), (resource.RLIMIT_FSIZE, 9 << 20)):
        resource.setrlimit(what, (soft, resource.getrlimit(what)[1]))
    signal.setitimer(signal.ITIMER_REAL, 60)
    os.umask(0)
    os.dup2(os.open("/etc", os.O_RDONLY), 9, inheritable=True)


def possible():
    """Whether this machine lets the test make accounts and lend rights."""
    if os.geteuid() != 0 or shutil.which("sudo") is None:
        return False
    if "NoNewPrivs:\t0" not in pathlib.Path("/proc/self/status").read_text():
        return False
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


def bind(content, place, mode=0o644):
    content.chmod(mode)
    subprocess.run(["mount", "--bind", content, place], check=True)


class LentRights(ScratchTest):
    def setUp(self):
        if INSIDE not in os.environ:
            self.skipTest("needs root, sudo and mount namespaces")
        super().setUp()
        self.home.chmod(0o755)
        root = self.home / "usr"
        self.program = root / "bin/auth-cli"
        self.subject = root / "lib/auth-cli/subject"
        for path in (self.program, self.subject):
            path.parent.mkdir(parents=True)
        for path in (root, root / "bin", root / "lib", root / "lib/auth-cli"):
            path.chmod(0o755)
        shutil.copy(scratch.binary(), self.program)
        shutil.copy(pathlib.Path(scratch.binary()).parent.parent / "lib/auth-cli/subject", self.subject)
        for path in (self.program, self.subject):
            path.chmod(0o755)
        self.keeper = self.home / "keeper"
        self.keeper.mkdir()
        os.chown(self.keeper, KEEPER, KEEPER)
        self.make_accounts()
        self.as_keeper("db", "init", "--test")
        for email in (ANN, BEN):
            self.as_keeper("create", email, "--verified", "--password-stdin", stdin=PASSWORD)

    def make_accounts(self):
        lines = [f"{name}:*:{uid}:{uid}::{home}:/bin/sh\n"
                 for name, uid, home in (("test-keeper", KEEPER, self.keeper), ("test-alice", ALICE, "/"),
                                         ("test-bob", BOB, "/"))]
        for name, more in (("passwd", lines), ("group", [f"test-keeper:x:{KEEPER}:\n"])):
            made = self.home / name
            made.write_text(pathlib.Path("/etc", name).read_text() + "".join(more))
            bind(made, f"/etc/{name}")
            self.addCleanup(subprocess.run, ["umount", f"/etc/{name}"], check=True)
        rules = self.home / "sudoers"
        rules.write_text(f"#{ALICE},#{BOB} ALL=(test-keeper) NOPASSWD: {self.subject}\n")
        bind(rules, "/etc/sudoers", 0o440)
        self.addCleanup(subprocess.run, ["umount", "/etc/sudoers"], check=True)

    def run_as(self, uid, *command, stdin="", first=None, **variables):
        environment = {"PATH": "/usr/bin:/bin", **variables}
        return subprocess.run(
            ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *map(str, command)],
            input=stdin, capture_output=True, text=True, check=False, env=environment, cwd="/", preexec_fn=first,
            close_fds=first is None)

    def as_keeper(self, *args, stdin=""):
        done = self.run_as(KEEPER, self.program, *args, stdin=stdin, HOME=str(self.keeper))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def by_sudo(self, uid, *args, stdin="", **variables):
        return self.run_as(uid, "sudo", "-n", "-u", "test-keeper", self.subject, *args, stdin=stdin, **variables)

    def by_setuid(self, uid, *args, **how):
        return self.run_as(uid, self.setuid, *args, **how)

    def allow_setuid(self):
        if os.statvfs(self.home).f_flag & os.ST_NOSUID:
            self.skipTest("no setuid programs here")
        self.setuid = self.home / "usr/lent/setuid"
        self.setuid.parent.mkdir(mode=0o755)
        shutil.copy(self.program, self.setuid)
        os.chown(self.setuid, KEEPER, KEEPER)
        self.setuid.chmod(0o4755)

    def mail_by_helper(self):
        spool = self.home / "spool"
        spool.mkdir()
        spool.chmod(0o1777)
        helper = self.home / "sendmail"
        helper.write_text(HELPER.replace("SPOOL", repr(str(spool))))
        helper.chmod(0o755)
        # The module for mail lies beside the program that was built.
        built = pathlib.Path(scratch.binary()).parent.parent / "lib/auth-cli"
        shutil.copytree(built / "modules", self.subject.parent / "modules")
        self.as_keeper("config", "set", "mail.sendmail_path", helper)
        self.as_keeper("config", "set", "mail.transport", "sendmail")
        return spool

    def check_helper(self, found):
        for _ in range(100):
            if found.exists():
                break
            time.sleep(0.1)
        given = json.loads(found.read_text())
        self.assertEqual(given["uids"], [str(KEEPER)])
        self.assertEqual(len(given["gids"]), 1)
        for ids in given["started_by"]:
            self.assertEqual(len(set(ids)), 1)
        self.assertEqual(given["started_by"][0][0], str(KEEPER))
        # Python itself ignores SIGPIPE.
        self.assertEqual([number for number in (*IGNORED, *BLOCKED) if given["signals"] >> (number - 1) & 1], [])
        self.assertEqual(given["umask"], "0077")
        for soft, hard in given["limits"]:
            self.assertEqual(soft, hard)
        self.assertEqual(given["names"], ["LC_ALL", "PATH"])
        self.assertEqual(given["directory"], "/")
        self.assertTrue(given["session"])
        self.assertNotIn("/etc", given["descriptors"])

    def expect(self, code, done):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def check_logins_are_apart(self, lent):
        self.expect(0, lent(ALICE, "login", ANN, "--password-stdin", stdin=PASSWORD))
        self.assertEqual(self.expect(0, lent(ALICE, "whoami", "--field", "email")), ANN + "\n")
        # sudo says who runs it, and the kernel; not the caller.
        for claim in ({}, {"SUDO_UID": str(ALICE)}, {"SUDO_UID": str(ALICE), "AUTH_CLI_LENT": "1"},
                      {"AUTH_CLI_PROFILE": f"uid-{ALICE}.default"}):
            for args in (["whoami"], ["token", "print"], ["logout", "--everywhere"], ["mfa", "enroll"]):
                self.expect(4, lent(BOB, *args, **claim))
        self.expect(0, lent(BOB, "login", BEN, "--password-stdin", stdin=PASSWORD))
        self.expect(0, lent(BOB, "logout", "--everywhere"))
        self.assertEqual(self.expect(0, lent(ALICE, "whoami", "--field", "email")), ANN + "\n")
        logins = json.loads(self.as_keeper("audit", "list", "--event", "authn_login_success", "--json"))
        self.assertEqual([row["actor"] for row in logins["events"]], ["os:test-alice", "os:test-bob"])

    def check_no_operator(self, lent):
        key = self.keeper / ".local/share/auth-cli/auth.key"
        before = key.read_bytes()
        for args in (["verify", ANN, "--by-operator"], ["list", "--db", key], ["outbox", "show", "--latest"],
                     ["reset", ANN, "--by-operator", "--generate-password"], ["config", "list"]):
            self.expect(8, lent(ALICE, *args))
        self.expect(0, lent(ALICE, "login", ANN, "--password-stdin", "--token-file", key, stdin=PASSWORD))
        self.assertEqual(key.read_bytes(), before)
        elsewhere = self.home / "elsewhere"
        self.expect(4, lent(BOB, "whoami", AUTH_CLI_DB=str(elsewhere), HOME="/", XDG_DATA_HOME="/"))

    def test_who_asks_for_addresses_is_counted(self):
        for email in (ANN, "new@example.org"):
            for more in ([], ["--dry-run"]):
                done = self.by_sudo(ALICE, "create", email, "--no-password", "--json", *more)
                self.assertEqual(done.returncode, 10 if more else 9 if email == ANN else 0, done.stderr)

    def test_by_sudo_each_caller_has_a_login(self):
        self.check_logins_are_apart(self.by_sudo)

    def test_by_sudo_nobody_is_an_operator(self):
        self.check_no_operator(self.by_sudo)
        refused = self.run_as(ALICE, "sudo", "-n", "-u", "test-keeper", self.program, "list")
        self.assertEqual(refused.returncode, 1)
        for variable in ("AUTH_CLI_LENT=", f"SUDO_UID={BOB}", f"AUTH_CLI_DB={self.home}"):
            self.expect(1, self.run_as(ALICE, "sudo", "-n", "-u", "test-keeper", variable, self.subject, "list"))

    def test_by_setuid_each_caller_has_a_login(self):
        self.allow_setuid()
        self.check_logins_are_apart(self.by_setuid)

    def test_by_setuid_nobody_is_an_operator(self):
        self.allow_setuid()
        self.check_no_operator(self.by_setuid)

    def test_helpers_have_nothing_of_the_caller(self):
        self.allow_setuid()
        spool = self.mail_by_helper()
        self.expect(0, self.by_setuid(ALICE, "reset", ANN, "--request", first=hand_down, CALLER="x", IFS="y"))
        self.check_helper(spool / ANN)
        self.expect(0, self.run_as(KEEPER, self.subject, "reset", BEN, "--request", first=hand_down,
                                   SUDO_UID=str(ALICE), CALLER="x"))
        self.check_helper(spool / BEN)

    def test_by_setuid_the_caller_cannot_signal_it(self):
        self.allow_setuid()
        with subprocess.Popen(["setpriv", f"--reuid={ALICE}", f"--regid={ALICE}", "--clear-groups", self.setuid,
                               "login", ANN, "--password-stdin"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              env={}, cwd="/") as login:
            status = pathlib.Path(f"/proc/{login.pid}/status")
            for _ in range(200):
                if f"\nUid:\t{KEEPER}\t{KEEPER}\t{KEEPER}\t{KEEPER}\n" in status.read_text():
                    break
                time.sleep(0.01)
            for name in ("STOP", "TERM", "KILL"):
                refused = self.run_as(ALICE, "/bin/kill", f"-{name}", login.pid)
                self.assertIn("not permitted", refused.stderr)
            for name in ("environ", "fd/0", "maps"):
                self.assertNotEqual(self.run_as(ALICE, "head", "-c1", f"/proc/{login.pid}/{name}").returncode, 0)
            login.communicate(PASSWORD.encode())
            self.assertEqual(login.returncode, 0)

    def login_at_work(self):
        """A login by the setuid copy that waits for its password, as all its ids are the account's."""
        login = subprocess.Popen([self.setuid, "login", ANN, "--password-stdin"], stdin=subprocess.PIPE,
                                 stdout=subprocess.DEVNULL, env={}, cwd="/", user=ALICE, group=ALICE, extra_groups=[])
        status = pathlib.Path(f"/proc/{login.pid}/status")
        for _ in range(500):
            if f"\nUid:\t{KEEPER}\t{KEEPER}\t{KEEPER}\t{KEEPER}\n" in status.read_text():
                return login
            time.sleep(0.01)
        self.fail(status.read_text())

    def test_by_setuid_the_caller_cannot_trace_it(self):
        self.allow_setuid()
        tracer = self.home / "trace.py"
        tracer.write_text(TRACER)
        tracer.chmod(0o644)

        def refusals(pid):
            return json.loads(self.expect(0, self.run_as(ALICE, "/usr/bin/python3", "-IS", tracer, pid)))
        with self.login_at_work() as login:
            self.assertEqual(refusals(login.pid), {name: "EPERM" for name in ("attach", "seize", "pidfd_getfd")})
            login.communicate(PASSWORD.encode())
            self.assertEqual(login.returncode, 0)
        # It would succeed with a process of the caller's own.
        with subprocess.Popen(["sleep", "60"], user=ALICE, group=ALICE, extra_groups=[]) as own:
            self.assertEqual(refusals(own.pid)["seize"], "")
            own.kill()

    def test_by_setuid_the_ids_are_one_before_a_file_of_ours_is_opened(self):
        self.allow_setuid()
        log = self.home / "strace"
        done = subprocess.run(["strace", "-f", "-o", log, "-e", "trace=/^(open|setres)", "-u", "test-alice",
                               self.setuid, "login", ANN, "--password-stdin"], input=PASSWORD, text=True,
                              capture_output=True, check=False, env={"PATH": "/usr/bin:/bin"}, cwd="/")
        if not log.exists() or "setresuid" not in log.read_text():
            self.skipTest("strace is not allowed here")
        self.expect(0, done)
        calls = log.read_text().splitlines()
        first = {what: next(n for n, call in enumerate(calls) if re.search(pattern, call)) for what, pattern in (
            ("uids", rf"setresuid\({KEEPER}, {KEEPER}, {KEEPER}\) += 0"),
            ("gids", r"setresgid\((\d+), \1, \1\) += 0"), ("file", re.escape(str(self.keeper))))}
        self.assertLess(first["gids"], first["uids"])
        self.assertLess(first["uids"], first["file"])
        # Nothing of the caller's is opened either: only what the loader and the system's libraries need.
        for call in calls[:first["uids"]]:
            for path in re.findall(r'"([^"]+)"', call):
                self.assertRegex(path, r"^/(etc|lib|lib64|usr|proc|sys)/")

    def test_a_setgid_copy_lends_nothing(self):
        self.allow_setuid()
        copy = self.setuid.with_name("setgid")
        shutil.copy(self.program, copy)
        os.chown(copy, 0, KEEPER)
        copy.chmod(0o2755)
        spool = self.mail_by_helper()
        database = self.keeper / ".local/share/auth-cli/auth.db"
        for args in (["list"], ["login", ANN, "--password-stdin"], ["whoami", "--db", database]):
            done = self.run_as(ALICE, copy, *args, stdin=PASSWORD, HOME=str(self.keeper), AUTH_CLI_DB=str(database))
            self.assertNotEqual(done.returncode, 0)
            self.assertNotIn("test-keeper", done.stdout)
        self.assertEqual(list(spool.iterdir()), [])
        with subprocess.Popen([copy, "login", ANN, "--password-stdin"], stdin=subprocess.PIPE, env={}, cwd="/",
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=ALICE, group=ALICE,
                              extra_groups=[]) as login:
            ids = {}
            for _ in range(500):
                status = pathlib.Path(f"/proc/{login.pid}/status").read_text()
                ids = dict(re.findall(r"^(Uid|Gid):\t(.*)$", status, re.M))
                if ids["Gid"] == "\t".join([str(KEEPER)] * 4):
                    break
                time.sleep(0.01)
            login.kill()
        self.assertEqual(ids, {"Uid": "\t".join([str(ALICE)] * 4), "Gid": "\t".join([str(KEEPER)] * 4)})

    def test_logins_that_the_caller_kills_are_counted(self):
        self.allow_setuid()
        self.as_keeper("config", "set", "lockout.waits", "true", "-q")
        start, count, refused = time.time(), scratch.figure(400, 40), []

        def kill(pid):
            if not killed_logins.signal_as(ALICE, pid, signal.SIGKILL):
                refused.append(pid)
                os.kill(pid, signal.SIGKILL)  # as a lack of memory would
        killed = killed_logins.kill_logins([self.setuid, "login", ANN, "--password-stdin"], count, 0.09, kill,
                                           user=ALICE, group=ALICE, extra_groups=[], env={}, cwd="/")
        took = time.time() - start
        user = self.as_keeper("show", ANN, "--field", "id").strip()
        counted = killed_logins.check_trail(self, self.keeper / ".local/share/auth-cli/auth.db", user)
        scratch.say(self, f"{killed} of {count} killed in {took:.0f} s, {len(refused)} of them not by their caller, "
                          f"{counted} counted")
        self.assertLessEqual(counted, killed_logins.most_within(took))
        self.assertGreater(len(refused), 0)
        self.as_keeper("audit", "verify")

    def test_limits_that_would_stop_it_half_way_are_refused(self):
        self.allow_setuid()
        for what, hard in ((resource.RLIMIT_CPU, 5), (resource.RLIMIT_FSIZE, 1 << 20), (resource.RLIMIT_NOFILE, 20)):
            done = self.by_setuid(ALICE, "reset", ANN, "--request", "--json",
                                  first=lambda what=what, hard=hard: resource.setrlimit(what, (hard, hard)))
            self.expect(8, done)
            self.assertEqual(json.loads(done.stderr)["reason"], "limits")

    def test_a_priority_that_keeps_others_waiting_is_refused(self):
        self.allow_setuid()

        def idle():
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        for lower in (lambda: os.setpriority(os.PRIO_PROCESS, 0, 19), idle):
            done = self.by_setuid(ALICE, "reset", ANN, "--request", "--json", first=lower)
            self.expect(8, done)
            self.assertEqual(json.loads(done.stderr)["reason"], "limits")
        self.expect(0, self.by_setuid(ALICE, "reset", ANN, "--request", first=lambda: os.nice(5)))

    def test_a_sign_up_tells_no_usernames(self):
        self.as_keeper("update", ANN, "--username", "ann")
        told = {self.by_sudo(ALICE, "create", "new@example.org", "--no-password", "--username", name).stderr
                for name in ("ann", "nobody-has-it")}
        self.assertEqual(len(told), 1)
        self.assertIn("--username is for operators", told.pop())

    def test_without_sudo_the_wrapper_keeps_no_login(self):
        for said in ({}, {"SUDO_UID": ""}, {"SUDO_UID": "-1"}, {"SUDO_UID": "4294967295"}, {"SUDO_UID": "1x"}):
            done = self.run_as(KEEPER, self.subject, "login", ANN, "--password-stdin", "--json", stdin=PASSWORD,
                               **said)
            self.expect(4, done)
            self.assertEqual(json.loads(done.stderr)["reason"], "unknown_caller")
        token = self.expect(0, self.run_as(KEEPER, self.subject, "login", ANN, "--password-stdin", "--no-store",
                                           stdin=PASSWORD))
        self.assertTrue(token.startswith("ey"))
        self.assertFalse((self.keeper / ".local/state").exists())


if __name__ == "__main__":
    if INSIDE not in os.environ and possible():
        os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable,
                               *sys.orig_argv[1:]], os.environ | {INSIDE: "1"})
    scratch.main()
