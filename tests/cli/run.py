"""Runs transcripts: shell commands with all that they print and their exit codes.

README.md beside this file describes the format.
"""
import argparse
import dataclasses
import datetime
import difflib
import fcntl
import glob
import os
import pathlib
import pty
import re
import secrets
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unicodedata

from tests.system.support import postgres_server

# What differs from run to run, and the name that stands for it. First come, first served.
BEFORE, AFTER = r"(?<![^\s\"'=:\[(])", r"(?![^\s\"',;.\])}]|[.]\d)"
VOLATILE = [
    ("token", r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"),
    ("phc", r"\$argon2id?\$[^\s\"]+"),
    ("id", r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
    ("time", r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
    ("hash", r"\b[0-9a-f]{64}\b"),
    ("kid", r"(?<![\w-])(?=-{0,3}\w)[\w-]{43}(?![\w-])"),
    ("epoch", BEFORE + r"(1[5-9]|2[0-3])\d{8}(?!\d)" + AFTER),
    ("actor", r"\b(pg:\w+ )?os:[A-Za-z_][\w.-]*"),
    ("code", BEFORE + r"\d{7}" + AFTER),
]
# Only where the clock is not set: %now makes them the same each time.
VOLATILE_BY_CLOCK = [
    ("relative", r"\bin \d+ (second|minute|hour|day)s?\b|\b\d+ (second|minute|hour|day)s? ago\b"),
]

TOOLS = pathlib.Path(__file__).resolve().parent / "bin"  # that transcripts may call
STEP_SECONDS = 60
# For programs with sanitizers: libraries may be loaded before theirs. The leak checker traces its own
# process and now and then fails at that; leaks are looked for in the unit and command tests.
SANITIZER_OPTIONS = "verify_asan_link_order=0:detect_leaks=0"
SANITIZED_STEP_SECONDS = 300


class FormatError(Exception):
    """A transcript that cannot be read."""


@dataclasses.dataclass
class Text:
    """Comments, empty lines and directives' bodies: kept as they are."""
    lines: list


@dataclasses.dataclass
class Directive:
    line: int
    name: str
    argument: str
    body: list


@dataclasses.dataclass
class Step:
    line: int
    source: list
    command: str
    answers: list
    expected: list


def parse(text):
    """The items of a transcript, in order."""
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    items, at = [], 0

    def take(*marks):
        nonlocal at
        start = at
        while at < len(lines) and lines[at].startswith(marks):
            at += 1
        return lines[start:at]

    while at < len(lines):
        line, number = lines[at], at + 1
        at += 1
        if not line.strip() or line.startswith("#"):
            items.append(Text([line]))
        elif line.startswith("%"):
            name, _, argument = line[1:].partition(" ")
            body = take("|") if name == "file" else []
            items += [Directive(number, name, argument.strip(), body), Text([line, *body])]
        elif line.startswith("$ "):
            more, answers = take("  > "), take("<")
            expected = take("|", "!", "?")
            command = "\n".join([line[2:], *(text[4:] for text in more)])
            items.append(Step(number, [line, *more, *answers], command,
                              [text[2:] for text in answers], expected))
        else:
            raise FormatError(f"line {number}: stands under no command: {line}")
    if not any(isinstance(item, Step) for item in items):
        raise FormatError("no command in it")
    return items


def unmark(lines):
    """The text that a block of '| ' lines stands for."""
    text = ""
    for line in lines:
        if line.startswith("|~"):
            text += line[3:]
        else:
            text += line[2:] + "\n"
    return text


def mark(sign, text):
    """A block of lines for a text; '~' marks a last line without its newline."""
    lines = text.split("\n")
    last = lines.pop()
    block = [f"{sign} {line}" if line else sign for line in lines]
    return block + ([f"{sign}~ {last}"] if last else [])


def visible(data):
    """Text in which nothing hides: controls, invisible and invalid characters are escaped."""
    def show(char):
        if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf"):
            return char
        return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"
    return "".join(map(show, data.decode("utf-8", "backslashreplace")))


def seconds(text):
    found = re.fullmatch(r"(\d+)([smhd])", text)
    if not found:
        raise FormatError(f"no duration: {text}")
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]


def faketime_library():
    for pattern in ("/usr/lib/*/faketime", "/usr/lib*/faketime", "/usr/local/lib/faketime"):
        for path in glob.glob(f"{pattern}/libfaketime.so.1"):
            return path
    raise FormatError("%now needs libfaketime: install the package faketime")


def is_sanitized(binary):
    return b"__asan_init" in pathlib.Path(binary).read_bytes()


class Terminal:
    """One command under a terminal of its own, and the answers that are typed there."""

    PROMPT_SETTLES = 0.1    # after ": ", for the program to turn off the echo
    QUIET = 0.15            # after any other unfinished line
    NO_PROMPT = 10          # for programs that ask without a word

    def __init__(self, command, env, answers, limit):
        self.answers = list(answers)
        self.output = b""
        self.asked_from = 0  # where output begins that no answer has followed yet
        self.deadline = time.monotonic() + limit
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
                os.chdir(env["HOME"])
                os.execve("/bin/sh", ["sh", "-c", command], env)
            finally:
                os._exit(127)

    def run(self):
        """(exit code, output); the code is None after the time limit."""
        code, last_heard = None, time.monotonic()
        while True:
            ready, _, _ = select.select([self.fd], [], [], 0.01)
            now = time.monotonic()
            if ready:
                data = self.read()
                if not data:
                    break
                self.output += data
                last_heard = now
            elif code is not None:
                break
            elif now > self.deadline:
                os.killpg(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                os.close(self.fd)
                return None, self.output
            else:
                self.answer_if_asked(now - last_heard)
                code = self.poll()
        os.close(self.fd)
        if code is None:
            code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return code, self.output.replace(b"\r\n", b"\n")

    def read(self):
        try:
            return os.read(self.fd, 65536)
        except OSError:  # the last one has closed the terminal
            return b""

    def poll(self):
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def answer_if_asked(self, quiet):
        if not self.answers:
            return
        tail = self.output[self.asked_from:].rpartition(b"\n")[2]
        wait = self.QUIET if tail else self.NO_PROMPT
        if tail.endswith(b": "):
            wait = self.PROMPT_SETTLES
        if quiet >= wait:
            answer = self.answers.pop(0)
            keys = {"^C": b"\x03", "^D": b"\x04"}.get(answer, answer.encode() + b"\n")
            self.asked_from = len(self.output)
            os.write(self.fd, keys)


class Postgres:
    """A database of its own on the tests' server for each transcript."""
    name = "postgresql"

    def __init__(self, server):
        self.server = server
        self.database = f"t{secrets.token_hex(8)}"
        self.url = server.make_database(self.database)

    def environment(self):
        return {"AUTH_CLI_DB": self.url}

    def normal(self, text):
        # What only a server has.
        text = re.sub(r"^(auth-cli: \d+ round trips to .*|round trips +\d+)\n", "", text, flags=re.M)
        text = re.sub(r'("round_trips": ?)\d+', r"\1null", text)
        # Shown as the file would be that stands for it elsewhere, and that nobody has to name.
        file = "<home>/.local/share/auth-cli/auth.db"
        return text.replace(self.url, file).replace(f"'{file}' (environment)", f"'{file}' (default)")

    def close(self):
        self.server.drop_database(self.database)


class Sqlite:
    """The file that the program makes by default."""
    name = "sqlite"

    def environment(self):
        return {}

    def normal(self, text):
        return text

    def close(self):
        pass


class Transcript:
    def __init__(self, path, binary, sanitized, engine):
        self.path = pathlib.Path(path)
        self.binary = binary
        self.sanitized = sanitized
        self.engine = engine
        self.only = None    # the engine that the next steps are for
        self.left_out = 0
        self.home = os.path.realpath(tempfile.mkdtemp(prefix="auth-cli-test-"))
        self.clock = None
        self.variables = {}
        self.own_rules = []
        self.tty = False
        self.capture = None

    def run(self, accept):
        """How many of its steps, out of how many, were not as written."""
        try:
            items = parse(self.path.read_text(encoding="utf-8"))
            wrong, steps, out = 0, 0, []
            for item in items:
                if isinstance(item, Directive):
                    self.obey(item)
                elif isinstance(item, Step) and self.only not in (None, self.engine.name):
                    self.left_out += 1
                    out += item.source + item.expected
                elif isinstance(item, Step):
                    actual = self.perform(item)
                    steps += 1
                    out += item.source + actual
                    if actual != item.expected:
                        wrong += 1
                        if not accept:
                            self.report(item, actual)
                else:
                    out += item.lines
            if self.tty or self.capture:
                raise FormatError("ends with a %tty or %capture that no command follows")
        finally:
            self.engine.close()
            shutil.rmtree(self.home, ignore_errors=True)
        if accept and wrong:
            self.path.write_text("\n".join(out) + "\n", encoding="utf-8")
        return wrong, steps

    def obey(self, directive):
        name, argument = directive.name, directive.argument
        if name == "now":
            try:
                self.clock = datetime.datetime.strptime(argument, "%Y-%m-%d %H:%M:%S")
            except ValueError as error:
                raise FormatError(f"line {directive.line}: {error}") from None
        elif name == "advance" and self.clock:
            self.clock += datetime.timedelta(seconds=seconds(argument))
        elif name == "engine" and argument in ("any", Sqlite.name, Postgres.name):
            self.only = None if argument == "any" else argument
        elif self.only not in (None, self.engine.name):
            pass  # belongs to a step that is left out
        elif name == "tty" and not argument:
            self.tty = True
        elif name == "capture" and re.fullmatch(r"[A-Za-z_]\w*", argument):
            self.capture = argument
        elif name == "file" and argument and ".." not in argument and argument[0] != "/":
            path = pathlib.Path(self.home, argument)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(unmark(directive.body), encoding="utf-8")
        elif name == "normalise" and (found := re.fullmatch(r"/(.+)/ ([\w-]+)", argument)):
            self.own_rules.append((found[2], found[1]))
        else:
            raise FormatError(f"line {directive.line}: not understood: %{name} {argument}")

    def environment(self):
        env = {
            "HOME": self.home,
            "PATH": f"{os.path.dirname(self.binary)}:{TOOLS}:/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "dumb",
            **self.engine.environment(),
            **self.variables,
        }
        if self.sanitized:
            env["ASAN_OPTIONS"] = SANITIZER_OPTIONS
        if self.clock:
            # Each process starts at the same moment and then sees time pass at a tenth of its pace.
            env["FAKETIME"] = self.clock.strftime("@%Y-%m-%d %H:%M:%S x0.1")
            env["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
            env["LD_PRELOAD"] = faketime_library()
        return env

    def perform(self, step):
        """Runs one step, and gives the lines that a transcript has for what it did."""
        if step.answers and not self.tty:
            raise FormatError(f"line {step.line}: only a step under %tty takes answers")
        if self.capture and self.tty:
            raise FormatError(f"line {step.line}: %capture and %tty do not go together")
        run = self.run_in_terminal if self.tty else self.run_plainly
        lines, first = run(step)
        if self.capture:
            self.variables[self.capture] = first
        self.tty, self.capture = False, None
        return lines

    def limit(self):
        return SANITIZED_STEP_SECONDS if self.sanitized else STEP_SECONDS

    def run_plainly(self, step):
        with subprocess.Popen(["/bin/sh", "-c", step.command], env=self.environment(),
                              cwd=self.home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, start_new_session=True) as child:
            try:
                out, err = child.communicate(timeout=self.limit())
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                raise FormatError(f"line {step.line}: ran for more than {self.limit()} s") from None
        lines = mark("|", self.normal(out)) + mark("!", self.normal(err))
        return lines + exit_line(child.returncode), visible(out).split("\n")[0]

    def run_in_terminal(self, step):
        terminal = Terminal(step.command, self.environment(), step.answers, self.limit())
        code, output = terminal.run()
        if code is None:
            raise FormatError(f"line {step.line}: ran for more than {self.limit()} s; it said: "
                              + visible(output))
        if terminal.answers:
            raise FormatError(f"line {step.line}: never asked for '{terminal.answers[0]}'; it said: "
                              + visible(output))
        return mark("|", self.normal(output)) + exit_line(code), ""

    def normal(self, data):
        text = visible(data).replace(self.home, "<home>").replace(self.binary, "<program>")
        text = self.engine.normal(text)
        for name, value in self.variables.items():
            if len(value) >= 6:
                text = text.replace(value, f"<{name}>")
        rules = self.own_rules + VOLATILE + ([] if self.clock else VOLATILE_BY_CLOCK)
        for name, pattern in rules:
            text = re.sub(pattern, f"<{name}>", text, flags=re.ASCII | re.MULTILINE)
        return text

    def report(self, step, actual):
        print(f"{self.path}:{step.line}: $ {step.command}")
        for line in difflib.unified_diff(step.expected, actual, "expected", "actual", lineterm=""):
            print("   ", line)


def exit_line(code):
    if code < 0:
        code = 128 - code
    return [f"? {code}"] if code else []


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.cli.run",
                                     description=__doc__.split("\n")[0])
    parser.add_argument("--binary", help="the auth-cli to run; the variable AUTH_CLI comes first")
    parser.add_argument("--accept", action="store_true",
                        help="rewrite the transcripts with what the commands did")
    parser.add_argument("--sanitized", action="store_true",
                        help="the binary has AddressSanitizer in it (found out by itself)")
    parser.add_argument("--postgres", metavar="DIR",
                        help="on the server that postgres_server.py started with this directory")
    parser.add_argument("transcripts", nargs="+")
    options = parser.parse_args()
    binary = os.environ.get("AUTH_CLI") or options.binary
    if not binary or not os.access(binary, os.X_OK):
        parser.error(f"no such program: {binary}")
    binary = os.path.abspath(binary)
    sanitized = options.sanitized or is_sanitized(binary)
    os.umask(0o077)
    # A job in the background is started deaf to these, and its children would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)

    def engine():
        return Postgres(postgres_server.saved(options.postgres)) if options.postgres else Sqlite()

    failed = False
    for path in options.transcripts:
        try:
            transcript = Transcript(path, binary, sanitized, engine())
            wrong, steps = transcript.run(options.accept)
        except (FormatError, re.error, OSError) as error:
            print(f"{path}: {error}")
            failed = True
            continue
        if wrong and options.accept:
            print(f"{path}: {wrong} of {steps} steps rewritten")
        elif wrong:
            print(f"{path}: {wrong} of {steps} steps not as written")
            failed = True
        else:
            others = f", {transcript.left_out} of another engine" if transcript.left_out else ""
            print(f"{path}: {steps} steps as written{others}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
