"""Tokens that other implementations verify, and tokens of theirs that this one does, in every
algorithm that both know."""
import functools
import json
import pathlib
import time

from tests.peers.keys import base64url, from_base64url
from tests.peers.peers import PEERS
from tests.system.support import scratch
from tests.system.support.scratch import ScratchTest

ISSUER = "https://issuer.example"
AUDIENCE = "https://service.example"
ALGORITHMS = ["ES256", "RS256", "PS256", "HS256", "EdDSA"]
EXPECTED = {
    "Debian jose": ["ES256", "RS256", "PS256", "HS256"],
    "python3-jwt": ["ES256", "RS256", "PS256", "HS256", "EdDSA"],
    "python3-jose": ["ES256", "RS256", "HS256"],
    "npm jose": ["ES256", "RS256", "PS256", "HS256", "EdDSA"],
    "npm jsonwebtoken": ["ES256", "RS256", "PS256", "HS256"],
}
SECRET = bytes(range(100, 148))
WORDS = ["Zoë Müller", "山田 太郎", "Владимир", "👩‍🔬 \"quoted\" \\ back", "tab\tand\nnewline", "plain"]


def count():
    return 10 if scratch.sanitized() else 100


@functools.cache
def algorithms_of(peer):
    return peer.algorithms()


def peers_for(alg):
    return [peer for peer in PEERS if alg in algorithms_of(peer)]


def decoded(part):
    return json.loads(from_base64url(part))


