"""The drill on real services: each right once, and once with each mistake that services make."""
import http.server
import json
import os
import stat
import threading
import time
import xml.etree.ElementTree

from tests.system.support import scratch, token_services
from tests.system.support.loopback import Server
from tests.system.support.scratch import ScratchTest

ISSUER = "https://id.example.org"
AUDIENCE = "https://api.example.org"
EMAIL = "ann@example.org"
SECRET = "a-shared-secret-of-32-bytes-here"

ALL_TIMES = {"expired_year", "expired_hour", "duplicate_claim_last_bad"}
ALL_AUDIENCES = {"other_audience", "audience_prefix", "audience_suffix", "audience_case",
                 "audience_slash", "audience_list_of_others", "no_audience"}
# HAProxy reads the first of members of one name; nothing in its configuration changes that.
HAPROXY_READS_THE_FIRST = "duplicate_claim_last_bad: HAProxy reads the first of duplicate members\n"


class DrillTest(ScratchTest):
    def setUp(self):
        super().setUp()
        self.env = {}
        self.init()
        self.ok("config", "set", "token.issuer", ISSUER)
        self.ok("config", "set", "token.audience", AUDIENCE)
        self.ok("create", EMAIL, "--no-password", "--verified")

    def share_a_secret(self):
        self.env["AUTH_CLI_SECRET_FILE"] = self.write("secret", SECRET + "\n")
        self.ok("config", "set", "token.algorithm", "HS256", env=self.env)

    def drill(self, *options):
        done = self.auth("token", "drill", "--as", EMAIL, "--json", *options, env=self.env)
        self.assertIn(done.code, (0, 14), done)
        report = done.json()
        self.assertEqual(done.code == 14, bool(report["deviations"]), done)
        return report

    def found(self, *options):
        return {each["name"] for each in self.drill(*options)["deviations"]}

    def config(self):
        """What services trust: the keys in each form, and a directory of key files by kid."""
        jwks = self.ok("key", "export", env=self.env).json()
        pem = self.ok("key", "export", "--pem", env=self.env).text
        directory = self.home / "keys"
        directory.mkdir()
        for key in jwks["keys"]:
            (directory / key["kid"]).write_text(pem)
        return {"jwks": jwks, "pem": pem, "directory": str(directory), "issuer": ISSUER,
                "audience": AUDIENCE}


class Libraries(DrillTest):
    """What each mistake lets in beyond what a right service does."""

    def check(self, library, expected, config):
        with token_services.library_service(library, config) as url:
            found = {mistake: self.found("--url", url + mistake) for mistake in expected}
        self.assertEqual(found, expected)

    def test_npm_jose(self):
        self.check("jose", {
            "right": set(),
            "no_audience": ALL_AUDIENCES,
            "no_expiry": ALL_TIMES | {"not_yet_valid"},  # its tolerance is for both
            "alg_from_header": {"none_lower", "hmac_pem"},
            "kid_path": {"kid_path", "kid_known_file"},
            "shared_secret": {"hmac_pem"},
        }, self.config())

    def test_npm_jsonwebtoken(self):
        self.check("jsonwebtoken", {
            "right": set(),
            "no_audience": ALL_AUDIENCES,
            "no_expiry": ALL_TIMES,
            "alg_from_header": {"none_lower", "hmac_pem"},
            "kid_path": {"kid_path", "kid_known_file"},
            "shared_secret": {"hmac_pem"},
        }, self.config())

    def test_pyjwt_with_flask(self):
        self.check("PyJWT", {
            "right": set(),
            "no_audience": ALL_AUDIENCES,
            "no_expiry": ALL_TIMES,
            "alg_from_header": {"hmac_der"},  # it never accepts "none"
            "kid_path": {"kid_path", "kid_absolute_path", "kid_known_file"},
            "shared_secret": {"hmac_der"},
        }, self.config())

    def test_python_jose_with_a_shared_secret(self):
        self.share_a_secret()
        self.check("python-jose", {
            "right": set(),
            "no_audience": ALL_AUDIENCES,
            "no_expiry": ALL_TIMES,
            "alg_from_header": {"other_algorithm"},
            "kid_path": {"kid_path", "kid_absolute_path", "kid_known_file_trimmed"},
        }, {"secret": SECRET, "directory": str(self.home), "issuer": ISSUER, "audience": AUDIENCE})

    def test_python_jose_with_a_public_key_as_secret(self):
        self.check("python-jose", {"shared_secret": {"hmac_der"}}, self.config())

    def test_haproxy(self):
        config = self.config()
        pem = self.write("key.pem", config["pem"])
        config |= {"pem": pem, "kid": config["jwks"]["keys"][0]["kid"]}
        accepted = self.write("accepted", HAPROXY_READS_THE_FIRST)
        expected = {
            "right": set(),
            "no_audience": ALL_AUDIENCES,
            "no_expiry": ALL_TIMES - {"duplicate_claim_last_bad"},
            "alg_from_header": {"none_lower"},
        }
        with token_services.haproxy_service(self.home, config, list(expected)[1:]) as urls:
            found = {mistake: self.found("--url", urls[mistake], "--expect", accepted)
                     for mistake in expected}
        self.assertEqual(found, expected)

    def test_a_check_of_many_small_services(self):
        self.share_a_secret()
        user = self.ok("show", EMAIL, "--field", "id").line
        self.ok("config", "unset", "token.audience", env=self.env)
        config = {"secret": SECRET, "issuer": ISSUER, "audience": AUDIENCE}
        with token_services.library_service("python-jose", config) as url:
            options = ["--url", url + "seed", "--claim", f"id={user}"]
            self.assertEqual(self.found(*options, "--level", "must"),
                             {"critical_extension", "critical_b64"})


