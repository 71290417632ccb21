#!/usr/bin/python3
"""Plants violations in a small tree and checks that layers.py finds each, and nothing else."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from layers import Lint  # noqa: E402

SOUND = {
    "CMakeLists.txt": """
        add_library(auth_core src/core/base/text.cpp src/core/store/vault.cpp
          src/core/accounts/users_table.cpp  # every one by name
          ${CMAKE_CURRENT_SOURCE_DIR}/src/core/tokens/jose.cpp)
        add_subdirectory(src/commands)
        add_executable(auth-cli src/main.cpp src/adapters/system_clock.cpp)
        foreach(name a b)
          add_executable(${name} tests/${name}.cpp)
        endforeach()
        """,
    "src/commands/CMakeLists.txt": "add_library(auth_commands create.cpp)\n",
    "src/main.cpp": '#include "adapters/system_clock.h"\n#include "commands/run.h"\n#include <iostream>\n',
    "src/adapters/system_clock.h": '#include "core/base/text.h"\n',
    "src/adapters/system_clock.cpp": '#include "adapters/system_clock.h"\nauto n = system_clock::now();\n',
    "src/commands/run.h": "",
    "src/commands/create.cpp": '#include "commands/run.h"\n#include "core/tokens/jose.h"\n#include <CLI/CLI.hpp>\n',
    "src/core/base/text.h": "",
    "src/core/base/text.cpp": """#include "core/base/text.h"
        // exit(1), printf(, SELECT a FROM b, rand( and std::cout may be spoken of
        const char* words = "getenv printf( exit( delete from here";
        int n = 1'000; char c = '"'; void exiting(); auto b = brand(snprintf(0, 0, "x"));
        """,
    "src/core/store/vault.cpp": '#include "core/base/text.h"\nauto q = "SELECT 1 FROM meta";\n',
    "src/core/accounts/users_table.cpp": 'auto q = "DELETE FROM users";\n',
    "src/core/tokens/jose.h": '#include "core/accounts/user.h"\n',
    "src/core/tokens/jose.cpp": '#include "jose.h"\n#include "../base/text.h"\n#include <vector>\n',
    "src/core/accounts/user.h": "",
    "src/core/audit/audit.h": '#include "core/store/database.h"\n',
    "src/core/store/database.h": "",
    "src/core/store/migrations/sqlite/0001_start.sql": "CREATE TABLE t (a);\n",
}


class LayersTest(unittest.TestCase):
    def violations(self, files):
        """Of the sound tree with these files put into it."""
        with tempfile.TemporaryDirectory() as root:
            for name, text in {**SOUND, **files}.items():
                if text is not None:
                    path = pathlib.Path(root, name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text)
            return Lint(pathlib.Path(root).resolve()).run()

    def finds(self, where, *words, files):
        found = self.violations(files)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(where + ": "), found)
        for word in words:
            self.assertIn(word, found[0])

    def finds_line(self, name, line, *words):
        """A line put at the end of one of the sound tree's files is found there, alone."""
        text = SOUND[name]
        text += "" if text.endswith("\n") or not text else "\n"
        number = text.count("\n") + 1
        self.finds(f"{name}:{number}", *words, files={name: text + line + "\n"})

    def test_sound_tree(self):
        self.assertEqual(self.violations({}), [])

    def test_the_arrows_outside_the_core(self):
        self.finds_line("src/core/base/text.h", '#include "adapters/system_clock.h"', "adapters")
        self.finds_line("src/core/base/text.h", '  #  include "commands/run.h"', "commands")
        self.finds_line("src/core/base/text.h", '#include "../../commands/run.h"', "commands")
        self.finds_line("src/core/base/text.h", '#include <adapters/gone.h>', "adapters")
        self.finds_line("src/adapters/system_clock.h", '#include "commands/run.h"', "commands")
        self.finds_line("src/commands/run.h", '#include "adapters/system_clock.h"', "adapters")

    def test_the_arrows_inside_the_core(self):
        for name, seen in [
            ("src/core/base/text.h", "core/store/database.h"),
            ("src/core/store/database.h", "core/audit/audit.h"),
            ("src/core/accounts/user.h", "core/tokens/jose.h"),
            ("src/core/accounts/user.h", "../tokens/jose.h"),
            ("src/core/tokens/jose.h", "core/federation/oidc.h"),
        ]:
            self.finds_line(name, f'#include "{seen}"', "does not see")
        for room, seen in [("settings", "audit"), ("mail", "codes"), ("codes", "accounts"),
                           ("provisioning", "federation"), ("federation", "provisioning")]:
            name = f"src/core/{room}/x.h"
            self.finds(f"{name}:1", files={name: f'#include "core/{seen}/y.h"\n'})

    def test_the_arrows_that_are_allowed(self):
        earlier = ["base", "store", "audit", "settings", "mail", "codes", "accounts", "tokens"]
        text = "".join(f'#include "core/{room}/y.h"\n' for room in earlier)
        for room in ("provisioning", "federation"):
            self.assertEqual(self.violations({f"src/core/{room}/x.h": text}), [])

    def test_a_commented_include_is_none(self):
        text = '// #include "commands/run.h"\n/*\n#include "commands/run.h"\n*/\n'
        self.assertEqual(self.violations({"src/core/base/x.h": text}), [])

    def test_rooms_that_are_not_in_the_house(self):
        self.finds("src/core/util/x.h:1", "no room 'util'", files={"src/core/util/x.h": ""})
        self.finds("src/core/x.h:1", "no room", files={"src/core/x.h": ""})
        self.finds("src/helpers/x.h:1", "no room", files={"src/helpers/x.h": ""})
        self.finds("src/x.h:1", "no room", files={"src/x.h": ""})

    def test_the_core_is_silent_and_blind(self):
        for line in (
            "#include <iostream>", "#include <CLI/CLI.hpp>", 'auto h = getenv("HOME");',
            'auto h = std::getenv("HOME");', "auto n = std::chrono::system_clock::now();",
            "int r = rand();", "srand (1);", "std::random_device d;", "exit(1);", "std::exit (1);",
            'std::cout << "x";', 'std::cerr << "x";', "using std::clog;", 'printf("x");',
            'std::printf("x");', 'puts("x");', 'fprintf(stdout, "x");', 'fmt::print("x");',
        ):
            with self.subTest(line):
                self.finds_line("src/core/base/text.h", line, "the core")

    def test_sql_has_its_places(self):
        for line in (
            'auto q = "SELECT id FROM users";', 'auto q = "SELECT id " // why\n  "FROM users";',
            'auto q = R"(INSERT INTO users)";', 'auto q = R"sql(\nUPDATE users SET a = 1)sql";',
            'auto q = "DELETE FROM users";', 'auto q = "PRAGMA user_version";',
            'auto q = "CREATE TABLE t";',
        ):
            with self.subTest(line):
                self.finds_line("src/core/accounts/user.h", line, "SQL")
                self.finds_line("src/commands/create.cpp", line, "SQL")
        self.assertEqual(self.violations(
            {"src/core/mail/mails_table.h": 'auto q = "DELETE FROM m";\n'}), [])

    def test_every_source_is_listed(self):
        self.finds("src/core/mail/x.cpp:1", "listed", files={"src/core/mail/x.cpp": ""})
        self.finds("src/core/base/text.cpp:1", "listed", files={
            "CMakeLists.txt": SOUND["CMakeLists.txt"].replace("src/core/base/text.cpp", "")
            + "\n# src/core/base/text.cpp\n"})

    def test_every_listed_source_is_there(self):
        self.finds("CMakeLists.txt:2", "not there", files={
            "CMakeLists.txt": "\nadd_library(x src/gone.cpp)\n" + SOUND["CMakeLists.txt"]})
        self.finds("src/commands/CMakeLists.txt:1", "not there", files={
            "src/commands/CMakeLists.txt": "add_library(auth_commands create.cpp gone.cpp)\n"})

    def test_no_globbing(self):
        found = self.violations({
            "cmake/more.cmake": "file(GLOB_RECURSE all src/*.cpp)\n"})
        self.assertEqual(len(found), 1, found)
        self.assertIn("globbed", found[0])

    def test_long_files(self):
        self.finds("src/core/base/x.h:451", "450", files={"src/core/base/x.h": "\n" * 451})
        self.assertEqual(self.violations({"src/core/base/x.h": "\n" * 450}), [])
        self.finds("src/main.cpp:81", "80", files={"src/main.cpp": "\n" * 81})

    def test_unfinished_places(self):
        for word in ("TODO", "FIXME", "XXX"):
            self.finds_line("src/core/base/text.h", f"// {word}: later", word)
        self.finds("src/core/store/migrations/sqlite/0001_start.sql:1", "TODO", files={
            "src/core/store/migrations/sqlite/0001_start.sql": "-- TODO\n"})
        self.assertEqual(self.violations(
            {"src/core/base/x.h": 'auto name = "auth.XXXXXX";\n'}), [])

    def test_an_empty_tree(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertTrue(Lint(pathlib.Path(root).resolve()).run())


if __name__ == "__main__":
    unittest.main()
