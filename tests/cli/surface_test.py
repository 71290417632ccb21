"""One tree, many faces: help, manual, completion, documents and transcripts say the same of every command."""
import functools
import gzip
import json
import pathlib
import re
import shutil
import subprocess
import unittest

from tests.cli import transcripts
from tests.system.support import scratch
from tests.system.support.scratch import ROOT, ScratchTest, binary

EVERYWHERE = {0, 1, 2, 7, 11, 12}  # exit codes that any command may have; 7 is for an unknown --field
PAGE = (ROOT / "docs/scripting.md").read_text(encoding="utf-8")


def share():
    """Where the manual and the scripts are: beside an installed program, or in the build tree."""
    place = pathlib.Path(binary()).resolve().parent
    installed = place.parent / "share"
    return installed / "man" if (installed / "man").is_dir() else place.parent / "man/pages"


def page_file(name, section):
    return share() / f"man{section}" / f"{name}.{section}.gz"


@functools.cache
def page(name, section=1):
    """A page as it is read, without the breaks of lines."""
    file = page_file(name, section)
    if not file.is_file():
        raise AssertionError(f"the manual has no {name}({section}): build the target 'manual'; pages: {share()}")
    done = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=1000", str(file)], capture_output=True,
                          text=True, check=True)
    return re.sub(r".\x08", "", done.stdout)


def spoken_sources():
    """The sources that choose words: the commands and what serves them."""
    return [path for room in ("cli", "commands") for path in sorted((ROOT / "src" / room).rglob("*.cpp"))]


class Surface(ScratchTest):
    @classmethod
    def setUpClass(cls):
        said = subprocess.run([binary(), "help", "--json"], capture_output=True, check=True)
        cls.tree = json.loads(said.stdout)
        cls.commands = {command["path"]: command for command in cls.tree["commands"]}

    def says(self, text, pattern, why=None):
        """That a page has what the expression meets; the page itself would be no help in a report."""
        if not re.search(pattern, text):
            name = text.split(maxsplit=1)[0]
            self.fail(f"{name} lacks {pattern!r}" + (f": {why}" if why else ""))

    def for_each_command(self, check):
        for path, command in self.commands.items():
            with self.subTest(command=path):
                check(path, command)

    def complete(self, *words):
        return [line.split("\t")[0] for line in self.ok("__complete", "--", *words).text.splitlines()[1:]]


class Manual(Surface):
    def test_every_command_has_prose(self):
        def check(path, _):
            name = path.replace(" ", "_") + ".md"
            self.assertTrue((ROOT / "man/commands" / name).is_file(),
                            f"write man/commands/{name}: the lines 'exit: …' (exit codes beside those of every "
                            f"command), 'schema: …' and 'see: …', an empty line, and what '{path}' does")
        self.for_each_command(check)

    def test_all_prose_has_its_command(self):
        names = {path.replace(" ", "_") for path in self.commands}
        for file in (ROOT / "man/commands").iterdir():
            self.assertIn(file.stem, names, f"{file} is about no command")

    def test_every_command_has_a_page_that_says_all(self):
        def check(path, command):
            text = page("auth-cli-" + path.replace(" ", "-"))
            self.says(text, f"auth-cli {path}")
            for flag in command["flags"]:
                self.says(text, rf"(?m)^ +{re.escape(flag['flag'])}( |$)")
            for argument in command["arguments"]:
                self.says(text, rf"(?m)^ +{re.escape(argument['name'])}( |$)")
            for example in command["examples"].split("\n"):
                self.says(text, re.escape(example))
            for field in set(command["fields"]) - {"schema"}:
                self.says(text, rf"\b{field}\b")
        self.for_each_command(check)

    def test_pages_are_those_of_the_tree(self):
        wanted = {page_file("auth-cli", 1)}
        wanted |= {page_file("auth-cli-" + path.replace(" ", "-"), 1) for path in self.commands}
        wanted |= {page_file("auth-cli-" + topic["name"], topic["section"]) for topic in self.tree["topics"]}
        self.assertEqual({file for file in share().glob("man?/auth-cli*")}, wanted)

    def test_pages_refer_to_pages(self):
        for file in share().glob("man?/auth-cli*"):
            with self.subTest(page=file.name):
                text = gzip.decompress(file.read_bytes()).decode()
                for name, section in re.findall(r"(?m)^\.(?:It )?Xr (auth-cli\S*) (\d)", text):
                    self.assertTrue(page_file(name, int(section)).is_file(), f"there is no {name}({section})")
                self.assertNotRegex(text, r"\*[\w-]+\*")

    def test_exit_codes_of_the_transcripts_are_in_the_pages(self):
        seen = transcripts.exit_codes(set(self.commands))

        def check(path, _):
            section = page("auth-cli-" + path.replace(" ", "-")).split("EXIT STATUS", 1)[1].split("EXAMPLES")[0]
            told = {int(number) for number in re.findall(r"(?m)^ +(\d+) ", section)} | EVERYWHERE
            for code, where in seen[path].items():
                self.assertIn(code, told, f"add it to 'exit:' in man/commands/{path.replace(' ', '_')}.md; "
                                          f"seen in {where}")
        self.for_each_command(check)

    def test_the_first_page_has_every_command_and_global_flag(self):
        text = page("auth-cli")
        for path in self.commands:
            self.says(text, re.escape(f"auth-cli-{path.replace(' ', '-')}(1)"))
        for flag in self.tree["global_flags"]:
            self.says(text, rf"(?m)^ +{re.escape(flag['flag'])}( |$)")

    def test_every_schema_is_in_the_first_page(self):
        text = page("auth-cli")
        for file in spoken_sources():
            for schema in re.findall(r"\"(auth-cli\.\w+/\d)\"", file.read_text(encoding="utf-8")):
                self.says(text, re.escape(schema), f"{file.name} prints it: add it to 'schema:' in man/commands/*.md")

    def test_topics(self):
        names = {topic["name"] for topic in self.tree["topics"]}
        self.assertEqual(names, {file.stem for file in (ROOT / "man/topics").iterdir()})
        for topic in self.tree["topics"]:
            text = page("auth-cli-" + topic["name"], topic["section"])
            shown = " ".join(self.ok("help", topic["name"]).text.split())
            self.assertNotIn("{{", text + shown)
            for sentence in re.findall(r"(?m)^([A-Z][^`|{}\n]{30,60}?) \w*$", topic["text"]):
                self.assertIn(sentence, shown)
                self.assertIn(sentence, " ".join(text.split()).replace("’", "'"))

    def test_exit_codes_are_in_their_page(self):
        text = page("auth-cli-exit-codes", 7)
        for code in self.tree["exit_codes"]:
            self.says(text, re.escape(f"{code['code']}: {code['meaning']}"))

    def test_environment_variables_are_in_their_page(self):
        text = page("auth-cli-files", 5)
        known = {setting["environment"] for setting in self.tree["settings"]} - {None}
        for file in spoken_sources():
            known |= set(re.findall(r"\bAUTH_CLI_[A-Z_]+\b", file.read_text(encoding="utf-8")))
        for name in known:
            self.says(text, name, "say it in man/topics/files.md")

    def test_settings_are_in_their_page(self):
        text = page("auth-cli-config-set")
        for setting in self.tree["settings"]:
            self.says(text, rf"(?m)^ +{re.escape(setting['name'])}( |$)")
            self.says(text, re.escape(setting["meaning"]))

    def test_mandoc_has_nothing_to_say(self):
        # mandoc unpacks one page by itself, but not every one of several.
        for file in share().glob("man?/auth-cli*"):
            (self.home / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
        files = sorted(str(file) for file in self.home.glob("auth-cli*"))
        self.assertGreater(len(files), len(self.commands))
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *files], capture_output=True, text=True)
        self.assertEqual((done.stdout + done.stderr, done.returncode), ("", 0))

    @unittest.skipUnless(shutil.which("man"), "there is no man")
    def test_man_renders(self):
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "HOME": str(self.home)}
        for name, section in [("auth-cli", 1), ("auth-cli-token-verify", 1), ("auth-cli-where", 7)]:
            done = subprocess.run(["man", "--warnings=w", "-l", str(page_file(name, section))], env=env,
                                  capture_output=True, text=True, stdin=subprocess.DEVNULL)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("DESCRIPTION", re.sub(r".\x08|\x1b\[[0-9;]*m", "", done.stdout))


