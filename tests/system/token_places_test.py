"""Token and session files where other people's machines have them: mounted alone, on a full or read-only disk,
under sudo."""
import os
import pathlib
import shutil
import subprocess

from tests.system.support import scratch
from tests.system.support.scratch import PASSWORD, ScratchTest

EMAIL = "ann@example.org"
INSIDE = "AUTH_CLI_TEST_OWN_MOUNTS"
NOBODY = 65534


def can_mount():
    return os.geteuid() == 0 and subprocess.run(
        ["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


class TokenPlaces(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.ok("create", EMAIL, "--verified", "--password-stdin", stdin=PASSWORD.encode())
        self.password = self.write("password", PASSWORD)
        for name in ("real", "there"):
            (self.home / name).mkdir(mode=0o700)
        self.token = self.home / "there/login.token"

    def need_mounts(self):
        if not can_mount():
            self.skipTest("needs root and mount namespaces")

    def mounted(self, commands, steps):
        """Each step in one process that alone sees what the shell commands mount; all that they did."""
        script = self.write("steps.sh", commands + "\n" + '"$@"\n')
        return [self.auth(*step, wrapper=["unshare", "--mount", "sh", "-e", script]) for step in steps]

    def log_in(self):
        return ["login", EMAIL, "--password-file", self.password, "--token-file", str(self.token)]

    def live(self):
        return len(self.ok("session", "list", "--json").json()["sessions"])

    def put(self, *names, text=b""):
        for name in names:
            path = self.home / name
            path.write_bytes(text)
            path.chmod(0o600)

    def assert_no_login(self, done):
        self.assertEqual((done.code, done.out), (12, b""), done)
        self.assertEqual(self.live(), 0, done)

    def test_a_token_file_that_is_mounted_alone(self):
        self.need_mounts()
        self.put("real/t", "there/login.token")
        where = ["--token-file", str(self.token)]
        steps = [self.log_in(), ["whoami", *where, "--field", "email"], ["token", "refresh", *where],
                 ["token", "print", *where], ["logout", *where], ["whoami", *where]]
        done = self.mounted(f"mount --bind '{self.home}/real/t' '{self.token}'", steps)
        self.assertEqual([each.code for each in done], [0, 0, 0, 0, 0, 4], [*map(str, done)])
        self.assertEqual(done[1].line, EMAIL)
        self.assertRegex(done[3].line, r"^[\w-]+\.[\w-]+\.[\w-]+$")
        self.assertIn(b"is empty", done[5].err)
        real = self.home / "real/t"
        self.assertEqual((real.read_bytes(), real.stat().st_mode & 0o777), (b"", 0o600))
        self.assertEqual(self.live(), 0)

    def test_every_file_mounted_in_a_directory_that_nobody_can_change(self):
        self.need_mounts()
        names = ("login.token", "login.session.json", "login.lock")
        self.put(*(f"{place}/{name}" for place in ("real", "there") for name in names))
        commands = [f"mount --bind '{self.home}/there' '{self.home}/there'",
                    f"mount -o remount,ro,bind '{self.home}/there'"]
        commands += [f"mount --bind '{self.home}/real/{name}' '{self.home}/there/{name}'" for name in names]
        where = ["--token-file", str(self.token)]
        done = self.mounted("\n".join(commands), [self.log_in(), ["token", "refresh", *where],
                                                  ["whoami", *where, "--field", "email"]])
        self.assertEqual([each.code for each in done], [0, 0, 0], [*map(str, done)])
        self.assertEqual(done[2].line, EMAIL)

    def test_many_processes_renew_a_mounted_token(self):
        self.need_mounts()
        self.put("real/t", "there/login.token")
        where = f"--token-file '{self.token}'"
        script = (f"mount --bind '{self.home}/real/t' '{self.token}'\n"
                  f"'{scratch.binary()}' login {EMAIL} --password-file '{self.password}' {where} -q\n"
                  "for i in 1 2 3 4 5 6 7 8; do\n"
                  f"  (for j in 1 2 3; do '{scratch.binary()}' token refresh {where} -q;"
                  f" '{scratch.binary()}' whoami {where} -q; done) & pids=\"$pids $!\"\n"
                  "done\nfor pid in $pids; do wait $pid; done\n")
        done = subprocess.run(["unshare", "--mount", "sh", "-e", self.write("many.sh", script)],
                              capture_output=True, check=False, env=self.environment())
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(self.live(), 1)

    def test_a_disk_that_is_full_or_read_only_leaves_no_session(self):
        self.need_mounts()
        there = f"'{self.home}/there'"
        tmpfs = "mount -t tmpfs -o size=4k,nr_inodes=%d,mode=700 tmpfs " + there
        fill = f"head -c 4096 /dev/zero > {there}/filler"
        for commands in (tmpfs % 3 + f"\n{fill}", tmpfs % 2 + f"\n{fill}", tmpfs % 20 + f"\n{fill}",
                         f"mount --bind {there} {there}\nmount -o remount,ro,bind {there}"):
            with self.subTest(commands):
                commands += f"\ntrap 'ls -A {there} >&2' EXIT"
                done, = self.mounted(commands, [self.log_in()])
                self.assertEqual((done.code, done.out), (12, b""), done)
                self.assertNotRegex(done.err, rb"(?m)^\.?login\.")
                self.assertEqual(self.live(), 0, done)

    def test_a_mounted_file_on_a_full_disk_keeps_the_login_before(self):
        self.need_mounts()
        self.put("there/login.token")
        self.assertEqual(self.auth(*self.log_in()[:-1], str(self.home / "old.token")).code, 0)
        old = (self.home / "old.token").read_bytes()
        shutil.copy(self.home / "old.session.json", self.home / "there/login.session.json")
        session = (self.home / "there/login.session.json").read_bytes()
        commands = (f"mount -t tmpfs -o size=4k,mode=700 tmpfs '{self.home}/real'\n"
                    f"(umask 077; : > '{self.home}/real/t')\n"
                    f"mount --bind '{self.home}/real/t' '{self.token}'\n"
                    f"head -c 4096 /dev/zero > '{self.home}/real/filler'\n"
                    f"trap 'wc -c < {self.token} >&2' EXIT")
        done, = self.mounted(commands, [self.log_in()])
        self.assertEqual(done.code, 12, done)
        self.assertEqual(done.err.splitlines()[-1].strip(), b"0")
        self.assertEqual(self.live(), 1, "the earlier session alone")
        self.assertEqual((self.home / "there/login.session.json").read_bytes(), session)
        self.assertEqual((self.home / "old.token").read_bytes(), old)

    def test_what_stands_in_the_way_leaves_no_session(self):
        (self.home / "there/login.token").mkdir()
        self.assert_no_login(self.auth(*self.log_in()))
        (self.home / "there/x.session.json").mkdir()
        self.token = self.home / "there/x.token"
        self.assert_no_login(self.auth(*self.log_in()))
        self.token = pathlib.Path("/dev/full")
        self.assert_no_login(self.auth(*self.log_in()))

    def test_a_token_that_cannot_be_printed_leaves_no_session(self):
        for words in (["login", EMAIL, "--password-file", self.password, "--no-store"], ["token", "issue", EMAIL]):
            for command in ('"$@" > /dev/full', '(trap "" PIPE; "$@"; echo $? >&2) | true'):
                with self.subTest(words=words, command=command):
                    done = self.auth(*words, wrapper=["sh", "-c", command, "sh"])
                    self.assertEqual(done.out, b"")
                    self.assertIn(b"cannot write to stdout", done.err)
                    self.assertEqual(self.live(), 0)

    def test_no_hint_gives_a_users_files_to_root(self):
        if os.geteuid() != 0 or shutil.which("setpriv") is None:
            self.skipTest("needs root and setpriv")
        self.assertEqual(self.auth("login", EMAIL, "--password-file", self.password).code, 0)
        for path in [self.home, *self.home.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
        before = self.owners()
        sudo = {"SUDO_UID": str(NOBODY), "SUDO_GID": str(NOBODY), "SUDO_USER": "nobody"}
        for words in (["whoami"], ["list"], ["token", "print"], ["token", "refresh"], ["logout"], ["db", "check"],
                      ["login", EMAIL, "--password-file", self.password], ["doctor"], ["doctor", "--json"],
                      ["doctor", "--fix"], ["config", "list"]):
            done = self.auth(*words, env=sudo)
            with self.subTest(words):
                self.assertNotRegex(done.out + done.err, rb"chown|rm |mv ")
                if words[0] in ("whoami", "list", "token", "login"):
                    self.assertEqual(done.code, 12, done)
                    self.assertRegex(done.err, rb"run the command as '?[\w ]+'?, who owns it")
        self.assertEqual(self.owners(), before)
        own = self.auth("whoami", "--field", "email",
                        wrapper=["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"])
        self.assertEqual((own.code, own.line), (0, EMAIL), own)

    def owners(self):
        return sorted((str(path), path.stat().st_uid) for path in self.home.rglob("*"))


if __name__ == "__main__":
    scratch.main()
