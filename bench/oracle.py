#!/usr/bin/python3
"""Can a clock tell who exists, or what hash somebody has? Failed logins of every class of user,
interleaved, in a database that holds outdated hashes beside current ones.

For each class: the median, how far it is from the absent user's, and the area under the ROC curve
of telling the two apart by time (0.5 is guessing). Wall time, which an attacker sees, and processor
time, which a busy machine does not blur.
"""
import argparse
import os
import pathlib
import random
import sqlite3
import statistics
import sys
import tempfile
import time

WRONG = "purple monkeys dance under lantern"
CURRENT = "$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43


def bcrypt(cost: int) -> str:
    return f"$2b${cost:02}$abcdefghijklmnopqrstuuMgydOUHVT1XQtelGNZ6SOJUqnCrYGva"


def django(rounds: int) -> str:
    return f"pbkdf2_sha256${rounds}$somesalt$" + "A" * 43 + "="


class Realm:
    def __init__(self, binary: str, folder: pathlib.Path):
        self.binary = binary
        self.folder = folder
        self.env = {"HOME": str(folder), "PATH": os.environ["PATH"]}
        self.write("wrong", WRONG)

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def spawn(self, words: list[str]) -> tuple[int, float, float]:
        silent = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_WRONLY, 0) for fd in (1, 2)]
        start = time.perf_counter()
        child = os.posix_spawn(self.binary, [self.binary, *words], self.env, file_actions=silent)
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - start
        return (os.waitstatus_to_exitcode(status), wall * 1000,
                (usage.ru_utime + usage.ru_stime) * 1000)

    def run(self, *words: str) -> None:
        code, _, _ = self.spawn(list(words))
        if code != 0:
            sys.exit(f"{' '.join(words)} ended with {code}")

    def failed_login(self, email: str) -> tuple[float, float]:
        code, wall, processor = self.spawn(
            ["login", email, "--password-file", str(self.folder / "wrong")])
        if code not in (3, 10):
            sys.exit(f"the login of {email} ended with {code}")
        return wall, processor


def fill(realm: Realm, chosen: argparse.Namespace) -> dict[str, list[str]]:
    realm.run("db", "init")
    realm.write("current", CURRENT)
    realm.write("bcrypt", bcrypt(chosen.bcrypt))
    realm.write("cheaper", bcrypt(chosen.bcrypt - 1))
    realm.write("django", django(chosen.django))
    realm.write("sha1", "{SHA}mN7MYuzjmaIu0w1JDvMzvn/ec4U=")
    source = lambda name: ["--password-hash-file", str(realm.folder / name)]
    current = source("current")
    classes = {
        "absent": None,
        "current": [*current, "--verified"],
        "no password": ["--no-password", "--verified"],
        "disabled": [*current, "--verified", "--disabled"],
        "unverified": current,
        f"bcrypt, cost {chosen.bcrypt}": [*source("bcrypt"), "--verified"],
        f"bcrypt, cost {chosen.bcrypt - 1}": [*source("cheaper"), "--verified"],
        f"PBKDF2, {chosen.django}": [*source("django"), "--verified"],
        "SHA-1": [*source("sha1"), "--verified"],
        "locked": [*current, "--verified"],
    }
    people: dict[str, list[str]] = {}
    for number, (name, flags) in enumerate(classes.items()):
        # A user for each try: after a failure the next one has to wait.
        tries = 1 if name == "locked" else chosen.rounds
        people[name] = [f"user{number}.{n}@example.org" for n in range(tries)]
        for email in people[name] if flags is not None else []:
            realm.run("create", email, *flags)
    return people


def lock(realm: Realm, email: str) -> None:
    realm.failed_login(email)
    with sqlite3.connect(realm.folder / ".local/share/auth-cli/auth.db") as database:
        database.execute("UPDATE attempts SET failures = 100")
    database.close()


def auc(first: list[float], second: list[float]) -> float:
    above = sum((b > a) + (b == a) / 2 for a in first for b in second)
    return above / (len(first) * len(second))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--binary", default="build/release/src/auth-cli")
    options.add_argument("--rounds", type=int, default=200)
    options.add_argument("--bcrypt", type=int, default=10, help="cost of the outdated bcrypt hashes")
    options.add_argument("--django", type=int, default=260_000, help="rounds of the PBKDF2 hashes")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        realm = Realm(str(pathlib.Path(chosen.binary).resolve()), pathlib.Path(scratch))
        people = fill(realm, chosen)
        lock(realm, people["locked"][0])
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in people}
        for turn in range(chosen.rounds):
            for name in random.sample(list(people), len(people)):
                email = people[name][turn % len(people[name])]
                times[name].append(realm.failed_login(email))
    print(f"{chosen.rounds} interleaved failed logins of each class")
    print(f"{'':22}{'wall':>10}{'off':>8}{'AUC':>6}{'processor':>13}{'off':>8}{'AUC':>6}")
    for name, pairs in times.items():
        line = f"{name:22}"
        for kind in (0, 1):
            values = [pair[kind] for pair in pairs]
            base = [pair[kind] for pair in times["absent"]]
            median = statistics.median(values)
            off = median / statistics.median(base) - 1
            line += f"{median:{10 if kind == 0 else 13}.1f}{off:>+8.1%}{auc(base, values):>6.2f}"
        print(line)


if __name__ == "__main__":
    main()
