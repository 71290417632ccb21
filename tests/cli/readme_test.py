"""Runs the console blocks of README.md and docs/, and compares the tables in the documents with the program.

Each page runs in a new home directory with the files password.txt and secret.txt. The blocks of a page share it; each
block is one shell.

    $ auth-cli list --count       a command; it must exit with 0, unless the next command reads $?
    > more of it                  a continuation line
    12                            what the command prints, on stdout or stderr

The shown lines must be printed in this order. A command may show none or only some of its lines, so lines that vary can
be left out. The pages of COMPLETE show every line. Ids, times, tokens, codes and durations count as equal to any other
of their kind, and ~ is the home directory. A heading that is all code is the first error message of its section.

    python3 -m tests.cli.readme_test --binary PATH               runs the tests
    python3 -m tests.cli.readme_test --binary PATH --update      writes what commands really print into the pages
"""
import argparse
import difflib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from tests.cli.run import SANITIZER_OPTIONS, VOLATILE, VOLATILE_BY_CLOCK

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = ""
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
COMPLETE = {"README.md", "docs/quickstart.md"}
FILES = {"password.txt": "purple monkeys dance under lanterns\n",
         "secret.txt": "a secret of at least thirty-two bytes\n"}
MARK = "\036"  # between the outputs of two commands
VARIES = [(name, re.compile(pattern)) for name, pattern in VOLATILE + VOLATILE_BY_CLOCK
          + [("duration", r"\b\d+(\.\d+)? ?(ms|s)\b"), ("size", r"\b\d+ bytes\b|(?<=^bytes) +\d+$")]]


def pages() -> list[str]:
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [str(page.relative_to(ROOT)) for page in found if "\n```console\n" in page.read_text(encoding="utf-8")]


