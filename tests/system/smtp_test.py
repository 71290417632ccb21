"""Mail through real SMTP servers on this machine, and through servers that are broken."""
import base64
import concurrent.futures
from email.header import decode_header, make_header
import os
import re
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time

from tests.system.support import mail_server, scratch
from tests.system.support.scratch import OTHER_PASSWORD, PASSWORD, ScratchTest

ANN = "ann@example.org"


def code_of(message):
    """What a person would type."""
    text = message.get_body(("plain",)).get_content()
    return re.search(r"code is (\d+)\.", text)[1]


class MailTest(ScratchTest):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.good = mail_server.certificate(cls.directory.name, "good", "IP:127.0.0.1", "DNS:localhost")
        cls.elsewhere = mail_server.certificate(cls.directory.name, "elsewhere", "DNS:mail.example.org")

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def setUp(self):
        super().setUp()
        self.init()

    def serve(self, server):
        self.addCleanup(server.stop)
        return server

    def set(self, **settings):
        for name, value in settings.items():
            self.ok("config", "set", f"mail.{name}", str(value), "-q")

    def use(self, server, **more):
        """Makes auth-cli send through the server."""
        settings = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "timeout": "3s",
                    "smtp_ca_file": self.good[0]} | more | {"transport": "smtp"}
        self.set(**settings)

    def real_server(self, **more):
        server = self.serve(mail_server.Server(self.good))
        self.use(server, **more)
        return server.inbox

    def mail(self, *which):
        return self.ok("outbox", "show", *(which or ["--latest"]), "--json").json()

    def refused(self, done, reason):
        self.assertEqual(done.code, 13, done)
        self.assertEqual(done.out, b"")
        self.assertIn(f'"reason":"{reason}"', done.text or done.err.decode(), done)
        return done.err.decode()


