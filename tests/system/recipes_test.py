"""The README's recipes, as they stand: each in a home of its own, with a service to log in to."""
import os
import re
import subprocess

from tests.system.support import scratch
from tests.system.support.loopback import Server
from tests.system.support.scratch import ROOT, ScratchTest

README = (ROOT / "README.md").read_text(encoding="utf-8")


def recipes():
    text = README.split("## Three recipes", 1)[1].split("\n## ", 1)[0]
    return dict(re.findall(r"^### (.*?)\n.*?^```shell-session\n(.*?)^```", text, re.M | re.S))


class Recipes(ScratchTest):
    def service(self):
        """https://service.example/, for curl: lets in who has a token that the database stands for."""
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
        block = recipes()[name].splitlines()
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

    def test_an_operators_script(self):
        self.follow("An operator's script")

    def test_a_shell_login(self):
        self.service()
        self.follow("A shell login")

    def test_a_ci_job(self):
        self.follow("A CI job")

    def test_there_are_three(self):
        self.assertEqual(len(recipes()), 3)


if __name__ == "__main__":
    scratch.main()
