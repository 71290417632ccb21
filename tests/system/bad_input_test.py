"""Bad arguments, bad stdin and bad databases: every command fails in words, with a documented exit
code, and changes nothing."""
import functools
import json
import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
import time

from tests.system.support import scratch
from tests.system.support.scratch import PASSWORD, ScratchTest

KNOWN = "known@example.org"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"

DOCUMENTED = set(range(15)) | {130, 143}
STORE, USAGE = 11, 2

# Arguments with which a command gets as far as the database, and has to say what is wrong with it.
NEED_THE_DATABASE = {
    "create": ["new@example.org", "--no-password"],
    "verify": [KNOWN, "0000000"],
    "login": [KNOWN, "--password-file", "password"],
    "passwd": [KNOWN, "--password-file", "password"],
    "reset": [KNOWN, "--request"],
    "list": [],
    "show": [KNOWN],
    "update": [KNOWN, "--name", "New Name"],
    "enable": [KNOWN],
    "disable": [KNOWN],
    "unlock": [KNOWN],
    "delete": [KNOWN, "--yes"],
    "role list": [],
    "role create": ["tester"],
    "role delete": ["tester"],
    "role grant": [KNOWN, "tester"],
    "role revoke": [KNOWN, "tester"],
    "db status": [],
    "db migrate": [],
    "db check": [],
    "db backup": ["backup.db"],
    "audit list": [],
    "audit verify": [],
    "audit head": [],
    "audit archive": ["old.jsonl", "--before", "now"],
    "audit checkpoint": [],
    "audit prove": ["1"],
    "outbox list": [],
    "outbox show": ["--latest"],
    "outbox send": [],
    "outbox test": [KNOWN],
    "key list": [],
    "key create": [],
    "key rotate": [],
    "key retire": ["kid"],
    "key revoke": ["kid"],
    "key export": [],
    "mfa code": [KNOWN],
    "token issue": [KNOWN],
    "token fixtures": ["fixtures", "--as", KNOWN],
    "session list": [],
    "session revoke": ["--user", KNOWN],
    "explain login": [KNOWN],
}
# Others may see something else first, or have no need of it.
MAY_NEED_THE_DATABASE = {
    "logout": [],
    "whoami": [],
    "config list": [],
    "config get": ["codes.digits"],
    "config set": ["codes.digits", "6"],
    "config unset": ["codes.digits"],
    "db restore": ["gone.db"],
    "token decode": [TOKEN],
    "token verify": [TOKEN],
    "token print": [],
    "token refresh": [],
    "token revoke": [TOKEN],
    "key import": ["password"],
    "version": [],
    "help": [],
}
COMMANDS = NEED_THE_DATABASE | MAY_NEED_THE_DATABASE
# Too slow, or not about the database, where their arguments are no obstacle.
APART = {"db init", "db copy", "completion", "doctor", "exec", "hash calibrate", "outbox wait", "seed",
         "token drill"}
# An argument of any bytes may name a file.
TAKE_FILES = {"apply", "db backup", "db copy", "db restore", "exec", "export", "import", "key import",
              "token drill", "token fixtures"}
# What stdin is read for.
READ_STDIN = {
    "create": ["new@example.org", "--password-stdin"],
    "login": [KNOWN, "--password-stdin"],
    "passwd": [KNOWN, "--password-stdin"],
    "verify": [KNOWN, "-"],
    "reset": [KNOWN, "-", "--password-file", "password"],
    "token decode": ["-"],
    "token verify": ["-"],
    "hash explain": ["-"],
    "import": ["-"],
}
LONG_VALUES = [
    ["create", "new@example.org", "--no-password", "--name"],
    ["create", "new@example.org", "--no-password", "--username"],
    ["create", "new@example.org", "--no-password", "--role"],
    ["update", KNOWN, "--email"],
    ["update", KNOWN, "--address"],
    ["list", "--where"],
    ["list", "--sort"],
    ["list", "--after"],
    ["list", "--limit"],
    ["list", "--fields"],
    ["list", "--db"],
    ["list", "--key-file"],
    ["show", KNOWN, "--field"],
    ["show", KNOWN, "--time-format"],
    ["whoami", "--profile"],
    ["whoami", "--token-file"],
    ["config", "set", "codes.digits"],
    ["login", KNOWN, "--password-file"],
    ["verify", KNOWN],
]


@functools.cache
def template():
    """A home with a database, a user and a login, made once."""
    maker = ScratchTest()
    ScratchTest.setUp(maker)
    maker.init()
    maker.write("password", PASSWORD + "\n")
    maker.create(KNOWN)
    maker.ok("login", KNOWN, "--password-file", "password")
    kept = tempfile.mkdtemp(prefix="auth-cli-test-")
    shutil.copytree(maker.home, kept, dirs_exist_ok=True)
    maker.doCleanups()
    return kept


