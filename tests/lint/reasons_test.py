#!/usr/bin/python3
"""Compares the table of reasons in docs/scripting.md with the source that defines them."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = (ROOT / "src/core/jose/reason.cpp").read_text(encoding="utf-8")
PAGE = (ROOT / "docs/scripting.md").read_text(encoding="utf-8")
MEANING = re.compile(r'constexpr std::string_view (\w+) =\s+"([^"]+)";')
ROW = re.compile(r'\{Reason::(\w+), "(\w+)",\s*(?:"([^"]+)"|(\w+))')
PRINTED = re.compile(r"(?m)^\| ((?:`\w+` ?)+) \| ([^|]+) \|$")
# Not of access tokens: of a sign-in with a provider, and of a file of keys.
ELSEWHERE = {"about_login", "about_file"}


class ReasonsTest(unittest.TestCase):
    def test_the_page_lists_each_reason_of_a_token(self):
        meanings = dict(MEANING.findall(SOURCE))
        known = {}
        for reason, name, words, constant in ROW.findall(SOURCE):
            self.assertEqual(reason, name)
            if constant not in ELSEWHERE:
                known[name] = words or meanings[constant]
        table = PAGE[PAGE.index("| reason | the token |") :].split("\n\n")[0]
        printed = {}
        for names, words in PRINTED.findall(table):
            for name in re.findall(r"\w+", names):
                printed[name] = words
        self.assertGreater(len(known), 20)
        self.assertEqual(printed, known)


if __name__ == "__main__":
    unittest.main()
