"""Identity providers that lie, break down or dawdle, and callbacks that somebody else sends."""
import concurrent.futures
import hashlib
import hmac
import json
import os
import pty
import signal
import socket
import subprocess
import threading
import time

from cryptography.hazmat.primitives.asymmetric import rsa
import jwt

from tests.system.support import mail_server, scratch
from tests.system.support.federated_login import WithStrangeProvider
from tests.system.support.identity_provider import SigningKey, StrangeProvider, fetch, half_hash, unpadded

ANN = "ann@example.org"


class IdTokens(WithStrangeProvider):
    def setUp(self):
        super().setUp()
        self.add_strange()

    def test_a_good_one(self):
        done, page = self.sign_in()
        self.assertEqual(done.code, 0, done)
        self.assertIn("It worked", page)
        [redeemed] = [form for _, path, form, _ in self.provider.requests if path == "/token"]
        self.assertEqual(redeemed["grant_type"], "authorization_code")
        self.assertEqual(redeemed["client_id"], "client")
        self.assertNotIn("client_secret", redeemed)
        self.assertGreaterEqual(len(redeemed["code_verifier"]), 43)

    def test_claims_that_do_not_fit(self):
        now = int(time.time())
        for claims, reason in [
                ({"nonce": "another"}, "wrong_nonce"), ({"nonce": None}, "wrong_nonce"),
                ({"nonce": 1}, "wrong_nonce"),
                ({"iss": "https://other.example"}, "wrong_issuer"), ({"iss": None}, "missing_claim"),
                ({"aud": "somebody"}, "wrong_audience"), ({"aud": None}, "missing_claim"),
                ({"aud": ["client", "other"]}, "missing_claim"),
                ({"aud": ["client", "other"], "azp": "other"}, "wrong_authorized_party"),
                ({"azp": "other"}, "wrong_authorized_party"),
                ({"exp": now - 120}, "expired"), ({"exp": None}, "missing_claim"),
                ({"exp": "soon"}, "bad_claim"), ({"iat": None}, "missing_claim"),
                ({"iat": now + 3600}, "issued_in_future"), ({"nbf": now + 3600}, "not_yet_valid"),
                ({"sub": None}, "bad_claim"), ({"sub": ""}, "bad_claim"), ({"sub": "x" * 256}, "bad_claim"),
                ({"sub": 7}, "bad_claim"), ({"sub": "a\nb"}, "bad_claim"),
                ({"at_hash": half_hash("another")}, "wrong_at_hash")]:
            with self.subTest(claims=claims):
                self.provider.claims = claims
                self.refuses(6, reason)

    def test_claims_that_may_be(self):
        now = int(time.time())
        for claims in ({"aud": ["client"]}, {"aud": ["client", "other"], "azp": "client"},
                       {"at_hash": None}, {"exp": now - 30, "iat": now + 30}):
            with self.subTest(claims=claims):
                self.provider.claims = claims
                self.assertEqual(self.sign_in()[0].code, 0)

    def test_signatures_that_do_not_fit(self):
        stranger = SigningKey("first")
        public = json.dumps(self.provider.key.public)

        def by(key, algorithm="ES256", **header):
            return lambda claims: jwt.encode(claims, key, algorithm=algorithm, headers=header)

        def by_hmac(claims):  # the library itself refuses to do this
            head, body = (unpadded(json.dumps(part).encode()) for part in
                          ({"alg": "HS256", "kid": "first"}, claims))
            mac = hmac.new(public.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
            return f"{head}.{body}.{unpadded(mac)}"
        good = self.provider.sign_well
        other_kind = rsa.generate_private_key(65537, 2048)
        for sign, reason in [
                (by(stranger.private, kid="first"), "bad_signature"),
                (by(stranger.private, kid="stranger"), "unknown_key"),
                (by(None, "none"), "unsecured"), (by_hmac, "wrong_algorithm"),
                (by(other_kind, "RS256", kid="first"), "wrong_algorithm"),
                (by(stranger.private, jwk=stranger.public), "bad_signature"),
                (by(stranger.private, kid="first", jku=f"{self.provider.issuer}/jwks"), "bad_signature"),
                (by(self.provider.key.private, kid="first", crit=["x"]), "critical_header"),
                (lambda claims: good(claims)[:-4] + "AAAA", "bad_signature"),
                (lambda claims: good(claims).rsplit(".", 1)[0] + ".", "bad_signature"),
                (lambda claims: "nonsense", "malformed"), (lambda claims: "a.b.c.d.e", "encrypted")]:
            with self.subTest(reason=reason):
                self.provider.sign = sign
                self.refuses(6, reason)

    def test_shared_secrets_sign_nothing(self):
        self.provider.published = [{"kty": "oct", "k": unpadded(b"x" * 32), "kid": "first",
                                    "alg": "HS256"}]
        self.provider.sign = lambda claims: jwt.encode(claims, b"x" * 32, headers={"kid": "first"})
        self.refuses(6, "wrong_algorithm")

    def test_key_sets_that_are_no_good(self):
        other = SigningKey("second").public
        for keys, code, reason in [([], 6, "no_usable_key"), ([other], 6, "unknown_key"),
                                   ([self.provider.key.public, {**other, "kid": "first"}], 6, "ambiguous_key"),
                                   ([{**self.provider.key.public, "d": other["x"]}], 6, "private_key")]:
            with self.subTest(reason=reason):
                self.provider.published = keys
                self.refuses(code, reason)

    def test_key_sets_as_they_are(self):
        own, other = self.provider.key.public, SigningKey("first").public
        modulus = rsa.generate_private_key(65537, 2048).public_key().public_numbers().n.to_bytes(257, "big")
        self.provider.published = [{"kty": "AKP", "kid": "new", "alg": "ML-DSA-65", "pub": "AAAA"},
                                   {**other, "use": "enc"}, {**other, "alg": "ECDH-ES"}, own, own,
                                   {"kty": "RSA", "kid": "first", "n": unpadded(modulus), "e": "AQAB"}]
        self.provider.sign = lambda claims: jwt.encode(claims, self.provider.key.private, algorithm="ES256", headers={
            "kid": "first", "jku": f"{self.provider.issuer}/jwks", "x5c": ["MIIB"]})
        done, _ = self.sign_in("-v")
        self.assertEqual(done.code, 0, done)
        for words in ("the key 'first' has RSA numbers with padding or leading zeros",
                      "jku in the ID token's header chose no key", "x5c in the ID token's header chose no key"):
            self.assertIn(words, done.err.decode())

    def test_an_unknown_key_has_the_keys_fetched_once_more(self):
        old, new = self.provider.key.public, SigningKey("second")
        self.provider.key = new
        self.provider.published = [[old], [old, new.public]]
        self.assertEqual(self.sign_in()[0].code, 0)
        self.assertEqual(self.provider.paths().count("/jwks"), 2)
        self.assertEqual(self.provider.requests[-1][3].get("Cache-Control"), "no-cache")
        self.ok("logout")
        self.provider.published, self.provider.requests = [old], []
        done, _ = self.sign_in()
        self.refused(done, 6, "unknown_key")
        self.assertEqual(self.provider.paths().count("/jwks"), 2)

    def test_user_information(self):
        self.provider.email = {}
        self.provider.userinfo = {"sub": "ann-1", "email": ANN, "email_verified": "true", "name": "A\nB"}
        done, _ = self.sign_in()
        self.assertEqual(done.json()["user"]["name"], "A B")
        [headers] = [headers for _, path, _, headers in self.provider.requests if path == "/userinfo"]
        self.assertEqual(headers["Authorization"], "Bearer " + StrangeProvider.ACCESS_TOKEN)
        self.ok("logout")
        self.provider.userinfo["sub"] = "bob-1"
        done, _ = self.sign_in()
        self.refused(done, 6, "wrong_subject")

    def test_addresses_that_are_none(self):
        for email in ("nonsense", "a@b@c", "a\nb@example.org", 7, None, ""):
            with self.subTest(email=email):
                self.provider.email = {"email": email, "email_verified": True}
                self.provider.userinfo = {"sub": "ann-1"}
                self.refuses(8, "unverified_address", page_says="It worked")


class Callbacks(WithStrangeProvider):
    def setUp(self):
        super().setUp()
        self.add_strange()

    def test_forged_ones_are_passed_over(self):
        login, waiting = self.begin("--json")
        self.provider.nonce = waiting.nonce
        state, elsewhere = waiting.state, waiting.redirect.rsplit("/", 1)[0]
        for status, url in [
                (400, waiting.callback(code="x", state="wrong")), (400, waiting.callback(code="x")),
                (400, waiting.callback(code="x", state="")), (400, waiting.redirect),
                (400, waiting.callback(error="access_denied")),
                (400, waiting.callback(error="access_denied", state="wrong")),
                (400, waiting.callback(state=state)), (400, waiting.callback(state=state, code="")),
                (400, waiting.callback(state=state, code="x", error="server_error")),
                (400, waiting.callback(code="x", state=state) + f"&state={state}"),
                (400, waiting.callback(code="x", state=state) + "&code=y"),
                (400, waiting.callback(code="x", state=state) + "&x=%zz"),
                (400, waiting.callback(code="x", state=state.swapcase())),
                (404, elsewhere + "/"), (404, elsewhere + "/favicon.ico"),
                (404, elsewhere + f"/callback?code=x&state={state}"),
                (404, waiting.redirect + f"/?code=x&state={state}")]:
            with self.subTest(url=url):
                got, headers, page = fetch(url)
                self.assertEqual(got, status)
                self.assertNotIn(state, page)
        right = waiting.right()
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            self.assertEqual(fetch(right, method=method)[0], 405)
        for host in ("evil.example", f"evil.example:{waiting.port}", "127.0.0.1:1", "127.0.0.1"):
            self.assertEqual(fetch(right, headers={"Host": host})[0], 400)
        self.assertIsNone(login.process.poll())
        self.assertNotIn("/token", self.provider.paths())
        status, headers, page = fetch(right)
        self.assertEqual(status, 200)
        self.assertIn("It worked", page)
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertNotIn("http", page)
        self.assertEqual(login.done().code, 0)

    def test_a_state_is_good_for_one_login(self):
        login, old = self.begin()
        self.provider.nonce = old.nonce
        fetch(old.right())
        self.assertEqual(login.done().code, 0)
        login, new = self.begin()
        self.assertNotEqual((old.state, old.nonce, old.redirect), (new.state, new.nonce, new.redirect))
        self.assertEqual(fetch(new.callback(code=StrangeProvider.CODE, state=old.state))[0], 400)
        self.provider.nonce = new.nonce
        fetch(new.right())
        self.assertEqual(login.done().code, 0)

    def test_two_callbacks(self):
        login, waiting = self.begin()
        self.provider.nonce = waiting.nonce
        self.provider.delays["/token"] = 0.5

        def answer():
            try:
                return fetch(waiting.right())[0]
            except OSError:
                return None  # nobody listens any more
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            first, second = [run.result() for run in [pool.submit(answer) for _ in range(2)]]
        self.assertEqual(login.done().code, 0)
        self.assertIn(200, (first, second))
        self.assertNotEqual(first, second)
        self.assertEqual(self.provider.paths().count("/token"), 1)

    def test_the_provider_names_itself(self):
        self.assertEqual(self.sign_in(iss=self.provider.issuer)[0].code, 0)
        self.ok("logout")
        self.refused(self.sign_in(iss="https://other.example")[0], 6, "wrong_issuer")
        self.provider.metadata = {"authorization_response_iss_parameter_supported": True}
        self.refused(self.sign_in()[0], 6, "wrong_issuer")
        self.assertEqual(self.sign_in(iss=self.provider.issuer)[0].code, 0)

    def test_refusals(self):
        # The state goes through the browser: what comes back with it may repeat it.
        for word, code, reason in [("access_denied", 3, "access_denied"), ("server_error", 13, "server_error"),
                                   ("temporarily_unavailable", 13, "temporarily_unavailable"),
                                   ("invalid_scope", 13, "invalid_scope"), ("<b>\x1b[31m", 13, "unknown_error"),
                                   (StrangeProvider.CODE, 13, "unknown_error")]:
            with self.subTest(word=word):
                login, waiting = self.begin("--json")
                why = {"error_description": "E7 \x1b[2J\u202e" + waiting.state + "x" * 6000,
                       "error_uri": "https://idp.example/E7"}
                self.assertEqual(fetch(waiting.callback(error=word, state=waiting.state, **why))[0], 200)
                problem = self.refused(login.done(), code, reason)
                self.assertIn(r": 'E7 \x1b[2J\u{202e}[hidden]xxx", problem["message"])
                self.assertTrue(problem["message"].endswith("xxx…' (https://idp.example/E7)"), problem)
                self.assertLess(len(problem["message"]), 600)

    def test_a_port_of_its_own(self):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
            self.add_strange("--replace", "--redirect-port", str(port))
            done = self.auth("login", "--provider", "corp", "--no-browser", "--json")
            self.assertEqual(done.code, 12, done)
            problem = json.loads(done.err.splitlines()[-1])
            self.assertEqual(problem["message"], f"cannot listen on port {port} of 127.0.0.1: Address already in use")
        for _ in range(2):  # the port can be used again at once
            login, waiting = self.begin("--no-store")
            self.assertEqual(waiting.port, port)
            self.provider.nonce = waiting.nonce
            fetch(waiting.right())
            self.assertEqual(login.done().code, 0)

    def test_nobody_comes(self):
        self.ok("config", "set", "federation.wait", "1s")
        login, waiting = self.begin("--json")
        self.refused(login.done(), 5, "no_answer")
        self.assertRefused(waiting.port)

    def assertRefused(self, port):
        for host in ("127.0.0.1", "::1"):
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection((host, port), 2).close()

    def listeners(self, port):
        table = subprocess.run(["ss", "-ltnH"], capture_output=True, text=True, check=True).stdout
        return sorted(line.split()[3] for line in table.splitlines() if line.split()[3].endswith(f":{port}"))

    def test_the_listener_is_on_loopback_alone_and_goes(self):
        both = {"127.0.0.1": socket.AF_INET}
        if self.has_ipv6():
            both["[::1]"] = socket.AF_INET6
        for how, code in (("success", 0), ("failure", 6), ("interrupt", 130), ("terminate", 143)):
            with self.subTest(how=how):
                login, waiting = self.begin()
                self.assertEqual(self.listeners(waiting.port), [f"{host}:{waiting.port}" for host in both])
                self.assertRegex(waiting.redirect, r"^http://127\.0\.0\.1:\d+/[\w-]{22}$")
                self.provider.nonce = waiting.nonce
                if how in ("success", "failure"):
                    self.provider.claims = {"aud": "other"} if how == "failure" else {}
                    fetch(waiting.right())
                else:
                    login.process.send_signal(signal.SIGINT if how == "interrupt" else signal.SIGTERM)
                done = login.done()
                self.assertEqual(done.code, code, done)
                self.assertEqual(self.listeners(waiting.port), [])
                self.assertRefused(waiting.port)

    def has_ipv6(self):
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(("::1", 0))
            return True
        except OSError:
            return False

    def test_ipv6_takes_the_callback_too(self):
        if not self.has_ipv6():
            self.skipTest("this machine has no IPv6")
        login, waiting = self.begin()
        self.provider.nonce = waiting.nonce
        fetch(waiting.right().replace("127.0.0.1", "[::1]"))
        self.assertEqual(login.done().code, 0)

    def test_visitors_who_only_take_up_room(self):
        login, waiting = self.begin()
        self.provider.nonce = waiting.nonce
        idle = [socket.create_connection(("127.0.0.1", waiting.port)) for _ in range(40)]
        for number, visitor in enumerate(idle):
            self.addCleanup(visitor.close)
            try:
                visitor.sendall([b"GET / HTTP/1.1\r\n", b"", b"\x16\x03\x01", b"\r\n" * 9][number % 4])
            except OSError:
                pass
        with socket.create_connection(("127.0.0.1", waiting.port)) as big:
            try:
                for _ in range(64):
                    big.sendall(b"X-Long: " + b"x" * 4096 + b"\r\n")
                self.assertIn(b" 431 ", big.recv(4096))
            except OSError:
                pass
        for line in (b"GET\r\n\r\n", b"\r\n\r\n", b"GET / HTTP/2.0\r\n\r\n", b"\x00\xff\r\n\r\n", b"GET /  \r\n\r\n"):
            with socket.create_connection(("127.0.0.1", waiting.port)) as bad:
                bad.sendall(line)
                self.assertIn(b" 400 ", bad.recv(4096))
        fetch(waiting.right())
        self.assertEqual(login.done().code, 0)

    def test_a_request_in_pieces(self):
        login, waiting = self.begin()
        self.provider.nonce = waiting.nonce
        target = waiting.right().split(str(waiting.port), 1)[1]
        request = f"GET {target} HTTP/1.1\r\nhost:127.0.0.1:{waiting.port}\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", waiting.port)) as slow:
            for at in range(0, len(request), 50):
                slow.sendall(request[at:at + 50])
                time.sleep(0.01)
            self.assertIn(b" 200 ", slow.recv(4096))
        self.assertEqual(login.done().code, 0)


