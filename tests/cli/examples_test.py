"""The examples in the help are true: they run as they stand, each command's in a new home."""
import pathlib
import subprocess

from tests.system.support import scratch
from tests.system.support.scratch import PASSWORD, ScratchTest, binary

HERE = pathlib.Path(__file__).resolve().parent
# Those of "db init" make the database themselves.
MAKES_DATABASE = {"db init"}


class Examples(ScratchTest):
    def commands(self):
        return self.ok("help", "--json").json()["commands"]

    def run_examples(self, examples):
        """What a shell says that stops at the first failure."""
        programs = self.home / "bin"
        programs.mkdir()
        (programs / "auth-cli").symlink_to(binary())
        environment = self.environment()
        environment["PATH"] = f"{programs}:{environment['PATH']}"
        return subprocess.run(["/bin/sh", "-e", "-c", examples], cwd=self.home, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, umask=0o077,
                              timeout=scratch.TIME_LIMIT, start_new_session=True, check=False)

    def test_examples_run_as_they_stand(self):
        for command in self.commands():
            with self.subTest(command=command["path"]):
                self.setUp()
                if command["path"] not in MAKES_DATABASE:
                    self.init()
                self.write("password.txt", PASSWORD + "\n")
                # set -x has a failure say which line it was.
                done = self.run_examples("set -x\n" + command["examples"])
                self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")

    def test_examples_show_their_command(self):
        for command in self.commands():
            with self.subTest(command=command["path"]):
                self.assertRegex(command["examples"], rf"(?m)\bauth-cli {command['path']}\b")

    def test_every_command_has_a_summary_and_a_transcript(self):
        for command in self.commands():
            with self.subTest(command=command["path"]):
                summary = command["summary"]
                self.assertRegex(summary, r"^[A-Z].*[^.]$")
                self.assertLess(len(summary), 80)
                transcript = HERE / (command["path"].replace(" ", "_") + ".txt")
                self.assertTrue(transcript.is_file(), f"there is no {transcript.name}")
                self.assertIn(f"auth-cli {command['path']}", transcript.read_text(encoding="utf-8"))

    def test_transcripts_use_every_flag(self):
        text = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("*.txt"))
        for command in self.commands():
            for flag in command["flags"]:
                with self.subTest(command=command["path"], flag=flag["flag"]):
                    self.assertIn(flag["flag"].split()[0].rstrip(","), text)


if __name__ == "__main__":
    scratch.main()