def tearDownModule():
    if template.cache_info().currsize:
        shutil.rmtree(template(), ignore_errors=True)


@functools.cache
def paths():
    """Every command that the program has, by its own word."""
    asker = ScratchTest()
    ScratchTest.setUp(asker)
    done = asker.auth("help", "--json")
    asker.doCleanups()
    if done.code != 0:
        return sorted(COMMANDS)
    return [command["path"] for command in done.json()["commands"]]


def present(table):
    """What the table has of the commands that the program has."""
    return {path: table[path] for path in paths() if path in table}


CHANCE = random.Random(3)


def by_turns(values, share=None):
    """All of them. Under sanitizers, where a run takes ten times as long, one of them, or every
    `share`th; others at the next call."""
    values = list(values)
    if not scratch.sanitized():
        return values
    share = share or len(values)
    return values[CHANCE.randrange(share)::share]


class BadInput(ScratchTest):
    def setUp(self):
        super().setUp()
        shutil.copytree(template(), self.home, dirs_exist_ok=True)

    # What a failure has to look like

    def check(self, done, json_form=False):
        """A documented end; and a failure says so in the way that scripts rely on."""
        self.assertIn(done.code, DOCUMENTED, done)
        self.assertNotEqual(done.code, 1, done)
        if done.code in (0, 14):
            return
        self.assertEqual(done.out, b"", done)
        text = done.err.decode("utf-8")  # fails where the input's bytes come back as they were
        if json_form:
            error = json.loads(text)
            self.assertEqual(error["schema"], "auth-cli.error/1", done)
            self.assertEqual(error["exit"], done.code, done)
            self.assertTrue(error["code"] and error["message"], done)
        else:
            lines = text.splitlines()
            self.assertTrue(text.endswith("\n") and 1 <= len(lines) <= 3, done)
            for line in lines:
                self.assertTrue(line.startswith("auth-cli: "), done)

    def run_both(self, path, *args, **how):
        """The command in text and in JSON form, both checked; gives one of them."""
        codes = []
        for form in by_turns([["--json"], []]):
            done = self.auth(*form, *path.split(), *args, **how)
            self.check(done, json_form=bool(form))
            codes.append(done.code)
        # Attempts are counted, so that the second may have to wait.
        if done.code != 10:
            self.assertEqual({*codes}, {done.code}, done)
        return done

    def assert_unchanged(self, before, done):
        self.assertEqual(self.digest(), before, f"the database has changed: {done}")

    # Bad arguments

    def test_unknown_flag(self):
        before = self.digest()
        for path in paths():
            with self.subTest(path):
                for flag in by_turns(["--no-such-flag", "--no-such-flag=1", "-Z"]):
                    done = self.run_both(path, flag)
                    self.assertEqual(done.code, USAGE, done)
                    self.assert_unchanged(before, done)

    def test_unknown_command(self):
        before = self.digest()
        for words in (["frobnicate"], ["token", "frobnicate"], [""], ["--no-such-flag"], ["\x01"]):
            with self.subTest(words):
                done = self.auth(*words)
                self.check(done)
                self.assertEqual(done.code, USAGE, done)
                self.assert_unchanged(before, done)

    def test_an_argument_of_100_kilobytes(self):
        before = self.digest()
        long = "a" * 100_000
        for path in paths():
            if path not in APART:
                with self.subTest(path):
                    done = self.run_both(path, long)
                    self.assertNotEqual(done.code, 0, done)
                    self.assert_unchanged(before, done)

    def test_a_value_of_100_kilobytes(self):
        for words in LONG_VALUES:
            path = " ".join(words[:2]) if words[0] == "config" else words[0]
            if path not in paths():
                continue
            for long in by_turns(["9" * 100_000, "a@" * 50_000, "('" * 50_000]):
                with self.subTest(words, begin=long[:2]):
                    before = self.digest()
                    done = self.auth(*words, long)
                    self.check(done)
                    self.assertNotEqual(done.code, 0, done)
                    if done.code == USAGE:
                        self.assert_unchanged(before, done)

    def test_an_argument_that_is_not_utf_8(self):
        before = self.digest()
        for path in paths():
            if path in APART:
                continue
            for bad in by_turns([b"\xff\xfe@example.org", b"\xc0\xafx", b"caf\xe9@example.org"]):
                with self.subTest(path, bad=bad):
                    done = self.run_both(path, bad, *(["--replace"] if path == "export" else []))
                    self.assert_unchanged(before, done)
                    if path not in TAKE_FILES:
                        self.assertNotEqual(done.code, 0, done)

    # Bad stdin

    def test_nul_in_stdin(self):
        for path, args in present(READ_STDIN).items():
            for stdin in by_turns([b"abc\0def\n", b"\0", b"\0" * 1_000_000]):
                with self.subTest(path, size=len(stdin)):
                    done = self.auth(*path.split(), *args, stdin=stdin)
                    self.check(done)
                    self.assertNotEqual(done.code, 0, done)
        self.ok("audit", "verify")

    def test_stdin_that_is_not_utf_8(self):
        for path, args in present(READ_STDIN).items():
            with self.subTest(path):
                done = self.auth(*path.split(), *args, stdin=b"\xff\xfe\x80 \xc3\x28\n")
                self.check(done)
                self.assertNotEqual(done.code, 0, done)

    def test_empty_stdin(self):
        for path, args in present(READ_STDIN).items():
            if path != "import":
                with self.subTest(path):
                    done = self.auth(*path.split(), *args)
                    self.check(done)
                    self.assertNotEqual(done.code, 0, done)

    # Bad databases

    def every_command_on_it(self, before):
        """Each says that the store is at fault, soon, and leaves the file as it was."""
        for path, args in by_turns(present(COMMANDS).items(), share=2):
            with self.subTest(path):
                start = time.monotonic()
                done = self.run_both(path, *args)
                if not scratch.sanitized():
                    self.assertLess(time.monotonic() - start, 4, f"two runs: {done}")
                if path in NEED_THE_DATABASE:
                    self.assertEqual(done.code, STORE, done)
                if before is None:
                    self.assertFalse(self.db.exists(), f"made a database: {done}")
                else:
                    self.assertEqual(self.db.read_bytes(), before, f"changed the file: {done}")

    def test_missing_database(self):
        shutil.rmtree(self.data)
        self.every_command_on_it(None)
        error = json.loads(self.auth("list", "--json").err)
        self.assertEqual(error["code"], "database_missing")
        self.assertIn("auth-cli db init", error["hint"])

    def bad_database(self, content):
        self.db.write_bytes(content)
        self.db.chmod(0o600)
        self.every_command_on_it(content)
        done = self.auth("db", "init")
        self.check(done)
        self.assertNotEqual(done.code, 0, done)
        self.assertEqual(self.db.read_bytes(), content, f"changed the file: {done}")

    def test_foreign_text(self):
        self.bad_database(b"This is no database.\n" * 400)

    def test_foreign_bytes(self):
        self.bad_database(random.Random(1).randbytes(65536))

    def test_foreign_sqlite_database(self):
        self.db.unlink()
        database = sqlite3.connect(self.db)
        with database:
            database.execute("CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT)")
            database.execute("INSERT INTO users VALUES ('1', 'known@example.org')")
            database.execute("PRAGMA user_version = 1")
        database.close()
        self.bad_database(self.db.read_bytes())

    def test_empty_file(self):
        self.bad_database(b"")

    def test_truncated_databases(self):
        whole = self.db.read_bytes()
        for size in (len(whole) - 1, len(whole) // 2, 4096, 100, 15):
            with self.subTest(size=size):
                self.bad_database(whole[:size])

    def test_damaged_pages(self):
        whole = self.db.read_bytes()
        chance = random.Random(2)
        for _ in range(3):
            page = 4096 * chance.randrange(1, len(whole) // 4096)
            damaged = whole[:page] + chance.randbytes(4096) + whole[page + 4096:]
            for path, args in by_turns(present(NEED_THE_DATABASE).items(), share=2):
                with self.subTest(path, page=page):
                    self.db.write_bytes(damaged)
                    self.check(self.auth(*path.split(), *args))

    def test_a_directory_in_its_place(self):
        self.db.unlink()
        self.db.mkdir(mode=0o700)
        for path, args in by_turns(present(NEED_THE_DATABASE).items(), share=2):
            with self.subTest(path):
                done = self.run_both(path, *args)
                self.assertIn(done.code, (STORE, 12), done)

    def unprivileged(self):
        """What to put before a command so that file modes count even for root."""
        if os.geteuid() != 0:
            return []
        wrapper = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
        try:
            subprocess.run([*wrapper, "true"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest("root may write everywhere, and setpriv does not help")
        return wrapper

    def test_read_only_database(self):
        wrapper = self.unprivileged()
        password = self.write("password", PASSWORD + "\n")
        self.db.chmod(0o400)
        self.data.chmod(0o500)
        self.addCleanup(self.data.chmod, 0o700)
        before = self.digest()
        for words in (["list"], ["show", KNOWN], ["audit", "verify"]):
            self.ok(*words, wrapper=wrapper)
        for words in (["create", "new@example.org", "--no-password"],
                      ["update", KNOWN, "--name", "N"],
                      ["delete", KNOWN, "--yes"],
                      ["login", KNOWN, "--password-file", password]):
            with self.subTest(words[0]):
                done = self.fails(STORE, *words, wrapper=wrapper)
                self.check(done)
                done = self.fails(STORE, "--json", *words, wrapper=wrapper)
                self.check(done, json_form=True)
                self.assertEqual(json.loads(done.err)["code"], "database_read_only", done)
                self.assert_unchanged(before, done)


if __name__ == "__main__":
    scratch.main()
