"""What the transcripts show of each command."""
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
# Where a shell decides, its exit code is not that of the last command in the line.
SHELL = re.compile(r"\|\||&&|;|\bif\b|\bfor\b|\btest\b|\[ ")


def steps(path):
    """Pairs of a typed line and its exit code."""
    typed, code = None, 0
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("$ "):
            if typed is not None:
                yield typed, code
            typed, code = line[2:], 0
        elif line.startswith("  > ") and typed is not None:
            typed += "\n" + line[4:]
        elif line.startswith("? ") and typed is not None:
            code = int(line[2:])
    if typed is not None:
        yield typed, code


def command_of(typed, paths):
    """The path of the last command in a pipeline, or None."""
    last = typed.split("|")[-1]
    if SHELL.search(typed) or "auth-cli" not in last:
        return None
    words = [word for word in last.split("auth-cli", 1)[1].split() if not word.startswith("-")]
    for length in (2, 1):
        if " ".join(words[:length]) in paths:
            return " ".join(words[:length])
    return None


def exit_codes(paths):
    """The exit codes that the transcripts show of each command, with a line that shows it."""
    seen = {path: {} for path in paths}
    for file in sorted(HERE.glob("*.txt")):
        for typed, code in steps(file):
            command = command_of(typed, paths)
            if command is not None:
                seen[command].setdefault(code, f"{file.name}: {typed}")
    return seen
