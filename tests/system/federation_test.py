"""Logging in with a real identity provider, driven through its pages, and what the browser is told."""
import concurrent.futures
import subprocess
import time

from tests.system.support import scratch
from tests.system.support.federated_login import FederationTest, WithStrangeProvider
from tests.system.support.identity_provider import SECRET, Browser, RealProvider, fetch
from tests.system.support.scratch import PASSWORD

ANN, BOB = "ann@example.org", "bob@example.org"
ACCOUNTS = {
    "ann-1": {"email": ANN, "email_verified": True, "name": "Ann Lee"},
    "ann-2": {"email": ANN, "email_verified": False},
    "bob-1": {"email": BOB, "email_verified": True},
    "eve-1": {"email": "eve@elsewhere.example", "email_verified": True},
}


class WithRealProvider(FederationTest):
    @classmethod
    def setUpClass(cls):
        cls.provider = RealProvider(ACCOUNTS)

    @classmethod
    def tearDownClass(cls):
        cls.provider.stop()

    def setUp(self):
        super().setUp()
        self.browser = Browser()

    def add_real(self, *more, client="public"):
        self.add(self.provider.issuer, "--redirect-path", "/callback", *more, client=client)

    def sign_in(self, name, *args, browser=None, **how):
        login, waiting = self.begin("--json", *args, **how)
        page = (browser or self.browser).sign_in(waiting.url, name)
        return login.done(), page

    def logged_in(self, name, *args, **how):
        done, page = self.sign_in(name, *args, **how)
        self.assertEqual(done.code, 0, done)
        self.assertIn("It worked", page)
        return done.json()

    def test_code_flow_makes_a_user_and_finds_it_again(self):
        self.add_real("--auto-create")
        first = self.logged_in("ann-1")
        self.assertEqual(first["user"]["email"], ANN)
        self.assertEqual(first["user"]["name"], "Ann Lee")
        self.assertTrue(first["user"]["verified"])
        self.assertEqual(self.who(), ANN)
        self.assertEqual(self.token.stat().st_mode & 0o777, 0o600)
        second = self.logged_in("ann-1", browser=Browser())
        self.assertEqual(second["user"]["id"], first["user"]["id"])
        self.assertNotEqual(second["session"]["id"], first["session"]["id"])
        [identity] = self.ok("show", ANN, "--json").json()["identities"]
        self.assertEqual((identity["provider"], identity["subject"]), ("corp", "ann-1"))
        self.assertIsNotNone(identity["last_login_at"])
        self.ok("token", "verify", "@" + str(self.token))
        self.assertEqual(self.ok("list", "--count").line, "1")
        for event in ("provider_added", "user_created", "identity_linked", "authn_provider_success",
                      "authn_login_success"):
            self.assertIn(event, self.events())
        self.ok("audit", "verify")

    def test_a_user_made_so_has_no_password_and_may_set_one(self):
        self.add_real("--auto-create")
        self.logged_in("ann-1")
        self.ok("logout")
        for password in ("", "\n", PASSWORD):
            self.assertEqual(self.login(ANN, password).code, 3)
        self.ok("reset", ANN, "--request")
        self.ok("reset", ANN, self.code_for(ANN), "--password-stdin", stdin=PASSWORD.encode())
        self.assertEqual(self.login(ANN).code, 0)
        self.logged_in("ann-1")

    def test_confidential_clients_and_other_algorithms(self):
        secret = self.write("secret", SECRET + "\n")
        self.add_real("--auto-create", "--client-secret-file", secret, client="basic")
        self.logged_in("ann-1")
        self.assertNotIn(SECRET.encode(), self.db.read_bytes())
        self.ok("provider", "delete", "corp", "--yes")
        self.add_real("--auto-create", client="by-es256")
        self.logged_in("bob-1", browser=Browser())

    def test_a_wrong_client_secret(self):
        secret = self.write("secret", SECRET + "x")
        self.add_real("--auto-create", "--client-secret-file", secret, client="basic")
        done, page = self.sign_in("ann-1")
        self.refused(done, 13, "invalid_client")
        self.assertIn("did not work", page)

    def test_new_keys(self):
        self.add_real("--auto-create")
        first = self.logged_in("ann-1")
        self.provider.rotate()
        self.assertEqual(self.logged_in("ann-1", browser=Browser())["user"]["id"], first["user"]["id"])

    def test_an_address_that_is_not_linked(self):
        self.add_real()
        self.create(ANN)
        done, _ = self.sign_in("ann-1")
        problem = self.refused(done, 8, "unlinked")
        self.assertEqual(problem["hint"],
                         "an operator can run: auth-cli update EMAIL --link-provider 'corp=ann-1'")
        self.assertEqual(self.last_failure()["detail"]["reason"], "unlinked")
        self.ok("update", ANN, "--link-provider", "corp=ann-1")
        self.assertEqual(self.logged_in("ann-1")["user"]["email"], ANN)
        self.ok("update", ANN, "--unlink-provider", "corp")
        self.fails(6, "whoami")  # its sessions have ended
        self.ok("logout")
        self.refused(self.sign_in("ann-1")[0], 8, "unlinked")

    def test_nobody_is_made_where_the_address_is_taken(self):
        self.add_real("--auto-create")
        self.create(ANN)
        self.refused(self.sign_in("ann-1")[0], 8, "unlinked")

    def test_linking_by_a_verified_address(self):
        self.add_real("--link-verified-email")
        self.create(ANN)
        self.refused(self.sign_in("ann-2", browser=Browser())[0], 8, "unlinked")
        self.assertEqual(self.logged_in("ann-1")["user"]["email"], ANN)
        self.assertEqual(self.login(ANN).code, 0)
        self.ok("logout")
        self.refused(self.sign_in("bob-1", browser=Browser())[0], 8, "unlinked")

    def test_linking_verifies_the_address(self):
        self.add_real("--link-verified-email")
        self.ok("create", ANN, "--no-password", "-q")
        self.assertTrue(self.logged_in("ann-1")["user"]["verified"])

    def test_nobody_is_made_for_an_unverified_address(self):
        self.add_real("--auto-create")
        self.refused(self.sign_in("ann-2")[0], 8, "unverified_address")
        self.assertEqual(self.ok("list", "--count").line, "0")

    def test_allowed_domains(self):
        self.add_real("--auto-create", "--allow-domain", "EXAMPLE.org", "--allow-domain", "b.example")
        self.refused(self.sign_in("eve-1", browser=Browser())[0], 8, "domain_not_allowed")
        self.refused(self.sign_in("ann-2", browser=Browser())[0], 8, "domain_not_allowed")
        self.logged_in("ann-1")

    def test_for_whom(self):
        self.add_real("--auto-create")
        self.refused(self.sign_in("bob-1", ANN, browser=Browser())[0], 8, "other_user")
        login, waiting = self.begin(ANN)
        self.assertEqual(waiting.query["login_hint"], ANN)
        self.browser.sign_in(waiting.url, "ann-1")
        self.assertEqual(login.done().code, 0)
        self.logged_in("ann-1", f"id:{self.ok('show', ANN, '--field', 'id').line}")

    def test_the_person_says_no(self):
        self.add_real("--auto-create")
        login, waiting = self.begin("--json")
        self.browser.sign_in(waiting.url, "ann-1", abort=True)
        self.refused(login.done(), 3, "access_denied")

    def test_disabled_users(self):
        self.add_real("--auto-create")
        self.logged_in("ann-1")
        self.ok("logout")
        self.ok("disable", ANN)
        self.refused(self.sign_in("ann-1")[0], 8, "disabled")

    def totp(self, when="now"):
        return subprocess.run(["oathtool", "--totp", "--base32", "--now", when, f"@{self.home}/app"],
                              capture_output=True, text=True, check=True).stdout.strip()

    def test_the_second_factor(self):
        self.add_real("--auto-create")
        self.logged_in("ann-1")
        self.write("app", self.ok("mfa", "enroll", ANN, "--field", "secret").out)
        self.ok("mfa", "confirm", ANN, self.totp())
        self.ok("logout")
        self.refused(self.sign_in("ann-1")[0], 8, "mfa_required")
        wrong = str((int(self.totp()) + 500000) % 1000000).zfill(6)
        done, _ = self.sign_in("ann-1", "--totp", wrong)
        self.assertEqual(done.code, 3, done)
        self.assertFalse(self.token.exists())
        self.ok("unlock", ANN)
        self.logged_in("ann-1", "--totp", self.totp("30 seconds"))

    def test_a_second_factor_that_must_be_enrolled(self):
        self.ok("config", "set", "mfa.required", "all")
        self.add_real("--auto-create")
        self.refused(self.sign_in("ann-1")[0], 8, "mfa_enrolment_required")
        self.assertEqual(self.ok("list", "--count").line, "1")

    def test_two_first_logins_at_once(self):
        self.add_real("--auto-create")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(self.sign_in, "ann-1", "--no-store", browser=Browser()) for _ in range(2)]
            users = {run.result()[0].json()["user"]["id"] for run in runs}
        self.assertEqual(len(users), 1)
        self.assertEqual(self.ok("list", "--count").line, "1")

    def test_a_dry_run_leaves_nothing(self):
        self.add_real("--auto-create")
        self.logged_in("ann-1", "--dry-run")
        self.assertFalse(self.token.exists())
        self.assertEqual(self.ok("list", "--count").line, "0")

    def test_device_flow(self):
        for client in ("public", "basic"):
            with self.subTest(client=client):
                secret = ["--client-secret-file", self.write("secret", SECRET)] if client == "basic" else []
                self.add_real("--auto-create", *secret, client=client)
                login = self.start("--device", "--json")
                where, code = login.wait_for(r"open (http\S+) and enter (\S+)$").groups()
                page = Browser().sign_in_device(where, code, "ann-1")
                self.assertIn("Sign-in Success", page)
                done = login.done()
                self.assertEqual(done.code, 0, done)
                self.assertEqual(done.json()["user"]["email"], ANN)
                self.ok("delete", ANN, "--yes")
                self.ok("provider", "delete", "corp", "--yes")

    def test_device_flow_refused(self):
        self.add_real("--auto-create")
        login = self.start("--device", "--json")
        where, code = login.wait_for(r"open (http\S+) and enter (\S+)$").groups()
        Browser().sign_in_device(where, code, "ann-1", abort=True)
        self.refused(login.done(), 3, "access_denied")