class Services(DrillTest):
    """What the drill asks, and what it makes of the answers."""

    def serve(self, answer):
        server = Server(answer)
        self.addCleanup(server.stop)
        return f"http://{server.address}/me"

    def verify(self, token):
        return self.auth("token", "verify", token, "--aud", AUDIENCE).code == 0

    def test_our_own_judge_passes_at_every_level(self):
        self.create("bob@example.org")
        self.ok("disable", "bob@example.org")
        report = self.drill("--level", "database", "--disabled", "bob@example.org", "--",
                            scratch.binary(), "token", "verify", "-", "--aud", AUDIENCE)
        self.assertEqual(report["deviations"], [])
        levels = {each["level"] for each in report["answers"]}
        self.assertEqual(levels, {"must", "profile", "may", "database"})
        self.assertIn("disabled_user", {each["name"] for each in report["answers"]})

    def test_a_service_that_accepts_everything(self):
        report = self.drill("--url", self.serve(lambda *_: (200, {}, b"")))
        wrong = {each["name"] for each in report["deviations"]}
        refused = {each["name"] for each in report["answers"] if each["expected"] == "refused"}
        self.assertEqual(wrong, refused)

    def test_a_service_that_refuses_everything_does_not_pass(self):
        for status in (401, 500, 302):
            report = self.drill("--url", self.serve(lambda *_, status=status: (status, {}, b"")))
            self.assertTrue(report["stopped_early"])
            self.assertEqual([each["name"] for each in report["deviations"]], ["control"])
            self.assertEqual(report["tried"], 1)

    def test_a_service_that_stops_answering_well_does_not_pass(self):
        asked = []

        def answer(*_):
            asked.append(1)
            return (200 if len(asked) <= 3 else 401), {}, b""
        self.assertEqual(self.found("--url", self.serve(answer)), {"control_at_end"})

    def test_other_statuses_are_told_apart(self):
        asked = []

        def answer(*_):
            asked.append(1)
            return (200 if len(asked) <= 3 else 500), {}, b""
        report = self.drill("--url", self.serve(answer))
        unclear = [each for each in report["deviations"] if each["answer"] == "unclear"]
        self.assertEqual({each["said"] for each in unclear}, {"500"})

    def test_redirects_are_not_followed(self):
        paths = []

        def answer(path, _):
            paths.append(path)
            return 302, {"Location": "/elsewhere"}, b""
        self.drill("--url", self.serve(answer))
        self.assertEqual(paths, ["/me"])

    def test_where_the_token_is_sent(self):
        seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                seen.append((self.path, dict(self.headers)))
                self.send_response(401)
                self.end_headers()

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}/me"
        for options in ([], ["--header", "X-Token"], ["--header", "X-Token: Token"],
                        ["--cookie", "session"], ["--query", "access_token"]):
            self.drill("--url", url, *options)
        plain, bare, prefixed, cookie, query = seen
        token = plain[1]["Authorization"].removeprefix("Bearer ")
        self.assertEqual(token.count("."), 2)
        self.assertEqual(bare[1]["X-Token"].count("."), 2)
        self.assertNotIn("Authorization", bare[1])
        self.assertTrue(prefixed[1]["X-Token"].startswith("Token ey"))
        self.assertTrue(cookie[1]["Cookie"].startswith("session=ey"))
        self.assertTrue(query[0].startswith("/me?access_token=ey"))

    def test_other_machines_are_asked_by_yes_alone(self):
        url = "http://192.0.2.1:9/me"
        self.assertIn(b"--yes", self.fails(2, "token", "drill", "--as", EMAIL, "--url", url).err)
        self.fails(2, "token", "drill", "--as", EMAIL, "--url", "ftp://127.0.0.1/")
        self.fails(2, "token", "drill", "--as", EMAIL)

    def test_nobody_there(self):
        port = token_services.free_port()
        done = self.fails(13, "token", "drill", "--as", EMAIL, "--url", f"http://127.0.0.1:{port}/")
        self.assertIn(b"cannot be reached", done.err)
        self.fails(127, "token", "drill", "--as", EMAIL, "--", "no-such-program")

    def test_programs(self):
        self.assertEqual(self.found("--", "false"), {"control"})
        script = self.write("accept", "#!/bin/sh\ncat >/dev/null\nkill -9 $$\n")
        os.chmod(script, 0o700)
        report = self.drill("--", script)
        self.assertEqual(report["deviations"][0]["said"], "signal 9")

    def test_accepted_deviations_and_junit(self):
        accepted = self.write("accepted", "# known\naudience_case: old clients\n\n"
                                          "wrong_key: no longer so\n")
        junit = str(self.home / "report.xml")

        # This program compares audiences without case.
        script = self.write("lax", f"""#!/bin/sh
token=$(cat)
'{scratch.binary()}' token verify "$token" --aud {AUDIENCE} >/dev/null 2>&1 && exit 0
'{scratch.binary()}' token verify "$token" --aud {AUDIENCE.replace("h", "H", 1)} >/dev/null 2>&1
""")
        os.chmod(script, 0o700)
        options = ["--expect", accepted, "--junit", junit, "--", script]
        report = self.drill(*options)
        self.assertEqual(report["deviations"], [])
        self.assertEqual([each["name"] for each in report["accepted"]], ["audience_case"])
        self.assertEqual(report["stale"], ["wrong_key"])
        suite = xml.etree.ElementTree.parse(junit).getroot()[0]
        self.assertEqual(int(suite.get("tests")), report["tried"])
        self.assertEqual((suite.get("failures"), suite.get("skipped")), ("0", "1"))
        self.fails(2, "token", "drill", "--as", EMAIL, "--expect",
                   self.write("bad", "none_lowr: typing\n"), "--", "true")

    def test_what_stays_of_a_drill(self):
        self.drill("--", "true")
        events = [json.loads(line) for line in
                  self.ok("audit", "list", "--event", "token_drill", "--jsonl").text.splitlines()]
        self.assertEqual(len(events), 1)
        self.assertEqual(events[0]["detail"]["service"], "true")
        live = self.ok("session", "list", EMAIL, "--json").json()["sessions"]
        self.assertEqual([each["state"] for each in live if each["state"] == "live"], [])