def with_flipped_bit(token):
    signed, signature = token.rsplit(".", 1)
    raw = bytearray(from_base64url(signature))
    raw[len(raw) // 2] ^= 1
    return f"{signed}.{base64url(bytes(raw))}"


def json_lines(done):
    return [json.loads(line) for line in done.out.splitlines()]


class Supported(ScratchTest):
    def test_the_peers_know_what_they_are_known_for(self):
        self.assertEqual({peer.name: algorithms_of(peer) for peer in PEERS}, EXPECTED)


class Ours(ScratchTest):
    """Issued here, verified by the peers."""

    USERS = 8

    def settle(self, alg, secret=SECRET, **env):
        """A database that signs with that algorithm, and the variables its commands run with."""
        if alg == "HS256":
            env["AUTH_CLI_SECRET_FILE"] = self.write(f"secret-{secret[0]}", secret + b"\n")
        self.ok("db", "init", "--test", env=env)
        self.ok("config", "set", "token.issuer", ISSUER, env=env)
        self.ok("config", "set", "token.audience", AUDIENCE, env=env)
        if alg == "HS256":
            self.ok("config", "set", "token.algorithm", alg, env=env)
        else:
            self.ok("key", "rotate", "--alg", alg, env=env)
        return env

    def people(self, env):
        """Users with ever more roles: (address, id, roles)."""
        roles = ["reader", "tester", "operator"]
        for role in roles:
            self.ok("role", "create", role, env=env)
        made = []
        for number in range(self.USERS):
            email, mine = f"user{number}@example.org", roles[:number % 4]
            options = [word for role in mine for word in ("--role", role)]
            done = self.ok("create", email, "--verified", "--no-password", *options, "--json", env=env)
            made.append((email, done.json()["id"], sorted(mine)))
        return made

    def issue(self, email, *options, env):
        return self.ok("token", "issue", email, *options, env=env).line

    def issue_many(self, env):
        """Tokens of many kinds, and the claims that each must have."""
        people, tokens, expected = self.people(env), [], []
        for number in range(count()):
            email, subject, roles = people[number % len(people)]
            name = f"{WORDS[number % len(WORDS)]} {number}"
            nested = {"list": [number, None, True, -1.5, WORDS[0]], "empty": {}}
            several = number % 3 == 0
            options = ["--ttl", f"{number + 10}m", "--claim", f"display_name={name}",
                       "--claim", f"number:={number}", "--claim", f"nested:={json.dumps(nested)}"]
            options += ["--aud", "https://other.example", "--aud", AUDIENCE] if several else []
            options += ["--scope", "read write"] if number % 2 else []
            tokens.append(self.issue(email, *options, env=env))
            claims = {"iss": ISSUER, "sub": subject, "roles": roles, "display_name": name,
                      "number": number, "nested": nested,
                      "aud": ["https://other.example", AUDIENCE] if several else AUDIENCE}
            expected.append(claims | ({"scope": "read write"} if number % 2 else {}))
        for token, claims in zip(tokens, expected):
            self.assertLessEqual(claims.items(), decoded(token.split(".")[1]).items())
        return tokens

    def key_of(self, alg, token, env, kid=None):
        """The public key as each kind of peer takes it; as if it were of `kid`, where that is given."""
        if alg == "HS256":
            secret = pathlib.Path(env["AUTH_CLI_SECRET_FILE"]).read_bytes().removesuffix(b"\n")
            return {form: {"secret": base64url(secret)} for form in ("jwks", "pem")}
        own = decoded(token.split(".")[0])["kid"]
        jwks = self.ok("key", "export", env=env).json()
        self.assertIn(own, [key["kid"] for key in jwks["keys"]])
        for key in jwks["keys"]:
            self.assertFalse({"d", "p", "q", "dp", "dq", "qi", "k"} & key.keys(), key)
        if kid:
            jwks["keys"] = [{**key, "kid": kid} for key in jwks["keys"] if key["kid"] == own]
        pem = self.ok("key", "export", "--pem", own, env=env).text
        return {"jwks": {"jwks": jwks}, "pem": {"pem": pem}}

    def foreign_key(self, alg, kid):
        """Another database's key, given out as one of ours."""
        env = self.settle(alg, SECRET[::-1], HOME=str(self.home / "foreign"))
        self.ok("create", "eve@example.org", "--verified", "--no-password", env=env)
        token = self.issue("eve@example.org", env=env)
        return self.key_of(alg, token, env, kid)

    def check(self, alg):
        env = self.settle(alg)
        tokens = self.issue_many(env)
        short = self.issue("user0@example.org", "--ttl", "1s", env=env)
        header = decoded(tokens[0].split(".")[0])
        self.assertEqual((header["alg"], header["typ"]), (alg, "at+jwt"))
        self.assertEqual("kid" in header, alg != "HS256")
        right, wrong = self.key_of(alg, tokens[0], env), self.foreign_key(alg, header.get("kid"))
        payloads = [{"claims": decoded(token.split(".")[1])} for token in tokens]
        # python3-jose takes a token for the whole second in which it ends.
        time.sleep(max(0.0, decoded(short.split(".")[1])["exp"] + 1 - time.time()) + 0.1)

        for peer in peers_for(alg):
            with self.subTest(peer.name):
                key = right[peer.takes]

                def errors(*bad, key=key, audience=AUDIENCE, issuer=ISSUER):
                    return [result.get("error") for result in
                            peer.verify(alg, key, list(bad), issuer, audience)]

                self.assertEqual(peer.verify(alg, key, tokens, ISSUER, AUDIENCE), payloads)
                self.assertTrue(all(errors(*map(with_flipped_bit, tokens[:3]))))
                self.assertTrue(all(errors(*tokens[:3], key=wrong[peer.takes])))
                if peer.checks_claims:
                    self.assertTrue(all(errors(short)))
                    self.assertTrue(all(errors(tokens[0], audience="https://else.example")))
                    self.assertTrue(all(errors(tokens[0], issuer="https://else.example")))


class Theirs(ScratchTest):
    """Made by the peers, verified here."""

    FLAGS = {"jwk": "--jwk", "jwks": "--jwks", "pem": "--pem"}

    def claims(self, number, now):
        return {
            "iss": ISSUER, "sub": f"subject {number}", "iat": now - number, "exp": now + 600 + number,
            "aud": ["https://other.example", AUDIENCE] if number % 3 == 0 else AUDIENCE,
            "jti": f"{number:032x}", "name": f"{WORDS[number % len(WORDS)]} {number}",
            "large": 2**53 - 1 - number, "negative": -number, "half": number + 0.5,
            "nested": {"list": [None, True, False, {"": ""}], "é": [[], {}, "\u0000\u001f\u2028"]},
            **({"nbf": now - 1} if number % 2 else {}),
        }

    def key_options(self, key, name):
        (form, content), = key.items()
        text = content if form == "pem" else json.dumps(content)
        return [self.FLAGS[form], self.write(f"{name}.{form}", text)]

    def verify(self, token, *options):
        return self.auth("token", "verify", token, *options, "--json")

    def assert_refused(self, done, code, reason):
        self.assertEqual(done.code, code, done)
        self.assertEqual(done.out, b"", done)
        self.assertEqual(json.loads(done.err)["reason"], reason, done)

    def assert_batch(self, tokens, claims, *options):
        done = self.ok("token", "verify", "-", *options, stdin="".join(f"{t}\n" for t in tokens).encode())
        records = json_lines(done)
        self.assertEqual([record["line"] for record in records], list(range(1, len(tokens) + 1)))
        self.assertEqual({record["status"] for record in records}, {"valid"})
        for record, expected in zip(records, claims):
            self.assertEqual(record["claims"], expected)

    def check_peer(self, peer, alg):
        now = int(time.time())
        claims = [self.claims(number, now) for number in range(count())]
        expired = {**claims[0], "exp": now - 1}
        header = {"kid": "theirs", "typ": "JWT"}
        tokens, key = peer.sign(alg, [*claims, expired], header)
        foreign_tokens, _ = peer.sign(alg, claims[:1], header)
        old = tokens.pop()
        rules = ["--alg", alg, "--iss", ISSUER, "--aud", AUDIENCE]
        options = [*self.key_options(key, f"{peer.name}-{alg}"), *rules]

        self.assert_batch(tokens, claims, *options)
        for token, expected in list(zip(tokens, claims))[:3]:
            done = self.verify(token, *options)
            self.assertEqual(done.code, 0, done)
            self.assertEqual(done.json()["claims"], expected)
        bad = with_flipped_bit(tokens[0])
        self.assert_refused(self.verify(bad, *options), 6, "bad_signature")
        self.assert_refused(self.verify(foreign_tokens[0], *options), 6, "bad_signature")
        self.assert_refused(self.verify(old, *options), 5, "expired")
        lines = "".join(f"{token}\n" for token in (bad, tokens[1], foreign_tokens[0], old))
        done = self.auth("token", "verify", "-", *options, stdin=lines.encode())
        self.assertEqual(done.code, 14, done)
        records = json_lines(done)
        self.assertEqual([record["status"] for record in records],
                         ["invalid", "valid", "invalid", "expired"])
        self.assertEqual([record["claims"] is None for record in records], [True, False, True, True])

    def check(self, alg):
        for peer in peers_for(alg):
            with self.subTest(peer.name):
                self.check_peer(peer, alg)


def each_algorithm(suite):
    """One test an algorithm, named after it."""
    for alg in ALGORITHMS:
        setattr(suite, f"test_{alg}", functools.partialmethod(suite.check, alg))


each_algorithm(Ours)
each_algorithm(Theirs)

if __name__ == "__main__":
    scratch.main()
