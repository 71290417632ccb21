"""Eight processes want the same thing at once: counts are exact, and what is good once is used once. A
PostgreSQL server is 4 ms away."""
import collections
import concurrent.futures
import json
import shutil
import subprocess
import time

from tests.system.support import postgres_server, scratch
from tests.system.support.relay import Relay
from tests.system.support.scratch import OTHER_PASSWORD, PASSWORD, ScratchTest

EMAIL = "ann@example.org"
PROCESSES = 8
DELAY_MS = 4
LOCKED_AFTER = 100
MAILS_A_MINUTE = 30
STEP = 30


def codes(runs):
    return collections.Counter(run.code for run in runs)


class Races(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        if self.url:
            server = self.server()
            relay = Relay(f"{server.directory}/.s.PGSQL.{server.port}", DELAY_MS)
            relay.__enter__()
            self.addCleanup(relay.__exit__)
            self.url = relay.url(self.home.name)
        self.password = self.write("password", PASSWORD + "\n")

    def server(self):
        return postgres_server.saved(scratch.postgres_directory())

    def together(self, *calls):
        """Runs them side by side, each a list of arguments of its own."""
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(lambda call: self.auth(*call), calls))

    def assert_one(self, runs, *others):
        self.assertEqual(codes(runs)[0], 1, [str(run) for run in runs])
        self.assertLessEqual(set(codes(runs)), {0, *others}, [str(run) for run in runs])

    def rows(self, event):
        listed = self.ok("audit", "list", "--event", event, "--jsonl")
        return [json.loads(line) for line in listed.text.splitlines()]

    def check_trail(self):
        self.ok("audit", "verify")
        self.ok("db", "check")

    def test_guesses_are_counted_each(self):
        self.create(EMAIL)
        wrong = self.write("wrong", OTHER_PASSWORD)
        guesses = PROCESSES * 14

        def guess(_):
            return [self.auth("login", EMAIL, "--password-file", wrong)
                    for _ in range(guesses // PROCESSES)]
        with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
            runs = [run for some in pool.map(guess, range(PROCESSES)) for run in some]
        self.assertEqual(codes(runs), {3: LOCKED_AFTER, 10: guesses - LOCKED_AFTER})
        self.assertEqual(len(self.rows("authn_login_fail")), LOCKED_AFTER)
        self.assertEqual(self.login(EMAIL).code, 10)
        self.check_trail()

    def test_logins_of_one_user(self):
        self.create(EMAIL)
        runs = self.at_once(PROCESSES, "login", EMAIL, "--password-file", self.password,
                            "--no-store")
        self.assertEqual(codes(runs), {0: PROCESSES}, [str(run) for run in runs])
        self.assertEqual(len(self.rows("authn_login_success")), PROCESSES)
        self.assertEqual(self.ok("show", EMAIL, "--json").json()["locked_until"], None)
        self.check_trail()

    def test_refreshes_of_one_token(self):
        self.create(EMAIL)
        token = str(self.home / "own.token")
        self.ok("login", EMAIL, "--password-file", self.password, "--token-file", token)
        copies = [str(self.home / f"copy{number}.token") for number in range(PROCESSES)]
        for copy in copies:
            shutil.copy(token, copy)
            shutil.copy(token.replace(".token", ".session.json"),
                        copy.replace(".token", ".session.json"))
        runs = self.together(*(["token", "refresh", "--token-file", copy] for copy in copies))
        self.assert_one(runs, 6)
        self.assertEqual(len(self.rows("authn_token_refreshed")), 1)
        self.assertGreaterEqual(len(self.rows("authn_token_reuse")), 1)
        self.fails(6, "whoami", "--token-file", copies[0])
        self.check_trail()

    def enrol(self):
        secret = self.ok("mfa", "enroll", EMAIL, "--field", "secret").line
        left = STEP - time.time() % STEP
        if left < 15:
            time.sleep(left + 0.1)
        confirmed = self.ok("mfa", "confirm", EMAIL, self.totp(secret, -STEP), "--json").json()
        return secret, confirmed["recovery_codes"]

    @staticmethod
    def totp(secret, ahead=0):
        return subprocess.run(["oathtool", "--totp", "--base32", f"--now=@{int(time.time()) + ahead}",
                               "-"], input=secret, capture_output=True, text=True,
                              check=True).stdout.strip()

    def test_uses_of_one_second_factor(self):
        self.create(EMAIL)
        secret, recovery_codes = self.enrol()
        login = ["login", EMAIL, "--password-file", self.password, "--no-store"]
        self.assert_one(self.at_once(PROCESSES, *login, "--totp", self.totp(secret)), 3)
        self.assert_one(self.at_once(PROCESSES, *login, "--recovery-code", recovery_codes[0]), 3)
        self.assertEqual(len(self.rows("mfa_recovery_code_used")), 1)
        self.check_trail()

    def test_uses_of_one_mailed_code_and_one_link(self):
        self.ok("create", EMAIL, "--password-file", self.password)
        self.assert_one(self.at_once(PROCESSES, "verify", EMAIL, self.code_for(EMAIL)), 3, 10)
        self.assertEqual(len(self.rows("user_verified")), 1)
        self.ok("login", EMAIL, "--send-link")
        link = self.ok("outbox", "show", "--latest", "--to", EMAIL, "--kind", "link", "--field",
                       "link").line
        self.assert_one(self.at_once(PROCESSES, "login", "--link", link, "--no-store"), 3)
        self.check_trail()

    def test_creates_of_one_address_and_of_one_username(self):
        self.assert_one(self.at_once(PROCESSES, "create", EMAIL, "--password-file", self.password,
                                     "--verified"), 9)
        runs = self.together(*(["create", f"user{number}@example.org", "--username", "same",
                                "--no-password"] for number in range(PROCESSES)))
        self.assert_one(runs, 9)
        self.ok("create", "cyd@example.org", "--no-password")
        self.ok("create", "dan@example.org", "--no-password")
        moves = [["update", who, "--username", "other"] for who in
                 ("cyd@example.org", "dan@example.org")]
        self.assert_one(self.together(*moves, ["create", "eve@example.org", "--username", "other",
                                               "--no-password"]), 9)
        self.check_trail()

    def test_logins_while_others_act_on_everybody(self):
        people = [f"user{number}@example.org" for number in range(4)]
        self.ok("role", "create", "guest")
        for who in people:
            self.create(who, PASSWORD, "--role", "guest")
        rows = "".join(json.dumps({"email": f"new{number}@example.org"}) + "\n"
                       for number in range(300))
        file = self.write("rows.jsonl", rows)
        runs = self.together(["import", file], ["role", "delete", "guest"],
                             *(["login", who, "--password-file", self.password, "--no-store"]
                               for who in people for _ in range(2)))
        self.assertEqual(codes(runs), {0: 10}, [str(run) for run in runs if run.code])
        self.assertEqual(self.ok("list", "--count").line, "304")
        self.assertEqual(len(self.rows("authn_login_success")), 8)
        self.check_trail()

    def test_the_limit_of_mails_is_exact(self):
        people = [f"user{number}@example.org" for number in range(MAILS_A_MINUTE + 10)]
        rows = "".join(json.dumps({"email": who}) + "\n" for who in people)
        self.ok("import", self.write("rows.jsonl", rows))

        def request(who):
            return self.auth("reset", who, "--request")
        with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
            runs = list(pool.map(request, people))
        self.assertEqual(codes(runs), {0: MAILS_A_MINUTE, 10: 10})
        self.check_trail()


if __name__ == "__main__":
    scratch.main()