class Fixtures(DrillTest):
    def fixtures(self, *options):
        self.ok("token", "fixtures", "fixtures", "--as", EMAIL, *options, env=self.env)
        directory = self.home / "fixtures"
        return directory, json.loads((directory / "manifest.json").read_text())

    def check_judged(self, *options):
        """Each file is judged by `token verify` as the manifest says."""
        directory, manifest = self.fixtures()
        names = [each["name"] for each in manifest["tokens"]]
        self.assertGreater(len(names), 60)
        for each in manifest["tokens"]:
            done = self.auth("token", "verify", "@" + str(directory / each["file"]), "--aud", AUDIENCE,
                             "--json", env=self.env)
            reason = json.loads(done.err)["reason"] if done.code else None
            self.assertEqual(reason, each["reason"], each)
            if each["expected"] != "either":
                self.assertEqual("accepted" if done.code == 0 else "refused", each["expected"])

    def test_each_is_judged_as_the_manifest_says(self):
        self.check_judged()

    def test_with_a_shared_secret(self):
        self.share_a_secret()
        self.check_judged()
        self.assertNotIn(SECRET, (self.home / "fixtures/jwks.json").read_text())

    def test_a_kit(self):
        directory, manifest = self.fixtures("--kit", "--alg", "EdDSA", "--ttl", "30d")
        self.assertEqual(manifest["keys"], "kit")
        control = "@" + str(directory / "control.jwt")
        self.ok("token", "verify", control, "--jwks", str(directory / "jwks.json"), "--typ", "at+jwt",
                "--aud", AUDIENCE, "--iss", ISSUER)
        self.fails(6, "token", "verify", control, "--aud", AUDIENCE)
        self.assertNotIn('"d"', (directory / "jwks.json").read_text())

    def test_nobody_else_reads_them(self):
        directory, manifest = self.fixtures()
        self.assertEqual(stat.S_IMODE(directory.stat().st_mode), 0o700)
        for path in directory.iterdir():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)
        listed = {each["file"] for each in manifest["tokens"]} | {"jwks.json", "manifest.json"}
        self.assertEqual({path.name for path in directory.iterdir()}, listed)

    def test_they_are_made_quickly(self):
        self.fixtures()
        best = min(self.time_one() for _ in range(5))
        scratch.say(self, f"fixtures in {best * 1000:.0f} ms")
        if not scratch.sanitized():
            self.assertLess(best, 0.2)

    def time_one(self):
        began = time.monotonic()
        self.fixtures()
        return time.monotonic() - began

    def test_the_same_second_gives_the_same_files(self):
        env = self.later("2027-01-31 09:05:00")

        def content():
            self.ok("token", "fixtures", "fixtures", "--as", EMAIL, env=env)
            return {path.name: path.read_bytes() for path in (self.home / "fixtures").iterdir()}
        first = content()
        self.assertEqual(content(), first)


if __name__ == "__main__":
    scratch.main()
