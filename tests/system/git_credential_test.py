"""The token as a password for git, by a credential helper in a real git."""
import base64
import json
import pathlib
import subprocess
import time

from tests.system.support import scratch
from tests.system.support.loopback import Server
from tests.system.support.scratch import ScratchTest

EMAIL = "ann@example.org"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HELPER = ("token", "print", "--as", "git-credential")


class GitCredential(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.create(EMAIL)
        self.assertEqual(self.login(EMAIL).code, 0)
        self.git("config", "--global", "credential.helper", "!auth-cli " + " ".join(HELPER))
        self.git("config", "--global", "credential.useHttpPath", "false")

    def git(self, *args, stdin="", code=0):
        path = f"{pathlib.Path(scratch.binary()).parent}:/usr/local/bin:/usr/bin:/bin"
        env = self.environment(PATH=path, GIT_TERMINAL_PROMPT="0", GIT_CONFIG_NOSYSTEM="1")
        done = subprocess.run(["git", *args], input=stdin, capture_output=True, text=True, check=False,
                              cwd=self.home, env=env, start_new_session=True, timeout=scratch.TIME_LIMIT)
        self.assertEqual(done.returncode, code, f"{args}: {done.stdout}\n{done.stderr}")
        return done.stdout

    def attributes(self, text):
        return dict(line.split("=", 1) for line in text.splitlines() if line)

    def fill(self, protocol, host, code=0, **more):
        asked = {"protocol": protocol, "host": host, **more}
        text = "".join(f"{name}={value}\n" for name, value in asked.items()) + "\n"
        return self.attributes(self.git("credential", "fill", stdin=text, code=code))

    def token(self):
        return self.ok("token", "print").line

    def claims(self, token):
        part = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))

    def test_fill_gives_the_token_to_https_hosts(self):
        for host in ("git.example.org", "git.example.org:8443"):
            given = self.fill("https", host)
            self.assertEqual((given["protocol"], given["host"]), ("https", host))
            self.assertTrue(given["username"])
            self.assertEqual(self.claims(given["password"])["client_id"], self.claims(self.token())["client_id"])
            self.ok("token", "verify", given["password"])

    def test_a_user_name_that_git_knows_is_kept(self):
        self.assertEqual(self.fill("https", "git.example.org", username="ann")["username"], "ann")

    def test_fill_gives_nothing_to_plain_http_hosts(self):
        for protocol, host in (("http", "git.example.org"), ("http", "127.0.0.1.example.org"),
                               ("http", "localhost.example.org:80"), ("smtp", "git.example.org"),
                               ("ftp", "127.0.0.1")):
            with self.subTest(protocol=protocol, host=host):
                self.assertEqual(self.fill(protocol, host, code=128), {})

    def test_fill_gives_the_token_to_loopback_hosts(self):
        for host in ("127.0.0.1", "127.0.0.1:8080", "localhost:3000", "[::1]:80"):
            with self.subTest(host):
                self.assertTrue(self.fill("http", host)["password"])

    def test_the_helper_says_when_the_token_ends(self):
        done = self.ok(*HELPER, "get", stdin=b"protocol=https\nhost=git.example.org\n\n")
        given = self.attributes(done.text)
        self.assertEqual(int(given["password_expiry_utc"]), self.claims(given["password"])["exp"])
        self.assertGreater(int(given["password_expiry_utc"]), time.time())

    def test_store_and_erase_are_silent_and_change_nothing(self):
        before = self.token()
        asked = f"protocol=https\nhost=git.example.org\nusername=ann\npassword={before}\n\n"
        for git, helper in (("approve", "store"), ("reject", "erase")):
            self.assertEqual(self.git("credential", git, stdin=asked), "")
            done = self.ok(*HELPER, helper, stdin=asked.encode())
            self.assertEqual((done.out, done.err), (b"", b""), done)
        self.ok("token", "print")

    def test_an_unknown_operation_is_silent(self):
        # git's documentation: helpers must ignore operations they do not know.
        done = self.ok(*HELPER, "frobnicate", stdin=b"protocol=https\nhost=git.example.org\n\n")
        self.assertEqual(done.out, b"", done)

    def test_without_a_login_git_goes_on_without(self):
        self.ok("logout")
        self.assertEqual(self.fill("https", "git.example.org", code=128), {})

    def serve(self, good):
        """A repository for whoever's password `good` accepts; the passwords that it was shown."""
        shown = []

        def answer(path, authorization):
            if authorization is None:
                return 401, {"WWW-Authenticate": 'Basic realm="git"'}, b""
            password = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":", 1)[1]
            shown.append(password)
            if not good(password):
                return 401, {"WWW-Authenticate": 'Basic realm="git"'}, b""
            if path.startswith("/repo.git/info/refs"):
                return 200, {"Content-Type": "text/plain"}, f"{COMMIT}\trefs/heads/main\n".encode()
            if path == "/repo.git/HEAD":
                return 200, {"Content-Type": "text/plain"}, b"ref: refs/heads/main\n"
            return 404, {}, b""

        server = Server(answer)
        self.addCleanup(server.stop)
        return f"http://{server.address}/repo.git", shown

    def test_ls_remote(self):
        url, shown = self.serve(lambda password: self.auth("token", "verify", password).code == 0)
        self.assertIn(f"{COMMIT}\trefs/heads/main\n", self.git("ls-remote", url))
        self.assertTrue(shown)

    def test_ls_remote_of_a_server_that_refuses(self):
        url, shown = self.serve(lambda _: False)
        self.git("ls-remote", url, code=128)
        self.assertTrue(shown)
        self.ok("token", "print")


if __name__ == "__main__":
    scratch.main()
