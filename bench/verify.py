#!/usr/bin/python3
"""How many tokens a second `auth-cli token verify -` verifies, beside what OpenSSL and libsodium do for
the bare signature and beside other JWT libraries over the same tokens; and how much memory it takes.

Everything runs interleaved in one go, on the first processor and by processor time, as `openssl speed`
counts it; the line "both" is by the clock, on the first two. The figures are medians. It fails on
errors only, never on a figure.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

from cryptography.hazmat.primitives.serialization import load_pem_public_key

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from tests.peers import keys, peers, python3_jwt  # noqa: E402

ISSUER, AUDIENCE = "https://issuer.example", "https://service.example"
DISTINCT = 2000
# For each algorithm: how OpenSSL calls it, and about how many tokens pass in two seconds.
ALGORITHMS = {"ES256": ("ecdsap256", 40_000), "HS256": ("hmac", 600_000),
              "EdDSA": ("ed25519", 40_000), "RS256": ("rsa2048", 80_000)}


def output_of(command, **how):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **how)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stderr[:500]}")
    return done.stdout


def pinned(processors, *command):
    return ["taskset", "-c", processors, *command]


def watched(child):
    """Waits for its end; gives its processor time and the peak of its memory in KiB. For the latter
    wait4 would count this Python as well, which it was before it became another program."""
    peak = 0
    while True:
        done, status, usage = os.wait4(child.pid, os.WNOHANG)
        if done:
            child.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime, peak
        state = pathlib.Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
        found = re.search(r"^VmHWM:\s+(\d+) kB$", state, re.M)
        peak = int(found[1]) if found else peak
        time.sleep(0.01)


class Tokens:
    """Of one algorithm: a file of distinct ones, long files of them repeated, and the key."""

    def __init__(self, alg, folder):
        now = int(time.time())
        claims = [{"iss": ISSUER, "sub": f"4f1d0f6e-0000-4000-8000-{n:012x}", "aud": AUDIENCE,
                   "exp": now + 86400, "iat": now, "jti": f"{n:032x}", "client_id": "auth-cli",
                   "sid": f"{n:022x}", "roles": ["reader", "tester"]} for n in range(DISTINCT)]
        header = {"typ": "JWT", "kid": "bench"}  # libjwt takes no other type
        made = python3_jwt.answer({"do": "sign", "alg": alg, "claims": claims, "header": header})
        self.alg, self.folder, self.made = alg, folder, made["tokens"]
        self.few = self.repeated(DISTINCT)
        self.write_keys(made["key"])

    def path(self, name):
        return self.folder / f"{self.alg}-{name}"

    def repeated(self, count):
        path = self.path(f"{count}.txt")
        if not path.exists():
            block = "".join(f"{token}\n" for token in self.made)
            with open(path, "w", encoding="ascii") as file:
                for _ in range(count // DISTINCT):
                    file.write(block)
        return path

    def write_keys(self, key):
        """As a JWKS for auth-cli, a PEM or a secret for libjwt, and both for the others."""
        if self.alg == "HS256":
            self.native = keys.from_base64url(key["jwk"]["k"])
            jwk = {**key["jwk"], "alg": self.alg, "kid": "bench"}
            self.key = {"secret": jwk["k"]}
        else:
            self.native = key["pem"].encode()
            jwk = keys.public_jwk(load_pem_public_key(self.native), self.alg, "bench")
            self.key = {"jwks": {"keys": [jwk]}, "pem": key["pem"]}
        jwks = json.dumps({"keys": [jwk]}).encode()
        for name, content in (("jwks", jwks), ("key", self.native)):
            with open(os.open(self.path(name), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(content)


class Bench:
    def __init__(self, binary, folder, seconds):
        self.binary, self.folder, self.seconds = binary, folder, seconds
        self.programs = {name: self.compiled(name, library) for name, library in
                         (("sodium_verify", "-lsodium"), ("libjwt_verify", "-ljwt"))}

    def compiled(self, name, library):
        program = self.folder / name
        output_of(["gcc", "-O2", "-Wall", "-Wextra", str(HERE / f"{name}.c"), "-o", str(program), library])
        return str(program)

    def ours(self, tokens, processors, count):
        """Tokens a second of processor time and by the clock, and the peak of memory in KiB."""
        command = pinned(processors, self.binary, "token", "verify", "-", "--quiet", "--alg", tokens.alg,
                         "--jwks", str(tokens.path("jwks")), "--iss", ISSUER, "--aud", AUDIENCE)
        with open(tokens.repeated(count), "rb") as source:
            start = time.perf_counter()
            child = subprocess.Popen(command, stdin=source, stdout=subprocess.DEVNULL)
            processor, peak = watched(child)
            spent = time.perf_counter() - start
        if child.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {child.returncode}")
        return count / processor, count / spent, peak

    def openssl(self, tokens):
        name, _ = ALGORITHMS[tokens.alg]
        size = len(tokens.made[0].rsplit(".", 1)[0])
        what = ["-hmac", "sha256", "-bytes", str(size)] if name == "hmac" else [name]
        report = output_of(pinned("0", "openssl", "speed", "-mr", "-seconds", str(self.seconds), *what))
        if name == "hmac":
            return float(re.search(r"^\+F:\d+:[^:]*:([\d.]+)$", report, re.M)[1]) / size
        return float(re.search(r"^\+F\d:.*:([\d.]+)$", report, re.M)[1])

    def libsodium(self, tokens):
        if tokens.alg != "EdDSA":
            return None
        size = len(tokens.made[0].rsplit(".", 1)[0])
        return float(output_of(pinned("0", self.programs["sodium_verify"], str(self.seconds), str(size))))

    def libjwt(self, tokens):
        if tokens.alg == "EdDSA":
            return None
        return float(output_of(pinned("0", self.programs["libjwt_verify"], str(self.seconds), ISSUER,
                                      str(tokens.path("key")), str(tokens.few))))

    def npm(self, tokens, library):
        if (library, tokens.alg) == ("jsonwebtoken", "EdDSA"):
            return None
        job = {"library": library, "alg": tokens.alg, "key": tokens.key, "issuer": ISSUER,
               "audience": AUDIENCE, "seconds": self.seconds, "tokens": str(tokens.few)}
        return float(output_of(pinned("0", "node", str(HERE / "verify_peer.cjs")), input=json.dumps(job),
                               env=peers.node_environment()))

    def pyjwt(self, tokens):
        return float(output_of(pinned("0", sys.executable, __file__, "--pyjwt", tokens.alg, str(self.seconds),
                                      str(tokens.path("key")), str(tokens.few))))


def pyjwt_loop(alg, seconds, key_path, tokens_path):
    """In a process of its own, so that it can be pinned."""
    import jwt

    key = pathlib.Path(key_path).read_bytes()
    trusted = key if alg == "HS256" else load_pem_public_key(key)
    tokens = pathlib.Path(tokens_path).read_text(encoding="ascii").split()
    start, done, spent = time.process_time(), 0, 0.0
    while spent < float(seconds):
        for token in tokens[:100]:
            jwt.decode(token, trusted, algorithms=[alg], issuer=ISSUER, audience=AUDIENCE)
        done += 100
        spent = time.process_time() - start
    print(done / spent)


def measure(bench, tokens, rounds):
    """Medians by contender."""
    count = ALGORITHMS[tokens.alg][1]
    runs = {
        "auth-cli": lambda: bench.ours(tokens, "0", count)[0],
        "auth-cli, both": lambda: bench.ours(tokens, "0,1", count)[1],
        "OpenSSL": lambda: bench.openssl(tokens),
        "libsodium": lambda: bench.libsodium(tokens),
        "libjwt": lambda: bench.libjwt(tokens),
        "npm jose": lambda: bench.npm(tokens, "jose"),
        "jsonwebtoken": lambda: bench.npm(tokens, "jsonwebtoken"),
        "PyJWT": lambda: bench.pyjwt(tokens),
    }
    rates = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            rates[name].append(run())
    return {name: None if None in values else statistics.median(values) for name, values in rates.items()}


def show_rates(table):
    names = list(next(iter(table.values())))
    print("| a second | " + " | ".join(table) + " |")
    print("|---" * (len(table) + 1) + "|")
    for name in names:
        cells = [f"{row[name]:,.0f}" if row[name] else "–" for row in table.values()]
        print(f"| {name} | " + " | ".join(cells) + " |")
    print()
    for alg, row in table.items():
        floor = "libsodium" if alg == "EdDSA" else "OpenSSL"
        best = max((name for name in ("libjwt", "npm jose", "jsonwebtoken", "PyJWT") if row[name]), key=row.get)
        print(f"{alg}: {row['auth-cli'] / row[floor]:.0%} of {floor}'s rate on one core; both cores "
              f"{row['auth-cli, both'] / row['auth-cli']:.2f} x one; {row['auth-cli'] / row[best]:.1f} x {best}, "
              "the next")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--binary", default="build/release/src/auth-cli")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=2, help="for each loop of a peer")
    options.add_argument("--only", choices=[*ALGORITHMS], action="append")
    options.add_argument("--pyjwt", nargs=4, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.pyjwt:
        pyjwt_loop(*chosen.pyjwt)
        return
    binary = str(pathlib.Path(chosen.binary).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        os.environ["HOME"] = scratch
        bench = Bench(binary, folder, chosen.seconds)
        made = {alg: Tokens(alg, folder) for alg in chosen.only or ALGORITHMS}
        print(f"medians of {chosen.rounds} interleaved rounds; tokens of {len(made[next(iter(made))].made[0])} bytes\n")
        show_rates({alg: measure(bench, tokens, chosen.rounds) for alg, tokens in made.items()})
        print()
        tokens = made.get("HS256") or next(iter(made.values()))
        for count in (10_000, 100_000, 1_000_000):
            peak = bench.ours(tokens, "0,1", count)[2]
            print(f"{count:>9,} {tokens.alg} tokens: {peak / 1024:.1f} MiB at most")


if __name__ == "__main__":
    main()
