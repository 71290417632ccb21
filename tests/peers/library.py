"""The answers of a peer that is a Python library: see peers.py for the jobs."""
from tests.peers import keys


class Library:
    """Its functions: sign(claims, alg, private key, header) gives a token; verify(token, job) gives
    claims or raises; publish(private key, alg, header) gives the public half as a job names keys."""

    def __init__(self, sign, verify, publish):
        self.sign = sign
        self.verify = verify
        self.publish = publish

    def answer(self, job):
        return getattr(self, "do_" + job["do"])(job)

    def do_algorithms(self, _):
        return {"algorithms": [alg for alg in keys.ALGORITHMS if self.knows(alg)]}

    def knows(self, alg):
        try:
            self.sign({"sub": "x"}, alg, keys.fresh_key(alg), {})
        except Exception:  # each library has its own
            return False
        return True

    def do_sign(self, job):
        alg, header = job["alg"], job.get("header", {})
        key = keys.fresh_key(alg)
        return {"tokens": [self.sign(claims, alg, key, header) for claims in job["claims"]],
                "key": self.publish(key, alg, header)}

    def do_verify(self, job):
        return {"results": [self.verified(token, job) for token in job["tokens"]]}

    def verified(self, token, job):
        try:
            return {"claims": self.verify(token, job)}
        except Exception as problem:
            return {"error": f"{type(problem).__name__}: {problem}"}