class Browsers(WithStrangeProvider):
    def setUp(self):
        super().setUp()
        self.add_strange()
        self.bin = self.home / "bin"
        self.bin.mkdir()

    def opener(self, script):
        path = self.bin / "xdg-open"
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        return {"PATH": f"{self.bin}:/usr/bin:/bin"}

    def test_it_is_given_the_address_and_nothing_else(self):
        env = self.opener(f'printf "%s\\n" "$#" "$1" "$(umask)" >"{self.home}/seen.new"\n'
                          f'ls -l /proc/$$/fd >"{self.home}/fds"\nmv "{self.home}/seen.new" "{self.home}/seen"\n'
                          "sleep 60 &\n")
        login = self.start(env=env)
        waiting = login.waiting()
        self.assertIn(b"the browser opens this page", b"".join(login.said))
        for _ in range(100):
            if (self.home / "seen").exists():
                break
            time.sleep(0.05)
        self.assertEqual((self.home / "seen").read_text().splitlines(), ["1", waiting.url, "0000"])
        self.assertNotRegex((self.home / "fds").read_text(), r"socket|auth\.db")
        self.provider.nonce = waiting.nonce
        fetch(waiting.right())
        self.assertEqual(login.done().code, 0)

    def test_none_is_no_failure(self):
        for env in ({"PATH": str(self.bin)}, {"PATH": ""}, {"PATH": "bin:."}):
            (self.home / "xdg-open").write_text("#!/bin/sh\ntouch ran\n")
            (self.home / "xdg-open").chmod(0o755)
            login = self.start(env=env)
            waiting = login.waiting()
            self.assertIn(b"open this page", b"".join(login.said))
            self.provider.nonce = waiting.nonce
            fetch(waiting.right())
            self.assertEqual(login.done().code, 0)
        self.assertFalse((self.home / "ran").exists())

    def test_no_browser_opens_none(self):
        env = self.opener(f'touch "{self.home}/seen"\n')
        login, waiting = self.begin(env=env)
        self.provider.nonce = waiting.nonce
        fetch(waiting.right())
        self.assertEqual(login.done().code, 0)
        self.assertFalse((self.home / "seen").exists())


if __name__ == "__main__":
    scratch.main()
