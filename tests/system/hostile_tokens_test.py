"""The examples of the RFCs, and tokens made to deceive: each is refused for its own reason."""
import json
import time

from tests.peers import forge, keys
from tests.system.support import scratch
from tests.system.support.scratch import DATA, ScratchTest

KID = "ours"
KINDS = ["ES256", "RS256", "PS256", "EdDSA"]
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


PRIVATE = {"d", "p", "q", "dp", "dq", "qi"}
# RFC 7515 A.5
UNSECURED = ("eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
             "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.")


class ExamplesOfTheRfcs(ScratchTest):
    def examples(self):
        files = sorted((DATA / "rfc").glob("*.json"))
        found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        found = [example for example in found if "token" in example]
        self.assertGreaterEqual(len(found), 9)
        return found

    def verify(self, token, jwk, *options):
        return self.auth("token", "verify", token, "--jwk", self.write("key.jwk", json.dumps(jwk)), *options)

    def test_signatures_are_good(self):
        for example in self.examples():
            with self.subTest(example["name"]):
                payload = example["payload"].encode()
                done = self.verify(example["token"], example["jwk"], "--jws-only")
                self.assertEqual((done.code, done.out), (0, payload), done)
                public = {name: value for name, value in example["jwk"].items() if name not in PRIVATE}
                file = self.write("keys.jwks", json.dumps({"keys": [public]}))
                done = self.ok("token", "verify", example["token"], "--jwks", file, "--jws-only")
                self.assertEqual(done.out, payload)

    def test_a_flipped_bit_is_noticed(self):
        for example in self.examples():
            head, payload, signature = example["token"].split(".")
            raw = bytearray(keys.from_base64url(signature))
            raw[-1] ^= 1
            altered = f"{head}.{payload}.{keys.base64url(bytes(raw))}"
            done = self.verify(altered, example["jwk"], "--jws-only")
            self.assertEqual((done.code, done.out), (6, b""), done)

    def test_the_claims_of_rfc_7515(self):
        for example in self.examples():
            if example["name"].startswith("RFC 7515") and example["payload"].startswith("{"):
                with self.subTest(example["name"]):
                    done = self.verify(example["token"], example["jwk"], "--iss", "joe", "--json")
                    self.assertEqual((done.code, done.out), (5, b""), done)
                    done = self.verify(example["token"], example["jwk"], "--iss", "joe", "--at", "@1300819379",
                                       "--json")
                    self.assertEqual(done.code, 0, done)
                    self.assertEqual(done.json()["claims"], json.loads(example["payload"]))

    def test_an_unsecured_token_is_refused(self):
        for options in (["--jws-only"], []):
            done = self.verify(UNSECURED, keys.secret_jwk(bytes(48)), *options, "--json")
            self.assertEqual((done.code, done.out), (6, b""), done)
            self.assertEqual(json.loads(done.err)["reason"], "unsecured")


