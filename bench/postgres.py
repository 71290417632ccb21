#!/usr/bin/python3
"""auth-cli on a PostgreSQL server, beside psql, pgbench and a bare libpq program in the same run.

The server is Debian's with its own settings: what it has acknowledged is on the disk. Parts, for
--parts (default: all of them):

  logins      crowds of processes that log in, each as another user, with hashes that cost next to
              nothing: beside the server, and a round trip of some milliseconds away through a relay.
              In the same minute: pgbench that connects anew for two small transactions (-C), and
              journeys.c, which makes as many round trips as a login.
  import      users with hashes, as the owner and as auth_operator, and into SQLite, beside \\copy of
              the same rows.
  export      users with hashes, beside \\copy of users and passwords.
  completion  TAB after `auth-cli show user1`.
"""
import argparse
import importlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from bench import crowds  # noqa: E402
from tests.system.support import postgres_server  # noqa: E402

bulk = importlib.import_module("bench.import")
ROLES = pathlib.Path(__file__).resolve().parents[1] / "examples/postgres-roles.sql"
TABLES = ["users", "passwords", "audit"]
PARTS = ["logins", "import", "export", "completion"]


class Place:
    """A home, and a database in it or on the server."""

    def __init__(self, binary, folder, server=None):
        self.binary, self.home, self.server = binary, pathlib.Path(tempfile.mkdtemp(dir=folder)), server
        self.env = {"HOME": str(self.home), "PATH": os.environ["PATH"]}
        if server:
            self.name = self.home.name.lower()
            self.env["AUTH_CLI_DB"] = server.make_database(self.name)

    def run(self, *arguments, stdin=None):
        return subprocess.run([self.binary, *arguments], env=self.env, input=stdin, check=True,
                              capture_output=True).stdout

    def be_operator(self):
        """From here on connects as a member of auth_operator, to whom row security denies COPY."""
        self.server.sql(self.name, ROLES.read_text())
        self.server.sql("postgres", "DO $$ BEGIN IF to_regrole('bench_operator') IS NULL THEN "
                                    "CREATE ROLE bench_operator LOGIN IN ROLE auth_operator; END IF; END $$")
        self.env["AUTH_CLI_DB"] = self.server.url(self.name, "bench_operator")

    def close(self):
        if self.server:
            self.server.drop_database(self.name)
        shutil.rmtree(self.home)


def import_by(place, file):
    return bulk.measured([place.binary, "import", str(file), "-q", "--allow", "hashes"], place.env)


def timed_sql(server, name, script):
    start = time.perf_counter()
    server.sql(name, script)
    return time.perf_counter() - start


def copy_by_psql(server, place, folder):
    """The rows that the import made, into a database that has the same schema."""
    for table in TABLES:
        server.sql(place.name, f"\\copy auth_cli.{table} TO '{folder}/{table}.copy'\n")
    other = Place(place.binary, folder, server)
    other.run("db", "init", "-q")
    script = "BEGIN;\nSET CONSTRAINTS ALL IMMEDIATE;\nDELETE FROM auth_cli.audit;\n" + "".join(
        f"\\copy auth_cli.{table} FROM '{folder}/{table}.copy'\n" for table in TABLES) + "COMMIT;\n"
    spent = timed_sql(server, other.name, script)
    other.close()
    for table in TABLES:
        pathlib.Path(folder, f"{table}.copy").unlink()
    return spent


def imports(options, server, folder):
    lines, table = bulk.write_files(folder, options.users)
    figures = {name: [] for name in ("sqlite", "postgresql, owner", "postgresql, operator", "\\copy")}
    most = 0
    for _ in range(options.rounds):
        for name in list(figures)[:3]:
            place = Place(options.binary, folder, None if name == "sqlite" else server)
            place.run("db", "init", "-q")
            if name.endswith("operator"):
                place.be_operator()
            spent, memory = import_by(place, lines)
            figures[name].append(spent)
            if name.endswith("owner"):
                most = max(most, memory)
                figures["\\copy"].append(copy_by_psql(server, place, folder))
            place.close()
    lines.unlink()
    table.unlink()
    print(f"import of {options.users:,} users with hashes; the middle of {options.rounds}; {most:.0f} MiB")
    show_rates(options.users, figures)


def show_rates(count, figures):
    floor = statistics.median(figures["\\copy"])
    for name, runs in figures.items():
        spent = statistics.median(runs)
        print(f"  {name:22} {count / spent:10,.0f} users/s  {floor / spent:5.0%} of \\copy's rate",
              flush=True)


def fill(options, server, folder):
    """A database with that many users."""
    lines, table = bulk.write_files(folder, options.users)
    place = Place(options.binary, folder, server)
    place.run("db", "init", "-q")
    import_by(place, lines)
    lines.unlink()
    table.unlink()
    return place


def exports(options, server, place, folder):
    script = "".join(f"\\copy auth_cli.{table} TO '{folder}/{table}.copy'\n"
                     for table in ("users", "passwords"))
    figures = {"export": [], "\\copy": []}
    for _ in range(options.rounds):
        figures["\\copy"].append(timed_sql(server, place.name, script))
        spent, memory = bulk.measured([options.binary, "export", f"{folder}/users.jsonl", "-q",
                                       "--with-hashes", "--replace"], place.env)
        figures["export"].append(spent)
    print(f"export of {options.users:,} users with hashes; the middle of {options.rounds}; {memory:.0f} MiB")
    show_rates(options.users, figures)


def completion(options, place):
    runs = []
    for _ in range(20):
        start = time.perf_counter()
        said = place.run("__complete", "--", "show", "user1")
        runs.append((time.perf_counter() - start) * 1000)
        if said.count(b"\n") < 2:
            sys.exit("completion offers no user")
    print(f"completion of users among {options.users:,}: {statistics.median(runs):.0f} ms, "
          f"at most {max(runs):.0f} ms", flush=True)


def logins(options, server, folder):
    place = Place(options.binary, folder, server)
    place.run("db", "init", "--test", "-q")
    crowds.run(place, folder, options)
    place.close()


def numbers(text):
    return [int(each) for each in text.split(",")]


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--scratch", default="/var/tmp", help="a folder on a real disk")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=numbers, default=[1, 2, 4, 8, 16, 32])
    parser.add_argument("--delays", type=numbers, default=[0, 4, 20], help="milliseconds a round trip")
    parser.add_argument("--seconds", type=float, default=3, help="of each crowd")
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    options.parts = options.parts.split(",")
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"unknown parts: {', '.join(unknown)}")
    return options


def main():
    options = read_options()
    os.environ["TMPDIR"] = tempfile.tempdir = options.scratch
    server = postgres_server.PostgresServer.make("max_connections = 100\n")
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        if "logins" in options.parts:
            logins(options, server, folder)
        if "import" in options.parts:
            imports(options, server, folder)
        if {"export", "completion"} & set(options.parts):
            place = fill(options, server, folder)
            if "export" in options.parts:
                exports(options, server, place, folder)
            if "completion" in options.parts:
                completion(options, place)
            place.close()
    finally:
        server.stop("immediate")
        server.remove()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
