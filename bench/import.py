#!/usr/bin/python3
"""Bulk import: rate and peak memory beside a floor and OpenLDAP's slapadd, in turns.

The floor, import_floor.cpp, parses the same file with simdjson and inserts the same rows with
prepared statements in one transaction. Passwords in plain text are held against hash_floor.c, which
only hashes.
"""
import argparse
import base64
import csv
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
# A real hash, of a password nobody has; what it says does not matter to the speed.
HASH = "$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$iWh06vD8Fy27wf9npn6FXWiCX4K6pW6Ue1Bnzz07Z8A"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def people(count):
    chance = random.Random(7)
    names = ["Ann Berg", "Bjørn Åse", "Chloé Martin", "Дмитрий Орлов", "Eleni Παπά", "山田 太郎"]
    for number in range(count):
        tail = "".join(chance.choices(ALPHABET, k=21))
        yield {"email": f"user{chance.randrange(10**9)}.{number}@example.org",
               "username": f"user{number}", "name": names[number % len(names)],
               "phone": f"+47 {number:08}", "password_hash": HASH[:-43] + tail + HASH[-22:]}


def write_files(folder, count):
    lines, table = folder / f"{count}.jsonl", folder / f"{count}.csv"
    with lines.open("w") as as_json, table.open("w", newline="") as as_csv:
        rows = csv.DictWriter(as_csv, ["email", "username", "name", "phone", "password_hash"])
        rows.writeheader()
        for person in people(count):
            as_json.write(json.dumps(person, ensure_ascii=False) + "\n")
            rows.writerow(person)
    return lines, table


