"""Workloads that log in by the ID token of their CI system, which a test speaks for."""
import json
import time
import urllib.parse

from tests.system.support import scratch
from tests.system.support.federated_login import FederationTest
from tests.system.support.identity_provider import SigningKey, StrangeProvider

DEPLOY = "deploy@example.org"
AUDIENCE = "auth.example.org"
MAIN = "repo:example-org/app:ref:refs/heads/main"
RUNNER_TOKEN = "s3cret-of-the-runner"


class WorkloadTest(FederationTest):
    def setUp(self):
        super().setUp()
        self.provider = StrangeProvider()
        self.addCleanup(self.provider.stop)
        self.provider.metadata = dict.fromkeys(
            ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "device_authorization_endpoint"])
        self.ids = 0
        self.ok("create", DEPLOY, "--verified", "--no-password", "-q")
        self.ok("provider", "add", "ci", "--issuer", self.provider.issuer, "--workload", "--audience", AUDIENCE, "-q")

    def allow(self, *more):
        return self.ok("provider", "allow", "ci", "--user", DEPLOY, "--claim", "sub=repo:example-org/app:*",
                       "--claim", "ref=refs/heads/main", *more, "--json").json()

    def id_token(self, header=None, **claims):
        """A fresh one that is right but for these claims; None takes one away."""
        self.ids += 1
        now = int(time.time())
        right = {"iss": self.provider.issuer, "aud": AUDIENCE, "sub": MAIN, "ref": "refs/heads/main", "iat": now,
                 "nbf": now, "exp": now + 300, "jti": f"j-{self.ids}"}
        return self.provider.sign_well({name: value for name, value in (right | claims).items()
                                        if value is not None}, header)

    def log_in(self, token, *more, **how):
        return self.auth("login", "--provider", "ci", "--id-token", "-", "--json", *more,
                         stdin=token.encode() + b"\n", **how)

    def live(self):
        return json.loads(self.ok("session", "list", "--json").out)["sessions"]

    def shut_out(self, token, code, reason, *more):
        problem = self.refused(self.log_in(token, *more), code, reason)
        self.assertEqual(self.live(), [])
        self.assertEqual(self.last_failure()["detail"]["reason"], reason)
        return problem