class Accepted(MailTest):
    def test_one_message_with_everything_in_it(self):
        inbox = self.real_server(**{"from": "Exämple, Accounts <accounts@example.org>"})
        self.ok("create", ANN, "--name", "Ann Lee", "--no-password")
        [(sender, recipients, message)] = inbox.taken
        self.assertEqual((sender, recipients), ("accounts@example.org", [ANN]))
        self.assertEqual(message["From"].addresses[0].display_name, "Exämple, Accounts")
        self.assertEqual(str(message["To"]), "Ann Lee <ann@example.org>")
        self.assertEqual(message["Subject"], "Your verification code")
        self.assertEqual(message["Auto-Submitted"], "auto-generated")
        self.assertEqual(message["MIME-Version"], "1.0")
        self.assertEqual(message["Message-ID"], f"<{self.mail()['id']}@example.org>")
        self.assertLess(abs(message["Date"].datetime.timestamp() - time.time()), 60)
        for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"):
            self.assertEqual(len(message.get_all(name)), 1, name)
        self.assertEqual(message.get_content_type(), "multipart/alternative")
        self.assertEqual([part.get_content_type() for part in message.iter_parts()],
                         ["text/plain", "text/html"])
        self.assertEqual(message.defects, [])
        html = message.get_body(("html",)).get_content()
        self.assertIn(f'<p class="code">{code_of(message)}</p>', html)
        self.assertTrue(all(len(line) <= 998 for line in inbox.raw[0].split(b"\r\n")))
        self.assertTrue(inbox.raw[0].isascii())
        self.ok("verify", ANN, code_of(message))

    def test_what_was_sent_is_no_longer_kept(self):
        inbox = self.real_server()
        self.ok("create", ANN, "--no-password")
        mail = self.mail()
        self.assertEqual((mail["state"], mail["attempts"], mail["error"]), ("sent", 1, None))
        self.assertEqual((mail["to"], mail["subject"]), (ANN, "Your verification code"))
        self.assertEqual((mail["code"], mail["body"], mail["html"], mail["link"]), (None,) * 4)
        self.assertEqual(len(inbox.taken), 1)

    def test_sign_up_and_reset(self):
        inbox = self.real_server()
        self.ok("create", ANN, "--password-stdin", stdin=PASSWORD.encode())
        self.ok("verify", ANN, code_of(inbox.wait_for(1)[0]))
        self.ok("reset", ANN, "--request")
        reset = inbox.wait_for(2)[1]
        self.assertEqual(reset["Subject"], "Your password reset code")
        self.ok("reset", ANN, code_of(reset), "--password-stdin", stdin=OTHER_PASSWORD.encode())
        notice = inbox.wait_for(3)[2]
        self.assertEqual(notice["Subject"], "Your password was changed")
        self.assertIn(ANN, notice.get_body(("plain",)).get_content())
        self.assertEqual(self.login(ANN, OTHER_PASSWORD).code, 0)
        self.assertEqual(len(inbox.taken), 3)

    def test_a_login_from_a_new_place_is_news_unless_it_is_the_first(self):
        inbox = self.real_server()
        self.create(ANN)
        self.assertEqual(self.login(ANN).code, 0)
        there = {"SSH_CONNECTION": "192.0.2.7 50000 192.0.2.1 22"}
        for _ in range(2):
            self.assertEqual(self.login(ANN, env=there).code, 0)
        [message] = inbox.wait_for(1)
        self.assertEqual(message["Subject"], "New login to your account")
        self.assertIn("from 192.0.2.7", message.get_body(("plain",)).get_content())
        self.set(notices="false")
        self.login(ANN, env={"SSH_CONNECTION": "192.0.2.8 50000 192.0.2.1 22"})
        self.assertEqual(len(inbox.taken), 1)

    def test_names_arrive_as_one_recipient(self):
        inbox = self.real_server()
        names = ['Zoë Müller', 'O\'Neil, "Q" \\ <x@evil.example>', "=?utf-8?q?fake?=", "王小明",
                 "a@evil.example, b", "(comment) ; group: x", "x" * 900, "é" * 300,
                 "Константин Константинопольский", "王小明" * 100, "tab\\", '"', "<>", "many words " * 50]
        for number, name in enumerate(names):
            with self.subTest(name=name):
                self.ok("create", f"u{number}@example.org", "--name", name, "--no-password")
                _, recipients, message = inbox.taken[-1]
                self.assertEqual(recipients, [f"u{number}@example.org"])
                [address] = message["To"].addresses
                self.assertEqual(address.addr_spec, f"u{number}@example.org")
                if len(name.encode()) <= 45:  # python puts a space between encoded words
                    self.assertEqual(address.display_name, name)
                header = re.search(rb"\r\nTo:((?:.|\r\n[ \t])*)\r\n", inbox.raw[-1])[1].decode()
                self.assertTrue(all(len(word) <= 75 for word in header.split()), header)
                if len(name) > 60 or not name.isascii():
                    words = re.sub(r"\s+<[^>]*>$", "", header.strip())
                    self.assertEqual(str(make_header(decode_header(words))), name)
                self.assertEqual(message.get_content_type(), "multipart/alternative")
        self.assertEqual(len(inbox.taken), len(names))

    def test_no_line_end_reaches_a_header(self):
        inbox = self.real_server()
        evil = "Ann\r\nBcc: evil@example.org\r\nX-Evil: 1\r\n\r\nbody"
        self.create(ANN)
        with sqlite3.connect(self.db) as database:  # as a careless import might have left it
            database.execute("UPDATE users SET name = ?", (evil,))
        self.ok("reset", ANN, "--request")
        [message] = inbox.wait_for(1)
        self.assertEqual(inbox.taken[0][1], [ANN])
        self.assertNotIn("Bcc", message)
        self.assertNotIn("X-Evil", message)
        [address] = message["To"].addresses
        self.assertEqual((address.addr_spec, address.display_name),
                         (ANN, "Ann  Bcc: evil@example.org  X-Evil: 1    body"))
        self.assertIn("code is", message.get_body(("plain",)).get_content())

    def test_lines_with_a_dot_and_long_ones_arrive_as_written(self):
        inbox = self.real_server()
        words = self.home / "words"
        words.mkdir()
        text = ".\n..\nFrom here\n" + "long " * 400 + "ü\n{{code}} \n--=_\nend \n"
        (words / "verify.txt").write_text(text)
        self.set(templates=words)
        self.ok("create", ANN, "--no-password")
        content = inbox.taken[0][2].get_content().replace("\r\n", "\n")
        self.assertEqual(re.sub(r"\d{7}", "{{code}}", content), text)

    def test_tls_from_the_start_and_a_login(self):
        for implicit in (False, True):
            server = self.serve(mail_server.Server(self.good, implicit=implicit, login=True))
            password = self.write("smtp-password", mail_server.PASSWORD + "\n")
            self.use(server, smtp_security="tls" if implicit else "starttls",
                     smtp_password_file=password, smtp_user=mail_server.USER)
            self.ok("outbox", "test", ANN)
            self.assertEqual(server.inbox.authenticated, [True])
            self.write("smtp-password", "wrong\n")
            err = self.refused(self.auth("outbox", "test", ANN, "--json"), "login_refused")
            self.assertNotIn("wrong", err)
            self.assertEqual(len(server.inbox.taken), 1)
            os.unlink(password)
            self.refused(self.auth("outbox", "test", ANN, "--json"), "misconfigured")

    def test_nobody_elses_settings_count(self):
        server = self.serve(mail_server.Server(self.good, login=True))
        self.use(server)
        self.write(".netrc", f"machine 127.0.0.1 login {mail_server.USER} password {mail_server.PASSWORD}\n")
        keys = self.home / "keys"
        surroundings = {"SSLKEYLOGFILE": str(keys), "ALL_PROXY": "socks5://127.0.0.1:1",
                        "all_proxy": "socks5://127.0.0.1:1"}
        done = self.auth("outbox", "test", ANN, "--json", env=surroundings)
        self.assertIn("530", self.refused(done, "login_refused"))
        self.assertFalse(keys.exists())


