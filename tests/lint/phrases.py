#!/usr/bin/env python3
"""Names lines of what users read that contain a phrase of phrases.txt.

Each line there is a regular expression, a tab, and the better form.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    listed = pathlib.Path(__file__).with_name("phrases.txt").read_text("utf-8")
    rules = [line.split("\t") for line in listed.splitlines()]
    files = [ROOT / "README.md"]
    for name in ("src", "man", "docs", "completions"):
        files += sorted(path for path in (ROOT / name).rglob("*") if path.is_file())
    found = 0
    for path in files:
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            for pattern, better in rules:
                if re.search(pattern, line):
                    print(f"{path.relative_to(ROOT)}:{number}: /{pattern}/: better: {better}")
                    found = 1
    return found


if __name__ == "__main__":
    sys.exit(main())
