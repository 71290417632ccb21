"""Tests of run.py, with a small shell script in the place of auth-cli."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

FAKE = """#!/bin/sh
case $1 in
say) shift; echo "$*" ;;
err) shift; echo "$*" >&2 ;;
exit) exit "$2" ;;
ask) printf 'Name: ' >/dev/tty; read -r name </dev/tty
     printf 'Password: ' >/dev/tty; stty -echo </dev/tty; read -r pass </dev/tty; stty echo </dev/tty
     printf '\\n' >/dev/tty; echo "$name has ${#pass} characters" ;;
sure) printf 'Sure? [y/N] ' >/dev/tty; read -r yes </dev/tty; [ "$yes" = y ] ;;
esac
"""


class RunnerTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.dir = pathlib.Path(scratch.name)
        self.program = self.dir / "auth-cli"
        self.program.write_text(FAKE)
        self.program.chmod(0o755)
        self.transcript = self.dir / "test.txt"

    def run_it(self, text, *options):
        self.transcript.write_text(text)
        env = {k: v for k, v in os.environ.items() if k != "AUTH_CLI"} | {"LC_ALL": "C.UTF-8"}
        return subprocess.run(
            [sys.executable, "-m", "tests.cli.run", "--binary", self.program, *options, self.transcript],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env, check=False)

    def holds(self, text, *options):
        done = self.run_it(text, *options)
        self.assertEqual(done.returncode, 0, done.stdout)

    def fails(self, text, *shown):
        done = self.run_it(text)
        self.assertEqual(done.returncode, 1, done.stdout)
        for part in shown:
            self.assertIn(part, done.stdout)

    # What has to hold exactly

    def test_stdout_stderr_and_exit_code(self):
        self.holds("# all three\n\n$ auth-cli say hi\n| hi\n"
                   "$ auth-cli err oh; auth-cli exit 9\n! oh\n? 9\n")

    def test_wrong_exit_code(self):
        self.fails("$ auth-cli exit 3\n? 4\n", "-? 4", "+? 3")
        self.fails("$ auth-cli exit 3\n", "+? 3")
        self.fails("$ auth-cli exit 0\n? 3\n", "-? 3")

    def test_extra_stdout_line(self):
        self.fails("$ auth-cli say a; auth-cli say b\n| a\n", "+| b")
        self.fails("$ auth-cli say a\n", "+| a")

    def test_missing_stdout_line(self):
        self.fails("$ auth-cli say a\n| a\n| b\n", "-| b")

    def test_extra_stderr_line(self):
        self.fails("$ auth-cli say a; auth-cli err b\n| a\n", "+! b")

    def test_missing_stderr_line(self):
        self.fails("$ auth-cli say a\n| a\n! b\n", "-! b")

    def test_trailing_spaces_and_newlines_count(self):
        self.fails("$ auth-cli say 'a '\n| a\n")
        self.fails("$ printf a\n| a\n", "+|~ a")
        self.holds("$ printf a\n|~ a\n")
        self.holds("$ printf 'a\\n\\n'\n| a\n|\n")

    def test_a_step_goes_on_after_a_failure(self):
        self.fails("$ auth-cli say a\n| b\n$ auth-cli say c\n| d\n", "+| a", "+| c", "2 of 2 steps")

    def test_death_by_signal(self):
        self.holds("$ kill -TERM $$\n? 143\n")

    # What is refused

    def test_a_line_under_no_command(self):
        self.fails("| stray\n$ auth-cli say a\n| a\n", "line 1")
        self.fails("$ auth-cli say a\n| a\n\n| b\n", "line 4")

    def test_no_command_at_all(self):
        self.fails("# nothing here\n", "no command")

    def test_unknown_directive(self):
        self.fails("%frobnicate\n$ auth-cli say a\n| a\n", "line 1")

    def test_dangling_tty(self):
        self.fails("$ auth-cli say a\n| a\n%tty\n")

    # The surroundings

    def test_clean_environment_and_empty_home(self):
        os.environ["XDG_DATA_HOME"] = "/elsewhere"
        self.addCleanup(os.environ.pop, "XDG_DATA_HOME")
        self.holds("$ ls -A; pwd; echo $HOME; env | grep XDG; umask\n| <home>\n| <home>\n| 0077\n")

    def test_no_terminal_and_no_stdin(self):
        self.holds("$ cat; exec 2>/dev/null; ( : </dev/tty ) || echo none\n| none\n")

    def test_continuation_lines(self):
        self.holds("$ auth-cli say a |\n  > tr a b\n| b\n")

    def test_files(self):
        self.holds("%file d/f\n| one\n|\n| two\n$ cat d/f; stat -c %a d/f\n| one\n|\n| two\n| 600\n")
        self.fails("%file ../f\n| x\n$ true\n", "line 1")

    def test_capture(self):
        self.holds("%capture WORD\n$ auth-cli say seventeen\n| seventeen\n"
                   "$ auth-cli say it was $WORD\n| it was <WORD>\n")

    def test_time(self):
        self.holds("%now 2026-01-01 10:00:00\n$ date '+%F %H:%M'\n| 2026-01-01 10:00\n"
                   "%advance 9m\n$ date '+%F %H:%M'; date +%H:%M\n| 2026-01-01 10:09\n| 10:09\n"
                   "%advance 2d\n$ date +%F; sleep 0.1\n| 2026-01-03\n")

    # What is shown by name

    def test_volatile_values(self):
        values = {
            "id": "0193a3c1-7a0b-7c4e-8f00-0123456789ab",
            "time": "2026-01-31T09:05:00Z",
            "token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln-bmF0_dXJl",
            "kid": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
            "hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "code": "0123456",
            "epoch": "1767261600",
            "phc": "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA",
            "actor": "os:root",
            "relative": "in 9 minutes",
        }
        for name, value in values.items():
            self.holds(f"""$ auth-cli say '"x": "{value}",'\n| "x": "<{name}>",\n""")
            self.holds(f"$ auth-cli say '{value}'\n| <{name}>\n")

    def test_figures_that_are_no_codes(self):
        for text in ("12345678", "123456", "+1234567", "a1234567", "1234567.5"):
            self.holds(f"$ auth-cli say {text}\n| {text}\n")

    def test_relative_times_count_where_the_clock_is_set(self):
        self.holds("%now 2026-01-01 10:00:00\n$ auth-cli say in 9 minutes\n| in 9 minutes\n")

    def test_own_rules(self):
        self.holds("%normalise /q[0-9]+/ queue\n$ auth-cli say q12 q3\n| <queue> <queue>\n")

    def test_nothing_hides(self):
        self.holds("$ printf '\\033[31m\\r\\342\\200\\256\\377\\n'\n| \\x1b[31m\\x0d\\u202e\\xff\n")

    # Terminals

    def test_prompts(self):
        self.holds("%tty\n$ auth-cli ask\n< Eve\n< secret\n"
                   "| Name: Eve\n| Password: \n| Eve has 6 characters\n")

    def test_prompts_with_stdout_taken(self):
        self.holds("%tty\n$ x=$(auth-cli ask </dev/null); echo \"<$x>\"\n< Eve\n< secret\n"
                   "| Name: Eve\n| Password: \n| <Eve has 6 characters>\n")

    def test_prompt_of_another_form(self):
        self.holds("%tty\n$ auth-cli sure\n< y\n| Sure? [y/N] y\n"
                   "%tty\n$ auth-cli sure\n< n\n| Sure? [y/N] n\n? 1\n")

    def test_interrupt(self):
        self.holds("%tty\n$ auth-cli sure\n< ^C\n|~ Sure? [y/N] ^C\n? 130\n")

    def test_answers_left_over(self):
        self.fails("%tty\n$ auth-cli say a\n< b\n| a\n", "never asked for 'b'")

    def test_answers_without_terminal(self):
        self.fails("$ auth-cli say a\n< b\n| a\n", "line 1")

    # --accept

    def test_accept(self):
        text = ("# kept\n%file f\n| kept\n\n%tty\n$ auth-cli sure\n< y\n\n"
                "$ auth-cli say a\n  > auth-cli exit 2\n| wrong\n! wrong\n# kept too\n")
        self.holds(text, "--accept")
        self.assertEqual(
            self.transcript.read_text(),
            "# kept\n%file f\n| kept\n\n%tty\n$ auth-cli sure\n< y\n| Sure? [y/N] y\n\n"
            "$ auth-cli say a\n  > auth-cli exit 2\n| a\n? 2\n# kept too\n")
        self.holds(self.transcript.read_text())

    def test_accept_leaves_a_right_file_alone(self):
        self.holds("$ auth-cli say a\n| a\n", "--accept")
        self.assertEqual(self.transcript.read_text(), "$ auth-cli say a\n| a\n")


if __name__ == "__main__":
    unittest.main()