class Refused(MailTest):
    def create_fails(self, reason):
        err = self.refused(self.auth("create", ANN, "--no-password", "--json"), reason)
        self.assertIn("the user ann@example.org exists", err)
        self.assertIn("auth-cli verify ann@example.org --resend", err)
        self.ok("show", ANN)
        return err

    def test_later(self):
        inbox = self.real_server()
        inbox.data_replies = ["451 4.3.0 busy, come back later"]
        self.assertIn("451 4.3.0 busy", self.create_fails("deferred"))
        self.assertEqual(self.ok("outbox", "send", "--field", "/sent").line, "0")
        done = self.ok("outbox", "send", "--json", env=self.later("+61s")).json()
        self.assertEqual((done["sent"], done["retried"]), (1, 0))
        self.assertEqual(self.mail()["attempts"], 2)
        self.ok("verify", ANN, code_of(inbox.taken[0][2]))

    def test_for_good(self):
        inbox = self.real_server()
        inbox.rcpt_replies = ["550 5.1.1 no such mailbox"]
        self.assertIn("550 5.1.1 no such mailbox", self.create_fails("rejected"))
        self.assertEqual((self.mail()["state"], self.mail()["error"], self.mail()["code"]),
                         ("failed", "rejected", None))
        self.ok("outbox", "send", env=self.later("+2d"))
        self.ok("verify", ANN, "--resend")
        self.ok("verify", ANN, code_of(inbox.wait_for(1)[0]))

    def test_a_dead_code_is_not_sent_later(self):
        inbox = self.real_server()
        inbox.data_replies = ["451 later", "451 later"]
        self.create_fails("deferred")
        self.ok("verify", ANN, "--by-operator")
        done = self.ok("outbox", "send", "--json", env=self.later("+61s")).json()
        self.assertEqual((done["sent"], done["dropped"]), (0, 1))
        self.fails(13, "create", "bob@example.org", "--no-password")
        self.ok("outbox", "send", env=self.later("+11m"))
        self.assertEqual((self.mail()["state"], self.mail()["error"]), ("failed", "expired"))
        self.assertEqual(inbox.taken, [])

    def test_dropped_after_data(self):
        inbox = self.real_server()
        inbox.data_replies = ["drop"]
        self.create_fails("interrupted")
        self.ok("outbox", "send", env=self.later("+61s"))
        first, second = inbox.wait_for(2)
        self.assertEqual(first["Message-ID"], second["Message-ID"])
        self.assertEqual(inbox.raw[0], inbox.raw[1])

    def test_no_starttls(self):
        server = self.serve(mail_server.Server())
        self.use(server)
        self.assertIn("STARTTLS", self.create_fails("insecure"))
        self.assertEqual(server.inbox.offered, 0)

    def test_unknown_certificate(self):
        server = self.serve(mail_server.Server(self.good))
        self.use(server, smtp_ca_file=self.elsewhere[0])
        self.assertIn("certificate", self.create_fails("insecure"))
        self.ok("config", "unset", "mail.smtp_ca_file")
        self.refused(self.auth("outbox", "test", ANN, "--json"), "insecure")
        self.assertEqual(server.inbox.offered, 0)

    def test_certificate_of_another_host(self):
        server = self.serve(mail_server.Server(self.elsewhere))
        self.use(server, smtp_ca_file=self.elsewhere[0])
        self.create_fails("insecure")
        self.assertEqual(server.inbox.offered, 0)

    def test_nobody_there(self):
        self.use(mail_server.Scripted())
        self.set(smtp_port=mail_server.free_port())
        self.create_fails("unreachable")
        self.set(smtp_host="no-such-host.invalid")
        self.refused(self.auth("outbox", "test", ANN, "--json"), "unreachable")

    def test_silence(self):
        talks = {"nothing": [], "a greeting": ["220 hello"],
                 "all but the end": ["220 hello", "250 hello", "250 ok", "250 ok", "354 go on"]}
        for name, lines in talks.items():
            with self.subTest(says=name):
                server = self.serve(mail_server.Scripted(*lines))
                self.use(server, smtp_security="none", timeout="1s")
                begun = time.monotonic()
                self.refused(self.auth("outbox", "test", ANN, "--json"), "timeout")
                self.assertLess(time.monotonic() - begun, 10)

    def test_silence_for_the_time_that_is_the_default(self):
        self.use(self.serve(mail_server.Scripted()), smtp_security="none")
        self.ok("config", "unset", "mail.timeout")
        begun = time.monotonic()
        self.create_fails("timeout")
        self.assertLess(time.monotonic() - begun, 15)

    def test_silence_after_the_mail_was_taken(self):
        server = self.serve(mail_server.Scripted("220 hello", "250 hello", "250 ok", "250 ok",
                                                 "354 go on", "250 taken"))
        self.use(server, smtp_security="none", timeout="1m")
        begun = time.monotonic()
        self.ok("outbox", "test", ANN)
        self.assertLess(time.monotonic() - begun, 30)

    def test_a_greeting_that_sends_away_is_final(self):
        server = self.serve(mail_server.Scripted("554-mail.example.org does not serve you\r\n554 see why"))
        self.use(server, smtp_security="none")
        self.assertIn("accepts no mail from here: 554 mail.example.org does not serve you see why",
                      self.create_fails("rejected"))
        self.assertEqual(self.mail()["state"], "failed")

    def test_a_greeting_that_asks_for_patience_is_not(self):
        server = self.serve(mail_server.Scripted("421-too busy\r\n421 come back"))
        self.use(server, smtp_security="none")
        self.assertIn("421 too busy come back", self.create_fails("unreachable"))
        self.assertEqual(self.mail()["state"], "kept")

    def test_half_a_greeting_decides_nothing(self):
        server = self.serve(mail_server.Scripted("554-mail.example.org does not", hang_up=True))
        self.use(server, smtp_security="none")
        self.assertIn("554 mail.example.org does not", self.create_fails("interrupted"))
        self.assertEqual(self.mail()["state"], "kept")

    def test_all_lines_of_a_reply_are_shown(self):
        server = self.serve(mail_server.Scripted(
            "220 hello", "250 hello", "250 ok", "550-5.7.1 No such person, see\r\n"
            "550-5.7.1 https://mail.example.org/help \x1b[31m\r\n550 5.7.1 (k22)"))
        self.use(server, smtp_security="none")
        self.assertIn("550 5.7.1 No such person, see https://mail.example.org/help \\\\x1b[31m (k22)",
                      self.create_fails("rejected"))

    def test_starttls_that_is_refused(self):
        server = self.serve(mail_server.Scripted("220 hello", "250-hello\r\n250 STARTTLS", "454 no certificate"))
        self.use(server)
        self.assertIn("refuses STARTTLS, and nothing is sent without it: 454 no certificate",
                      self.create_fails("insecure"))

    def test_plain_text_stays_on_this_machine(self):
        server = self.serve(mail_server.Server())
        self.use(server, smtp_security="none")
        self.ok("outbox", "test", ANN)
        done = self.fails(2, "config", "set", "mail.smtp_host", "mail.example.org")
        self.assertIn(b"in the clear", done.err)
        self.set(smtp_plaintext="true", smtp_host="mail.example.org")
        self.fails(2, "config", "set", "mail.smtp_plaintext", "false")

    def test_a_notice_that_fails_fails_nothing_else(self):
        inbox = self.real_server()
        self.create(ANN)
        inbox.rcpt_replies = ["550 no"]
        done = self.ok("passwd", ANN, "--password-stdin", stdin=OTHER_PASSWORD.encode())
        self.assertIn("auth-cli: warning: a notice to ann@example.org was not sent", done.err.decode())
        self.assertEqual(self.login(ANN, OTHER_PASSWORD).code, 0)

    def test_who_exists_is_not_told_by_waiting(self):
        inbox = self.real_server(timeout="1m")
        self.create(ANN)
        inbox.hold = threading.Event()
        self.addCleanup(inbox.hold.set)
        self.ok("reset", ANN, "--request")  # answered while the server holds the mail
        self.assertEqual(inbox.taken, [])
        inbox.hold.set()
        self.ok("reset", ANN, code_of(inbox.wait_for(1)[0]), "--password-stdin",
                stdin=OTHER_PASSWORD.encode())


