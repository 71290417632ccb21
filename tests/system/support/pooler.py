"""PgBouncer before a test server, in transaction mode: each transaction may meet another session, and each session
forgets everything between two of them."""
import pathlib
import shutil
import subprocess
import time

from tests.system.support.postgres_server import (PostgresServer, as_server, free_port, give_to_server,
                                                  new_directory)

DATABASES = """\
[databases]
* = {target}
[pgbouncer]
pool_mode = transaction
auth_type = {auth}
auth_file = {directory}/users
"""
SETTINGS = """\
server_reset_query = DISCARD ALL
server_reset_query_always = 1
default_pool_size = 6
max_client_conn = 300
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir = {directory}
logfile = {directory}/log
"""


class Pooler(PostgresServer):
    """Has the addresses of a server. Clients on its socket and its port must give passwords if `passwords`,
    and then so must it to the server."""

    def __init__(self, server, passwords=False, databases=DATABASES):
        super().__init__(new_directory("pooler"), free_port(), server.password)
        self.server, self.passwords, self.databases = server, passwords, databases
        self.process = None

    def make_users(self, *names):
        """Who may come in, besides the superuser."""
        lines = "".join(f'"{name}" "{self.password}"\n' for name in ("postgres", *names))
        (self.directory / "users").write_text(lines)
        give_to_server(self.directory / "users")
        if self.process:
            subprocess.run(as_server(["kill", "-HUP", str(self.process.pid)]), check=True)

    def start(self):
        self.make_users()
        target = (f"host=127.0.0.1 port={self.server.port}" if self.passwords
                  else f"host={self.server.directory} port={self.server.port}")
        settings = pathlib.Path(self.directory) / "pgbouncer.ini"
        settings.write_text((self.databases + SETTINGS).format(
            target=target, port=self.port, directory=self.directory,
            auth="scram-sha-256" if self.passwords else "trust"))
        self.process = subprocess.Popen(
            as_server([shutil.which("pgbouncer", path="/usr/sbin:/usr/bin"), "--quiet", str(settings)]),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        end = time.monotonic() + 10
        while not (self.directory / f".s.PGSQL.{self.port}").exists():
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError((self.directory / "log").read_text())
            time.sleep(0.02)

    def stop(self, mode="fast"):
        self.process.terminate()
        self.process.wait()