class Login(WorkloadTest):
    def test_wherever_the_token_comes_from(self):
        self.allow()
        self.write("token", self.id_token() + "\n")
        runs = [self.auth("login", "--provider", "ci", "--id-token", "token", "--json"),
                self.log_in(self.id_token()), self.log_in(f"Bearer {self.id_token()}\r"),
                self.auth("login", "--provider", "ci", "--id-token", "env:ID_TOKEN", "--json",
                          env={"ID_TOKEN": self.id_token()})]
        for done in runs:
            self.assertEqual(done.code, 0, done)
            self.assertEqual(done.json()["user"]["email"], DEPLOY)
            self.assertNotIn("refresh_token", done.json())
        self.assertEqual(self.who(), DEPLOY)
        self.assertEqual({session["kind"] for session in self.live()}, {"workload"})

    def test_the_session_is_short_and_not_renewed(self):
        self.allow("--ttl", "5m")
        login = self.log_in(self.id_token()).json()
        self.assertEqual(login["session"]["expires_at"], login["expires_at"])
        self.assertLessEqual(login["expires_in"], 300)
        self.assertGreater(login["expires_in"], 290)
        self.ok("token", "verify", "@" + str(self.token))
        self.fails(8, "token", "refresh")
        self.fails(8, "mfa", "enroll")
        self.ok("whoami", env=self.later("+4m"))
        self.fails(5, "whoami", env=self.later("+301s"))
        self.ok("logout")
        self.assertEqual(self.live(), [])

    def test_a_token_carries_the_roles_of_its_rule(self):
        for role in ("admin", "deployer"):
            self.ok("role", "create", role)
            self.ok("role", "grant", DEPLOY, role)
        self.allow("--role", "deployer")
        self.log_in(self.id_token())
        claims = json.loads(self.ok("token", "decode", "@" + str(self.token), "--json").out)["claims"]
        self.assertEqual(claims["roles"], ["deployer"])
        self.assertEqual(self.ok("whoami", "--json").json()["roles"], ["deployer"])
        self.assertEqual(self.ok("show", DEPLOY, "--json").json()["roles"], ["admin", "deployer"])

    def test_the_trail_has_what_matched_and_no_token(self):
        rule = self.allow()
        token = self.id_token()
        self.log_in(token)
        trail = self.ok("audit", "list", "--jsonl").text
        [row] = [row for row in map(json.loads, trail.splitlines()) if row["event"] == "authn_workload_success"]
        self.assertEqual(row["detail"], {"provider": "ci", "rule": rule["id"], "roles": [],
                                         "claims": {"ref": "refs/heads/main", "sub": MAIN}})
        self.assertNotIn(token, trail)
        self.ok("audit", "verify")

    def test_a_key_that_the_token_brings_is_not_used(self):
        self.allow()
        done = self.log_in(self.id_token(header={"jku": f"{self.provider.issuer}/other"}), "-v")
        self.assertEqual(done.code, 0, done)
        self.assertIn("jku in the ID token's header chose no key", done.err.decode())
        self.assertNotIn("/other", self.provider.paths())

    def test_new_keys_of_the_issuer(self):
        self.allow()
        old = self.provider.key
        self.provider.key = SigningKey("second")
        self.provider.published = [[old.public], [self.provider.key.public]]
        self.assertEqual(self.log_in(self.id_token()).code, 0)

    def test_a_token_logs_in_once_however_many_try(self):
        self.allow()
        token = self.id_token()
        runs = self.at_once(8, "login", "--provider", "ci", "--id-token", "-", "--no-store", "-q",
                            stdin=token.encode())
        self.assertEqual(sorted(run.code for run in runs), [0] + [6] * 7, [str(run) for run in runs])
        self.assertEqual(len(self.live()), 1)


