#!/usr/bin/python3
"""Checks Markdown files: links lead to files and headings that exist, README.md is short, words are plain."""
import os
import pathlib
import re
import tempfile
import unittest
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = {"build", "node_modules", ".git"}
README_LINES = 200
# Words that are hard for readers with English as a second language, and what to write.
WORDS = {r"\blog-ins?\b": "login, or log in", r"\bbeside\b": "in addition to", r"\bfor ever\b": "permanently",
         r"\banother than\b": "different from", r"\band the like\b": "such as", r"\bown words\b": "your text",
         r"\bthere already\b|\balready there\b": "already exists", r"\bwhoever\b": "anyone who",
         r"\bis no (?:failure|value|error)\b": "is not an error, or invalid value", r"\baudit trail\b": "audit log",
         r"(?:^|[.:] )Who [^?\n]*\.": "Anyone who, or If", r"\bpass(?:es|ed)? over\b": "ignore"}
FENCE = re.compile(r"^( *)(```|~~~).*?^\1\2 *$", re.M | re.S)
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.S)
INLINE = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)>?", re.M)
HEADING = re.compile(r"^#{1,6} +(.*?)(?: +#+)? *$", re.M)


def markdown_files(root: pathlib.Path) -> list[pathlib.Path]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED)
        found += [pathlib.Path(folder) / name for name in sorted(names) if name.endswith(".md")]
    return found


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    made: set[str] = set()
    for words in HEADING.findall(FENCE.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", words)
        name = base = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        count = 0
        while name in made:
            count += 1
            name = f"{base}-{count}"
        made.add(name)
    return made


def links(text: str) -> list[str]:
    text = CODE.sub("", FENCE.sub("", text))
    return INLINE.findall(text) + REFERENCE.findall(text)


def broken_links(root: pathlib.Path) -> list[str]:
    broken = []
    for page in markdown_files(root):
        text = page.read_text(encoding="utf-8")
        for link in links(text):
            if re.match(r"[a-z][a-z0-9+.-]*:", link):
                continue
            path, _, anchor = urllib.parse.unquote(link).partition("#")
            target = (page.parent / path).resolve() if path else page
            where = f"{page.relative_to(root)}: {link}"
            if not target.exists() or root.resolve() not in [target, *target.parents]:
                broken.append(f"{where}: there is no such file in the tree")
            elif anchor and (target.suffix != ".md" or anchor not in anchors(target.read_text(encoding="utf-8"))):
                broken.append(f"{where}: there is no such heading")
    return broken


class Documents(unittest.TestCase):
    def test_every_link_leads_somewhere(self) -> None:
        self.assertGreater(len(markdown_files(ROOT)), 40)
        self.assertEqual(broken_links(ROOT), [])

    def test_every_document_is_in_the_overview(self) -> None:
        overview = ROOT / "docs/README.md"
        linked = {(overview.parent / link.partition("#")[0]).resolve()
                  for link in links(overview.read_text(encoding="utf-8"))}
        for page in markdown_files(ROOT / "docs"):
            if page != overview and page.parent.name != "migrate":
                self.assertIn(page.resolve(), linked, "docs/README.md does not name it")

    def test_the_readme_is_short(self) -> None:
        lines = len((ROOT / "README.md").read_text(encoding="utf-8").splitlines())
        self.assertLessEqual(lines, README_LINES, "move a part of README.md to docs/")

    def test_documents_use_plain_words(self) -> None:
        for page in [page for page in markdown_files(ROOT) if not {"tests", "man"} & set(page.relative_to(ROOT).parts)]:
            text = re.sub(r"\]\([^)]*\)", "]", CODE.sub("", FENCE.sub("", page.read_text(encoding="utf-8"))))
            for pattern, better in WORDS.items():
                found = re.search(pattern, text, re.I | re.M)
                self.assertIsNone(found, f"{page.relative_to(ROOT)}: write: {better}")


class Check(unittest.TestCase):
    """That the check finds what is wrong."""

    def broken(self, **pages: str) -> list[str]:
        with tempfile.TemporaryDirectory() as place:
            for name, text in pages.items():
                (pathlib.Path(place) / f"{name}.md").write_text(text, encoding="utf-8")
            return broken_links(pathlib.Path(place))

    def test_files_and_headings_must_exist(self) -> None:
        self.assertEqual(self.broken(a="[b](b.md#the-end)\n", b="# The end\n"), [])
        self.assertEqual(self.broken(a="[b](#one-two)\n# One, `two`?\n"), [])
        self.assertEqual(len(self.broken(a="[b](c.md)\n", b="")), 1)
        self.assertEqual(len(self.broken(a="[b](b.md#start)\n", b="# The end\n")), 1)
        self.assertEqual(len(self.broken(a="[b](../b.md)\n")), 1)
        self.assertEqual(len(self.broken(a="[b]: c.md\n")), 1)

    def test_code_and_addresses_are_left_out(self) -> None:
        self.assertEqual(self.broken(a="`[b](c.md)`\n\n```sh\n[b](c.md)\n```\n[d](https://e.example/#f)\n"), [])
        self.assertEqual(len(self.broken(a="[b](#no-heading)\n```sh\n# no heading\n```\n")), 1)


if __name__ == "__main__":
    unittest.main()