def measured(command, env=None, stdin=subprocess.DEVNULL):
    """Seconds, and peak memory in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdin=stdin, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    spent = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{command} ended with {os.waitstatus_to_exitcode(status)}: {said.decode()[-500:]}")
    return spent, usage.ru_maxrss / 1024


class Bench:
    def __init__(self, binary, folder):
        self.binary, self.folder, self.number = binary, folder, 0
        self.floor = folder / "import_floor"
        subprocess.run(["g++", "-std=c++20", "-O2", str(HERE / "import_floor.cpp"), "-o",
                        str(self.floor), "-lsimdjson", "-lsqlite3"], check=True)

    def database(self, *flags):
        self.number += 1
        home = self.folder / f"home{self.number}"
        env = {"HOME": str(home), "PATH": os.environ["PATH"]}
        subprocess.run([self.binary, "db", "init", "-q", *flags], env=env, check=True)
        return home, env

    def import_by(self, file, *flags, kind=()):
        home, env = self.database(*kind)
        spent = measured([self.binary, "import", str(file), "-q", *flags], env)
        shutil.rmtree(home)
        return spent

    def import_by_floor(self, file):
        home, _ = self.database()
        spent = measured([str(self.floor), str(home / ".local/share/auth-cli/auth.db"), str(file)])
        shutil.rmtree(home)
        return spent


class Directory:
    """OpenLDAP's own bulk loader, quick mode: the same people into a directory as Debian sets it up,
    with one more index for addresses."""

    def __init__(self, folder, count):
        self.home = folder / "ldap"
        self.program = shutil.which("slapadd") or "/usr/sbin/slapadd"
        self.settings = pathlib.Path("/etc/ldap/slapd.d")
        self.ldif = folder / "users.ldif"
        if self.installed():
            self.write_ldif(count)

    def installed(self):
        return pathlib.Path(self.program).exists() and self.settings.exists()

    def database(self):
        return next(self.settings.glob("cn=config/olcDatabase=*mdb.ldif"))

    def write_ldif(self, count):
        suffix = re.search(r"(?m)^olcSuffix: (.*)", self.database().read_text())[1]
        with self.ldif.open("w") as out:
            out.write(f"dn: {suffix}\nobjectClass: organization\nobjectClass: dcObject\n"
                      f"o: Example\ndc: {suffix[3:].split(',')[0]}\n\n")
            for person in people(count):
                name = base64.b64encode(person["name"].encode()).decode()
                out.write(f"dn: uid={person['username']},{suffix}\nobjectClass: inetOrgPerson\n"
                          f"uid: {person['username']}\ncn:: {name}\nsn:: {name}\n"
                          f"mail: {person['email']}\ntelephoneNumber: {person['phone']}\n"
                          f"userPassword: {{ARGON2}}{person['password_hash']}\n\n")

    def load(self):
        shutil.copytree(self.settings, self.home / "slapd.d")
        (self.home / "db").mkdir()
        settings = self.home / "slapd.d/cn=config" / self.database().name
        settings.write_text(re.sub(r"(?m)^olcDbDirectory: .*",
                                   f"olcDbDirectory: {self.home}/db\nolcDbIndex: mail eq",
                                   settings.read_text()))
        spent = measured([self.program, "-q", "-F", str(self.home / "slapd.d"), "-l", str(self.ldif)])
        shutil.rmtree(self.home)
        return spent


def rate_line(name, count, spent, memory, beside=""):
    print(f"  {name:28} {count / spent:10,.0f} users/s  {memory:6.1f} MiB  {beside}", flush=True)


def bulk(bench, count, rounds):
    lines, table = write_files(bench.folder, count)
    directory = Directory(bench.folder, count)
    runs = {"floor": lambda: bench.import_by_floor(lines),
            "import, NDJSON": lambda: bench.import_by(lines, "--allow", "hashes"),
            "import, CSV": lambda: bench.import_by(table, "--allow", "hashes")}
    if directory.installed():
        runs["slapadd -q"] = directory.load
    spent = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            spent[name].append(run())
    middle = {name: sorted(each)[rounds // 2] for name, each in spent.items()}
    own = middle["import, NDJSON"][0]
    print(f"{count:,} users, hashed; the middle of {rounds}")
    for name, (seconds, memory) in middle.items():
        beside = "" if name.startswith("import") else f"import is {seconds / own:.2f} times as fast"
        rate_line(name, count, seconds, memory, beside)
    for file in (lines, table, directory.ldif):
        file.unlink(missing_ok=True)
    return count / own


def plaintext(bench, count):
    """At the default cost, on all cores."""
    floor = bench.folder / "hash_floor"
    subprocess.run(["gcc", "-O2", str(HERE / "hash_floor.c"), "-o", str(floor), "-lsodium", "-lpthread"],
                   check=True)
    file = bench.folder / "plain.jsonl"
    with file.open("w") as out:
        for number in range(count):
            out.write(json.dumps({"email": f"user{number}@example.org",
                                  "password": f"violet-kettle-marches-{number}-north"}) + "\n")
    threads = os.cpu_count()
    alone, spent = [], []
    for _ in range(3):
        alone.append(float(subprocess.run([str(floor), str(count), str(threads), "65536", "3"],
                                          capture_output=True, text=True, check=True).stdout))
        spent.append(bench.import_by(file)[0])
    best, own = statistics.median(alone), statistics.median(spent)
    print(f"{count:,} users with passwords in plain text, {threads} cores")
    print(f"  {'hash alone':28} {count / best:10,.1f} users/s")
    print(f"  {'import':28} {count / own:10,.1f} users/s  {best / own:.0%} of the hash alone")


def seed(bench, count):
    _, env = bench.database("--test")
    spent, memory = measured([bench.binary, "seed", "--count", str(count), "--seed", "7", "-q"], env)
    print(f"{count:,} users by seed, in a test database")
    rate_line("seed", count, spent, memory)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--binary", default="build/release/src/auth-cli")
    options.add_argument("--counts", default="10000,100000,1000000")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--plain", type=int, default=200)
    options.add_argument("--seed", type=int, default=100_000)
    options.add_argument("--scratch", help="where the databases are made; a disk, not memory")
    chosen = options.parse_args()
    binary = str(pathlib.Path(chosen.binary).resolve())
    with tempfile.TemporaryDirectory(dir=chosen.scratch) as scratch:
        bench = Bench(binary, pathlib.Path(scratch))
        rates = {count: bulk(bench, count, chosen.rounds)
                 for count in map(int, filter(None, chosen.counts.split(",")))}
        if {100_000, 1_000_000} <= rates.keys():
            print(f"  the rate at a million is {rates[1_000_000] / rates[100_000]:.0%} of that at 100,000")
        if chosen.plain:
            plaintext(bench, chosen.plain)
        if chosen.seed:
            seed(bench, chosen.seed)


if __name__ == "__main__":
    main()
