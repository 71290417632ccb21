#!/usr/bin/python3
"""PostgreSQL beside SQLite and beside psql's \\copy of the same rows, all in one run.

The server is Debian's with its own settings: what it has acknowledged is on the disk. Logins are
whole processes, eight at a time, of as many users, with hashes that cost next to nothing.
"""
import argparse
import concurrent.futures
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
from tests.system.support import postgres_server  # noqa: E402

bulk = importlib.import_module("bench.import")
TABLES = ["users", "passwords", "audit"]
PASSWORD = b"Umbrella-wren-91-cobalt\n"


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

    def close(self):
        if self.server:
            self.server.drop_database(self.name)
        shutil.rmtree(self.home)


def import_by(place, file):
    place.run("db", "init", "-q")
    return bulk.measured([place.binary, "import", str(file), "-q", "--allow", "hashes"], place.env)


def copy_by_psql(server, place, folder):
    """The rows that the import made, into a database that has the same schema."""
    for table in TABLES:
        server.sql(place.name, f"\\copy auth_cli.{table} TO '{folder}/{table}.copy'\n")
    other = Place(place.binary, folder, server)
    other.run("db", "init", "-q")
    script = "BEGIN;\nSET CONSTRAINTS ALL IMMEDIATE;\nDELETE FROM auth_cli.audit;\n" + "".join(
        f"\\copy auth_cli.{table} FROM '{folder}/{table}.copy'\n" for table in TABLES) + "COMMIT;\n"
    start = time.perf_counter()
    server.sql(other.name, script)
    spent = time.perf_counter() - start
    other.close()
    for table in TABLES:
        pathlib.Path(folder, f"{table}.copy").unlink()
    return spent


def imports(binary, server, folder, count, rounds):
    lines, table = bulk.write_files(folder, count)
    figures = {"sqlite": [], "postgresql": [], "\\copy": []}
    for _ in range(rounds):
        here = Place(binary, folder)
        figures["sqlite"].append(import_by(here, lines)[0])
        here.close()
        there = Place(binary, folder, server)
        spent, memory = import_by(there, lines)
        figures["postgresql"].append(spent)
        figures["\\copy"].append(copy_by_psql(server, there, folder))
        there.close()
    lines.unlink()
    table.unlink()
    floor = statistics.median(figures["\\copy"])
    print(f"{count:,} users, hashed; the middle of {rounds}; {memory:.0f} MiB")
    for name, runs in figures.items():
        spent = statistics.median(runs)
        print(f"  import, {name:12} {count / spent:10,.0f} users/s  {floor / spent:5.0%} of \\copy")


def logins(binary, server, folder, each):
    for name, place in {"sqlite": Place(binary, folder),
                        "postgresql": Place(binary, folder, server)}.items():
        place.run("db", "init", "--test", "-q")
        for worker in range(8):
            place.run("create", f"user{worker}@example.org", "--verified", "--password-stdin", "-q",
                      stdin=PASSWORD)

        def log_in(worker):
            for _ in range(each):
                place.run("login", f"user{worker}@example.org", "--password-stdin", "-q", "--no-store",
                          stdin=PASSWORD)
        start = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(log_in, range(8)))
        spent = time.perf_counter() - start
        print(f"  logins, {name:12} {8 * each / spent:10,.0f} /s by 8 processes")
        place.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--scratch", default="/var/tmp", help="a folder on a real disk")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--logins", type=int, default=50, help="of each process")
    options = parser.parse_args()
    os.environ["TMPDIR"] = options.scratch
    tempfile.tempdir = options.scratch
    server = postgres_server.PostgresServer.make("max_connections = 100\n")
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        imports(os.path.abspath(options.binary), server, folder, options.users, options.rounds)
        logins(os.path.abspath(options.binary), server, folder, options.logins)
    finally:
        server.stop("immediate")
        server.remove()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
