"""The Debian package: made twice the same, clean for lintian, installed on an empty root and purged."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD = None  # what --build names: a release build


def run(*command, **how):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, **how)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def make_package(place):
    env = os.environ | {"SOURCE_DATE_EPOCH": "1790000000"}
    run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", place, cwd=place, env=env, umask=0o022)
    [package] = pathlib.Path(place).glob("*.deb")
    return package


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="auth-cli-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        (cls.place / "one").mkdir()
        cls.package = make_package(cls.place / "one")

    def test_it_is_the_same_each_time(self):
        (self.place / "two").mkdir()
        again = make_package(self.place / "two")
        self.assertEqual(self.package.read_bytes(), again.read_bytes())

    def test_lintian_finds_no_error(self):
        user = ["--allow-root"] if os.geteuid() == 0 else []
        run("lintian", *user, "--fail-on", "error", self.package)

    def test_it_names_what_it_needs(self):
        needs = run("dpkg-deb", "-f", self.package, "Depends")
        for library in ("libssl3", "libsqlite3-0", "libpq5", "libcurl", "libsodium23"):
            self.assertIn(library, needs)

    def test_installed_used_and_purged(self):
        root = self.place / "root"
        (root / "var/lib/dpkg/info").mkdir(parents=True)
        (root / "var/lib/dpkg/updates").mkdir()
        (root / "var/lib/dpkg/status").touch()
        dpkg = ["dpkg", f"--root={root}", "--force-depends", "--force-not-root",
                "--log=/dev/null"]
        run(*dpkg, "--install", self.package)
        program = root / "usr/bin/auth-cli"
        home = root / "home/ann"
        home.mkdir(parents=True)
        env = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
        run(program, "db", "init", "--test", env=env)
        (home / "users.jsonl").write_text('{"email":"ann@example.org"}\n')
        run(program, "import", home / "users.jsonl", env=env)  # needs a module
        self.assertEqual(run(program, "list", "--count", env=env), "1\n")
        for module in ("http", "mail", "postgres", "qr", "readers", "yaml"):
            self.assertTrue((root / f"usr/lib/auth-cli/modules/{module}.so").is_file(), module)
        lent = subprocess.run([root / "usr/lib/auth-cli/subject", "list"], env=env, capture_output=True, check=False)
        self.assertEqual((lent.returncode, lent.stdout), (8, b""))
        libraries = json.loads(run(program, "version", "--json", env=env))["libraries"]
        bill = json.loads((root / "usr/share/doc/auth-cli/auth-cli.spdx.json").read_text())
        names = {package["name"] for package in bill["packages"]}
        self.assertLessEqual({"auth-cli", "libpq5", "libssl3", "nlohmann-json3-dev"}, names)
        self.assertIn("openssl", libraries)
        page = run("man", "-l", root / "usr/share/man/man1/auth-cli.1.gz", env=env | {
            "MANPAGER": "cat", "TERM": "dumb", "LC_ALL": "C.UTF-8"})
        self.assertRegex(page, re.compile("auth.?cli", re.I))
        script = root / "usr/share/bash-completion/completions/auth-cli"
        shown = run("bash", "-c", f"source {script}; complete -p auth-cli", env=env)
        self.assertIn("auth-cli", shown)
        for shell in ("zsh/site-functions/_auth-cli", "fish/vendor_completions.d/auth-cli.fish"):
            self.assertTrue((root / "usr/share" / shell).is_file(), shell)
        self.assertTrue((root / "usr/share/auth-cli/schemas/auth-cli.user-1.json").is_file())
        for document in ("README.md", "docs/quickstart.md", "docs/guides/mail.md"):
            self.assertTrue((root / "usr/share/doc/auth-cli" / document).is_file(), document)
        run(*dpkg, "--purge", "auth-cli")
        self.assertFalse(program.exists())
        self.assertFalse((root / "usr/share/doc/auth-cli").exists())
        for kept in ("auth.db", "auth.key"):
            self.assertTrue((home / ".local/share/auth-cli" / kept).is_file(), kept)


if __name__ == "__main__":
    args = sys.argv[1:]
    if "--build" not in args:
        sys.exit("give --build DIR")
    at = args.index("--build")
    BUILD = pathlib.Path(args[at + 1]).resolve()
    del args[at:at + 2]
    unittest.main(argv=["python3 -m tests.system.package_test", *args])
