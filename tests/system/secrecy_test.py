"""What must not be found: secrets in files and argument vectors, files that others can read."""
import json
import re
import stat
import subprocess

from tests.system.support import scratch
from tests.system.support.scratch import OTHER_PASSWORD, PASSWORD, ScratchTest

EMAIL = "secret@example.org"


class Secrecy(ScratchTest):
    def live(self):
        """A life of one account; gives all the secrets in it."""
        first = self.write("first", PASSWORD + "\n")
        second = self.write("second", OTHER_PASSWORD + "\n")
        secrets = {"first password": PASSWORD, "second password": OTHER_PASSWORD}
        self.ok("create", EMAIL, "--password-file", first)
        secrets["first code"] = self.code_for(EMAIL)
        self.ok("verify", EMAIL, secrets["first code"])
        tokens = self.ok("login", EMAIL, "--password-file", first, "--print", "--json").json()
        self.ok("whoami")
        self.ok("whoami", env=self.later("+400s"))
        self.ok("reset", EMAIL, "--request")
        secrets["second code"] = self.code_for(EMAIL)
        self.ok("reset", EMAIL, secrets["second code"], "--password-file", second)
        self.fails(3, "login", EMAIL, "--password-file", first)
        self.ok("create", "waiting@example.org", "--password-file", first)
        secrets["waiting code"] = self.code_for("waiting@example.org")
        secrets["access token"] = tokens["access_token"]
        secrets["refresh token"] = tokens["refresh_token"]
        return secrets

    def scratch_files(self):
        return [path for path in self.home.rglob("*")
                if path.parent != self.home and (path.is_file() or path.is_dir())]

    def assert_not_in_files(self, secrets):
        files = [path for path in self.scratch_files()
                 if path.is_file() and self.state not in path.parents]
        self.assertIn(self.db, files)
        for path in files:
            content = path.read_bytes()
            for name, secret in secrets.items():
                self.assertGreater(len(secret), 3, name)
                self.assertNotIn(secret.encode(), content, f"the {name} is in {path}")

    def test_no_secret_in_the_files(self):
        for test in (True, False):
            with self.subTest(test_database=test):
                self.setUp()
                self.init(test=test)
                self.assert_not_in_files(self.live())

    def test_modes_under_umask_000(self):
        self.init()
        self.live()
        self.create("mode@example.org")
        self.assertEqual(self.login("mode@example.org").code, 0)
        seen = {path: stat.S_IMODE(path.lstat().st_mode) for path in self.scratch_files()
                if "auth-cli" in path.relative_to(self.home).parts}
        for path, mode in seen.items():
            self.assertEqual(mode, 0o700 if path.is_dir() else 0o600, f"{path}: {mode:o}")
        names = {path.name for path in seen}
        self.assertLessEqual({"auth.db", "auth.key", "default.token"}, names)

    # What strace sees

    def traced(self, *args, **how):
        """(the command's end, its execve lines with arguments and environment in full)"""
        trace = self.home / "trace"
        wrapper = ["strace", "-f", "-qq", "-v", "-s", "100000", "-e", "trace=execve", "-o", trace]
        if subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("strace is not allowed here")
        env = {"ASAN_OPTIONS": "detect_leaks=0"} | how.pop("env", {})
        done = self.auth(*args, wrapper=wrapper, env=env, **how)
        return done, re.findall(r"^.*execve\(.*$", trace.read_text(), re.MULTILINE)

    def assert_one_clean_exec(self, done, calls, *secrets):
        self.assertEqual(done.code, 0, done)
        self.assertEqual(len(calls), 1, calls)
        for secret in secrets:
            self.assertNotIn(secret, calls[0])

    def test_create_starts_no_other_program(self):
        self.init()
        password = self.write("password", PASSWORD + "\n")
        for more, stdin in [(["--password-stdin"], PASSWORD.encode()),
                            (["--password-file", password], b"")]:
            done, calls = self.traced("create", f"{len(more)}@example.org", *more, stdin=stdin)
            self.assert_one_clean_exec(done, calls, PASSWORD)

    def test_login_starts_no_other_program(self):
        self.init()
        self.create(EMAIL)
        done, calls = self.traced("login", EMAIL, "--password-stdin", "--print", "--json",
                                  stdin=PASSWORD.encode())
        tokens = json.loads(done.out)
        self.assert_one_clean_exec(done, calls, PASSWORD, tokens["access_token"],
                                   tokens["refresh_token"])


if __name__ == "__main__":
    scratch.main()
