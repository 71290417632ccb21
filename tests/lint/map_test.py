#!/usr/bin/python3
"""Walks docs/architecture.md and its neighbours against the tree: rooms, whom they see, files and functions."""
import pathlib
import re
import unittest

from tests.lint.layers import Lint

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAP = ROOT / "docs/architecture.md"
PAGES = [MAP, ROOT / "docs/adding-a-command.md", ROOT / "CONTRIBUTING.md"]
ROW = re.compile(r"(?m)^\| `((?:core|adapters|cli|commands)[\w/]*)` \| ([^|]*) \| ([^|]+) \|$")
PLACE = re.compile(r"`((?:src|tests|scripts|docs|man)/[\w./-]+)`(?: `(\w+)`)?")
HEADING = re.compile(r"NOUN|GROUP|noun_verb")


class MapTest(unittest.TestCase):
    def setUp(self):
        self.lint = Lint(ROOT)
        self.lint.read_rooms()
        self.drawn = {name: (sees, holds) for name, sees, holds in ROW.findall(MAP.read_text(encoding="utf-8"))}

    def test_every_room_is_drawn_and_no_other(self):
        self.assertEqual(sorted(self.drawn), sorted(self.lint.rooms))

    def test_each_row_says_whom_the_room_sees(self):
        for name, (sees, _) in self.drawn.items():
            with self.subTest(name):
                self.assertEqual(re.findall(r"`([\w/]+)`", sees), self.lint.named[name])

    def test_rooms_are_drawn_in_their_order(self):
        order = list(self.drawn)
        for name, (sees, _) in self.drawn.items():
            for other in re.findall(r"`([\w/]+)`", sees):
                self.assertLess(order.index(other), order.index(name), f"{name} sees {other}")

    def test_every_file_and_function_that_is_named_is_there(self):
        for page in PAGES:
            for path, function in PLACE.findall(page.read_text(encoding="utf-8")):
                if HEADING.search(path):
                    continue
                with self.subTest(f"{page.name}: {path} {function}"):
                    place = ROOT / path
                    self.assertTrue(place.exists(), "there is no such file")
                    if function:
                        found = re.search(rf"\b{function}\(", place.read_text(encoding="utf-8"))
                        self.assertTrue(found, "there is no such function")


if __name__ == "__main__":
    unittest.main()
