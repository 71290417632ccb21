"""Other implementations of JOSE, each answering the same jobs.

    {"do": "algorithms"}                                   {"algorithms": ["ES256", ...]}
    {"do": "sign", "alg", "claims": [...], "header"}       {"tokens": [...], "key"}  by a fresh key
    {"do": "verify", "alg", "key", "tokens": [...],        {"results": [{"claims"} or {"error"}, ...]}
     "issuer", "audience"}

A key is {"jwk": {...}}, {"jwks": {...}}, {"pem": "..."} or {"secret": base64url}.
"""
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import typing

from tests.peers import debian_jose, python3_jose, python3_jwt

HERE = pathlib.Path(__file__).resolve().parent
MODULES = HERE.parents[1] / "build/peers/node_modules"  # by scripts/peers


def node_environment():
    """The variables with which node finds the npm peers."""
    if not MODULES.is_dir():
        sys.exit("the npm peers are not installed: run scripts/peers")
    return {**os.environ, "NODE_PATH": str(MODULES)}


def node(script):
    def answer(job):
        done = subprocess.run(["node", str(HERE / script)], input=json.dumps(job).encode(),
                              capture_output=True, env=node_environment(), check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{script}: {done.stderr.decode(errors='replace')}")
        return json.loads(done.stdout)
    return answer


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    answer: typing.Callable
    takes: str = "jwks"         # what it verifies with: "jwks" or "pem"
    checks_claims: bool = True  # not only signatures

    def algorithms(self):
        return self.answer({"do": "algorithms"})["algorithms"]

    def sign(self, alg, claims, header=None):
        """Tokens of those claims by a fresh key, and that key's public form."""
        done = self.answer({"do": "sign", "alg": alg, "claims": claims, "header": header or {}})
        return done["tokens"], done["key"]

    def verify(self, alg, key, tokens, issuer, audience):
        """For each token {"claims": ...} or {"error": ...}."""
        return self.answer({"do": "verify", "alg": alg, "key": key, "tokens": tokens,
                            "issuer": issuer, "audience": audience})["results"]


PEERS = [
    Peer("Debian jose", debian_jose.answer, checks_claims=False),
    Peer("python3-jwt", python3_jwt.answer),
    Peer("python3-jose", python3_jose.answer),
    Peer("npm jose", node("npm_jose.cjs")),
    Peer("npm jsonwebtoken", node("npm_jsonwebtoken.cjs"), takes="pem"),
]
