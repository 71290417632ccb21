"""Debian's command jose. It knows signatures, not claims, and takes one token a process."""
import json
import os
import subprocess
import tempfile

from tests.peers import keys


def run(*args, stdin=b""):
    return subprocess.run(["jose", *args], input=stdin, capture_output=True, check=True).stdout


def generate(alg):
    return json.loads(run("jwk", "gen", "-i", json.dumps({"alg": alg})))


def written(content):
    """A file with that JSON, which only its owner may read."""
    descriptor, path = tempfile.mkstemp()
    with open(descriptor, "w", encoding="ascii") as file:
        json.dump(content, file)
    return path


def knows(alg):
    try:
        generate(alg)
    except subprocess.CalledProcessError:
        return False
    return True


def sign(job):
    alg, header = job["alg"], job.get("header", {})
    key = generate(alg)
    public = key if alg == "HS256" else json.loads(run("jwk", "pub", "-i-", stdin=json.dumps(key).encode()))
    template = json.dumps({"protected": {"alg": alg, **header}})
    path = written(key)
    try:
        tokens = [run("jws", "sig", "-I-", "-k", path, "-s", template, "-c",
                      stdin=json.dumps(claims).encode()).decode()
                  for claims in job["claims"]]
    finally:
        os.unlink(path)
    return {"tokens": tokens, "key": {"jwk": public}}


def verify(job):
    key = job["key"]
    path = written(key["jwks"] if "jwks" in key else keys.secret_jwk(keys.from_base64url(key["secret"])))
    try:
        return {"results": [verified(token, path) for token in job["tokens"]]}
    finally:
        os.unlink(path)


def verified(token, path):
    try:
        return {"claims": json.loads(run("jws", "ver", "-i-", "-k", path, "-O-", stdin=token.encode()))}
    except subprocess.CalledProcessError as problem:
        return {"error": problem.stderr.decode(errors="replace") or "not verified"}


def answer(job):
    if job["do"] == "algorithms":
        return {"algorithms": [alg for alg in keys.ALGORITHMS if knows(alg)]}
    return sign(job) if job["do"] == "sign" else verify(job)