class ProviderTrouble(WithStrangeProvider):
    def sign_in_fails(self, code, reason):
        done = self.start("--no-browser", "--json")
        if not self.early:
            waiting = done.waiting()
            self.provider.nonce = waiting.nonce
            fetch(waiting.right())
        return self.refused(done.done(), code, reason)

    def test_answers_that_are_none(self):
        self.add_strange()
        self.provider.email = {}
        html_page = (200, "text/html", "<html>hello</html>")
        for path in ("/.well-known/openid-configuration", "/token", "/jwks", "/userinfo"):
            self.early = path.startswith("/.well")
            for answer, reason in [((500, "application/json", "{}"), "http_error"), (html_page, "malformed"),
                                   ((302, "text/plain", ""), "http_error"), ((404, "text/html", "x"), "http_error"),
                                   ((200, "application/json", "[]"), "malformed"),
                                   ((200, "application/json", '{"a":1,"a":2}'), "malformed"),
                                   ((200, "application/json", b"\xff\xfe"), "malformed"),
                                   ((200, "application/json", ""), "malformed"),
                                   ((200, "application/json", "[" * 100000), "malformed"),
                                   ((200, "application/json", " " * (1 << 20) + "{}"), "too_long")]:
                with self.subTest(path=path, reason=reason, answer=answer[:2]):
                    self.provider.answers = {path: answer}
                    self.sign_in_fails(13, reason)
        self.assertNotIn("/elsewhere", self.provider.paths())

    def test_what_the_token_endpoint_refuses(self):
        self.add_strange()
        self.early = False
        for word, code, reason, status in [
                ("invalid_grant", 3, "invalid_grant", 400), ("invalid_client", 13, "invalid_client", 401),
                ("unauthorized_client", 13, "unauthorized_client", 403), ("x" * 99, 13, "unknown_error", 400)]:
            with self.subTest(word=word):
                body = json.dumps({"error": word, "error_description": f"E8: {StrangeProvider.CODE}\r\nsee below",
                                   "error_uri": "https://idp.example/E8"})
                self.provider.answers = {"/token": (status, "application/json", body)}
                problem = self.sign_in_fails(code, reason)
                self.assertTrue(problem["message"].endswith(
                    ": 'E8: [hidden] see below' (https://idp.example/E8)"), problem)
        for body in ({}, {"access_token": "x"}, {"id_token": 7}, {"id_token": ""}):
            self.provider.answers = {"/token": (200, "application/json", json.dumps(body))}
            self.sign_in_fails(13, "malformed")

    def test_slow_and_gone(self):
        self.add_strange()
        self.ok("config", "set", "federation.timeout", "1s")
        for path in ("/.well-known/openid-configuration", "/token"):
            self.early = path.startswith("/.well")
            self.provider.delays = {path: 3}
            self.sign_in_fails(13, "timeout")
        self.provider.delays = {}
        self.early = True
        self.provider.stop()
        self.sign_in_fails(13, "unreachable")

    def test_discovery_of_another_issuer(self):
        for issuer in ("https://other.example", self.provider.issuer + "/", "", None, 7):
            with self.subTest(issuer=issuer):
                self.provider.metadata = {"issuer": issuer}
                done = self.auth("provider", "add", "corp", "--issuer", self.provider.issuer,
                                 "--client-id", "client", "--json")
                hint = self.refused(done, 13, "wrong_issuer")["hint"]
                near = issuer == self.provider.issuer + "/"
                self.assertEqual(hint, f"--issuer {issuer} would fit" if near else None)
        self.assertEqual(self.ok("provider", "list").out, b"")

    def test_endpoints_that_lead_elsewhere(self):
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "device_authorization_endpoint"):
            for url in ("http://evil.example/x", "file:///etc/passwd", "https://user@evil.example/x",
                        "https://evil.example/#x", "javascript:alert(1)", "--help", "https://", "https://a b/"):
                with self.subTest(name=name, url=url):
                    self.provider.metadata = {name: url}
                    done = self.auth("provider", "add", "corp", "--issuer", self.provider.issuer,
                                     "--client-id", "client", "--json")
                    self.refused(done, 13, "insecure")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            self.provider.metadata = {name: None}
            done = self.auth("provider", "add", "corp", "--issuer", self.provider.issuer,
                             "--client-id", "client", "--json")
            self.refused(done, 13, "malformed")

    def test_issuers_must_be_encrypted_or_here(self):
        for issuer in ("http://example.org", "http://127.0.0.1.evil.example", "http://localhost.evil.example",
                       "http://127.0.0.1@evil.example", "http://127.0.0.1:80@evil.example/", "http://127.0.0.2",
                       "http://[::2]", "http://0.0.0.0", "ftp://example.org", "example.org", "https://",
                       "https://a.example/?x", "https://a.example/#x", "https://a.example:port/",
                       "http://localhost\\@x"):
            with self.subTest(issuer=issuer):
                done = self.fails(2, "provider", "add", "x", "--issuer", issuer, "--client-id", "c", "--json")
                self.assertEqual(json.loads(done.err)["field"], "issuer", done)

    def encrypted(self, certificate):
        provider = StrangeProvider()
        self.addCleanup(provider.stop)
        provider.server.socket = mail_server.context(certificate).wrap_socket(
            provider.server.socket, server_side=True)
        provider.issuer = provider.issuer.replace("http:", "https:")
        return provider

    def test_discovery_documents_that_have_moved(self):
        certificate = mail_server.certificate(self.home, "good", "DNS:localhost", "IP:127.0.0.1")
        self.ok("config", "set", "federation.ca_file", str(certificate[0]))
        moved, other = self.encrypted(certificate), self.encrypted(certificate)
        other.metadata = {"issuer": moved.issuer}

        def add(status, to, **document):
            moved.requests.clear()
            moved.moved_to = to
            moved.metadata = document
            moved.answers = {"/.well-known/openid-configuration": (status, "text/plain", ""),
                             "/moved": (200, "application/json", json.dumps(moved.say_discovery({})))}
            return self.auth("provider", "add", "corp", "--issuer", moved.issuer, "--client-id", "client",
                             "--replace", "--json")
        for status in (301, 302, 303, 307, 308):
            for place in ("/moved", moved.issuer + "/moved"):
                with self.subTest(status=status, place=place):
                    done = add(status, place)
                    self.assertEqual(done.code, 0, done)
        self.refused(add(302, "/moved", issuer="https://elsewhere.example"), 13, "wrong_issuer")
        elsewhere = "/.well-known/openid-configuration"
        for place in (self.provider.issuer + elsewhere, other.issuer + elsewhere,
                      moved.issuer.replace("127.0.0.1", "localhost") + "/moved", elsewhere, "file:///etc/passwd"):
            with self.subTest(place=place):
                self.refused(add(302, place), 13, "http_error")
                self.assertNotIn("/moved", moved.paths())
        self.assertEqual(self.provider.paths() + other.paths(), [])

    def test_certificates_are_checked(self):
        good = mail_server.certificate(self.home, "good", "DNS:localhost", "IP:127.0.0.1")
        wrong = mail_server.certificate(self.home, "wrong", "DNS:elsewhere.example")
        for made, trusted, reason in ((good, None, "insecure"), (wrong, wrong, "insecure"), (good, good, None)):
            provider = self.encrypted(made)
            if trusted:
                self.ok("config", "set", "federation.ca_file", str(trusted[0]))
            done = self.auth("provider", "add", "tls", "--issuer", provider.issuer, "--client-id", "c", "--json")
            if reason:
                self.refused(done, 13, reason)
            else:
                self.assertEqual(done.code, 0, done)

    def test_proxies_of_the_environment(self):
        with socket.create_server(("127.0.0.1", 0)) as proxy:
            proxy.settimeout(10)
            address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
            asked = []

            def answer():
                connection, _ = proxy.accept()
                with connection:
                    asked.append(connection.recv(4096))
                    connection.sendall(b"HTTP/1.1 403 no\r\n\r\n")
            thread = threading.Thread(target=answer)
            thread.start()
            done = self.auth("provider", "add", "corp", "--issuer", "https://idp.example", "--client-id", "c",
                             "--json", env={"https_proxy": address})
            self.refused(done, 13, "interrupted")
            thread.join()
            self.assertTrue(asked[0].startswith(b"CONNECT idp.example:443 "), asked)
            # This machine is not behind one.
            self.ok("provider", "add", "corp", "--issuer", self.provider.issuer, "--client-id", "c",
                    env={"http_proxy": address, "all_proxy": address})


