#!/usr/bin/python3
"""Checks the rules of the house that no compiler checks: who includes whom, what the core must not
touch, where SQL stands, that every source is listed, and that files stay readable.

    layers.py [ROOT]     prints each violation as file:line: what is wrong; exit 1 if there is any
"""
import collections
import os
import pathlib
import re
import sys

# Which roofs the rooms of a roof may name in their SEES.
MAY_SEE = {
    "adapters": {"core", "adapters"},
    "cli": {"core", "cli"},
    "commands": {"core", "cli", "commands"},
    "core": {"core"},
}

# What a silent and blind core has no use for.
CORE_TABOOS = [
    (r"\b(secure_)?getenv\b", "reads the environment"),
    (r"\bsystem_clock\s*::\s*now\b", "reads the clock"),
    (r"\bs?rand(om)?\s*\(", "makes its own randomness"),
    (r"\brandom_device\b|\bRAND_bytes\b|\brandombytes_(?!buf_deterministic\b)\w+", "makes its own randomness"),
    (r"\b(quick_|_)?exit\s*\(", "ends the process"),
    (r"\b(std\s*::\s*)?(cout|cerr|clog)\b", "writes to a standard stream"),
    (r"\bv?printf\s*\(|\bputs\s*\(|\bputchar\s*\(|\bstdout\b", "writes to stdout"),
    (r"\bfmt\s*::\s*print(ln)?\s*\(\s*\"", "writes to stdout"),
]
# Which command helps is data; the command line words it.
COMMAND_LINE = re.compile(r"\bauth-cli [a-z]")
CORE_HEADER_TABOOS = ("CLI/", "CLI11", "iostream")

SQL = re.compile(
    r"\b(SELECT\s[\s\S]*\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM"
    r"|(CREATE|ALTER|DROP)\s+(TABLE|INDEX|UNIQUE\s+INDEX|TRIGGER|VIEW)|PRAGMA\s+\w+)\b")

LONGEST_FILE = 400
LONGEST_MAIN = 80
MOST_IN_A_GROUP = 16        # sources in a folder of src/commands
MOST_LINES_IN_A_ROOM = 4000  # in a room of src/core
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.MULTILINE)
PIECES = re.compile(
    r'(?P<comment>//[^\n]*|/\*[\s\S]*?\*/)'
    r'|(?P<raw>R"(?P<tag>[^()\s\\]{0,16})\((?P<rawtext>[\s\S]*?)\)(?P=tag)")'
    r'|(?P<text>"(?:\\.|[^"\\\n])*")'
    r"|(?P<char>'(?:\\.|[^'\\\n])+')"
    r"|(?P<number>\b\d[\w']*)")  # a digit separator starts no character


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(source):
    return PIECES.sub(lambda m: blank(m[0]) if m["comment"] else m[0], source)


def code_only(source):
    """The source without comments and without what stands in quotes; lines keep their numbers."""
    def keep(match):
        if match["comment"]:
            return blank(match[0])
        if match["raw"] or match["text"]:
            return '"' + blank(match[0][1:-1]) + '"'
        return match[0]
    return PIECES.sub(keep, source)


def literals(source):
    """(offset, text) of each string; neighbours that the compiler joins are joined."""
    found, end, between = [], 0, without_comments(source)
    for match in PIECES.finditer(source):
        if not (match["raw"] or match["text"]):
            continue
        text = match["rawtext"] if match["raw"] else match["text"][1:-1]
        if found and not between[end:match.start()].strip():
            found[-1][1] += text
        else:
            found.append([match.start(), text])
        end = match.end()
    return found


ROOM = re.compile(r"\bauth_room\s*\(([^)]*)\)")
ROOM_WORDS = {"NAME", "SEES", "SOURCES"}


def read_room(call):
    """{"NAME": [...], "SEES": [...], "SOURCES": [...]} of the text inside auth_room()."""
    found, at = {word: [] for word in ROOM_WORDS}, None
    for word in call.split():
        if word in ROOM_WORDS:
            at = word
        elif at:
            found[at].append(word)
    return found