class HostileTokens(ScratchTest):
    @classmethod
    def setUpClass(cls):
        cls.keys = {alg: keys.fresh_key(alg) for alg in KINDS}

    def setUp(self):
        super().setUp()
        now = int(time.time())
        self.claims = {"iss": "me", "aud": "auth-cli", "sub": "x", "iat": now, "exp": now + 600}
        self.jwk = {alg: keys.public_jwk(key.public_key(), alg, KID) for alg, key in self.keys.items()}
        self.files = {alg: self.write(f"{alg}.jwk", json.dumps(jwk)) for alg, jwk in self.jwk.items()}

    def header(self, alg="ES256", **more):
        return {"alg": alg, "kid": KID, **more}

    def token(self, header, payload=None, alg="ES256"):
        return forge.token(header, self.claims if payload is None else payload, alg, self.keys[alg])

    def verify(self, token, *options, alg="ES256"):
        """By the key of that algorithm, where the options name no other."""
        return self.auth("token", "verify", "-", *(options or ["--jwk", self.files[alg]]), "--json",
                         stdin=token.encode() + b"\n")

    def assert_refused(self, token, reason, *options, alg="ES256"):
        done = self.verify(token, *options, alg=alg)
        self.assertEqual(done.code, 6, done)
        self.assertEqual(done.out, b"", done)
        error = json.loads(done.err)
        self.assertEqual((error["code"], error["exit"], error["reason"]), ("invalid_token", 6, reason), done)
        self.assertTrue(error["problems"], done)

    def test_the_untouched_token_is_good(self):
        for alg in KINDS:
            done = self.verify(self.token(self.header(alg), alg=alg), alg=alg)
            self.assertEqual(done.code, 0, done)
            self.assertEqual(done.json()["claims"], self.claims)

    def test_none_in_any_case(self):
        for name in ("none", "None", "NONE", "nOnE"):
            signed = forge.signing_input({"alg": name}, self.claims)
            with self.subTest(name):
                for end in ("", "AA"):
                    self.assert_refused(f"{signed}.{end}", "unsecured")
                self.assert_refused(f"{signed}.", "unsecured", "--jwk", self.files["ES256"], "--jws-only")
        self.init()
        signed = forge.signing_input({"alg": "none"}, self.claims)
        done = self.auth("token", "verify", f"{signed}.", "--json")
        self.assertEqual((done.code, done.out), (6, b""), done)
        self.assertEqual(json.loads(done.err)["reason"], "unsecured")

    def confusions(self, alg):
        """What an attacker may use as the secret: the public key, in every form it is handed out."""
        key, jwk = self.keys[alg], self.jwk[alg]
        pem, der = keys.public_pem(key).encode(), keys.public_der(key)
        yield from (pem, pem.rstrip(b"\n"), der, json.dumps(jwk).encode())
        yield json.dumps({"keys": [jwk]}).encode()
        yield keys.from_base64url(jwk.get("n") or jwk["x"])

    def test_public_keys_are_no_shared_secrets(self):
        for alg in KINDS:
            trusted = [("--jwk", self.files[alg]),
                       ("--jwks", self.write(f"{alg}.jwks", json.dumps({"keys": [self.jwk[alg]]}))),
                       ("--pem", self.write(f"{alg}.pem", keys.public_pem(self.keys[alg])))]
            for secret in self.confusions(alg):
                token = forge.token({"alg": "HS256", "kid": KID}, self.claims, "HS256", secret)
                for options in trusted:
                    with self.subTest(alg, secret=secret[:12], options=options[0]):
                        self.assert_refused(token, "wrong_algorithm", *options)

    def test_the_database_s_public_keys_are_no_shared_secrets(self):
        self.init()
        jwks = self.ok("key", "export").out
        jwk, = json.loads(jwks)["keys"]
        pem = self.ok("key", "export", "--pem").out
        claims = {**self.claims, "iss": "auth-cli"}
        for secret in (jwks, jwks.strip(), json.dumps(jwk).encode(), pem, pem.strip()):
            for kid in ({}, {"kid": jwk["kid"]}):
                token = forge.token({"alg": "HS256", "typ": "at+jwt", **kid}, claims, "HS256", secret)
                done = self.auth("token", "verify", token, "--json")
                self.assertEqual((done.code, done.out), (6, b""), done)
                self.assertIn(json.loads(done.err)["reason"], ("wrong_algorithm", "unknown_key"), done)

    def test_one_algorithm_for_one_key(self):
        both = {**self.jwk["RS256"], "alg": "PS256"}
        file = self.write("ps.jwk", json.dumps(both))
        self.assert_refused(self.token(self.header("RS256"), alg="RS256"), "wrong_algorithm", "--jwk", file)
        self.assert_refused(self.token(self.header("ES256")), "wrong_algorithm", alg="RS256")

    def test_an_unknown_key(self):
        file = self.write("keys.jwks", json.dumps({"keys": [self.jwk["ES256"]]}))
        self.assert_refused(self.token(self.header(kid="another")), "unknown_key", "--jwks", file)

    def test_keys_that_come_with_the_token(self):
        attacker = keys.fresh_key("ES256")
        jwk = keys.public_jwk(attacker.public_key(), "ES256", KID)
        for header in ({"jwk": jwk}, {"jku": "http://127.0.0.1:9/jwks.json"},
                       {"x5u": "http://127.0.0.1:9/x.pem"}, {"x5c": ["MIIB"]}):
            with self.subTest(list(header)):
                full = self.header(**header)
                forged = forge.token(full, self.claims, "ES256", attacker)
                self.assert_refused(forged, "bad_signature")
                done = self.verify(self.token(full))
                self.assertEqual(done.code, 0, done)
                self.assertEqual(done.json()["ignored_headers"], list(header))

    def test_critical_headers(self):
        for more in ({"crit": ["exp"], "exp": 1}, {"crit": ["b64"], "b64": False}, {"b64": False},
                     {"crit": ["http://example.com/UNDEFINED"], "http://example.com/UNDEFINED": True},
                     {"crit": []}, {"crit": "exp"}, {"crit": None}):
            with self.subTest(more):
                self.assert_refused(self.token(self.header(**more)), "critical_header")

    def test_duplicate_members(self):
        header, claims = json.dumps(self.header()), json.dumps(self.claims)
        doubled = {
            "header": (header[:-1] + ', "alg": "ES256"}', claims),
            "header, escaped": (header[:-1] + ', "\\u0061lg": "ES256"}', claims),
            "claims": (header, claims[:-1] + ', "sub": "admin"}'),
            "within a claim": (header, claims[:-1] + ', "a": {"b": 1, "b": 2}}'),
        }
        for name, (head, payload) in doubled.items():
            with self.subTest(name):
                self.assert_refused(self.token(head.encode(), payload.encode()), "duplicate_member")

    def test_malformed_tokens(self):
        good = self.token(self.header())
        head, payload, signature = good.split(".")

        def bad_bits(part):
            """The same bytes, with bits set where none may be."""
            return part[:-1] + BASE64URL[BASE64URL.index(part[-1]) | 1]

        # 64 bytes leave four bits over; the claims get a length that leaves some, too.
        padded = self.token(self.header(), json.dumps(self.claims).encode().ljust(202))
        payload_of_padded = padded.split(".")[1]
        self.assertNotEqual(bad_bits(payload_of_padded), payload_of_padded)
        bad = {
            "nothing": "..", "one segment": head, "two segments": f"{head}.{payload}",
            "four segments": f"{good}.{signature}", "an empty fourth": f"{good}.",
            "no header": f".{payload}.{signature}",
            "a padded signature": f"{good}==", "a padded header": f"{head}=.{payload}.{signature}",
            "a space within": f"{head}. {payload}.{signature}",
            "a tab": f"{head}.{payload}.\t{signature}", "a NUL": f"{good}\0",
            "a carriage return": f"{head}.{payload}\r.{signature}",
            "a quote": f'"{good}', "two schemes": f"Bearer Bearer {good}", "another scheme": f"Basic {good}",
            "plus and slash": f"{head}.{payload}.+/{signature[2:]}",
            "trailing bits in the signature": f"{head}.{payload}.{bad_bits(signature)}",
            "trailing bits in the claims": padded.replace(payload_of_padded, bad_bits(payload_of_padded)),
            "a length that no bytes have": f"{good}AAA",
            "not ASCII": f"{head}.{payload}.é{signature[1:]}",
        }
        for name, token in bad.items():
            with self.subTest(name):
                self.assert_refused(token, "malformed")

    def test_what_stands_round_a_token_is_no_part_of_it(self):
        for name, before, after in (("spaces", " ", " "), ("a carriage return", "", "\r"), ("a scheme", "Bearer ", ""),
                                    ("a header", "Authorization: Bearer ", "\r"), ("quotes", '"', '"')):
            with self.subTest(name):
                good = self.token(self.header())
                self.assertEqual(self.verify(before + good + after).code, 0)
                forged = good[:-9] + ("A" if good[-1] != "A" else "B") * 8 + "A"
                self.assert_refused(before + forged + after, "bad_signature")

    def test_malformed_json(self):
        header, claims = json.dumps(self.header()).encode(), json.dumps(self.claims).encode()
        bad = {
            "not JSON": (b"{", claims), "an array": (b"[]", claims), "a text": (b'"ES256"', claims),
            "claims in an array": (header, b"[%s]" % claims), "claims that are a number": (header, b"1"),
            "no claims": (header, b""), "more after": (header, claims + b"{}"),
            "a byte order mark": (header, b"\xef\xbb\xbf" + claims),
            "not UTF-8": (header, claims[:-1] + b', "name": "\xff\xfe"}'),
            "an overlong slash": (header, claims[:-1] + b', "name": "\xc0\xaf"}'),
            "a lone surrogate": (header, claims[:-1] + b', "name": "\\ud800"}'),
            "a comment": (header, claims[:-1] + b"/* */}"), "a trailing comma": (header, claims[:-1] + b",}"),
            "not a number": (header, claims[:-1] + b', "n": NaN}'),
            "deep": (header, claims[:-1] + b', "n": ' + b"[" * 5000 + b"]" * 5000 + b"}"),
            "UTF-16": (header, claims.decode().encode("utf-16")),
        }
        for name, (head, payload) in bad.items():
            with self.subTest(name):
                self.assert_refused(self.token(head, payload), "malformed")

    def test_odd_headers(self):
        self.assert_refused(self.token({"kid": KID}), "missing_algorithm")
        for header in ({"alg": 1}, {"alg": None}, {"alg": ["ES256"]}, {"alg": "ES256", "kid": 7},
                       {"alg": "ES256", "typ": 7}):
            with self.subTest(header):
                self.assert_refused(self.token(header), "bad_header")
        for name in ("es256", "ES256 ", "RSA1_5", "ES256K", ""):
            with self.subTest(name):
                self.assert_refused(self.token({"alg": name}), "unknown_algorithm")
        for name in ("ES384", "HS512", "RS256", "EdDSA"):
            with self.subTest(name):
                self.assert_refused(self.token({"alg": name}), "wrong_algorithm")

    def test_signatures_out_of_range(self):
        signed = forge.signing_input(self.header(), self.claims)
        raw = forge.signature("ES256", self.keys["ES256"], signed.encode())
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        n, whole = forge.P256_ORDER, 2**256 - 1
        pairs = [(0, s), (r, 0), (0, 0), (n, s), (r, n), (1, 1), (n - 1, n - 1), (whole, whole), (n, n), (s, r)]
        for pair in pairs:
            with self.subTest(pair):
                self.assert_refused(forge.joined(signed, forge.raw_ecdsa(*pair)), "bad_signature")
        der = forge.utils.encode_dss_signature(r, s)
        for other in (b"", raw[:-1], raw + b"\0", forge.raw_ecdsa(r, s, 33), der, raw[:32], bytes(64)):
            with self.subTest(length=len(other)):
                self.assert_refused(forge.joined(signed, other), "bad_signature")

    def test_signatures_of_other_shapes(self):
        for alg in ("RS256", "PS256", "EdDSA"):
            signed = forge.signing_input(self.header(alg), self.claims)
            raw = forge.signature(alg, self.keys[alg], signed.encode())
            size = len(raw)
            others = [b"", raw[:-1], raw + b"\0", b"\0" + raw, bytes(size), b"\xff" * size,
                      bytes([raw[0] ^ 1]) + raw[1:]]
            if alg == "EdDSA":
                # The same point with s + L: accepted by those who do not check the range.
                s = int.from_bytes(raw[32:], "little") + ED25519_ORDER
                others.append(raw[:32] + s.to_bytes(32, "little"))
                others.append(b"\1" + bytes(63))
            else:
                n = self.keys[alg].public_key().public_numbers().n
                larger = int.from_bytes(raw, "big") + n
                others += [larger.to_bytes(257, "big"), n.to_bytes(size, "big"), (n - 1).to_bytes(size, "big")]
                others += [larger.to_bytes(size, "big")] if larger < 2 ** (8 * size) else []
            for number, other in enumerate(others):
                with self.subTest(alg, number=number):
                    self.assert_refused(forge.joined(signed, other), "bad_signature", alg=alg)

    def test_input_that_is_too_long(self):
        long_claim = {**self.claims, "pad": "x" * 66_000}
        self.assert_refused(self.token(self.header(), long_claim), "too_long")
        self.assert_refused(self.token(self.header(pad="x" * 8_300)), "too_long")
        self.assert_refused("A" * 5_000_000, "too_long")
        self.assert_refused("." * 70_000, "too_long")

    def test_nothing_at_all(self):
        for options in ([], ["--jwk", self.files["ES256"]]):
            done = self.auth("token", "verify", "-", *options, stdin=b"")
            self.assertNotEqual(done.code, 0, done)
            self.assertEqual(done.out, b"", done)

    def test_a_batch_of_them(self):
        good = self.token(self.header())
        head, payload, _ = good.split(".")
        lines = [f"{head}.{payload}.", good, "nonsense", "A" * 200_000, "", good, "é"]
        done = self.auth("token", "verify", "-", "--jwk", self.files["ES256"],
                         stdin="".join(f"{line}\n" for line in lines).encode())
        self.assertEqual(done.code, 14, done)
        records = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([record["line"] for record in records], [1, 2, 3, 4, 5, 6, 7])
        self.assertEqual([record["status"] == "valid" for record in records],
                         [False, True, False, False, False, True, False])
        for record in records:
            self.assertEqual(record["claims"], self.claims if record["status"] == "valid" else None)

    def test_weak_keys_are_refused(self):
        from cryptography.hazmat.primitives.asymmetric import ec, rsa
        token = self.token(self.header("RS256"), alg="RS256")
        for name, key in {"RSA 1024": rsa.generate_private_key(65537, 1024),
                          "RSA e=3": rsa.generate_private_key(3, 2048),
                          "P-224": ec.generate_private_key(ec.SECP224R1())}.items():
            with self.subTest(name):
                done = self.verify(token, "--pem", self.write("weak.pem", keys.public_pem(key)))
                self.assertNotEqual(done.code, 0, done)
                self.assertEqual(done.out, b"", done)
        short = self.write("short.jwk", json.dumps(keys.secret_jwk(b"31 bytes are not enough for it!")))
        token = forge.token({"alg": "HS256"}, self.claims, "HS256", b"31 bytes are not enough for it!")
        done = self.verify(token, "--jwk", short)
        self.assertNotEqual(done.code, 0, done)
        self.assertEqual(done.out, b"", done)


if __name__ == "__main__":
    scratch.main()