class CompletionOfTheTree(Surface):
    def test_every_command_is_offered(self):
        def check(path, _):
            words = path.split()
            self.assertIn(words[-1], self.complete(*words[:-1], words[-1][:2]))
        self.for_each_command(check)

    def test_every_flag_and_choice_is_offered(self):
        def check(path, command):
            flags = self.complete(*path.split(), "--")
            for flag in command["flags"] + self.tree["global_flags"]:
                name = flag["names"][-1]
                self.assertEqual(name in flags, name != "--dry-run" or command["mutates"], name)
            for flag in command["flags"]:
                if flag["choices"]:
                    self.assertEqual(self.complete(*path.split(), flag["names"][-1], ""), flag["choices"])
        self.for_each_command(check)

    def test_a_value_that_lists_its_choices_is_declared_so(self):
        """What the help of a flag lists as "a, b or c" is what completion offers."""
        def check(_, command):
            for flag in command["flags"]:
                listed = re.match(r"^(?:only )?(\w[\w-]*(?:, \w[\w-]*)+ or \w[\w-]*)(?:$|;)", flag["help"])
                if listed and flag["value"] not in ("TEXT", None):
                    words = re.split(r", | or ", listed[1])
                    self.assertEqual(words, flag["choices"], f"declare them: choices() or offers() of {flag['flag']}")
        self.for_each_command(check)

    def test_scripts_are_those_that_are_installed(self):
        places = {"bash": "bash-completion/completions/auth-cli", "zsh": "zsh/site-functions/_auth-cli",
                  "fish": "fish/vendor_completions.d/auth-cli.fish"}
        for shell, place in places.items():
            script = self.ok("completion", shell).out
            self.assertEqual(script, (ROOT / "completions" / shell).read_bytes())
            if share().name == "man":
                self.assertEqual(script, (share().parent / place).read_bytes())
            if shutil.which(shell):
                self.assertEqual(subprocess.run([shell, "-n"], input=script).returncode, 0)


class Documents(Surface):
    def test_the_table_of_commands_has_every_command(self):
        section = PAGE.split("\n## Commands\n", 1)[1].split("\n## ", 1)[0]
        rows = re.findall(r"^\| (\w[\w ]*) \| (.*) \|$", section, re.M)
        listed = [(group, path) for group, names in rows for path in re.findall(r"`([^`]+)`", names)]
        tree = [(command["group"], command["path"]) for command in self.tree["commands"]]
        self.assertEqual(sorted(listed), sorted(tree), "the table 'Commands' in docs/scripting.md is not the tree")


if __name__ == "__main__":
    scratch.main()
