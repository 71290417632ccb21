#!/usr/bin/python3
"""Whole-process start-up: medians of interleaved runs beside a floor measured in the same run.

The floor is a do-nothing program linked, with the same linker flags, to the same shared libraries.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

FOREIGN = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    ".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ"
    ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
)


def build_floor(binary: str, folder: pathlib.Path) -> str:
    shared = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    libraries = [line.split()[2] for line in shared.splitlines() if "=>" in line]
    libraries = [path for path in libraries if "/libc.so" not in path]
    source = folder / "floor.cpp"
    source.write_text("int main() {}\n")
    floor = str(folder / "floor")
    subprocess.run(
        ["g++", "-O2", str(source), "-o", floor, "-Wl,-z,relro", "-Wl,-z,now",
         "-Wl,--no-as-needed", *libraries],
        check=True,
    )
    return floor


def timed(command: list[str], env: dict[str, str]) -> float:
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, env, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0),
    ])
    _, status = os.waitpid(process, 0)
    spent = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return spent * 1000


def interleave(commands: dict[str, list[str]], env: dict[str, str], rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 5):
        for name, command in commands.items():
            spent = timed(command, env)
            if turn >= 5:
                times[name].append(spent)
    return {name: statistics.median(values) for name, values in times.items()}


def sql_insert(folder: pathlib.Path) -> list[str]:
    database = folder / "insert.db"
    subprocess.run(["sqlite3", database, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)"], check=True)
    return ["/usr/bin/sqlite3", str(database),
            "PRAGMA synchronous=EXTRA; INSERT INTO t (name) VALUES ('somebody')"]


def fill(database: pathlib.Path, users: int) -> None:
    """Rows as `create --no-password --verified` makes them, without the audit trail."""
    import sqlite3
    import uuid

    with sqlite3.connect(database) as connection:
        connection.executemany(
            "INSERT INTO users (id, email, email_key, created_at, updated_at) VALUES (?, ?, ?, 0, 0)",
            ((str(uuid.uuid4()), f"user{n}@example.org", f"user{n}@example.org") for n in range(users)),
        )
    connection.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--binary", default="build/release/src/auth-cli")
    options.add_argument("--rounds", type=int, default=200)
    options.add_argument("--users", type=int, default=1_000_000)
    chosen = options.parse_args()
    binary = str(pathlib.Path(chosen.binary).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        env = {"HOME": scratch, "PATH": os.environ["PATH"]}
        run = lambda *words, **more: subprocess.run([binary, *words], env=env, check=True, capture_output=True, **more)
        run("db", "init")
        run("create", "ann@example.org", "--verified", "--password-stdin", input=b"purple monkeys dance under lanterns")
        password = folder / "password"
        password.write_text("purple monkeys dance under lanterns")
        fill(folder / ".local/share/auth-cli/auth.db", chosen.users)
        run("login", "ann@example.org", "--password-file", str(password), "--ttl", "1h")
        token = folder / ".local/state/auth-cli/default.token"
        commands = {
            "floor": [build_floor(binary, folder)],
            "version": [binary, "version"],
            "token decode, foreign": [binary, "token", "decode", FOREIGN],
            "token decode, ours": [binary, "token", "decode", f"@{token}"],
            "whoami": [binary, "whoami"],
        }
        medians = interleave(commands, env, chosen.rounds)
        floor = medians["floor"]
        print(f"{chosen.users:,} users; medians of {chosen.rounds} interleaved runs")
        for name, value in medians.items():
            print(f"  {name:24} {value:7.2f} ms  {value / floor:5.2f} x floor")

        number = iter(range(1_000_000))
        insert = sql_insert(folder)
        times: dict[str, list[float]] = {"sqlite3 insert": [], "create": [], "login": []}
        for _ in range(max(10, chosen.rounds // 5)):
            times["sqlite3 insert"].append(timed(insert, env))
            times["create"].append(timed(
                [binary, "create", f"new{next(number)}@example.org", "--no-password", "--verified"], env))
            times["login"].append(timed([binary, "login", "ann@example.org", "--password-file", str(password)], env))
        medians = {name: statistics.median(values) for name, values in times.items()}
        for name, value in medians.items():
            print(f"  {name:24} {value:7.2f} ms")
        print(f"  create is {medians['create'] / medians['sqlite3 insert']:.2f} x one durable insert")


if __name__ == "__main__":
    main()