class Devices(WithStrangeProvider):
    def setUp(self):
        super().setUp()
        self.add_strange()
        self.provider.nonce = None

    def device(self, *args, **how):
        return self.start("--device", "--json", *args, **how).done()

    def test_it_waits_as_it_is_told(self):
        self.provider.polls = ["authorization_pending", "authorization_pending"]
        started = time.monotonic()
        done = self.device()
        self.assertEqual(done.code, 0, done)
        self.assertGreater(time.monotonic() - started, 2.9)
        self.assertIn(b"WDJB-MJHT", done.err)
        polls = [form for _, path, form, _ in self.provider.requests if path == "/token"]
        self.assertEqual(len(polls), 3)
        self.assertEqual(polls[0]["device_code"], StrangeProvider.DEVICE_CODE)

    def polled(self, *polls):
        """What a login says whose provider answers so before its tokens, and when it was asked."""
        provider, asked = StrangeProvider(), []
        self.addCleanup(provider.stop)
        provider.polls, provider.nonce = list(polls), None
        say_token = provider.say_token

        def timed(form):
            asked.append(time.monotonic())
            return say_token(form)
        provider.say_token = timed
        name = f"p{provider.server.server_port}"
        self.ok("provider", "add", name, "--issuer", provider.issuer, "--client-id", "client", "--auto-create",
                "--link-verified-email", "-q")
        done = self.auth("login", "--provider", name, "--device", "--no-store", "-q")
        return done, [later - one for one, later in zip(asked, asked[1:])]

    def test_every_way_to_say_not_yet_or_no(self):
        def error(word):
            return {"error": word}
        pending, slow_down = error("authorization_pending"), error("slow_down")
        expected = [([(400, pending), (403, pending), (428, pending), (200, pending)], 0, [1, 1, 1, 1]),
                    ([(400, slow_down)], 0, [6]), ([(429, slow_down)], 0, [6]), ([(429, {})], 0, [6]),
                    ([(502, {})], 0, [6]), ([(403, error("access_denied"))], 3, []),
                    ([(400, error("authorization_declined"))], 3, []), ([(403, error("expired_token"))], 5, []),
                    ([(401, error("invalid_client"))], 13, []), ([(429, error("invalid_client"))], 13, [])]
        with concurrent.futures.ThreadPoolExecutor(len(expected)) as pool:
            logins = [pool.submit(self.polled, *polls) for polls, _, _ in expected]
        for (polls, code, pauses), login in zip(expected, logins):
            with self.subTest(polls=polls):
                done, waited = login.result()
                self.assertEqual((done.code, len(waited)), (code, len(pauses)), done)
                for due, took in zip(pauses, waited):
                    self.assertTrue(due - 0.1 < took < due + 4, waited)  # the machine may be busy

    def test_refusals(self):
        for word, code in [("access_denied", 3), ("expired_token", 5), ("invalid_client", 13)]:
            with self.subTest(word=word):
                self.provider.polls = ["authorization_pending", word]
                self.refused(self.device(), code, word)

    def test_its_time_is_over(self):
        self.provider.answers["/device"] = (200, "application/json", json.dumps(
            self.provider.say_device({}) | {"expires_in": 2}))
        self.provider.polls = ["authorization_pending"] * 9
        self.refused(self.device(), 5, "expired_token")

    def test_codes_that_are_none(self):
        good = self.provider.say_device({})
        for change in ({"device_code": ""}, {"user_code": "\x1b[2J"}, {"user_code": ""}, {"user_code": "x" * 65},
                       {"verification_uri": "http://evil.example"}, {"verification_uri": "javascript:x"},
                       {"verification_uri": ""}, {"verification_uri_complete": "file:///x"}):
            with self.subTest(change=change):
                self.provider.answers["/device"] = (200, "application/json", json.dumps(good | change))
                self.refused(self.device(), 13, "malformed")

    def test_a_provider_without_them(self):
        self.provider.metadata = {"device_authorization_endpoint": None}
        self.refused(self.device(), 13, "unsupported")

    def test_id_tokens_are_checked(self):
        self.provider.claims = {"aud": "other"}
        self.refused(self.device(), 6, "wrong_audience")

    def test_interrupted(self):
        self.provider.polls = ["authorization_pending"] * 99
        login = self.start("--device")
        login.wait_for("WDJB")
        login.process.send_signal(signal.SIGINT)
        self.assertEqual(login.done().code, 130)
        self.assertFalse(self.token.exists())

    def test_a_terminal_gets_a_qr_code(self):
        main, side = pty.openpty()
        try:
            process = subprocess.Popen([scratch.binary(), "login", "--provider", "corp", "--device", "-q"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=side,
                                       env=self.environment(TERM="xterm"), cwd=self.home)
            os.close(side)
            said = b""
            try:
                while data := os.read(main, 65536):
                    said += data
            except OSError:
                pass  # the last one has closed the terminal
        finally:
            os.close(main)
        self.assertEqual(process.wait(), 0)
        self.assertIn("█".encode(), said)


if __name__ == "__main__":
    scratch.main()