def commands_of(block: str) -> list[tuple[list[str], list[str]]]:
    """Pairs of what is typed and what is shown."""
    pairs: list[tuple[list[str], list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            pairs.append(([line], []))
        elif not pairs:
            raise ValueError(f"the block shows output before its first command: {line}")
        elif line.startswith("> ") or line == ">":
            pairs[-1][0].append(line)
        else:
            pairs[-1][1].append(line)
    return pairs


def kinds(line: str) -> str:
    """The line with everything that varies replaced by the name of its kind."""
    for name, pattern in VARIES:
        line = pattern.sub(f"<{name}>", line)
    return re.sub(r"  +", "  ", line.rstrip())


def fits(shown: list[str], printed: list[str], complete: bool) -> bool:
    wanted, real = [kinds(line) for line in shown], [kinds(line) for line in printed]
    if complete:
        return wanted == real
    rest = iter(real)
    return all(line in rest for line in wanted)


def renewed(shown: list[str], printed: list[str], complete: bool) -> list[str]:
    """What a page shows from now on: every printed line, or those most similar to the lines it showed."""
    kept = {kinds(line): line for line in shown}
    real = [kept.get(kinds(line), line.rstrip()) for line in printed]
    if complete:
        return real
    chosen: set[int] = set()
    for line in shown:
        rest = {kinds(other): at for at, other in reversed(list(enumerate(real))) if at not in chosen}
        similar = difflib.get_close_matches(kinds(line), list(rest), n=1, cutoff=0.4)
        chosen.update(rest[one] for one in similar)
    return [real[at] for at in sorted(chosen)] or real


class Home:
    """The home directory in which the blocks of one page run."""

    def __init__(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.path = os.path.realpath(self.directory.name)
        for name, text in FILES.items():
            (pathlib.Path(self.path) / name).write_text(text)
            (pathlib.Path(self.path) / name).chmod(0o600)

    def run(self, pairs: list[tuple[list[str], list[str]]]) -> list[tuple[int, list[str]]]:
        """The exit code of each command, and the lines that it printed."""
        script = ""
        for typed, _ in pairs:
            script += "\n".join(line[2:] for line in typed)
            script += f"\n__code=$?; printf '{MARK}%d{MARK}' $__code; (exit $__code)\n"
        env = {"HOME": self.path, "PATH": f"{pathlib.Path(BINARY).resolve().parent}:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
               "TZ": "UTC", "ASAN_OPTIONS": SANITIZER_OPTIONS}
        done = subprocess.run(["/bin/sh", "-c", script], cwd=self.path, env=env, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        parts = done.stdout.replace(self.path, "~").split(MARK)
        ran = [(int(code), text.splitlines()) for text, code in zip(parts[::2], parts[1::2])]
        if len(ran) < len(pairs):
            raise AssertionError(f"the shell ended at: {pairs[len(ran)][0]}\n{parts[-1]}")
        return ran


def check_headings(text: str, problems: list[str], update: bool) -> str:
    """Compares each heading that is all code with the first error message below it."""
    def check(found: re.Match[str]) -> str:
        message = re.search(r"^auth-cli: error: (.*)$", found["below"], re.M)
        if message is None:
            problems.append(f"no error message is shown below the heading: {found['words']}")
        elif kinds(message[1]) != kinds(found["words"]):
            if update:
                return f"{found['level']} `{message[1]}`\n{found['below']}"
            problems.append(f"the heading is not the message below it: {found['words']}")
        return found[0]
    return re.sub(r"^(?P<level>#+) `(?P<words>[^`\n]*)`\n(?P<below>(?s:.*?))(?=^#+ |\Z)", check, text, flags=re.M)


def problems_of(page: str, update: bool) -> list[str]:
    """What is wrong in the page; with update, only what cannot be updated."""
    problems: list[str] = []
    complete = page in COMPLETE
    home = Home()

    def run_block(found: re.Match[str]) -> str:
        pairs = commands_of(found.group(1))
        try:
            ran = home.run(pairs)
        except AssertionError as error:
            problems.append(str(error))
            return found.group(0)
        text = ""
        for at, ((typed, shown), (code, printed)) in enumerate(zip(pairs, ran)):
            excused = at + 1 < len(pairs) and "$?" in pairs[at + 1][0][0]
            if code != 0 and not excused:
                problems.append("\n".join([f"exit {code}:", *typed, *printed]))
            elif not fits(shown, printed, complete):
                if update:
                    shown = renewed(shown, printed, complete)
                else:
                    problems.append("\n".join(["the output differs:", *typed, "shown:", *shown, "printed:", *printed]))
            text += "".join(line + "\n" for line in typed + shown)
        return f"```console\n{text}```"

    place = ROOT / page
    with home.directory:
        old = place.read_text(encoding="utf-8")
        new = check_headings(BLOCK.sub(run_block, old), problems, update)
        if update and new != old:
            place.write_text(new, encoding="utf-8")
            print(f"updated {page}")
    return problems


class Pages(unittest.TestCase):
    def test_every_block_runs_and_prints_what_it_shows(self) -> None:
        for page in pages():
            with self.subTest(page):
                problems = problems_of(page, False)
                self.assertFalse(problems, "\n\n".join(["", *problems]))

    def test_no_block_is_missed(self) -> None:
        self.assertIn("README.md", pages())
        self.assertGreaterEqual(len(pages()), 25)
        for page in pages():
            text = (ROOT / page).read_text(encoding="utf-8")
            self.assertEqual(len(re.findall(r"```\s*console", text)), len(BLOCK.findall(text)), page)

    def test_each_page_of_a_move_has_a_block(self) -> None:
        overview = (ROOT / "docs/migrate/README.md").read_text(encoding="utf-8")
        for page in sorted((ROOT / "docs/migrate").glob("*.md")):
            if page.name != "README.md":
                self.assertIn(f"docs/migrate/{page.name}", pages())
                self.assertIn(f"({page.name})", overview)


class Comparison(unittest.TestCase):
    """That a page can fail."""

    def test_shown_lines_must_be_printed_in_their_order(self) -> None:
        self.assertTrue(fits(["b"], ["a", "b"], False))
        self.assertTrue(fits([], ["a"], False))
        self.assertFalse(fits(["b", "a"], ["a", "b"], False))
        self.assertFalse(fits(["c"], ["a", "b"], False))
        self.assertFalse(fits(["b"], ["a", "b"], True))
        self.assertTrue(fits(["until 2026-01-02T03:04:05Z"], ["until 2027-02-03T04:05:06Z"], True))

    def test_an_update_keeps_what_is_right(self) -> None:
        printed = ["at 2027-02-03T04:05:06Z", "new words", "x"]
        self.assertEqual(renewed(["at 2026-01-02T03:04:05Z", "old words"], printed, False),
                         ["at 2026-01-02T03:04:05Z", "new words"])
        self.assertEqual(renewed(["a"], ["a", "b"], True), ["a", "b"])
        self.assertEqual(renewed(["zzz"], ["a", "b"], False), ["a", "b"])


class Tables(unittest.TestCase):
    def test_exit_codes_are_those_of_the_program(self) -> None:
        text = (ROOT / "docs/scripting.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| (\d+) \| ((?:`\w+` ?)+)\|", text, re.M)
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
    options.add_argument("--update", action="store_true")
    options.add_argument("--page", action="append", help="with --update: only this page")
    known, rest = options.parse_known_args()
    BINARY = os.environ.get("AUTH_CLI") or known.binary
    if not BINARY:
        sys.exit("give --binary PATH, or set AUTH_CLI")
    if known.update:
        left = {page: problems_of(page, True) for page in known.page or pages()}
        for page, problems in left.items():
            for problem in problems:
                print(f"{page}: {problem}", file=sys.stderr)
        sys.exit(1 if any(left.values()) else 0)
    unittest.main(argv=["python3 -m tests.cli.readme_test", *rest])
