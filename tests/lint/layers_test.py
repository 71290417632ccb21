#!/usr/bin/python3
"""Plants violations in a small tree and checks that layers.py finds each, and nothing else."""
import pathlib
import tempfile
import unittest

from tests.lint.layers import Lint

SOUND = {
    "CMakeLists.txt": """
        add_subdirectory(src)
        foreach(name a b)
          add_executable(${name} tests/${name}.cpp)
        endforeach()
        """,
    "src/CMakeLists.txt": """
        add_executable(auth-cli main.cpp)
        auth_room(NAME core/realm SEES core/store)  # realm.h alone
        """,
    "src/core/base/CMakeLists.txt": "auth_room(NAME core/base SOURCES text.cpp)\n",
    "src/core/store/CMakeLists.txt": "auth_room(NAME core/store\n  SEES core/base\n  SOURCES vault.cpp)\n",
    "src/core/users/CMakeLists.txt":
        "auth_room(NAME core/users SEES core/realm SOURCES users_table.cpp)  # by name\n",
    "src/core/jose/CMakeLists.txt":
        "auth_room(NAME core/jose SEES core/base SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/jws.cpp)\n",
    "src/core/sessions/CMakeLists.txt": "auth_room(NAME core/sessions SEES core/jose core/users)\n",
    "src/adapters/system/CMakeLists.txt":
        "auth_room(NAME adapters/system SEES core/base SOURCES system_clock.cpp)\n",
    "src/cli/CMakeLists.txt": "auth_room(NAME cli SEES core/sessions)\nauth_room(NAME cli/run SEES cli)\n",
    "src/commands/users/CMakeLists.txt":
        "auth_room(NAME commands/users SEES cli SOURCES create.cpp)\n",
    "src/main.cpp":
        '#include "adapters/system/system_clock.h"\n#include "cli/run.h"\n#include <iostream>\n',
    "src/adapters/system/system_clock.h": '#include "core/base/text.h"\n',
    "src/adapters/system/system_clock.cpp":
        '#include "adapters/system/system_clock.h"\nauto n = system_clock::now();\n',
    "src/cli/run.h": '#include "cli/command.h"\n',
    "src/cli/command.h": '#include "core/sessions/access.h"\n',
    "src/commands/users/create.cpp":
        '#include "cli/command.h"\n#include "core/jose/jws.h"\n#include <CLI/CLI.hpp>\n',
    "src/core/base/text.h": "",
    "src/core/base/text.cpp": """#include "core/base/text.h"
        // exit(1), printf(, SELECT a FROM b, rand( and std::cout may be spoken of
        const char* words = "getenv printf( exit( delete from here";
        int n = 1'000; char c = '"'; void exiting(); auto b = brand(snprintf(0, 0, "x"));
        """,
    "src/core/store/vault.cpp": '#include "core/base/text.h"\nauto q = "SELECT 1 FROM meta";\n',
    "src/core/store/sqlite/file.h": '#include "core/store/database.h"\n',
    "src/core/realm.h": '#include "core/store/sqlite/file.h"\n',
    "src/core/users/users_table.cpp": 'auto q = "DELETE FROM users";\n',
    "src/core/jose/jws.h": "",
    "src/core/jose/jws.cpp": '#include "jws.h"\n#include "../base/text.h"\n#include <vector>\n',
    "src/core/users/user.h": '#include "core/realm.h"\n',
    "src/core/sessions/access.h": '#include "core/users/user.h"\n#include "core/store/database.h"\n',
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

    def finds(self, where, *words, files, most=1):
        found = self.violations(files)
        self.assertTrue(1 <= len(found) <= most, found)
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

    def test_the_arrows_between_the_roofs(self):
        self.finds_line("src/core/base/text.h", '#include "adapters/system/system_clock.h"', "adapters")
        self.finds_line("src/core/base/text.h", '  #  include "cli/run.h"', "cli/run")
        self.finds_line("src/core/base/text.h", '#include "../../cli/run.h"', "cli/run")
        self.finds_line("src/core/base/text.h", '#include <adapters/gone.h>', "this")
        self.finds_line("src/adapters/system/system_clock.h", '#include "cli/run.h"', "cli/run")
        self.finds_line("src/cli/run.h", '#include "adapters/system/system_clock.h"', "adapters")
        self.finds_line("src/cli/command.h", '#include "commands/users/x.h"', "commands/users")
        self.finds_line("src/cli/command.h", '#include "cli/run.h"', "cli does not see cli/run")

    def test_the_arrows_of_the_core(self):
        for name, seen in [
            ("src/core/base/text.h", "core/store/database.h"),
            ("src/core/store/database.h", "core/realm.h"),
            ("src/core/store/sqlite/file.h", "core/users/user.h"),
            ("src/core/jose/jws.h", "core/store/database.h"),
            ("src/core/users/user.h", "core/jose/jws.h"),
            ("src/core/users/user.h", "../jose/jws.h"),
            ("src/core/realm.h", "core/sessions/access.h"),
        ]:
            self.finds_line(name, f'#include "{seen}"', "does not see")

    def test_a_room_sees_what_its_rooms_see(self):
        text = "".join(f'#include "core/{name}.h"\n' for name in
                       ("base/text", "store/database", "realm", "jose/jws", "users/user"))
        self.assertEqual(self.violations({"src/core/sessions/x.h": text}), [])
        self.assertEqual(self.violations({"src/commands/users/x.h": text}), [])

    def test_what_a_room_may_declare(self):
        for name, other in [("core/users", "adapters/system"), ("core/users", "cli"),
                            ("adapters/system", "cli"), ("cli", "commands/users")]:
            cmake = f"src/{name}/CMakeLists.txt"
            self.finds(cmake + ":1", other, files={
                cmake: SOUND[cmake].replace("SEES ", f"SEES {other} ", 1)}, most=9)
        self.finds("src/CMakeLists.txt:1", "circle", files={
            "src/core/base/CMakeLists.txt":
                "auth_room(NAME core/base SEES core/store SOURCES text.cpp)\n",
            "src/core/store/CMakeLists.txt":
                "auth_room(NAME core/store SEES core/base SOURCES vault.cpp)\n"}, most=2)
        self.finds("src/more/CMakeLists.txt:1", "roof", files={
            "src/more/CMakeLists.txt": "auth_room(NAME helpers/x)\n"})
        self.finds("src/core/users/CMakeLists.txt:2", "twice", files={
            "src/core/users/CMakeLists.txt": SOUND["src/core/users/CMakeLists.txt"]
            + "auth_room(NAME core/users SEES core/realm)\n"})

    def test_a_commented_include_is_none(self):
        text = '// #include "cli/run.h"\n/*\n#include "cli/run.h"\n*/\n'
        self.assertEqual(self.violations({"src/core/base/x.h": text}), [])

    def test_rooms_that_are_not_in_the_house(self):
        for name in ("src/core/util/x.h", "src/core/x.h", "src/helpers/x.h", "src/x.h"):
            self.finds(f"{name}:1", "no room", files={name: ""})

    def test_crowds(self):
        names = [f"c{number}.cpp" for number in range(16)]
        crowd = {f"src/commands/users/{name}": "" for name in names}
        crowd["src/commands/users/CMakeLists.txt"] = (
            "auth_room(NAME commands/users SEES cli SOURCES create.cpp " + " ".join(names) + ")\n")
        self.finds("src/commands/users:1", "17 sources", files=crowd)
        self.finds("src/core/jose:1", "4001 lines", files={
            f"src/core/jose/h{number}.h": "\n" * (400 if number else 398) for number in range(10)})

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

    def test_the_core_words_no_command(self):
        for line in ('auto hint = "auth-cli login";', 'auto hint = "or run: auth-cli key list";'):
            with self.subTest(line):
                self.finds_line("src/core/base/text.h", line, "the core words a command")
        text = 'auto name = "auth-cli"; // as in auth-cli login\n'
        self.assertEqual(self.violations({"src/core/base/x.h": text}), [])

    def test_sql_has_its_places(self):
        for line in (
            'auto q = "SELECT id FROM users";', 'auto q = "SELECT id " // why\n  "FROM users";',
            'auto q = R"(INSERT INTO users)";', 'auto q = R"sql(\nUPDATE users SET a = 1)sql";',
            'auto q = "DELETE FROM users";', 'auto q = "PRAGMA user_version";',
            'auto q = "CREATE TABLE t";',
        ):
            with self.subTest(line):
                self.finds_line("src/core/users/user.h", line, "SQL")
                self.finds_line("src/commands/users/create.cpp", line, "SQL")
        self.assertEqual(self.violations(
            {"src/core/users/mails_table.h": 'auto q = "DELETE FROM m";\n'}), [])

    def test_every_source_is_listed(self):
        self.finds("src/core/users/x.cpp:1", "listed", files={"src/core/users/x.cpp": ""})
        self.finds("src/core/base/text.cpp:1", "listed", files={
            "src/core/base/CMakeLists.txt": "auth_room(NAME core/base)\n# text.cpp\n"})

    def test_every_listed_source_is_there(self):
        self.finds("CMakeLists.txt:2", "not there", files={
            "CMakeLists.txt": "\nadd_library(x src/gone.cpp)\n" + SOUND["CMakeLists.txt"]})
        self.finds("src/cli/CMakeLists.txt:1", "not there", files={
            "src/cli/CMakeLists.txt": "auth_room(NAME cli SEES core/sessions SOURCES gone.cpp)\n"
            "auth_room(NAME cli/run SEES cli)\n"})

    def test_no_globbing(self):
        found = self.violations({
            "cmake/more.cmake": "file(GLOB_RECURSE all src/*.cpp)\n"})
        self.assertEqual(len(found), 1, found)
        self.assertIn("globbed", found[0])

    def test_long_files(self):
        self.finds("src/core/base/x.h:401", "400", files={"src/core/base/x.h": "\n" * 401})
        self.assertEqual(self.violations({"src/core/base/x.h": "\n" * 400}), [])
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