class Login(MailTest):
    """Servers that want a name, a password or a token, and say it in their own way."""

    def talk(self, *lines, **settings):
        server = self.serve(mail_server.Scripted("220 hello", *lines))
        self.use(server, smtp_security="none", **settings)
        return server

    def sending_fails(self, reason):
        return self.refused(self.auth("outbox", "test", ANN, "--json"), reason)

    def password(self):
        return {"smtp_password_file": self.write("smtp-password", "secret\n"),
                "smtp_user": "mailer@example.org"}

    def program(self, script):
        path = self.home / "print-token"
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o700)
        return {"smtp_token_command": str(path), "smtp_user": "mailer@example.org"}

    def test_a_refused_password(self):
        self.talk("250-hello\r\n250 AUTH PLAIN", "334 ",
                  "534-5.7.9 An app password is needed:\r\n534 5.7.9 https://mail.example.org/apps",
                  **self.password())
        err = self.sending_fails("login_refused")
        self.assertIn("refuses the login of 'mailer@example.org': 534 5.7.9 An app password is needed:"
                      " https://mail.example.org/apps", err)
        self.assertIn("mail.smtp_password_file", err)

    def test_no_login_by_password(self):
        # A user with a domain, for whom the library would ask Kerberos.
        server = self.talk("250-hello\r\n250 AUTH GSSAPI XOAUTH2", **self.password())
        err = self.sending_fails("login_refused")
        self.assertIn("offers no login with a password that auth-cli supports, only GSSAPI, XOAUTH2", err)
        self.assertIn("mail.smtp_token_command PROGRAM", err)
        self.assertEqual([line for line in server.heard if line.startswith(b"AUTH")], [])

    def test_no_login_at_all(self):
        self.talk("250 hello", "530 5.7.0 Log in first", **self.password())
        err = self.sending_fails("login_refused")
        self.assertIn("offers no login with a password that auth-cli supports, and no other login:"
                      " 530 5.7.0 Log in first", err)

    def test_a_login_that_waits_for_tls(self):
        self.talk("250-hello\r\n250 STARTTLS", "530 5.7.0 Log in first", **self.password())
        self.assertIn("mail.smtp_security starttls", self.sending_fails("login_refused"))

    def test_the_name_of_this_machine(self):
        taken = ["250 hello", "250 ok", "250 ok", "354 go on", "250 taken"]
        for name, said in [("Relay.Example.org", b"EHLO relay.example.org\r\n"),
                           ("192.0.2.7", b"EHLO [192.0.2.7]\r\n"),
                           ("2001:db8::7", b"EHLO [IPv6:2001:db8::7]\r\n")]:
            server = self.talk(*taken, smtp_helo=name)
            self.ok("outbox", "test", ANN)
            self.assertEqual(server.heard[0], said)

    def test_a_name_that_is_refused(self):
        self.talk("250 hello", "250 ok", "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname")
        self.assertIn("auth-cli config set mail.smtp_helo NAME", self.sending_fails("rejected"))

    def test_a_token_from_a_program(self):
        token = "at-" + os.urandom(8).hex()
        login = self.program(f"echo \"$*|$(pwd)|$SECRET_OF_THE_CALLER\" >> {self.home}/asked\necho {token}\n")
        lines = ["250-hello\r\n250 AUTH PLAIN XOAUTH2", "334 ", "235 in", "250 ok", "250 ok", "354 go on",
                 "250 taken"]
        for _ in range(2):
            # A password that is set as well is not used.
            server = self.talk(*lines, **self.password() | login)
            done = self.ok("outbox", "test", ANN, "-v", env={"SECRET_OF_THE_CALLER": "yes"})
            self.assertNotIn(token, done.text + done.err.decode())
            self.assertEqual(server.heard[1], b"AUTH XOAUTH2\r\n")
            self.assertEqual(base64.b64decode(server.heard[2]).decode(),
                             f"user=mailer@example.org\x01auth=Bearer {token}\x01\x01")
        self.assertEqual((self.home / "asked").read_text(), "|/|\n" * 2)
        self.assertNotIn(token, self.ok("audit", "list", "--json").text)

    def test_a_token_that_is_refused(self):
        login = self.program("echo expired-token\n")
        reasons = base64.b64encode(b'{"status":"400","scope":"https://mail.example.org/"}').decode()
        self.talk("250-hello\r\n250 AUTH XOAUTH2", "334 ", f"334 {reasons}", **login)
        done = self.fails(13, "outbox", "test", ANN)
        self.assertIn("refuses the login of 'mailer@example.org':"
                      ' {"status":"400","scope":"https://mail.example.org/"}', done.err.decode())
        self.assertNotIn("expired-token", done.err.decode())

    def test_no_login_by_token(self):
        self.talk("250-hello\r\n250 AUTH PLAIN LOGIN", **self.program("echo token\n"))
        self.assertIn("offers no login with an access token (XOAUTH2) that auth-cli supports, only PLAIN, LOGIN",
                      self.sending_fails("login_refused"))

    def test_programs_that_give_no_token(self):
        for script, reason, words in [
                ("echo cannot >&2; exit 3", "misconfigured", "failed with exit code 3: cannot"),
                ("echo secret; echo secret >&2; exit 3", "misconfigured", "failed with exit code 3"),
                ("exit 0", "misconfigured", "must print an access token and nothing else"),
                ("echo two words", "misconfigured", "must print an access token and nothing else"),
                ("echo one; echo two", "misconfigured", "must print an access token and nothing else"),
                ("printf 'a\\r\\nMAIL FROM:<x>'", "misconfigured", "must print an access token"),
                ("yes", "timeout", "took longer than 1s"),
                ("sleep 60", "timeout", "took longer than 1s")]:
            with self.subTest(script=script):
                server = self.talk("250-hello\r\n250 AUTH XOAUTH2", timeout="1s", **self.program(script))
                err = self.sending_fails(reason)
                self.assertIn(words, err)
                self.assertNotIn("secret", err)
                self.assertEqual(server.heard, [])
        (self.home / "print-token").unlink()
        self.sending_fails("misconfigured")


