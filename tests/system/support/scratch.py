"""A new home for each test, and auth-cli run in it."""
import concurrent.futures
import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from tests.cli.run import SANITIZER_OPTIONS, faketime_library, is_sanitized
from tests.system.support import postgres_server

ROOT = pathlib.Path(__file__).resolve().parents[3]
DATA = ROOT / "tests/data"
PASSWORD = "Umbrella-wren-91-cobalt"
OTHER_PASSWORD = "Harbour_quince 47 meteor"
TIME_LIMIT = 240

_binary = None  # what --binary names
_postgres = None  # what --postgres names


@dataclasses.dataclass
class Done:
    """A command that has ended."""
    args: list
    code: int
    out: bytes
    err: bytes

    @property
    def text(self):
        return self.out.decode("utf-8", "surrogateescape")

    @property
    def line(self):
        return self.text.rstrip("\n")

    def json(self):
        return json.loads(self.out)

    def __str__(self):
        def short(data):
            return repr(data[:600])
        args = [arg if len(arg) < 100 else arg[:100] for arg in self.args]
        return f"{args}: exit {self.code}\nstdout {short(self.out)}\nstderr {short(self.err)}"


def figure(full, sample):
    """How much a test does that can do more: all of it where AUTH_CLI_FULL_FIGURES is set."""
    return full if os.environ.get("AUTH_CLI_FULL_FIGURES") else sample


def say(test, text):
    """A figure for whoever asked for all of it."""
    if os.environ.get("AUTH_CLI_FULL_FIGURES"):
        print(f"{test.id()}: {text}", file=sys.stderr)


def binary():
    """The program under test: the variable AUTH_CLI, or else what --binary names."""
    path = os.path.abspath(os.environ.get("AUTH_CLI") or _binary or "auth-cli")
    if not os.access(path, os.X_OK):
        sys.exit(f"no program to test: {path}; give --binary PATH or set AUTH_CLI")
    return path


@functools.cache
def sanitized():
    return is_sanitized(binary())


class ScratchTest(unittest.TestCase):
    """Tests with a home of their own, without a terminal and with umask 000."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="auth-cli-test-")).resolve()
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.data = self.home / ".local/share/auth-cli"
        self.state = self.home / ".local/state/auth-cli"
        self.db = self.data / "auth.db"
        self.url = self.database_url() if _postgres else None

    def database_url(self):
        """Of a new, empty database on the server of --postgres."""
        server = postgres_server.saved(_postgres)
        name = self.home.name
        self.addCleanup(server.drop_database, name)
        return server.make_database(name)

    def environment(self, **more):
        env = {"HOME": str(self.home), "PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "UTC",
               "LC_ALL": "C.UTF-8"}
        if sanitized():
            env["ASAN_OPTIONS"] = SANITIZER_OPTIONS
        if self.url:
            env["AUTH_CLI_DB"] = self.url
        return env | more

    def later(self, offset):
        """The environment in which the clock is ahead, as in "+60s"."""
        return {"LD_PRELOAD": faketime_library(), "FAKETIME": offset,
                "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def auth(self, *args, stdin=b"", env=None, wrapper=()):
        command = [*wrapper, binary(), *args]
        done = subprocess.run(command, input=stdin, capture_output=True, cwd=self.home,
                              env=self.environment(**(env or {})), timeout=TIME_LIMIT,
                              start_new_session=True, umask=0, check=False)
        return Done(list(args), done.returncode, done.stdout, done.stderr)

    def ok(self, *args, **how):
        done = self.auth(*args, **how)
        self.assertEqual(done.code, 0, done)
        return done

    def fails(self, code, *args, **how):
        done = self.auth(*args, **how)
        self.assertEqual(done.code, code, done)
        return done

    def at_once(self, count, *args, **how):
        """Runs `count` of one command side by side."""
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            runs = [pool.submit(self.auth, *args, **how) for _ in range(count)]
            return [run.result() for run in runs]

    def write(self, name, content):
        """A file that only its owner may read."""
        path = self.home / name
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def init(self, test=True):
        self.ok("db", "init", *(["--test"] if test else []))

    def create(self, email, password=PASSWORD, *more):
        return self.ok("create", email, "--verified", "--password-stdin", *more,
                       stdin=password.encode() + b"\n")

    def login(self, email, password=PASSWORD, *more, **how):
        return self.auth("login", email, "--password-stdin", *more,
                         stdin=password.encode() + b"\n", **how)

    def code_for(self, email):
        return self.ok("outbox", "show", "--latest", "--to", email, "--field", "code").line

    def stolen(self):
        """What somebody has who took the database, without its key file."""
        if not self.url:
            return self.db.read_bytes()
        return subprocess.run(["pg_dump", self.url], capture_output=True, check=True).stdout

    def digest(self):
        return hashlib.sha256(self.db.read_bytes()).hexdigest()


def postgres_directory():
    """What --postgres names, or an explanation why it must."""
    return _postgres or sys.exit("needs --postgres DIR")


def main():
    """unittest.main, with the options --binary PATH and --postgres DIR: on a database of the server
    that postgres_server.py started with that directory."""
    global _binary, _postgres
    args = sys.argv[1:]

    def take(option):
        if option not in args:
            return None
        at = args.index(option)
        value = args[at + 1]
        del args[at:at + 2]
        return value
    _binary, _postgres = take("--binary"), take("--postgres")
    binary()
    name = sys.modules["__main__"].__spec__.name
    unittest.main(module="__main__", argv=[f"python3 -m {name}", *args])
