"""Mail through a sendmail program and into a maildir."""
import email
import email.policy
import json
import mailbox
import os
import re
import stat
import time

from tests.system.support import scratch
from tests.system.support.scratch import ScratchTest

ANN = "ann@example.org"

# Notes what it was started with, then does what its second line says.
PROGRAM = """#!/usr/bin/python3 -I
import json, os, sys
message = sys.stdin.read()
with open({log!r}, "a", encoding="utf-8") as log:
    json.dump({{"argv": sys.argv, "env": dict(os.environ), "message": message, "cwd": os.getcwd(),
               "open": [int(fd) for fd in os.listdir("/proc/self/fd") if int(fd) > 2]}}, log)
    log.write("\\n")
{then}
"""


class Sendmail(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.log = self.home / "log"

    def use(self, then="", timeout="10s"):
        program = self.home / "sendmail"
        program.write_text(PROGRAM.format(log=str(self.log), then=then))
        program.chmod(0o755)
        for name, value in {"sendmail_path": str(program), "timeout": timeout, "transport": "sendmail",
                            "from": "Accounts <accounts@example.org>"}.items():
            self.ok("config", "set", f"mail.{name}", value, "-q")

    def runs(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def test_arguments_and_message(self):
        self.use()
        self.ok("create", ANN, "--name", "Zoë; $(touch x) `id`", "--no-password",
                env={"SECRET_OF_THE_CALLER": "yes", "LD_LIBRARY_PATH": "/tmp"})
        [run] = self.runs()
        self.assertEqual(run["argv"][1:], ["-i", "-f", "accounts@example.org", "--", ANN])
        self.assertEqual(set(run["env"]) - {"LC_CTYPE"}, {"PATH", "LC_ALL"})
        self.assertEqual(run["cwd"], "/")
        self.assertLessEqual(len(run["open"]), 2)  # the log, and the directory it is listing
        self.assertNotIn("\r", run["message"])
        message = email.message_from_string(run["message"], policy=email.policy.default)
        self.assertEqual(message["To"].addresses[0].display_name, "Zoë; $(touch x) `id`")
        code = re.search(r"code is (\d+)\.", message.get_body(("plain",)).get_content())[1]
        self.ok("verify", ANN, code)

    def test_what_its_exit_code_means(self):
        for status, reason, state in [(75, "deferred", "kept"), (67, "rejected", "failed"),
                                      (1, "interrupted", "kept")]:
            with self.subTest(status=status):
                self.use(f"print('the disk is full', file=sys.stderr); sys.exit({status})")
                done = self.fails(13, "create", f"u{status}@example.org", "--no-password", "--json")
                problem = json.loads(done.err)
                self.assertEqual(problem["reason"], reason)
                self.assertIn(f"ended with {status}: the disk is full", problem["message"])
                mail = self.ok("outbox", "show", "--latest", "--json").json()
                self.assertEqual((mail["state"], mail["error"]), (state, reason))

    def test_all_that_it_complains_is_shown(self):
        self.use("print('login failed\\nserver message: 534 \\x1b[31mwant\\nan app password\\n', file=sys.stderr);"
                 " print('on stdout'); sys.exit(77)")
        done = self.fails(13, "outbox", "test", ANN)
        self.assertIn("ended with 77: login failed server message: 534  [31mwant an app password",
                      done.err.decode())

    def test_one_that_hangs_is_ended(self):
        self.use("import subprocess\nsubprocess.run(['sleep', '60'])", timeout="1s")
        begun = time.monotonic()
        done = self.fails(13, "outbox", "test", ANN, "--json")
        self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual(json.loads(done.err)["reason"], "timeout")

    def test_what_it_leaves_running_is_not_waited_for(self):
        self.use("import subprocess\nsubprocess.Popen(['sleep', '20'])", timeout="1m")
        begun = time.monotonic()
        self.ok("outbox", "test", ANN)
        self.assertLess(time.monotonic() - begun, 15)

    def test_one_that_reads_nothing(self):
        self.use()
        (self.home / "sendmail").write_text("#!/bin/sh\nexit 0\n")
        self.ok("outbox", "test", ANN)
        (self.home / "sendmail").unlink()
        done = self.fails(13, "outbox", "test", ANN, "--json")
        self.assertEqual(json.loads(done.err)["reason"], "misconfigured")

    def test_what_is_no_program(self):
        for path, why in [("sendmail", b"absolute"), ("/no/such", b"not a program"),
                          (str(self.home), b"not a program"), (self.write("text", ""), b"not a program")]:
            done = self.fails(2, "config", "set", "mail.sendmail_path", path)
            self.assertIn(why, done.err)


class Maildir(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.ok("config", "set", "mail.transport", "file", "-q")

    def messages(self):
        # A mail in the background may be making them.
        if not all((self.data / "outbox" / part).is_dir() for part in ("cur", "new", "tmp")):
            return []
        box = mailbox.Maildir(self.data / "outbox", create=False,
                              factory=lambda file: email.message_from_binary_file(
                                  file, policy=email.policy.default))
        return list(box)

    def test_a_reader_of_maildirs_finds_each_mail_once(self):
        self.ok("create", ANN, "--name", "Zoë", "--no-password")
        self.ok("create", "bob@example.org", "--no-password")
        found = {message["To"].addresses[0].addr_spec: message for message in self.messages()}
        self.assertEqual(set(found), {ANN, "bob@example.org"})
        self.assertEqual(found[ANN]["To"].addresses[0].display_name, "Zoë")
        code = re.search(r"code is (\d+)\.", found[ANN].get_body(("plain",)).get_content())[1]
        self.ok("verify", ANN, code)
        self.assertEqual(sorted(os.listdir(self.data / "outbox")), ["cur", "new", "tmp"])
        self.assertEqual(os.listdir(self.data / "outbox/tmp"), [])
        for path in (self.data / "outbox").rglob("*"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o700 if path.is_dir() else 0o600)

    def test_a_directory_of_ones_own_that_cannot_be_written(self):
        self.ok("config", "set", "mail.directory", "/proc/auth-cli", "-q")
        done = self.fails(13, "create", ANN, "--no-password", "--json")
        self.assertEqual(json.loads(done.err)["reason"], "unreachable")
        self.ok("config", "set", "mail.directory", str(self.home / "mails"), "-q")
        self.ok("outbox", "send", env=self.later("+61s"))
        self.assertEqual(len(os.listdir(self.home / "mails/new")), 1)

    def test_a_reset_is_handed_over_as_well(self):
        self.create(ANN)
        self.ok("reset", ANN, "--request")
        self.ok("reset", "nobody@example.org", "--request")
        deadline = time.monotonic() + 30
        while not (found := self.messages()) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual([str(message["To"]) for message in found], [ANN])


if __name__ == "__main__":
    scratch.main()