class Lint:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.src = self.root / "src"
        self.violations = []
        self.named = {}  # room -> the rooms that its SEES names
        self.rooms = {}  # room -> the rooms that it sees, whether named by it or seen through another

    def add(self, path, line, what):
        self.violations.append(f"{path.relative_to(self.root)}:{line}: {what}")

    def add_at(self, path, source, offset, what):
        self.add(path, source.count("\n", 0, offset) + 1, what)

    def files(self, *endings):
        return sorted(p for p in self.src.rglob("*") if p.is_file() and p.name.endswith(endings))

    def run(self):
        sources = self.files(".cpp", ".h")
        if not sources:
            self.add(self.src, 1, "no sources here")
        self.read_rooms()
        for path in sources:
            source = path.read_text(encoding="utf-8")
            self.check_includes(path, source)
            self.check_silence(path, source)
            self.check_sql(path, source)
        for path in self.files(".cpp", ".h", ".sql", ".in", ".txt"):
            self.check_size_and_marks(path, path.read_text(encoding="utf-8"))
        self.check_crowds(sources)
        self.check_source_lists()
        return self.violations

    # The rooms and their order, as CMake has them

    def read_rooms(self):
        named = self.named = {}
        for cmake in self.cmake_files():
            if not cmake.is_relative_to(self.src):
                continue
            text = re.sub(r"#[^\n]*", blank_match, cmake.read_text(encoding="utf-8"))
            for match in ROOM.finditer(text):
                call = read_room(match[1])
                name = call["NAME"][0] if call["NAME"] else ""
                if name in named:
                    self.add_at(cmake, text, match.start(), f"the room {name} is there twice")
                self.check_sees(cmake, text, match.start(), name, call["SEES"])
                named[name] = call["SEES"]
        self.rooms = {name: self.seen_from(name, named) for name in named}
        for name, seen in self.rooms.items():
            if name in seen:
                self.add(self.src / "CMakeLists.txt", 1, f"the room {name} sees itself in a circle")

    def check_sees(self, cmake, text, offset, name, sees):
        roof = name.split("/")[0]
        if roof not in MAY_SEE:
            self.add_at(cmake, text, offset, f"there is no roof for the room {name}")
            return
        for other in sees:
            if other.split("/")[0] not in MAY_SEE[roof]:
                self.add_at(cmake, text, offset, f"{roof} does not see {other}")

    @staticmethod
    def seen_from(name, named):
        seen, ahead = set(), list(named[name])
        while ahead:
            other = ahead.pop()
            if other not in seen:
                seen.add(other)
                ahead += named.get(other, [])
        return seen

    # Who includes whom

    def room(self, inner):
        """The room of a path inside src: a pair of files that is one, else the nearest folder."""
        path = pathlib.PurePosixPath(inner)
        return next((str(place) for place in (path.with_suffix(""), *path.parents)
                     if str(place) in self.rooms), None)

    def target(self, path, header):
        """The header's path inside src, or None for one of the system or a library."""
        for base in (self.src, path.parent):
            inner = os.path.relpath(os.path.normpath(base / header), self.src)
            if not inner.startswith("..") and (self.src / inner).is_file():
                return inner
        return header if header.split("/")[0] in MAY_SEE else None

    def check_includes(self, path, source):
        inner = path.relative_to(self.src).as_posix()
        room = self.room(inner)
        if room is None and inner != "main.cpp":
            self.add(path, 1, "stands in no room of the house")
            return
        for match in INCLUDE.finditer(without_comments(source)):
            why = self.wrong_include(path, room, match[1])
            if why:
                self.add_at(path, source, match.start(1), f"{why}: {match[1]}")

    def wrong_include(self, path, room, header):
        if room and room.startswith("core/") and header.startswith(CORE_HEADER_TABOOS):
            return "the core does not include this"
        target = self.target(path, header)
        if target is None or room is None:  # main.cpp sees all
            return None
        other = self.room(target)
        if other == room or other in self.rooms[room]:
            return None
        return f"{room} does not see {other or 'this'}"

    # The silent and blind core

    def check_silence(self, path, source):
        if not path.is_relative_to(self.src / "core"):
            return
        code = code_only(source)
        for pattern, what in CORE_TABOOS:
            for match in re.finditer(pattern, code):
                self.add_at(path, source, match.start(), f"the core {what}: {match[0].strip()}")
        for offset, text in literals(source):
            found = COMMAND_LINE.search(text)
            if found:
                self.add_at(path, source, offset, f"the core words a command: {found[0]}…")

    # SQL in its places

    def check_sql(self, path, source):
        inner = path.relative_to(self.src)
        if (path.stem.endswith(("_table", "_database")) or "migrations" in (*inner.parts, path.stem)
                or inner.parts[:3] == ("adapters", "modules", "postgres")):
            return
        if inner.parts[:2] == ("core", "store"):
            return
        for offset, text in literals(source):
            found = SQL.search(text)
            if found:
                self.add_at(path, source, offset, f"SQL outside a table's file: {found[0][:30]}")

    # Readable files

    def check_size_and_marks(self, path, source):
        lines = source.count("\n")
        longest = LONGEST_MAIN if path == self.src / "main.cpp" else LONGEST_FILE
        if lines > longest:
            self.add(path, lines, f"{lines} lines, {longest} are the most")
        for match in UNFINISHED.finditer(source):
            self.add_at(path, source, match.start(), f"unfinished: {match[0]}")

    def check_crowds(self, sources):
        groups, lines = collections.Counter(), collections.Counter()
        for path in sources:
            inner = path.relative_to(self.src)
            if inner.parts[0] == "commands" and path.suffix == ".cpp":
                groups[path.parent] += 1
            if inner.parts[0] == "core":
                lines[self.room(inner.as_posix())] += path.read_text(encoding="utf-8").count("\n")
        for folder, count in groups.items():
            if count > MOST_IN_A_GROUP:
                self.add(folder, 1, f"{count} sources, {MOST_IN_A_GROUP} are the most")
        for room, count in lines.items():
            if room and count > MOST_LINES_IN_A_ROOM:
                self.add(self.src / room, 1, f"{count} lines, {MOST_LINES_IN_A_ROOM} are the most")

    # Sources listed by hand

    def cmake_files(self):
        for top, dirs, names in os.walk(self.root):
            dirs[:] = sorted(d for d in dirs if d != "build" and not d.startswith("."))
            yield from (pathlib.Path(top, n) for n in sorted(names)
                        if n == "CMakeLists.txt" or n.endswith(".cmake"))

    def check_source_lists(self):
        listed = set()
        for cmake in self.cmake_files():
            text = re.sub(r"#[^\n]*", blank_match, cmake.read_text(encoding="utf-8"))
            for match in re.finditer(r"\bfile\s*\(\s*GLOB[^)]*\.(cpp|h)\b", text, re.IGNORECASE):
                self.add_at(cmake, text, match.start(), "sources are listed by hand, not globbed")
            for match in re.finditer(r'[^\s()";]+\.cpp\b', text):
                listed |= self.listed_source(cmake, text, match)
        for path in self.files(".cpp"):
            if os.path.normpath(path) not in listed:
                self.add(path, 1, "is listed in no CMakeLists.txt")

    def listed_source(self, cmake, text, match):
        base = cmake.parent if cmake.name == "CMakeLists.txt" else self.root
        token = match[0]
        for variable in ("CMAKE_SOURCE_DIR", "PROJECT_SOURCE_DIR"):
            token = token.replace("${%s}" % variable, str(self.root))
        token = token.replace("${CMAKE_CURRENT_SOURCE_DIR}", str(cmake.parent))
        if "$" in token or "*" in token:
            return set()
        path = pathlib.Path(os.path.normpath(base / token))
        if path.is_relative_to(os.path.normpath(self.src)) and not path.is_file():
            self.add_at(cmake, text, match.start(), f"lists a source that is not there: {match[0]}")
        return {str(path)}


def blank_match(match):
    return blank(match[0])


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
    lint = Lint(pathlib.Path(root).resolve())
    violations = lint.run()
    print("\n".join(violations) or f"{len(lint.files('.cpp', '.h'))} sources keep the rules")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
