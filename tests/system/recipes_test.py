"""The shell-session blocks of the guides: each runs in a new home, with a service to log in to."""
import os
import re
import subprocess

from tests.system.support import scratch
from tests.system.support.loopback import Server
from tests.system.support.scratch import ROOT, ScratchTest

GUIDES = ROOT / "docs/guides"


def recipe(name):
    """The block of a guide."""
    [block] = re.findall(r"^```shell-session\n(.*?)^```", (GUIDES / name).read_text(encoding="utf-8"), re.M | re.S)
    return block.splitlines()


class Recipes(ScratchTest):
    def service(self):
        """https://service.example/, for curl: accepts requests with a token that the database verifies."""
        run = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
               "-days", "2", "-subj", "/CN=service.example", "-addext",
               "subjectAltName=DNS:service.example", "-keyout", "service.key", "-out", "service.crt"]
        subprocess.run(run, cwd=self.home, check=True, capture_output=True)
        both = self.write("service.pem", (self.home / "service.key").read_bytes()
                          + (self.home / "service.crt").read_bytes())

        def answer(_path, authorization):
            token = (authorization or "").removeprefix("Bearer ")
            known = self.auth("token", "verify", "-", "-q", stdin=token.encode()).code == 0
            return (200, {}, b"welcome\n") if known else (401, {}, b"who are you?\n")
        server = Server(answer, both)
        self.addCleanup(server.stop)
        self.write(".curlrc", f'connect-to = "service.example:443:{server.address}"\n'
                              f'cacert = "{self.home}/service.crt"\n')

    def follow(self, name):
        block = recipe(name)
        script = "\n".join(line[2:] for line in block if line.startswith("$ "))
        path = f"{os.path.dirname(scratch.binary())}:/usr/local/bin:/usr/bin:/bin"
        done = subprocess.run(["/bin/sh", "-ec", script], cwd=self.home, env=self.environment(PATH=path),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, umask=0o077,
                              stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        said = done.stdout.splitlines()
        for line in block:
            if not line.startswith("$ "):
                self.assertIn(line, said, done.stdout)
                del said[:said.index(line) + 1]

    def test_a_shell_login(self):
        self.service()
        self.follow("shell-login.md")

    def test_no_other_guide_has_such_a_block(self):
        """tests/cli/readme_test.py runs all others: they need no service."""
        pages = [page.name for page in sorted((ROOT / "docs").rglob("*.md"))
                 if "```shell-session" in page.read_text(encoding="utf-8")]
        self.assertEqual(pages, ["shell-login.md"])


if __name__ == "__main__":
    scratch.main()
