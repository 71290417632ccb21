"""Crowds that log in on a PostgreSQL server, for postgres.py: logins, pgbench and journeys.c in turns."""
import contextlib
import dataclasses
import os
import pathlib
import re
import subprocess
import sys

from tests.system.support import postgres_server

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = b"Umbrella-wren-91-cobalt\n"
PAIR = "INSERT INTO public.journeys VALUES (1);\n" * 2


@dataclasses.dataclass
class Rate:
    a_second: float
    failures: int = 0
    status: int = 0  # of the first that failed


def compile_programs(folder):
    def flags(option):
        return subprocess.run(["pg_config", option], capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run(["cc", "-O2", HERE / "crowd.c", "-o", folder / "crowd", "-lpthread"], check=True)
    subprocess.run(["cc", "-O2", f"-I{flags('--includedir')}", HERE / "journeys.c", "-o", folder / "journeys",
                    f"-L{flags('--libdir')}", "-lpq"], check=True)


class Relay:
    """Before the server, as a process of its own."""

    def __init__(self, server, folder, delay, *flags):
        self.folder = pathlib.Path(folder) / f"relay{delay}"
        self.folder.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.system.support.relay", *flags, self.folder / ".s.PGSQL.5432",
             f"{server.directory}/.s.PGSQL.{server.port}", str(delay)],
            cwd=HERE.parent, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        (self.folder / ".s.PGSQL.5432").unlink(missing_ok=True)
        self.folder.rmdir()


class Crowd:
    def __init__(self, place, folder, seconds):
        self.place, self.folder, self.seconds = place, folder, seconds
        self.password = folder / "password"
        self.password.write_bytes(PASSWORD)
        self.password.chmod(0o600)
        self.pair = folder / "pair.sql"
        self.pair.write_text(PAIR)
        self.where = place.server.directory, place.server.port  # of the socket
        self.journeys = self.count_journeys()

    def conninfo(self):
        host, port = self.where
        return f"postgresql://postgres@/{self.place.name}?host={host}&port={port}"

    def login(self, client):
        return [self.place.binary, "login", f"user{client}@example.org", "--password-file", str(self.password),
                "-q", "--no-store"]

    def count_journeys(self):
        """The round trips of one login, connection included."""
        with Relay(self.place.server, self.folder, 0, "--count") as relay:
            self.where = relay.folder, 5432
            subprocess.run(self.login(0), env=self.env(), check=True, capture_output=True)
            line = relay.process.stdout.readline()
        self.where = self.place.server.directory, self.place.server.port
        return int(re.search(r"\d+", line)[0])

    def env(self):
        return self.place.env | {"AUTH_CLI_DB": self.conninfo()}

    def run(self, clients, words):
        done = subprocess.run([self.folder / "crowd", str(clients), str(self.seconds), *words], env=self.env(),
                              check=True, capture_output=True, text=True).stdout.split()
        good, bad, spent, status = int(done[0]), int(done[1]), float(done[2]), int(done[3])
        return Rate(good / spent, bad, status)

    def logins(self, clients):
        return self.run(clients, self.login("%d"))

    def bare(self, clients):
        return self.run(clients, [str(self.folder / "journeys"), self.conninfo(), str(self.journeys)])

    def pgbench(self, clients):
        done = subprocess.run([postgres_server.program("pgbench"), "-n", "-C", "-f", self.pair,
                               "-c", str(clients), "-j", str(clients),
                               "-T", str(max(1, round(self.seconds))), self.conninfo()],
                              check=True, capture_output=True, text=True).stdout
        return Rate(float(re.search(r"tps = ([\d.]+)", done)[1]))


def run(place, folder, options):
    compile_programs(folder)
    place.server.sql(place.name, "CREATE TABLE public.journeys (n bigint)")
    for client in range(max(options.clients)):
        place.run("create", f"user{client}@example.org", "--verified", "--password-stdin", "-q",
                  stdin=PASSWORD)
    crowd = Crowd(place, folder, options.seconds)
    print(f"logins; {crowd.journeys} round trips each, connection included; {options.seconds:g} s a crowd; "
          f"{os.cpu_count()} cores")
    print("  away  clients  logins/s  of those beside  of pgbench  of libpq  failed")
    beside = {}
    for delay in options.delays:
        with Relay(place.server, folder, delay) if delay else contextlib.nullcontext() as relay:
            crowd.where = (relay.folder, 5432) if relay else (place.server.directory, place.server.port)
            for clients in options.clients:
                show(crowd, delay, clients, beside)


def show(crowd, delay, clients, beside):
    own, bare, pair = crowd.logins(clients), crowd.bare(clients), crowd.pgbench(clients)
    if not delay:
        beside[clients] = own.a_second
    share = f"{own.a_second / beside[clients]:.0%}" if clients in beside else ""
    failed = f"{own.failures} (exit {own.status})" if own.failures else "0"
    print(f"  {delay:2} ms  {clients:7}  {own.a_second:8.1f}  {share:>15}  {own.a_second / pair.a_second:10.0%}  "
          f"{own.a_second / bare.a_second:8.0%}  {failed}    pgbench {pair.a_second:.0f}/s, "
          f"libpq {bare.a_second:.0f}/s", flush=True)
