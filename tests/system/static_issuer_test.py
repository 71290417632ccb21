"""The example of a static issuer: a file server, a service and a reverse proxy that trust it."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time

from tests.peers.forge import signing_input
from tests.peers.keys import from_base64url
from tests.peers.peers import MODULES, node_environment
from tests.system.support import scratch
from tests.system.support.scratch import PASSWORD, ROOT, ScratchTest

EXAMPLES = ROOT / "examples"
PORTS = ["8401", "8402", "8403", "8404"]  # in the example: issuer, service, proxy, what is behind it
EMAIL = "ann@example.org"


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [str(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


class ExampleTest(ScratchTest):
    """A copy of the example, with ports that are free."""

    def setUp(self):
        super().setUp()
        node_environment()  # says how to install what is missing
        self.place = self.home / "examples"
        shutil.copytree(EXAMPLES, self.place, ignore=shutil.ignore_patterns("node_modules"))
        (self.place / "node_modules").symlink_to(MODULES)
        self.ports = free_ports(len(PORTS))
        self.issuer, self.service, self.proxy, _ = (f"http://127.0.0.1:{port}" for port in self.ports)
        proxy = self.place / "haproxy.cfg"
        proxy.write_text(self.at_our_ports(proxy.read_text()))
        self.write("examples/password.txt", PASSWORD + "\n")
        self.ok("db", "init", "--test")

    def at_our_ports(self, text):
        for port, ours in zip(PORTS, self.ports):
            text = re.sub(rf":{port}\b|(?<= ){port}(?= &$)", lambda m, ours=ours: m[0][:-4] + ours, text,
                          flags=re.M)
            text = text.replace(f"PORT={port}", f"PORT={ours}")
        return text

    def shell_environment(self):
        path = f"{pathlib.Path(scratch.binary()).parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin"
        return self.environment(PATH=path)

    def start(self, *command, **env):
        process = subprocess.Popen(command, cwd=self.place, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=self.shell_environment() | env, start_new_session=True)

        def stop():
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
        self.addCleanup(stop)

    def wait_for(self, port):
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", int(port))).close()
                return
            except OSError:
                time.sleep(0.05)
        self.fail(f"nothing listens on {port}")

    def shell(self, script):
        done = subprocess.run(["/bin/sh", "-e", "-c", script], cwd=self.place, stdin=subprocess.DEVNULL,
                              env=self.shell_environment(), capture_output=True, check=False, text=True,
                              timeout=scratch.TIME_LIMIT)
        self.assertEqual(done.returncode, 0, f"{script}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def get(self, url, token):
        """The status and the body of an answer."""
        headers = f'header = "Authorization: Bearer {token}"\n' if token is not None else ""
        done = subprocess.run(["curl", "-sS", "-K", "-", "-w", "\n%{http_code}", url], capture_output=True,
                              input=headers.encode(), check=True)
        body, status = done.stdout.decode().rsplit("\n", 1)
        return int(status), body

    def configure(self, audience="reports"):
        self.ok("config", "set", "token.issuer", self.issuer)
        self.ok("config", "set", "token.audience", audience)
        self.create(EMAIL)

    def export(self):
        self.ok("key", "export", "--discovery", str(self.place / "issuer"))

    def foreign_token(self):
        """By another database that goes by the same names."""
        env = {"HOME": str(self.home / "foreign")}
        self.ok("db", "init", "--test", env=env)
        self.ok("config", "set", "token.issuer", self.issuer, env=env)
        self.ok("config", "set", "token.audience", "reports", env=env)
        self.ok("create", EMAIL, "--verified", "--no-password", env=env)
        return self.ok("token", "issue", EMAIL, env=env).line

    def issue(self, *options):
        return self.ok("token", "issue", EMAIL, *options).line

    def expired_token(self):
        token = self.issue("--ttl", "1s")
        end = json.loads(from_base64url(token.split(".")[1]))["exp"]
        time.sleep(max(0.0, end - time.time()) + 0.1)
        return token


class Readme(ExampleTest):
    def test_every_block_runs_and_prints_what_it_says(self):
        text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
        blocks = re.findall(r"^```console\n(.*?)^```", text, re.M | re.S)
        self.assertGreaterEqual(len(blocks), 4)
        for block in blocks:
            for step in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
                self.run_step(*step)

    def run_step(self, command, expected):
        if command.endswith(" &"):
            command = self.at_our_ports(command)
            self.start("/bin/sh", "-c", f"exec env {command[:-2]}")
            served = re.search(r"PORT=(\d+)|(\d+) &$", command)
            self.wait_for(served[1] or served[2] if served else self.ports[2])
        else:
            said = self.shell(self.at_our_ports(command))
            if expected:
                self.assertEqual(said, expected, command)


class Service(ExampleTest):
    def setUp(self):
        super().setUp()
        self.configure()
        self.export()
        self.start(sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", "issuer", self.ports[0])
        self.start("node", "service.mjs", ISSUER=self.issuer, AUDIENCE="reports", PORT=self.ports[1],
                   KEYS_MAX_AGE="1")
        for port in self.ports[:2]:
            self.wait_for(port)

    def accepted(self, token):
        status, body = self.get(self.service, token)
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def refused(self, token):
        """The reason."""
        status, body = self.get(self.service, token)
        self.assertEqual(status, 401, body)
        return json.loads(body)["reason"]

    def test_files_anyone_may_read(self):
        document = self.place / "issuer/.well-known/openid-configuration"
        for path in (document, self.place / "issuer/jwks.json"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o644, path)
        found = json.loads(document.read_text())
        self.assertEqual(found["issuer"], self.issuer)
        self.assertEqual(found["jwks_uri"], f"{self.issuer}/jwks.json")
        self.assertEqual(found["id_token_signing_alg_values_supported"], ["ES256"])
        for member in ("response_types_supported", "subject_types_supported"):
            self.assertIsInstance(found[member], list)
        jwks = json.loads((self.place / "issuer/jwks.json").read_text())
        self.assertEqual(jwks, self.ok("key", "export").json())
        self.assertFalse({"d", "k", "p", "q"} & {name for key in jwks["keys"] for name in key})

    def test_good_tokens(self):
        subject = self.ok("show", EMAIL, "--field", "id").line
        self.assertEqual(self.accepted(self.issue()), {"sub": subject, "roles": []})
        self.ok("role", "create", "reader")
        self.ok("role", "grant", EMAIL, "reader")
        self.assertEqual(self.login(EMAIL).code, 0)
        for form, option in (("header", "-H @-"), ("curl", "-K -")):
            said = self.shell(f"auth-cli token print --as {form} | curl -sS {option} {self.service}")
            self.assertEqual(json.loads(said), {"sub": subject, "roles": ["reader"]})

    def test_bad_tokens(self):
        good = self.issue()
        self.assertEqual(self.refused(self.expired_token()), "ERR_JWT_EXPIRED")
        self.assertEqual(self.refused(self.foreign_token()), "ERR_JWKS_NO_MATCHING_KEY")
        self.assertEqual(self.refused(self.issue("--aud", "payroll")), "ERR_JWT_CLAIM_VALIDATION_FAILED")
        self.assertEqual(self.refused(good[:-8] + "AAAAAAAA"), "ERR_JWS_SIGNATURE_VERIFICATION_FAILED")
        self.assertEqual(self.refused(None), "ERR_JWT_INVALID")
        self.accepted(good)

    def test_a_key_that_is_rotated_and_revoked(self):
        old = self.issue()
        self.accepted(old)
        old_key = json.loads(from_base64url(old.split(".")[0]))["kid"]
        self.ok("key", "rotate")
        self.export()
        time.sleep(1.2)
        rotated = self.issue()
        self.accepted(rotated)
        self.accepted(old)
        self.ok("key", "revoke", old_key)
        self.export()
        time.sleep(1.2)
        self.assertEqual(self.refused(old), "ERR_JWKS_NO_MATCHING_KEY")
        self.accepted(rotated)
        self.accepted(self.issue())


class Proxy(ExampleTest):
    def setUp(self):
        super().setUp()
        self.configure()
        (self.place / "issuer.pem").write_bytes(self.ok("key", "export", "--pem").out)
        site = self.place / "site"
        site.mkdir()
        (site / "index.html").write_text("the reports\n")
        self.start(sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", "site", self.ports[3])
        self.start("haproxy", "-f", "haproxy.cfg", ISSUER=self.issuer, AUDIENCE="reports")
        for port in self.ports[2:]:
            self.wait_for(port)

    def test_only_good_tokens_get_through(self):
        good = self.issue()
        self.assertEqual(self.get(self.proxy, good), (200, "the reports\n"))
        claims = json.loads(from_base64url(good.split(".")[1]))
        unsigned = signing_input({"alg": "none", "typ": "at+jwt"}, claims) + "."
        for name, token in {"expired": self.expired_token(), "foreign": self.foreign_token(),
                            "for another": self.issue("--aud", "payroll"), "unsigned": unsigned,
                            "tampered": good[:-8] + "AAAAAAAA", "none": None, "nonsense": "x"}.items():
            with self.subTest(name):
                self.assertEqual(self.get(self.proxy, token)[0], 401)
        self.assertEqual(self.get(self.proxy, good)[0], 200)


if __name__ == "__main__":
    scratch.main()
