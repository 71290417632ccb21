"""Completion as a person meets it: TAB in bash, with and without bash-completion, in zsh and in fish."""
import contextlib
import sqlite3
import subprocess

from tests.system.support import scratch, shells
from tests.system.support.scratch import ROOT, ScratchTest, binary

HOSTILE = "`touch${IFS}f`@example.org"
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"


class Completion(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.ok("role", "create", "tester", "--description", "Tries things out")
        for user in ("a@example.org", "bea@example.org", "ben@example.org", HOSTILE):
            self.ok("create", user, "--no-password", "--name", f"Name of {user[:3]}")
        programs = self.home / "bin"
        programs.mkdir()
        (programs / "auth-cli").symlink_to(binary())

    def environment(self, **more):
        env = super().environment(**more)
        return env | {"PATH": f"{self.home}/bin:{env['PATH']}", "TERM": "xterm", "LANG": "C.UTF-8"} | more

    def complete(self, *words, **how):
        """What __complete says: its first line, and words with their descriptions."""
        done = self.ok("__complete", "--", *words, **how)
        self.assertEqual(done.err, b"")
        first, *lines = done.text.splitlines()
        return first, dict(line.split("\t", 1) for line in lines)

    def words(self, *typed, **how):
        return list(self.complete(*typed, **how)[1])


class Words(Completion):
    """What __complete offers, without a shell."""

    def test_commands(self):
        self.assertEqual(self.complete("to"), ("none space", {
            "token": "decode, verify, issue, print, refresh, revoke, fixtures, drill"}))
        self.assertEqual(self.words("token", "re"), ["refresh", "revoke"])
        self.assertEqual(self.words("--db", "x.db", "-q", "whoa"), ["whoami"])
        self.assertEqual(self.words("frobnicate", ""), [])
        self.assertNotIn("__complete", self.words(""))

    def test_flags(self):
        first, found = self.complete("create", "x@y", "--pass")
        self.assertEqual(first, "none space")
        self.assertEqual(found["--password-file"], "read the password from a file")
        # What is given, and what that excludes, is not offered again; what may be repeated is.
        left = self.words("create", "x@y", "--no-password", "--role", "tester", "--")
        self.assertIn("--role", left)
        self.assertIn("--json", left)
        for gone in ("--no-password", "--password-file", "--generate-password"):
            self.assertNotIn(gone, left)
        self.assertIn("--everywhere", self.words("logout", ""))

    def test_values(self):
        self.assertEqual(self.words("export", "--format", "k"), ["keycloak", "kratos"])
        self.assertEqual(self.words("export", "--format=c"), ["--format=csv"])
        self.assertEqual(self.words("--color", "a"), ["auto", "always"])
        self.assertEqual(self.words("config", "get", "session."), ["session.idle", "session.max"])
        self.assertEqual(self.words("config", "set", "token.algorithm", "E"), ["ES256", "EdDSA"])
        self.assertEqual(self.words("completion", ""), ["bash", "zsh", "fish"])
        self.assertIn("where", self.words("help", ""))
        self.assertEqual(self.words("help", "token", "d"), ["decode", "drill"])
        self.assertEqual(self.complete("apply", "")[0], "files space")
        self.assertEqual(self.complete("key", "export", "--discovery", "")[0], "directories space")
        self.assertEqual(self.complete("exec", "--env", "X", "--", "")[0], "programs space")
        self.assertEqual(self.complete("exec", "--", "ls", "-")[0], "files space")
        self.assertEqual(self.words("import", "--allow", "roles,h"), ["roles,hashes"])
        self.assertEqual(len(self.words("key", "retire", "")), 1)
        self.assertEqual(self.words("list", "--where", "not role=t"), ["not role=tester"])

    def test_fields(self):
        first, found = self.complete("list", "--fields", "email,ver")
        self.assertEqual((first, list(found)), ("none nospace", ["email,verified"]))
        self.assertNotIn("email,email", self.words("list", "--fields", "email,"))
        self.assertIn("claims", self.words("token", "decode", "--field", ""))
        self.assertEqual(self.words("--fields", ""), [])

    def test_profiles(self):
        self.state.mkdir(parents=True)
        (self.state / "work.token").write_text("")
        (self.state / "evil\n.token").write_text("")
        self.assertEqual(self.words("whoami", "--profile", ""), ["work"])

    def test_users(self):
        self.assertEqual(self.complete("show", "be")[1],
                         {"bea@example.org": "Name of bea", "ben@example.org": "Name of ben"})
        self.assertEqual(self.words("show", "BEA@"), ["BEA@example.org"])
        self.ok("update", "ben@example.org", "--username", "benny")
        self.assertEqual(self.words("role", "grant", "@be"), ["@benny"])
        user = self.ok("show", "ben@example.org", "--field", "id").line
        self.assertEqual(self.words("show", f"id:{user[:30]}"), [f"id:{user}"])
        self.assertEqual(self.words("disable", "ben@example.org", "bea"), ["bea@example.org"])
        self.assertEqual(self.words("create", "b"), [])
        self.assertEqual(self.words("show", "be", env={"AUTH_CLI_COMPLETE_USERS": "0"}), [])
        self.assertEqual(self.words("show", "be\xff"), [])

    def test_users_are_capped(self):
        self.ok("seed", "--count", "150")
        self.assertEqual(len(self.words("show", "")), 100)

    def test_names_cannot_speak_to_the_terminal(self):
        self.ok("update", "bea@example.org", "--name", "Bea \u202egro")
        self.assertEqual(self.complete("show", "bea")[1]["bea@example.org"], "Bea \\u{202e}gro")

    def test_where_to_look_is_taken_from_the_line(self):
        self.ok("db", "init", "--test", "--db", "other.db", "--key-file", "other.key")
        self.assertEqual(self.words("--db", "other.db", "show", ""), [])
        self.assertEqual(self.words("show", "--db=~/.local/share/auth-cli/auth.db", "bea"),
                         ["bea@example.org"])

    def test_looking_changes_nothing(self):
        def state():
            return {path: path.stat().st_mtime_ns for path in sorted(self.home.rglob("*"))}
        before, digest = state(), self.digest()
        for words in (["show", ""], ["create", "x", "--role", ""], ["key", "retire", ""], ["list", "--"]):
            self.words(*words)
        self.assertEqual(self.words("--db", "none/here.db", "show", ""), [])
        self.assertEqual((state(), self.digest()), (before, digest))

    def test_a_database_that_is_held_is_left_alone(self):
        other = sqlite3.connect(self.db, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        self.assertEqual(self.words("show", ""), [])
        self.assertEqual(self.words("token", "d"), ["decode", "drill"])
        other.close()

    def test_an_older_or_newer_database_is_not_migrated(self):
        self.set_version(9999)
        self.check_untouched()
        self.make_older()
        self.check_untouched()

    def set_version(self, version):
        with contextlib.closing(sqlite3.connect(self.db)) as database:
            database.executescript(f"PRAGMA user_version={version}")

    def make_older(self):
        """The same users, as the version before this one kept them."""
        steps = sorted((ROOT / "src/core/store/migrations/sqlite").glob("*.sql"))[:-1]
        with contextlib.closing(sqlite3.connect(self.db)) as database:
            rows = database.execute("SELECT * FROM users").fetchall()
        self.db.write_bytes(b"")
        with contextlib.closing(sqlite3.connect(self.db)) as database:
            for step in steps:
                database.executescript(step.read_text())
            database.executemany(f"INSERT INTO users VALUES ({', '.join('?' * len(rows[0]))})", rows)
            database.commit()
            database.executescript(f"PRAGMA application_id={0x41555443}; PRAGMA user_version={len(steps)}")

    def check_untouched(self):
        digest = self.digest()
        self.assertEqual(self.words("show", "bea"), ["bea@example.org"])
        self.assertEqual(self.digest(), digest)

    def test_whatever_is_wrong_is_silent(self):
        (self.home / ".config/auth-cli").mkdir(parents=True)
        self.write(".config/auth-cli/config.json", "{broken")
        self.assertEqual(self.words("token", "d"), ["decode", "drill"])
        self.db.chmod(0o644)
        self.assertEqual(self.words("show", ""), [])
        self.db.write_bytes(b"junk")
        self.assertEqual(self.words("show", ""), [])
        self.ok("__complete")
        self.ok("__complete", "--", "show", "--json", "", env={"AUTH_CLI_OUTPUT": "json"})


class Shells:
    """The same in each shell; mixed into a test that starts one."""
    after_list = ""  # what follows a word that may go on

    def start(self, **env):
        raise NotImplementedError

    def shell(self, **env):
        started = self.start(self.environment(**env))
        self.addCleanup(started.close)
        return started

    def test_the_line_after_tab(self):
        shell = self.shell()
        for typed, line in [
                ("auth-cli to", "auth-cli token "),
                ("auth-cli token de", "auth-cli token decode "),
                ("auth-cli login a@", "auth-cli login a@example.org "),
                ("auth-cli login --totp 1 a@ex", "auth-cli login --totp 1 a@example.org "),
                ("auth-cli create x@y --role ", "auth-cli create x@y --role tester "),
                ("auth-cli create x@y --role=te", "auth-cli create x@y --role=tester "),
                ("auth-cli list --fields email,ver", f"auth-cli list --fields email,verified{self.after_list}"),
                ("auth-cli list --no-in", "auth-cli list --no-input "),
                ("auth-cli export --format=c", "auth-cli export --format=csv "),
                ("auth-cli create 'x y'@z --role ", "auth-cli create 'x y'@z --role tester "),
                ("auth-cli create x\\ y:@z=1 --role te", "auth-cli create x\\ y:@z=1 --role tester "),
                ("auth-cli show be", "auth-cli show be"),
                ("auth-cli frobnicate ", "auth-cli frobnicate ")]:
            with self.subTest(typed=typed):
                self.assertEqual(shell.line_after(typed + "\t"), line)

    def test_spaces_inside_words(self):
        shell = self.shell()
        for quote in "'\"":
            line = shell.line_after(f"auth-cli list --where {quote}verified=true and role=te\t")
            self.assertEqual(line.rstrip(quote + " "), f"auth-cli list --where {quote}verified=true and role=tester")

    def test_lists_with_descriptions(self):
        for typed, words in [("auth-cli token ", ["decode", "Show what is in a token", "revoke"]),
                             ("auth-cli list --fields email,", ["email,name", "email,verified"]),
                             ("auth-cli show be", ["bea@example.org", "Name of ben"])]:
            with self.subTest(typed=typed):
                shell = self.shell()
                shell.send(typed + "\t\t")
                seen = ""
                for word in words:
                    if word not in seen:
                        seen += shell.read_until(word)

    def test_files(self):
        (self.home / "manifest of staff.yaml").write_text("")
        line = self.shell().line_after("auth-cli apply mani\t")
        self.assertEqual(line.replace("\\ ", " ").replace("'", "").rstrip(),
                         "auth-cli apply manifest of staff.yaml")

    def test_another_programs_line(self):
        (self.home / "notes.txt").write_text("")
        shell = self.shell()
        for typed, line in [("auth-cli exec --env X -- sha512su", "auth-cli exec --env X -- sha512sum "),
                            ("auth-cli exec -- cat note", "auth-cli exec -- cat notes.txt ")]:
            with self.subTest(typed=typed):
                self.assertEqual(shell.line_after(typed + "\t"), line)

    def test_users_may_be_kept_out(self):
        shell = self.shell(AUTH_CLI_COMPLETE_USERS="0")
        self.assertEqual(shell.line_after("auth-cli login a@\t"), "auth-cli login a@")

    def test_nothing_typed_is_evaluated(self):
        shell = self.shell()
        for word in ("$(touch f)", "\"$(touch f)", "`touch f`", "a@$(touch f)", "$(touch f", "\"`touch f`",
                     "<(touch f)", "--role=$(touch f)", "'$(touch f)'", "a@example.org;touch f", "${x:=$(touch f)}"):
            for start in ("auth-cli login ", "auth-cli create x@y --role ", "auth-cli list --fields ",
                          "auth-cli apply "):
                with self.subTest(typed=start + word):
                    for tabs in ("\t", "\t\t"):
                        shell.line_after(start + word + tabs)
                    self.assertFalse((self.home / "f").exists())

    def test_what_comes_back_is_quoted(self):
        """An address is what somebody who signed up chose: it must not run when the line does."""
        shell = self.shell()
        shell.send("auth-cli show \\`\t\r")
        shell.read_until("Name of `to")
        self.assertFalse((self.home / "f").exists())


class Bash(Shells, Completion):
    def start(self, env):
        return shells.bash(env, self.home, "source <(auth-cli completion bash)")


class BashCompletion(Shells, Completion):
    """With the package bash-completion, which finds the script by itself."""

    def start(self, env):
        directory = self.home / "share/completions"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "auth-cli").write_bytes(self.ok("completion", "bash").out)
        return shells.bash(env | {"BASH_COMPLETION_USER_DIR": str(directory.parent)}, self.home,
                           f"source {BASH_COMPLETION}")


class Zsh(Shells, Completion):
    """With the script in a directory of fpath."""

    def start(self, env):
        directory = self.home / "functions"
        directory.mkdir(exist_ok=True)
        (directory / "_auth-cli").write_bytes(self.ok("completion", "zsh").out)
        # At first zsh has TAB expand what is typed, for any command, before completion is asked.
        return shells.zsh(env, self.home, f"fpath=({directory} $fpath)", "bindkey '^I' complete-word")


class ZshAsItComes(Completion):
    """With TAB as zsh binds it at first. A command substitution in a bare word is then run by zsh itself,
    whatever command the line is for; an address that merely contains the letters has to be quoted."""

    def test_an_address_in_quotes_is_not_evaluated(self):
        directory = self.home / "functions"
        directory.mkdir()
        (directory / "_auth-cli").write_bytes(self.ok("completion", "zsh").out)
        shell = shells.zsh(self.environment(), self.home, f"fpath=({directory} $fpath)")
        self.addCleanup(shell.close)
        self.assertEqual(shell.line_after("auth-cli to\t"), "auth-cli token ")
        for word in ("'a$(touch f)@x'", "'$(touch f)@x", "a\\$\\(touch\\ f\\)@x", "'`touch f`'"):
            with self.subTest(word=word):
                for tabs in ("\t", "\t\t"):
                    shell.line_after(f"auth-cli login {word}{tabs}")
                self.assertFalse((self.home / "f").exists())


class ZshBeforeCompinit(Completion):
    """With the script sourced before compinit has run, or where it never does."""

    def test_completion_works_once_compinit_has_run(self):
        shell = shells.zsh(self.environment(), self.home, "source <(auth-cli completion zsh)")
        self.addCleanup(shell.close)
        self.assertEqual(shell.line_after("auth-cli to\t"), "auth-cli token ")

    def test_the_script_is_silent(self):
        source = "source <(auth-cli completion zsh)"
        hooks = "for hook in $precmd_functions; do $hook; done"
        says = 'print -r -- "$? ${_comps[auth-cli]-none} $precmd_functions"'
        compinit = "autoload -Uz compinit; compinit -u -D"
        for script, said in [(f"{source}; {says}", "0 none _auth-cli_register"),
                             (f"{source}; {hooks}; {says}", "0 none _auth-cli_register"),
                             (f"{source}; {compinit}; {hooks}; {says}", "0 _auth-cli "),
                             (f"{compinit}; {source}; {says}", "0 _auth-cli _auth-cli_register"),
                             (f"{compinit}; {source}; {source}; _comps=(); {hooks}; {says}", "0 _auth-cli "),
                             (f"setopt nounset errexit; {source}; {compinit}; {hooks}; {says}", "0 _auth-cli "),
                             (f"setopt ksharrays; {source}; {compinit}; {hooks}; {says}", "0 _auth-cli "),
                             (f"f() {{ emulate -L zsh; {source} }}; f; {compinit}; {hooks}; {says}",
                              "0 _auth-cli ")]:
            with self.subTest(script=script):
                done = subprocess.run(["zsh", "-f", "-c", script], env=self.environment(), cwd=self.home,
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                                      check=False)
                self.assertEqual((done.stdout, done.stderr), (said + "\n", ""))


class Fish(Shells, Completion):
    after_list = " "  # fish goes by the last letter alone

    def start(self, env):
        return shells.fish(env, self.home, "auth-cli completion fish | source")


if __name__ == "__main__":
    scratch.main()
