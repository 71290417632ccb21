"""The help, against itself: each way to it says the same, in full, and within the screen."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

from tests.system.support import scratch
from tests.system.support.scratch import ScratchTest

COLUMNS = 100
# These have no error object to name: the one is success, the other a signal.
WITHOUT_ERROR_CODE = {0, 143}


class Help(ScratchTest):
    def setUp(self):
        super().setUp()
        self.tree = self.ok("help", "--json").json()

    def help(self, *args):
        """Help is on stdout, all of it, and is no failure."""
        done = self.ok(*args)
        self.assertEqual(done.err, b"", done)
        self.assertTrue(done.text.endswith("\n"), done)
        return done.text

    def for_each_command(self, check):
        for command in self.tree["commands"]:
            with self.subTest(command=command["path"]):
                check(command, command["path"].split())

    def test_every_way_to_a_commands_help_is_the_same(self):
        def check(_, words):
            text = self.help(*words, "--help")
            self.assertEqual(text, self.help(*words, "-h"))
            self.assertEqual(text, self.help("--help", *words))
            self.assertEqual(text, self.help("help", *words))
        self.for_each_command(check)

    def test_help_fits_the_screen(self):
        topics = [[], ["flags"]] + [[topic["name"]] for topic in self.tree["topics"]]
        for words in topics + [command["path"].split() for command in self.tree["commands"]]:
            with self.subTest(topic=words):
                for line in self.help("help", *words).split("\n"):
                    self.assertLessEqual(len(line), COLUMNS, line)
                    self.assertEqual(line, line.rstrip())

    def test_help_is_wrapped_to_the_terminal(self):
        def on_terminal(columns, *args):
            master, slave = pty.openpty()
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
            done = subprocess.Popen([scratch.binary(), *args], stdout=slave, stdin=subprocess.DEVNULL,
                                    env=self.environment(TERM="xterm"))
            os.close(slave)
            data = b""
            while True:
                try:
                    piece = os.read(master, 65536)
                except OSError:
                    break
                if not piece:
                    break
                data += piece
            os.close(master)
            self.assertEqual(done.wait(), 0)
            return data.decode().replace("\r", "").split("\n")
        for columns, most in [(60, 60), (20, 40), (300, COLUMNS)]:
            with self.subTest(columns=columns):
                # What is indented stays as it is.
                widest = max(len(line) for line in on_terminal(columns, "help", "security")
                             if not line.startswith("  "))
                self.assertTrue(most - 10 < widest <= most, widest)
        for words in (["help"], ["help", "flags"], ["create", "--help"]):
            with self.subTest(words=words):
                lines = on_terminal(60, *words)
                # Examples stay as they are.
                lines = lines[:lines.index("Examples:")] if "Examples:" in lines else lines
                self.assertLessEqual(max(map(len, lines)), 60)

    def test_a_commands_help_says_all(self):
        def check(command, words):
            text = self.help("help", *words)
            self.assertTrue(text.startswith(command["summary"] + "\n"), text)
            for flag in command["flags"]:
                self.assertRegex(text, rf"(?m)^ +{re.escape(flag['flag'])}  +\S")
                self.assertTrue(flag["help"].strip(), flag)
            usage = re.search(r"(?m)^Usage: auth-cli (.*)$", text)[1]
            for argument in command["arguments"]:
                self.assertIn(argument["name"], usage)
                self.assertRegex(text, rf"(?m)^ +{re.escape(argument['name'])}  +\S")
            for example in command["examples"].split("\n"):
                self.assertIn(example, text)
            self.assertEqual(command["mutates"], "Supports --dry-run" in text)
        self.for_each_command(check)

    def test_one_commands_json_is_its_part_of_the_tree(self):
        def check(command, words):
            self.assertEqual(self.ok("help", *words, "--json").json(), command)
        self.for_each_command(check)

    def test_overview_names_every_command(self):
        text = self.help("help")
        self.assertEqual(text, self.help())
        self.assertEqual(text, self.help("--help"))
        for command in self.tree["commands"]:
            self.assertRegex(text, rf"(?m)^  {command['path']} +{re.escape(command['summary'])}$")

    def test_nouns(self):
        nouns = {command["path"].split()[0] for command in self.tree["commands"]
                 if " " in command["path"]}
        for noun in nouns:
            with self.subTest(noun=noun):
                text = self.help("help", noun)
                self.assertEqual(text, self.help(noun, "--help"))
                for command in self.tree["commands"]:
                    listed = re.search(rf"(?m)^  {command['path']} ", text) is not None
                    self.assertEqual(listed, command["path"].startswith(noun + " "))

    def test_global_flags(self):
        text = self.help("help", "flags")
        for flag in ["--db PATH", "--profile NAME", "--token-file PATH", "--key-file PATH",
                     "-q, --quiet", "-v, --verbose", "--no-input", "-n, --dry-run", "--json",
                     "--jsonl", "--plain", "-o, --output FORM", "--fields A,B", "--field NAME", "--color WHEN",
                     "--time-format FORM", "-h, --help", "--version"]:
            self.assertRegex(text, rf"(?m)^  {re.escape(flag)} +\S")

    def test_no_command_hides_a_global_flag(self):
        def names(text):
            return set(re.findall(r"--[a-z-]+", text))
        known = names(self.help("help", "flags"))
        for command in self.tree["commands"]:
            for flag in command["flags"]:
                self.assertFalse(names(flag["flag"]) & known, "hides a flag of every command")

    def test_exit_codes_are_those_of_the_tree(self):
        text = self.help("help", "exit-codes")
        shown = [(int(number), name) for number, name in re.findall(r"(?m)^  (\d+) +(\S+)", text)
                 if int(number) not in WITHOUT_ERROR_CODE]
        listed = [(code["exit"], code["code"]) for code in self.tree["exit_codes"]]
        self.assertEqual(shown, listed)
        self.assertEqual(listed, sorted(listed, key=lambda pair: pair[0]))
        names = [name for _, name in listed]
        self.assertEqual(len(set(names)), len(names))
        for number in WITHOUT_ERROR_CODE:
            self.assertRegex(text, rf"(?m)^  {number} +\S")


if __name__ == "__main__":
    scratch.main()