class Refusals(WorkloadTest):
    def setUp(self):
        super().setUp()
        self.allow()

    def test_what_the_token_says(self):
        now = int(time.time())
        for claims, code, reason in [
                ({"aud": "other.example.org"}, 6, "wrong_audience"), ({"aud": None}, 6, "missing_claim"),
                ({"aud": [AUDIENCE, "other.example.org"]}, 6, "wrong_audience"),
                ({"iss": "https://elsewhere.example"}, 6, "wrong_issuer"),
                ({"iat": None}, 6, "missing_claim"), ({"exp": None}, 6, "missing_claim"),
                ({"iat": now - 7200, "exp": now + 600}, 6, "expired"),
                ({"iat": now - 900, "exp": now - 600}, 6, "expired"),
                ({"nbf": now + 600}, 6, "not_yet_valid"),
                ({"sub": "repo:mallory/app:ref:refs/heads/main"}, 8, "no_rule"),
                ({"sub": "repo:example-org/app-evil:ref:refs/heads/main"}, 8, "no_rule"),
                ({"ref": "refs/heads/feature"}, 8, "no_rule"), ({"ref": None}, 8, "no_rule"),
                ({"ref": ["refs/heads/main"]}, 8, "no_rule")]:
            with self.subTest(**claims):
                self.shut_out(self.id_token(**claims), code, reason)
        self.assertEqual(self.log_in(self.id_token()).code, 0)

    def test_who_signed_it(self):
        right = self.provider.key
        self.provider.key = SigningKey("first")
        self.shut_out(self.id_token(), 6, "bad_signature")
        self.provider.key = SigningKey("unknown")
        self.shut_out(self.id_token(), 6, "unknown_key")
        self.provider.key = right
        head, _, signature = self.id_token().split(".")
        _, payload, _ = self.id_token(ref="refs/heads/main2").split(".")
        self.shut_out(f"{head}.{payload}.{signature}", 6, "bad_signature")
        for text in ("", "a.b", "s3cret"):
            self.shut_out(text, 6, "malformed")

    def test_used_once(self):
        token = self.id_token()
        self.assertEqual(self.log_in(token).code, 0)
        self.ok("logout")
        self.shut_out(token, 6, "reused")
        unnamed = self.id_token(jti=None)
        self.assertEqual(self.log_in(unnamed).code, 0)
        self.ok("logout")
        self.shut_out(unnamed, 6, "reused")

    def test_who_it_would_be(self):
        self.ok("create", "ann@example.org", "--verified", "--no-password", "-q")
        self.refused(self.log_in(self.id_token(), "ann@example.org"), 8, "other_user")
        self.ok("disable", DEPLOY)
        self.shut_out(self.id_token(), 8, "disabled")
        self.ok("delete", DEPLOY, "--yes")
        self.shut_out(self.id_token(), 8, "no_rule")

    def test_a_provider_that_is_down(self):
        self.provider.answers["/jwks"] = (503, "text/plain", "later")
        self.shut_out(self.id_token(), 13, "http_error")
        self.provider.answers["/.well-known/openid-configuration"] = (404, "text/plain", "")
        self.shut_out(self.id_token(), 13, "http_error")

    def test_an_issuer_that_calls_itself_otherwise(self):
        self.provider.metadata["issuer"] = self.provider.issuer + "/"
        problem = self.shut_out(self.id_token(), 13, "wrong_issuer")
        self.assertIn("an operator can add the provider anew: --issuer", problem["hint"])

    def test_people_and_workloads_have_providers_of_their_own(self):
        self.refused(self.auth("login", "--provider", "ci", "--json"), 8, "wrong_provider")
        self.provider.metadata = {}
        self.add(self.provider.issuer, "--auto-create", client=AUDIENCE)
        done = self.auth("login", "--provider", "corp", "--id-token", "-", "--json", stdin=self.id_token().encode())
        self.refused(done, 8, "wrong_provider")


class GitHub(WorkloadTest):
    def setUp(self):
        super().setUp()
        self.allow()
        self.provider.say_runner = self.say_runner
        self.runner = {"ACTIONS_ID_TOKEN_REQUEST_URL": self.provider.issuer + "/runner?api-version=2.0",
                       "ACTIONS_ID_TOKEN_REQUEST_TOKEN": RUNNER_TOKEN}

    def say_runner(self, _):
        return {"count": 1, "value": self.id_token()}

    def log_in_here(self, **env):
        done = self.auth("login", "--provider", "ci", "--id-token", "github", "--json", env=env)
        self.assertNotIn(RUNNER_TOKEN.encode(), done.out + done.err)
        return done

    def test_the_runner_is_asked_for_the_audience(self):
        done = self.log_in_here(**self.runner)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.who(), DEPLOY)
        [(method, query, headers)] = [(method, query, headers) for method, path, query, headers
                                      in self.provider.targets if path == "/runner"]
        self.assertEqual((method, headers["Authorization"]), ("GET", f"Bearer {RUNNER_TOKEN}"))
        self.assertEqual(dict(urllib.parse.parse_qsl(query)), {"api-version": "2.0", "audience": AUDIENCE})

    def test_what_a_job_may_lack(self):
        for env in ({}, {**self.runner, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": ""}):
            done = self.log_in_here(**env)
            self.assertEqual(done.code, 2, done)
            self.assertIn(b"id-token: write", done.err)
        self.provider.answers["/runner"] = (403, "application/json", "{}")
        self.refused(self.log_in_here(**self.runner), 13, "http_error")

    def test_a_job_of_another_repository(self):
        self.provider.say_runner = lambda _: {"value": self.id_token(sub="repo:mallory/app:x")}
        self.refused(self.log_in_here(**self.runner), 8, "no_rule")


if __name__ == "__main__":
    scratch.main()
