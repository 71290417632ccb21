"""Tokens of issuers whose keys are published: fetched once, kept, and never taken from anybody else."""
import os
import shutil

from tests.system.support import scratch
from tests.system.support.issuer_shapes import SHAPES, Issuer, RsaKey
from tests.system.support.scratch import ScratchTest

KEY, OTHER = RsaKey(), RsaKey()


class IssuerTest(ScratchTest):
    def setUp(self):
        super().setUp()
        self.cache = self.home / ".cache/auth-cli"
        self.issuer = self.serve("GitHub Actions")
        self.good = self.write("good", self.issuer.token())

    def serve(self, name):
        issuer = Issuer(SHAPES[name], KEY, OTHER)
        self.addCleanup(issuer.stop)
        return issuer

    def verify(self, token, *more, issuer=None, **how):
        issuer = issuer or self.issuer
        audience = ["--aud", issuer.shape.audience] if issuer.shape.says_audience else []
        return self.auth("token", "verify", token, "--issuer", issuer.url, *audience, "--json", *more, **how)

    def accepts(self, token, *more, **how):
        done = self.verify(token, *more, **how)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.json()["status"], "valid")
        return done

    def refuses(self, token, reason, *more, code=6, **how):
        done = self.verify(token, *more, **how)
        self.assertEqual(done.code, code, done)
        self.assertEqual(done.out, b"")
        self.assertIn(f'"reason":"{reason}"', done.err.decode().replace('": "', '":"'))
        return done

    def entry(self):
        [entry] = self.cache.glob("*.json")
        return entry


class Shapes(IssuerTest):
    def test_tokens_of_well_known_issuers(self):
        for name in SHAPES:
            with self.subTest(name):
                issuer = self.serve(name)
                self.accepts(issuer.token(), issuer=issuer)
                self.accepts(issuer.token(), "--offline", issuer=issuer)
                self.assertEqual(issuer.fetches(), 1)
                self.refuses(issuer.token(key=OTHER), "bad_signature", issuer=issuer)
                self.refuses(issuer.token(iss=issuer.url + "x"), "wrong_issuer", issuer=issuer)
                self.refuses(issuer.token(life=-5), "expired", code=5, issuer=issuer)
                if issuer.shape.says_audience:
                    self.refuses(issuer.token(aud="others"), "wrong_audience", issuer=issuer)
                self.assertEqual(issuer.fetches(), 1)


class Fetching(IssuerTest):
    def test_fifty_at_once_fetch_once(self):
        self.issuer.slow = 0.5
        args = ["token", "verify", "@" + self.good, "--issuer", self.issuer.url, "--aud", "reports", "-q"]
        for done in self.at_once(50, *args):
            self.assertEqual(done.code, 0, done)
            self.assertEqual(done.err, b"")
        self.assertEqual(self.issuer.fetches(), 1)
        self.assertEqual(len(self.issuer.asked), 2)

    def test_those_who_waited_share_a_failure(self):
        self.issuer.slow, self.issuer.jwks_status = 0.5, 429
        args = ["token", "verify", "@" + self.good, "--issuer", self.issuer.url, "--aud", "reports", "--json"]
        for done in self.at_once(12, *args):
            self.assertEqual(done.code, 13, done)
            self.assertIn(b"status 429", done.err)
        self.assertLess(self.issuer.fetches(), 12)
        self.issuer.jwks_status = 200
        self.accepts("@" + self.good)

    def test_a_new_key_is_found_by_one_fetch_more(self):
        self.accepts("@" + self.good)
        self.refuses(self.issuer.token(key=OTHER, kid="none"), "unknown_key")
        self.assertEqual(self.issuer.fetches(), 2)
        self.issuer.kid = "signing-2"
        token = self.issuer.token()
        self.refuses(token, "unknown_key", "--offline")
        self.accepts(token)
        self.assertEqual(self.issuer.fetches(), 3)

    def test_keys_are_fresh_for_as_long_as_the_issuer_says(self):
        self.issuer.headers = {"Cache-Control": "public, max-age=7200", "Age": "3500"}
        self.accepts("@" + self.good)
        self.accepts("@" + self.good, env=self.later("+3600s"))
        self.assertEqual(self.issuer.fetches(), 1)
        self.accepts("@" + self.good, env=self.later("+3800s"))
        self.assertEqual(self.issuer.fetches(), 2)

    def test_an_issuer_that_is_down(self):
        self.accepts("@" + self.good)
        self.issuer.jwks_status = 503
        done = self.accepts("@" + self.good, env=self.later("+600s"))
        self.assertRegex(done.err.decode(), r"^auth-cli: warning: .*503.*; the keys that were fetched "
                                            r"10 minutes ago are used\n$")
        self.refuses("@" + self.good, "http_error", code=13, env=self.later("+7200s"))
        self.accepts("@" + self.good, "--offline", env=self.later("+7200s"))
        self.issuer.stop()
        self.refuses("@" + self.good, "unreachable", code=13, env=self.later("+7200s"))

    def test_many_tokens(self):
        lines = [self.issuer.token(), self.issuer.token(key=OTHER), "x.y.z",
                 *(self.issuer.token(jti=str(number)) for number in range(200))]
        done = self.verify("-", stdin="\n".join(lines).encode())
        self.assertEqual(done.code, 14, done)
        self.assertEqual(done.text.count('"status":"valid"'), 201)
        self.assertEqual(self.issuer.fetches(), 1)

    def test_offline_asks_nobody(self):
        done = self.refuses("@" + self.good, "unknown_key", "--offline")
        self.assertIn("without --offline", done.err.decode())
        self.assertEqual(self.issuer.asked, [])
        self.assertFalse(self.cache.exists())

    def test_settings_of_a_database_count(self):
        self.init()
        self.ok("config", "set", "federation.timeout", "1s", "-q")
        self.issuer.slow = 3
        self.refuses("@" + self.good, "timeout", code=13)