class Batches(MailTest):
    def post(self, count):
        """So many mails, which nobody has tried to send."""
        for number in range(count):
            self.ok("create", f"user{number}@example.org", "--no-password", "-q")

    def test_two_at_once_send_each_mail_once(self):
        self.post(12)
        inbox = self.real_server()
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            runs = [pool.submit(self.ok, "outbox", "send", "--json") for _ in range(3)]
            sent = sum(run.result().json()["sent"] for run in runs)
        self.assertEqual(sent, 12)
        self.assertEqual(sorted(to for _, [to], _ in inbox.taken),
                         sorted(f"user{number}@example.org" for number in range(12)))

    def test_killed_in_the_middle(self):
        self.post(2)
        inbox = self.real_server(timeout="10s")
        inbox.hold = threading.Event()
        self.addCleanup(inbox.hold.set)
        process = subprocess.Popen([scratch.binary(), "outbox", "send"], env=self.environment(),
                                   cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with inbox.arrived:
            self.assertTrue(inbox.arrived.wait_for(lambda: inbox.offered == 1, 30))
        process.send_signal(signal.SIGKILL)
        process.wait()
        inbox.hold.set()
        self.assertEqual(self.ok("outbox", "send", "--json").json()["sent"], 1)  # the other one
        done = self.ok("outbox", "send", "--json", env=self.later("+71s")).json()
        self.assertEqual(done["sent"], 1)
        self.assertEqual({to for _, [to], _ in inbox.taken}, {"user0@example.org", "user1@example.org"})
        self.assertEqual(self.ok("outbox", "list", "--field", "state").text, "sent\n" * 2)

    def test_some_fail(self):
        self.post(4)
        inbox = self.real_server()
        inbox.rcpt_replies = [None, "450 later", "550 never"]
        done = self.fails(14, "outbox", "send", "--json").json()
        self.assertEqual([mail["result"] for mail in done["mails"]], ["sent", "retried", "failed", "sent"])
        self.assertEqual((done["sent"], done["retried"], done["failed"], done["left"]), (2, 1, 1, 0))

    def test_a_server_that_is_down_costs_one_time_out(self):
        self.post(5)
        self.use(self.serve(mail_server.Scripted()), smtp_security="none", timeout="1s")
        begun = time.monotonic()
        done = self.fails(14, "outbox", "send", "--json").json()
        self.assertLess(time.monotonic() - begun, 4)
        self.assertEqual((done["retried"], done["left"]), (1, 4))


class Stolen(MailTest):
    def test_the_database_alone_shows_no_mail(self):
        secrets = []
        for number in range(3):
            self.ok("create", f"user{number}@example.org", "--name", "Maximiliane", "--no-password")
            mail = self.mail()
            secrets += [mail["code"], mail["body"][:24], mail["id"] + "@", "class=\"code\""]
        self.real_server()
        self.ok("create", "sent@example.org", "--no-password")
        elsewhere = self.home / "stolen"
        elsewhere.mkdir(mode=0o700)
        with sqlite3.connect(self.db) as source, sqlite3.connect(elsewhere / "auth.db") as copy:
            source.backup(copy)
        os.chmod(elsewhere / "auth.db", 0o600)
        for path in (elsewhere / "auth.db", self.db):
            content = path.read_bytes()
            for secret in secrets:
                self.assertNotIn(secret.encode(), content)
        done = self.fails(11, "outbox", "show", "--latest", "--db", str(elsewhere / "auth.db"), "--json")
        self.assertIn(b'"key_mismatch"', done.err)
        self.fails(11, "outbox", "send", "--db", str(elsewhere / "auth.db"))


if __name__ == "__main__":
    scratch.main()
