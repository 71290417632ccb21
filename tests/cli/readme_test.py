"""Runs every console block of the pages, each page in a home of its own, and holds the README's tables against help."""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from tests.cli.run import SANITIZER_OPTIONS

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = ""


def blocks(page: str) -> list[list[str]]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [block.splitlines() for block in re.findall(r"^```console\n(.*?)^```", text, re.M | re.S)]


class Readme(unittest.TestCase):
    def run_in(self, home: str, script: str) -> subprocess.CompletedProcess[str]:
        env = {"HOME": home, "PATH": f"{pathlib.Path(BINARY).parent}:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
               "ASAN_OPTIONS": SANITIZER_OPTIONS}
        return subprocess.run(["/bin/sh", "-e", "-c", script], cwd=home, env=env, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def test_blocks_run_and_print_what_they_say(self) -> None:
        for page in ["README.md", "docs/security.md"]:
            with self.subTest(page):
                self.assertGreaterEqual(len(blocks(page)), 3)
                self.run_page(page)

    def test_each_page_of_a_move_runs(self) -> None:
        pages = sorted((ROOT / "docs/migrate").glob("*.md"))
        overview = (ROOT / "docs/migrate/README.md").read_text(encoding="utf-8")
        for page in pages:
            with self.subTest(page.name):
                self.assertTrue(page.name == "README.md" or blocks(str(page)), "no block to run")
                self.assertTrue(page.name == "README.md" or f"({page.name})" in overview)
                self.run_page(str(page))
        for name in re.findall(r"\]\(([\w-]+\.md)\)", overview):
            self.assertTrue((ROOT / "docs/migrate" / name).exists(), name)

    def run_page(self, page: str) -> None:
        found = blocks(page)
        with tempfile.TemporaryDirectory() as home:
            for name, text in [("password.txt", "purple monkeys dance under lanterns\n"),
                               ("secret.txt", "a secret of at least thirty-two bytes\n")]:
                (pathlib.Path(home) / name).write_text(text)
                (pathlib.Path(home) / name).chmod(0o600)
            for block in found:
                typed = [line for line in block if line.startswith(("$ ", "> ")) or line == ">"]
                script = "\n".join(line[2:] for line in typed)
                said = self.run_in(home, script)
                self.assertEqual(0, said.returncode, said.stdout)
                for line in block:
                    if line not in typed:
                        self.assertIn(line, said.stdout.splitlines())

    def test_exit_codes_are_those_of_the_program(self) -> None:
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| (\d+) \| ((?:`\w+` ?)+)\|$", text, re.M)
        listed = {(name, int(number)) for number, names in rows for name in re.findall(r"`(\w+)`", names)}
        tree = json.loads(subprocess.run([BINARY, "help", "--json"], capture_output=True, check=True).stdout)
        self.assertEqual({(row["code"], row["exit"]) for row in tree["exit_codes"]}, listed)

    def test_the_manual_lists_every_format(self) -> None:
        for command, flag, default in (("import", "--from", {"auto"}), ("export", "--format", set())):
            said = subprocess.run([BINARY, command, flag, "none"], capture_output=True, text=True).stderr
            choices = re.search(r"one of (.*)", said)
            assert choices, said
            page = (ROOT / f"man/commands/{command}.md").read_text(encoding="utf-8")
            table = re.split(r"(?:\|---)+\|", page)[1]
            listed = re.findall(r"`([\w-]+)`", "".join(re.findall(r"^\|([^|]*)\|", table, re.M)))
            self.assertEqual(set(re.findall(r"[\w-]+", choices.group(1))) - default, set(listed))


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--binary", default="")
    known, rest = options.parse_known_args()
    BINARY = os.environ.get("AUTH_CLI") or known.binary
    if not BINARY:
        sys.exit("give --binary PATH, or set AUTH_CLI")
    unittest.main(argv=["python3 -m tests.cli.readme_test", *rest])