class Cache(IssuerTest):
    def test_it_is_private(self):
        self.accepts("@" + self.good)
        self.assertEqual(self.cache.stat().st_mode & 0o777, 0o700)
        for path in [*self.cache.iterdir(), self.state / "cache.key"]:
            self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)

    def test_what_others_could_have_written_is_not_used(self):
        def swap():
            text = self.entry().read_text()
            forged = text.replace(KEY.public("k")["n"], OTHER.public("k")["n"])
            self.assertNotEqual(text, forged)
            self.entry().write_text(forged)

        def borrow():
            mine = self.entry()
            theirs = self.serve("Google")
            self.accepts(theirs.token(), issuer=theirs)
            [other] = [path for path in self.cache.glob("*.json") if path != mine]
            shutil.copyfile(other, mine)

        for name, harm in [("altered", swap), ("cut off", lambda: os.truncate(self.entry(), 100)),
                           ("writable", lambda: self.entry().chmod(0o666)), ("borrowed", borrow),
                           ("unproved", (self.state / "cache.key").unlink)]:
            with self.subTest(name):
                shutil.rmtree(self.cache, ignore_errors=True)
                self.accepts("@" + self.good)
                harm()
                before = self.issuer.fetches()
                forged = self.issuer.token(key=OTHER)
                self.refuses(forged, "unknown_key", "--offline")
                self.refuses("@" + self.good, "unknown_key", "--offline")
                self.assertEqual(self.issuer.fetches(), before)
                self.refuses(forged, "bad_signature")
                self.accepts("@" + self.good)
                self.assertEqual(self.issuer.fetches(), before + 1)
                self.assertEqual(self.accepts("@" + self.good, "--offline").err, b"")

    def test_a_directory_that_others_can_write_keeps_nothing(self):
        self.accepts("@" + self.good)
        self.cache.chmod(0o777)
        self.refuses("@" + self.good, "unknown_key", "--offline")
        done = self.accepts("@" + self.good)
        self.assertRegex(done.err.decode(), r"^auth-cli: warning: cached keys are not used: the directory '.*'"
                                            r" can be written by other users\n$")
        self.assertEqual(self.issuer.fetches(), 2)

    def test_without_a_home_nothing_is_kept(self):
        for _ in range(2):
            self.accepts("@" + self.good, env={"HOME": "nowhere"})
        self.assertEqual(self.issuer.fetches(), 2)
        self.assertEqual(sorted(path.name for path in self.home.iterdir()), ["good"])


if __name__ == "__main__":
    scratch.main()
