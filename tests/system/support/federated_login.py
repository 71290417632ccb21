"""Logins with identity providers, run beside a test."""
import json
import re
import subprocess

from tests.system.support import scratch
from tests.system.support.identity_provider import SECRET, StrangeProvider, Waiting, fetch
from tests.system.support.scratch import Done, ScratchTest


class Login:
    """A login with a provider that runs beside the test."""

    def __init__(self, test, *args, env=None):
        self.args = ["login", "--provider", "corp", *args]
        self.process = subprocess.Popen(
            [scratch.binary(), *self.args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, cwd=test.home, env=test.environment(**(env or {})), umask=0,
            start_new_session=True)
        test.addCleanup(self.kill)
        self.said = []

    def wait_for(self, pattern):
        """The match in a line of stderr."""
        for line in self.process.stderr:
            self.said.append(line)
            if found := re.search(pattern, line.decode()):
                return found
        raise AssertionError(f"ended without {pattern}: {self.said} {self.process.wait()}")

    def waiting(self):
        return Waiting(self.wait_for(r"^  (http\S+)$")[1])

    def done(self):
        out, err = self.process.communicate(timeout=scratch.TIME_LIMIT)
        return Done(self.args, self.process.returncode, out, b"".join(self.said) + err)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()


class FederationTest(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.token = self.state / "default.token"

    def add(self, issuer, *more, client="client"):
        self.ok("provider", "add", "corp", "--issuer", issuer, "--client-id", client, *more, "-q")

    def start(self, *args, **how):
        return Login(self, *args, **how)

    def begin(self, *args, **how):
        login = self.start("--no-browser", *args, **how)
        return login, login.waiting()

    def who(self):
        return self.ok("whoami", "--field", "email").line

    def events(self):
        return [json.loads(line)["event"] for line in self.ok("audit", "list", "--jsonl").text.splitlines()]

    def last_failure(self):
        rows = [json.loads(line) for line in self.ok("audit", "list", "--jsonl").text.splitlines()]
        return [row for row in rows if row["event"] == "authn_login_fail"][-1]

    def refused(self, done, code, reason):
        """No token, and why."""
        self.assertEqual(done.code, code, done)
        self.assertFalse(self.token.exists())
        problem = json.loads(done.err.decode().splitlines()[-1])
        self.assertEqual(problem["reason"], reason, done)
        for secret in (SECRET, StrangeProvider.CODE, StrangeProvider.ACCESS_TOKEN,
                       StrangeProvider.DEVICE_CODE):
            self.assertNotIn(secret, done.err.decode())
        self.assertNotRegex(done.err.decode(), r"eyJ[\w-]+\.")
        return problem


class WithStrangeProvider(FederationTest):
    """Tests of one login after the other, with a provider that is told how to behave."""

    def setUp(self):
        super().setUp()
        self.provider = StrangeProvider()
        self.addCleanup(self.provider.stop)
        self.ok("config", "set", "federation.timeout", "2s", "-q")

    def add_strange(self, *more):
        self.add(self.provider.issuer, "--auto-create", *more)

    def sign_in(self, *args, **callback):
        login, waiting = self.begin("--json", *args)
        self.provider.nonce = waiting.nonce
        status, headers, page = fetch(waiting.right(**callback))
        self.assertEqual(status, 200)
        return login.done(), page

    def refuses(self, code, reason, page_says="did not work"):
        done, page = self.sign_in()
        self.assertIn(page_says, page)
        problem = self.refused(done, code, reason)
        self.assertEqual(self.last_failure()["detail"]["reason"], reason)
        self.assertEqual(self.ok("list", "--count").line, "0")
        return problem
