"""A new key for a database: killed at every step, on a disk that fails, with other commands, and with
keys that somebody else keeps."""
import json
import os
import pathlib
import sqlite3
import subprocess
import time
import unittest

from tests.system.support import faults, scratch
from tests.system.support.scratch import PASSWORD, ScratchTest


class Rekeyed(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.create("ann@example.org")
        self.ok("create", "bob@example.org", "--no-password")
        self.login("bob@example.org", "wrong")
        self.ok("mfa", "enroll", "ann@example.org", "-q")
        self.key = self.data / "auth.key"
        self.old = self.data / "auth.key.old"
        self.next = self.data / "auth.key.new"

    def keys(self):
        return {path.name: path.read_bytes() for path in self.data.glob("auth.key*")}


class CutOff(Rekeyed):
    """One user with all that is sealed or counted, and the files before each try."""

    def setUp(self):
        super().setUp()
        if self.url:
            self.skipTest("the files of a server are not ours")
        self.first = self.key.read_bytes()
        self.live = self.db.read_bytes()

    def reset(self):
        for path in self.data.iterdir():
            path.unlink()
        for path, content in ((self.db, self.live), (self.key, self.first)):
            path.write_bytes(content)
            path.chmod(0o600)

    def check(self, done):
        """Something opens everything, and what was cut off can be brought to its end."""
        self.ok("db", "check")
        before = self.keys()
        self.assertIn(self.first, before.values(), done)
        if done.code == 0:
            self.assertNotEqual(self.key.read_bytes(), self.first)
        if self.key.read_bytes() == self.first or not self.old.exists():
            self.ok("db", "rekey", "-q")
        self.assertNotEqual(self.key.read_bytes(), self.first)
        self.assertEqual(self.old.read_bytes(), self.first)
        self.assertFalse(self.next.exists())
        self.ok("db", "check")

    def test_killed_at_any_system_call_the_old_or_the_new_key_opens_everything(self):
        faults.require_strace(self)
        kills = faults.kill_at_each_call(self, ["db", "rekey", "-q"], self.reset, self.check)
        self.assertGreater(kills, 10)

    def test_cut_off_at_any_write_the_old_or_the_new_key_opens_everything(self):
        faults.require_strace(self)
        faults.fail_at_each_call(self, ["db", "rekey", "-q"], self.reset, self.check)

    def test_killed_while_finishing_the_key_opens_everything(self):
        faults.require_strace(self)
        self.ok("db", "rekey", "-q")
        files = {path: path.read_bytes() for path in self.data.iterdir()}

        def reset():
            for path in self.data.iterdir():
                path.unlink()
            for path, content in files.items():
                path.write_bytes(content)
                path.chmod(0o600)

        def check(done):
            self.ok("db", "check")
            self.assertNotEqual(self.key.read_bytes(), self.first, done)
            self.ok("db", "rekey", "--finish", "-q")
            self.assertEqual(list(self.keys()), ["auth.key"])
        faults.kill_at_each_call(self, ["db", "rekey", "--finish", "-q"], reset, check)


class WithOthers(Rekeyed):
    def test_the_old_key_leaves_no_trace_in_the_database(self):
        key = self.key.read_bytes()
        self.ok("db", "rekey")
        stolen = self.stolen()
        for spelling in (key, key.hex().encode(), key[:16], key.hex().upper().encode()):
            self.assertNotIn(spelling, stolen)
        self.assertNotIn(self.key.read_bytes(), stolen)

    def test_another_machine_with_the_old_key_is_told_what_to_do(self):
        elsewhere = self.write("elsewhere.key", self.key.read_bytes())
        self.ok("db", "rekey")
        done = self.fails(11, "login", "ann@example.org", "--password-stdin", "--key-file",
                          elsewhere, "--json", stdin=PASSWORD.encode())
        problem = json.loads(done.err)
        self.assertEqual(problem["code"], "key_mismatch")
        self.assertIn("the database got a new key on", problem["message"])
        self.assertIn("copy the new key file", problem["hint"])
        self.write("elsewhere.key", self.key.read_bytes())
        self.assertEqual(self.login("ann@example.org", PASSWORD, "--key-file", elsewhere).code, 0)

    def test_users_stay_logged_in_and_commands_that_go_on_write_nothing_under_the_old_key(self):
        self.assertEqual(self.login("ann@example.org").code, 0)
        runs = []
        for n in range(12):
            runs.append(subprocess.Popen(
                [scratch.binary(), "create", f"u{n}@example.org", "--no-password", "-q"],
                env=self.environment(), cwd=self.home, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE))
            if n == 5:
                self.ok("db", "rekey", "-q")
        for run in runs:
            _, said = run.communicate()
            if run.returncode != 0:
                self.assertEqual(run.returncode, 11, said)
                self.assertIn(b"got another key meanwhile", said)
        self.ok("db", "check")
        self.ok("db", "rekey", "--finish", "-q")
        self.ok("db", "check")
        self.ok("token", "refresh")
        self.assertEqual(self.ok("whoami", "--field", "email").line, "ann@example.org")

    def test_two_rekeys_at_once_make_one_new_key(self):
        done = self.at_once(2, "db", "rekey", "-q")
        self.assertIn(0, [each.code for each in done])
        self.ok("db", "check")
        self.assertEqual(sorted(self.keys()), ["auth.key", "auth.key.old"])


class KeptElsewhere(Rekeyed):
    def configure(self, **settings):
        directory = self.home / ".config/auth-cli"
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        directory.chmod(0o700)
        path = directory / "config.json"
        path.write_text(json.dumps(settings))
        path.chmod(0o600)

    def keep(self, key):
        kept = pathlib.Path(self.write("kept.key", key))
        self.configure(key_command=["/usr/bin/cat", str(kept)])
        return kept

    def test_a_program_hands_the_key_out(self):
        self.keep(self.key.read_bytes())
        self.key.unlink()
        self.ok("db", "check")
        status = self.ok("db", "status", "--json").json()
        self.assertIsNone(status["key_file"])
        self.assertEqual(status["key_from"], "the key from '/usr/bin/cat'")
        self.assertTrue(status["key_matches"])
        self.assertIn("key_source", self.auth("doctor", "--field", "code").text)

    def test_its_key_is_replaced_by_way_of_a_file(self):
        kept = self.keep(self.key.read_bytes())
        self.key.unlink()
        self.fails(2, "db", "rekey")
        done = self.ok("db", "rekey", "--new-key-file", "fresh.key")
        self.assertIn(b"put the new key where the key from '/usr/bin/cat' comes from", done.err)
        self.fails(11, "db", "check")
        self.ok("db", "check", "--key-file", "fresh.key")
        kept.write_bytes((self.home / "fresh.key").read_bytes())
        self.ok("db", "check")
        self.assertIn(b"no changes", self.ok("db", "rekey", "--finish").err)

    def test_a_program_that_fails_is_an_error_of_its_own(self):
        for command, said in ((["/usr/bin/false"], b"failed with exit code 1"),
                              (["/nonexistent/pass"], b"cannot run '/nonexistent/pass'"),
                              (["/usr/bin/sh", "-c", "kill -9 $$"], b"exit code 137")):
            with self.subTest(command=command):
                self.configure(key_command=command)
                done = self.fails(12, "create", "cat@example.org", "--no-password")
                self.assertIn(said, done.err)
        self.configure(key_command=["/usr/bin/sh", "-c", "echo locked >&2; exit 3"])
        self.assertIn(b"locked", self.fails(12, "create", "cat@example.org", "--no-password").err)
        self.configure(key_command=["/usr/bin/echo", "short"])
        self.assertIn(b"does not hold 32 bytes",
                      self.fails(11, "create", "cat@example.org", "--no-password").err)
        self.configure(key_command=["pass", "show"])
        self.assertIn(b"absolute path", self.fails(2, "list").err)
        self.configure(key_command=["/usr/bin/cat", "x"], key_file=str(self.key))
        self.assertIn(b"both key_file and key_command", self.fails(2, "list").err)

    def test_it_gets_neither_stdin_nor_descriptors(self):
        kept = self.keep(self.key.read_bytes())
        self.configure(key_command=[
            "/usr/bin/sh", "-c", f"ls -l /proc/self/fd > {self.home}/fds; wc -c > {self.home}/stdin;"
                                 f" cat {kept}"])
        self.create("cat@example.org")
        self.assertEqual((self.home / "stdin").read_text().strip(), "0")
        self.assertNotIn("auth.db", (self.home / "fds").read_text())
        self.assertEqual(self.login("cat@example.org").code, 0)

    def test_neither_argv_nor_the_environment_nor_the_database_names_it(self):
        kept = self.keep(self.key.read_bytes())
        marker = self.home / "ran"
        self.configure()
        command = json.dumps(["/usr/bin/touch", str(marker)])
        self.ok("list", env={"AUTH_CLI_KEY_COMMAND": command})
        self.fails(2, "list", "--key-command", command)
        if not self.url:
            with sqlite3.connect(self.db) as connection:
                connection.execute("INSERT INTO settings VALUES ('key_command', ?, 0)", (command,))
            connection.close()
            self.ok("create", "dan@example.org", "--no-password")
        self.assertFalse(marker.exists())
        self.assertTrue(kept.exists())

    def test_with_rights_that_are_lent_the_callers_program_is_not_run(self):
        self.configure(key_command=["/usr/bin/touch", str(self.home / "ran")])
        self.auth("login", "ann@example.org", "--password-stdin", "--no-store",
                  stdin=PASSWORD.encode(), env={"AUTH_CLI_LENT": "1", "SUDO_UID": "0"})
        self.assertFalse((self.home / "ran").exists())

    def test_the_service_manager_hands_the_key_out(self):
        credentials = self.home / "credentials"
        credentials.mkdir()
        (credentials / "auth.key").write_bytes(self.key.read_bytes())
        (credentials / "auth.key").chmod(0o440)
        env = {"CREDENTIALS_DIRECTORY": str(credentials)}
        spare = self.write("spare.key", self.key.read_bytes())
        self.key.unlink()
        self.fails(11, "db", "check")
        self.ok("db", "check", env=env)
        self.assertEqual(self.ok("db", "status", "--field", "key_from", env=env).line,
                         f"the credential '{credentials}/auth.key'")
        # What is named comes first, and what the caller sets counts for nothing with lent rights.
        (credentials / "auth.key").write_bytes(os.urandom(32))
        self.fails(11, "db", "check", env=env)
        self.ok("db", "check", "--key-file", spare, env=env)
        self.ok("db", "rekey", "--key-file", spare, "-q", env=env)


@unittest.skipUnless(os.environ.get("AUTH_CLI_LARGE"), "takes minutes; set AUTH_CLI_LARGE=1")
class AMillionUsers(Rekeyed):
    def test_a_million_users_take_less_than_a_minute(self):
        with open(self.home / "users.jsonl", "w", encoding="utf-8") as file:
            for n in range(1_000_000):
                user = {"email": f"user{n}@example.org"}
                if n % 10 == 0:
                    user["totp"] = "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                file.write(json.dumps(user) + "\n")
        self.ok("import", "users.jsonl", "--allow", "mfa", "-q")
        if not self.url:
            with sqlite3.connect(self.db) as connection:
                connection.executemany("INSERT INTO attempts (address, failures) VALUES (?, 3)",
                                       ((os.urandom(32),) for _ in range(100_000)))
            connection.close()
        began = time.monotonic()
        done = self.ok("db", "rekey", "--json", wrapper=["/usr/bin/time", "-f", "%M KiB"])
        taken = time.monotonic() - began
        print(f"a million users: {taken:.1f} s, {done.err.decode().strip()}", done.json())
        self.assertLess(taken, 60)
        self.ok("db", "check")


if __name__ == "__main__":
    scratch.main()
