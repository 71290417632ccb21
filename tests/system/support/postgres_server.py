"""A PostgreSQL server for tests: Debian's, as a user of its own, on a socket and a loopback port.

    python3 -m tests.system.support.postgres_server start DIR    starts one and writes DIR/server.json
    python3 -m tests.system.support.postgres_server stop DIR     stops it and removes what it kept
"""
import contextlib
import glob
import json
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PASSWORD_RULES = """\
local all all trust
local replication all trust
host all all 127.0.0.1/32 scram-sha-256
host all all ::1/128 scram-sha-256
"""
# What is lost with the machine need not be kept; what is lost with the server must be.
SETTINGS = """\
fsync = off
full_page_writes = off
max_connections = 300
autovacuum_naptime = 10s
"""


def program(name):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    if not found:
        raise SystemExit(f"{name} is missing: install the package postgresql")
    return found[-1]


def as_server(command):
    """The server does not run as root."""
    if os.geteuid() == 0:
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
    return command


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def give_to_server(*paths):
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        for path in paths:
            os.chown(path, owner.pw_uid, owner.pw_gid)


def new_directory(kind):
    """A directory of the server's user that everybody can look into."""
    directory = tempfile.mkdtemp(prefix=f"auth-cli-{kind}-")
    give_to_server(directory)
    os.chmod(directory, 0o755)
    return directory


def children_of(process):
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True,
                           check=False).stdout
    return [int(each) for each in found.split()]


class PostgresServer:
    def __init__(self, directory, port, password):
        self.directory = pathlib.Path(directory)
        self.port = port
        self.password = password

    @classmethod
    def make(cls, settings=SETTINGS):
        directory = new_directory("postgres")
        server = cls(directory, free_port(), secrets.token_hex(16))
        words = server.directory / "password"
        words.write_text(server.password)
        give_to_server(words)
        server.run("initdb", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8",
                   f"--pwfile={words}", "--no-sync", "--no-instructions",
                   f"--pgdata={directory}/data")
        words.unlink()
        server.certify()
        server.write("pg_hba.conf", PASSWORD_RULES)
        server.write("postgresql.auto.conf", settings + f"""
listen_addresses = '127.0.0.1'
ssl = on
port = {server.port}
unix_socket_directories = '{directory}'
""")
        server.start()
        return server

    def write(self, name, text):
        with open(self.directory / "data" / name, "w", encoding="utf-8") as file:
            file.write(text)

    def run(self, name, *arguments):
        done = subprocess.run(as_server([program(name), *arguments]), capture_output=True,
                              text=True, check=False, cwd="/", umask=0o077,
                              stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise SystemExit(f"{name}: {done.stdout}{done.stderr}")
        return done.stdout

    def certify(self):
        """A certificate for the loopback address, which stands for itself."""
        data = self.directory / "data"
        subprocess.run(as_server([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", f"{data}/server.key", "-out", f"{data}/server.crt"]),
            capture_output=True, check=True, cwd="/", umask=0o077)
        shutil.copyfile(data / "server.crt", self.directory / "root.crt")
        os.chmod(self.directory / "root.crt", 0o644)

    def start(self):
        # Its log would keep our standard streams open.
        self.run("pg_ctl", "start", "--wait", f"--pgdata={self.directory}/data",
                 f"--log={self.directory}/log")

    def stop(self, mode="fast"):
        self.run("pg_ctl", "stop", "--wait", f"--mode={mode}", f"--pgdata={self.directory}/data")

    def kill(self):
        """Ends all its processes at once, as when its machine fails."""
        postmaster = int((self.directory / "data/postmaster.pid").read_text().split("\n")[0])
        with contextlib.suppress(ProcessLookupError):
            os.kill(postmaster, signal.SIGSTOP)  # else it would start others in their place
            for process in [*children_of(postmaster), postmaster]:
                os.kill(process, signal.SIGKILL)

    def make_standby(self, name="standby", synchronous=True):
        """A server that follows this one. If it is synchronous, commits here wait until it has them on its
        disk."""
        standby = PostgresServer(new_directory("postgres"), free_port(), self.password)
        source = f"host={self.directory} port={self.port} user=postgres application_name={name}"
        self.run("pg_basebackup", f"--dbname={source}", f"--pgdata={standby.directory}/data",
                 "--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream", "--no-sync")
        with open(standby.directory / "data/postgresql.auto.conf", "a", encoding="utf-8") as file:
            file.write(f"port = {standby.port}\nunix_socket_directories = '{standby.directory}'\n"
                       "synchronous_standby_names = ''\n")
        shutil.copyfile(self.directory / "root.crt", standby.directory / "root.crt")
        standby.start()
        if synchronous:
            self.sql("postgres", f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
            self.sql("postgres", "SELECT pg_reload_conf()")
            self.wait_for("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "1")
        return standby

    def promote(self):
        self.run("pg_ctl", "promote", "--wait", f"--pgdata={self.directory}/data")

    def wait_for(self, question, answer, seconds=10):
        end = time.monotonic() + seconds
        while (said := self.sql("postgres", question).strip()) != answer:
            if time.monotonic() > end:
                raise AssertionError(f"{question}: {said}")
            time.sleep(0.02)

    def remove(self):
        shutil.rmtree(self.directory)

    def url(self, database, role="postgres", **parameters):
        """By the socket, where everybody is who they say."""
        more = "".join(f"&{name}={value}" for name, value in parameters.items())
        return f"postgresql://{role}@/{database}?host={self.directory}&port={self.port}{more}"

    def url_with(self, other, database, role="postgres"):
        """Of whichever of both servers takes writes."""
        return (f"postgresql://{role}@/{database}?host={self.directory},{other.directory}"
                f"&port={self.port},{other.port}&target_session_attrs=read-write")

    def tcp_url(self, database, role="postgres"):
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def sql(self, database, commands):
        """What the commands print, unaligned."""
        done = subprocess.run([program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d",
                               self.url(database)], input=commands, capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout

    def make_database(self, name):
        self.sql("postgres", f'CREATE DATABASE "{name}"')
        return self.url(name)

    def drop_database(self, name):
        self.sql("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def saved(directory):
    """The server that `start` left running."""
    return PostgresServer(**json.loads((pathlib.Path(directory) / "server.json").read_text()))


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("start", "stop"):
        raise SystemExit(__doc__)
    place = pathlib.Path(sys.argv[2])
    if sys.argv[1] == "start":
        place.mkdir(parents=True, exist_ok=True)
        server = PostgresServer.make()
        (place / "server.json").write_text(json.dumps({
            "directory": str(server.directory), "port": server.port, "password": server.password}))
    else:
        server = saved(place)
        server.stop("immediate")
        server.remove()
        (place / "server.json").unlink()


if __name__ == "__main__":
    main()
