"""What only a server can do: stop, refuse, hold less-privileged roles, and take a whole database over."""
import concurrent.futures
import contextlib
import json
import os
import re
import socket
import subprocess
import threading
import time
import unittest.mock
import urllib.parse

from tests.system.support import postgres_server, scratch
from tests.system.support.relay import Relay
from tests.system.support.scratch import OTHER_PASSWORD, PASSWORD, ROOT, ScratchTest

ROLES = ROOT / "examples/postgres-roles.sql"


class ServerTest(ScratchTest):
    """Needs the server of --postgres."""

    def setUp(self):
        super().setUp()
        self.server = postgres_server.saved(scratch.postgres_directory())

    def shared(self, *arguments, **how):
        """The command on the database of the server, whatever else is set."""
        return self.auth(*arguments, **how)


class Connecting(ServerTest):
    def test_a_password_in_the_url_is_refused_before_anything_is_sent(self):
        for url in (f"postgresql://postgres:hunter2@127.0.0.1:{self.server.port}/x",
                    f"postgresql://postgres@127.0.0.1:{self.server.port}/x?password=hunter2",
                    f"postgresql://postgres@127.0.0.1:{self.server.port}/x?p%61ssword=hunter2",
                    f"postgres://:hunter2@127.0.0.1:{self.server.port}/x"):
            done = self.fails(2, "db", "status", "--db", url)
            self.assertNotIn(b"hunter2", done.err)
            self.assertIn(b"passfile", done.err)
            done = self.fails(2, "db", "status", "-v", "--db", url)
            self.assertNotIn(b"hunter2", done.err)

    def test_a_password_comes_from_a_file(self):
        self.init()
        name = self.home.name
        words = self.write("pass", f"127.0.0.1:{self.server.port}:{name}:postgres:"
                                   f"{self.server.password}\n")
        url = self.server.tcp_url(name)
        self.ok("db", "status", "--db", f"{url}?passfile={words}")
        self.ok("db", "status", "--db", url, env={"PGPASSFILE": words})
        done = self.fails(11, "db", "status", "--json", "--db", url)
        self.assertIn(b'"code":"database_unavailable"', done.err)
        # No variable holds a password.
        done = self.fails(11, "db", "status", "--db", url,
                          env={"PGPASSWORD": self.server.password})
        wrong = self.write("wrong", f"*:*:*:*:{self.server.password}x\n")
        self.fails(11, "db", "status", "--db", f"{url}?passfile={wrong}")

    def test_a_certificate_is_checked_where_the_url_says_so(self):
        self.init()
        words = self.write("pass", f"*:*:*:*:{self.server.password}\n")
        url = f"{self.server.tcp_url(self.home.name)}?passfile={words}&sslmode=verify-full"
        self.ok("db", "status", "--db", f"{url}&sslrootcert={self.server.directory}/root.crt")
        for root in ("/etc/ssl/certs/ca-certificates.crt", "/nonexistent"):
            done = self.fails(11, "db", "status", "--json", "--db", f"{url}&sslrootcert={root}")
            self.assertIn(b'"code":"database_unavailable"', done.err)
        # The certificate is for the address, not for the name.
        done = self.fails(11, "db", "status", "--json", "--db",
                          url.replace("127.0.0.1", "localhost")
                          + f"&sslrootcert={self.server.directory}/root.crt")
        self.assertIn(b'"code":"database_unavailable"', done.err)

    def test_parameters_go_to_the_library_if_it_knows_them(self):
        self.init()
        words = self.write("pass", f"*:*:*:*:{self.server.password}\n")
        url = (f"{self.server.tcp_url(self.home.name)}?passfile={words}&sslrootcert={self.server.directory}/root.crt"
               "&channel_binding=require")
        self.ok("db", "status", "--db", f"{url}&sslmode=verify-full")
        # Without TLS there is no channel to bind to.
        done = self.fails(11, "db", "status", "--db", f"{url}&sslmode=disable")
        self.assertIn(b"channel binding", done.err)
        done = self.auth("db", "status", "--json", "--db", f"{url}&sslmode=verify-full&sslnegotiation=direct")
        if done.code == 2:
            self.assertRegex(json.loads(done.err)["message"],
                             r"the parameter sslnegotiation, which needs libpq 17 or later; this is 1[56]\.\d+$")

    def fake_server(self):
        """One that speaks no TLS and asks for the password itself: its port, and the messages it got."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        messages = []

        def serve():
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client, contextlib.suppress(OSError):
                    client.settimeout(5)
                    while message := client.recv(4096):
                        messages.append(message)
                        if message[:1] == b"p":
                            break
                        encryption = message[4:8] in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30")
                        client.sendall(b"N" if encryption else b"R\0\0\0\x08\0\0\0\x03")
        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1], messages

    def test_no_server_is_taken_at_its_word(self):
        words = self.write("pass", "*:*:*:*:hunter2\n")
        port, messages = self.fake_server()
        env = {"PGPASSFILE": words}

        def asked(host, more="", **variables):
            messages.clear()
            url = f"postgresql://ann@{host}:{port}/x?passfile={words}{more}"
            done = self.fails(11, "db", "status", "--json", "--db", url, env=env | variables)
            self.assertIn(b'"code":"database_unavailable"', done.err)
            self.assertGreater(len(messages), 0)
            return b"hunter2" in b"".join(messages)

        # The wildcard address leads to this machine as well, but is no loopback address.
        for more in ("", "&sslmode=disable", "&sslmode=allow", "&sslmode=prefer", "&sslmode=require",
                     "&sslmode=verify-ca", "&sslmode=verify-full"):
            self.assertFalse(asked("0.0.0.0", more), more)
        self.assertFalse(asked("0.0.0.0", PGSSLMODE="disable"))
        self.assertFalse(asked("127.0.0.1", "&hostaddr=0.0.0.0"))
        self.assertFalse(asked("127.0.0.1", PGHOSTADDR="0.0.0.0"))
        self.assertFalse(asked("127.0.0.1", "&sslmode=verify-full"))
        # Libraries that know how to refuse do so on this machine, too.
        if b"require_auth" not in subprocess.run(
                ["strings", "-a", "/usr/lib/x86_64-linux-gnu/libpq.so.5"], capture_output=True,
                check=False).stdout:
            self.assertTrue(asked("127.0.0.1"))

    def test_what_is_not_there(self):
        done = self.fails(11, "list", "--json")
        self.assertIn(b'"code":"database_missing"', done.err)
        self.assertIn(b"db init", done.err)
        url = self.server.url("nothing_of_this_name")
        done = self.fails(11, "db", "init", "--json", "--db", url)
        self.assertIn(b'"code":"database_missing"', done.err)
        port = postgres_server.free_port()
        done = self.fails(11, "list", "--json", "--db", f"postgresql://a@127.0.0.1:{port}/x")
        self.assertIn(b'"code":"database_unavailable"', done.err)
        self.fails(2, "list", "--db", "mysql://a@127.0.0.1/x")
        self.fails(2, "list", "--db", "postgresql://[::1/x")

    def test_a_missing_database_is_known_whatever_language_the_server_speaks(self):
        with unittest.mock.patch.dict(os.environ, LANGUAGE="de"):
            german = postgres_server.PostgresServer.make()
        self.addCleanup(german.remove)
        self.addCleanup(german.stop, "immediate")
        done = self.fails(11, "list", "--json", "--db", german.url("nowhere"))
        self.assertEqual(json.loads(done.err)["code"], "database_missing")
        self.assertEqual(json.loads(done.err)["hint"],
                         f"createdb it, then run: auth-cli db init --db '{german.url('nowhere')}'")
        # The server's sentence about a role may say the same words.
        for server in (german, self.server):
            role = urllib.parse.quote('database "nowhere" does not exist')
            done = self.fails(11, "list", "--json", "--db", server.url("postgres", role=role))
            self.assertEqual(json.loads(done.err)["code"], "database_unavailable")

    def test_ten_that_make_one_database(self):
        runs = self.at_once(10, "db", "init", "--test")
        self.assertEqual(sorted(run.code for run in runs), [0] + [9] * 9, [str(r) for r in runs])
        self.ok("db", "check")

    def test_a_schema_of_somebody_else_is_refused(self):
        name = self.home.name
        self.server.sql(name, """DO $$ BEGIN IF to_regrole('mallory') IS NULL THEN
            CREATE ROLE mallory LOGIN; CREATE ROLE owners; CREATE ROLE keeper LOGIN IN ROLE owners;
            END IF; END $$; CREATE SCHEMA auth_cli AUTHORIZATION mallory""")
        done = self.fails(8, "db", "init", "--test", "--json")
        self.assertIn(b'"reason":"database_privileges"', done.err)
        self.assertIn(b"mallory", done.err)
        self.assertEqual(self.server.sql(name, "SELECT count(*) FROM pg_tables"
                                         " WHERE schemaname = 'auth_cli'").strip(), "0")
        self.server.sql(name, "ALTER SCHEMA auth_cli OWNER TO owners")
        self.ok("db", "init", "--test", "--db", self.server.url(name, "keeper"))

    def test_a_newer_schema_is_not_touched(self):
        self.init()
        self.server.sql(self.home.name, "UPDATE auth_cli.schema_version SET version = 9999")
        done = self.fails(11, "list", "--json")
        self.assertIn(b'"code":"schema_too_new"', done.err)

    def test_a_standby_is_read_only(self):
        self.init()
        self.create("reader@example.org")
        name = self.home.name
        self.server.sql(name, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        self.assertEqual(self.ok("list", "--count").line, "1")
        done = self.fails(11, "create", "a@example.org", "--no-password", "--json")
        self.assertIn(b'"code":"database_read_only"', done.err)
        self.assertNotEqual(self.login("reader@example.org").code, 0)

    def test_a_lock_that_another_holds(self):
        self.init()
        holder = threading.Thread(target=self.server.sql, args=(
            self.home.name, "BEGIN; LOCK TABLE auth_cli.write_lock; SELECT pg_sleep(12)"))
        holder.start()
        time.sleep(1)
        start = time.monotonic()
        done = self.fails(11, "create", "a@example.org", "--no-password", "--json")
        self.assertIn(b'"code":"database_busy"', done.err)
        self.assertLess(time.monotonic() - start, 11)
        self.assertEqual(self.ok("list", "--count").line, "0")
        holder.join()


class RowLocks(ServerTest):
    """Servers that speak the protocol but know no LOCK TABLE, as CockroachDB: here such a command is turned
    on its way into one that the server refuses as unsupported."""
    LOCKS = (b"LOCK TABLE write_lock IN EXCLUSIVE MODE", b"LOCK TABLE write_lock IN ROW SHARE MODE")
    REFUSED = b"SELECT count(*) FROM users FOR UPDATE"

    def setUp(self):
        super().setUp()
        self.init()
        listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.addCleanup(listener.close)
        threading.Thread(target=self.relay, args=[listener], daemon=True).start()
        port = listener.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{port}/{self.home.name}?sslmode=disable"
        self.refused = 0

    def relay(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{self.server.directory}/.s.PGSQL.{self.server.port}")
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=[source, target], daemon=True).start()

    def pump(self, source, target):
        try:
            while data := source.recv(65536):
                for lock in self.LOCKS:
                    self.refused += data.count(lock)
                    data = data.replace(lock, self.REFUSED.ljust(len(lock)))
                target.sendall(data)
        except OSError:
            pass
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def test_writers_take_turns_all_the_same(self):
        runs = self.at_once(20, "create", "one@example.org", "--no-password", "--verified")
        self.assertEqual(sorted(run.code for run in runs), [0] + [9] * 19, [str(r) for r in runs])
        for number in range(4):
            self.ok("create", f"user{number}@example.org", "--no-password")

        def update(number):
            return [self.auth("update", f"user{number}@example.org", "--name", f"Name {turn}").code
                    for turn in range(15)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            self.assertEqual([set(codes) for codes in pool.map(update, range(4))], [{0}] * 4)
        email = "guess@example.org"
        self.create(email)
        wrong = self.write("wrong", OTHER_PASSWORD)
        runs = self.at_once(30, "login", email, "--password-file", wrong)
        self.assertEqual({run.code for run in runs}, {3}, [str(r) for r in runs])
        trail = self.ok("audit", "list", "--event", "authn_login_fail", "--jsonl").text
        self.assertEqual(len(trail.splitlines()), 30)
        self.ok("audit", "verify")
        self.assertGreater(self.refused, 60)


class RoundTrips(ServerTest):
    """Those of each command are counted by the program, and between it and the server."""

    def setUp(self):
        super().setUp()
        self.init()
        self.create("ann@example.org")

    def trips(self, *arguments, **how):
        with Relay(f"{self.server.directory}/.s.PGSQL.{self.server.port}") as relay:
            done = self.auth(*arguments, "-v", env={"AUTH_CLI_DB": relay.url(self.home.name)}, **how)
            self.assertEqual(done.code, 0, done)
            said = int(re.search(rb"(\d+) round trips to the database server", done.err)[1])
            # The relay does not see how the connection itself is made.
            self.assertEqual(said, relay.round_trips() + 1, done)
            return said

    def test_they_are_few_and_counted(self):
        login = ("login", "ann@example.org", "--password-stdin")
        found = {}
        for name, most, arguments in (("login", 9, login), ("whoami", 6, ("whoami",)),
                                      ("token refresh", 7, ("token", "refresh")),
                                      ("create", 8, ("create", "bob@example.org", "--no-password",
                                                     "--verified")),
                                      ("list", 6, ("list",)), ("db status", 12, ("db", "status"))):
            found[name] = self.trips(*arguments, stdin=PASSWORD.encode() if name == "login" else b"")
            with self.subTest(command=name):
                self.assertLessEqual(found[name], most)
        scratch.say(self, str(found))
        status = self.ok("db", "status", "--json").json()
        self.assertEqual(status["round_trips"], found["db status"])


class MoveToServer(ServerTest):
    def test_the_documented_commands_move_a_database(self):
        text = (ROOT / "docs/postgresql.md").read_text()
        section = text.split("\n## Move an existing database\n", 1)[1]
        script = re.search(r"^```sh\n(.*?)^```", section, re.M | re.S)[1]
        script, changed = re.subn("^URL=.*", f"URL='{self.url}'", script, flags=re.M)
        self.assertEqual(changed, 1)
        home = {"AUTH_CLI_DB": ""}
        self.ok("db", "init", env=home)
        self.ok("create", "ann@example.org", "--no-password", env=home)
        done = subprocess.run(["/bin/sh", "-ec", script], cwd=ROOT, check=False,
                              env=self.environment(**home, PATH=os.path.dirname(scratch.binary())
                                                   + ":/usr/bin:/bin"),
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.ok("list", "--fields", "email", "--plain").line, "ann@example.org")


class ForeignObjects(ServerTest):
    """What others make of the tables: code is refused, the rest is told by doctor."""
    CODE = {
        "trigger 'calm' on attempts":
            "CREATE TRIGGER calm BEFORE UPDATE ON attempts FOR EACH ROW EXECUTE FUNCTION public.stay()",
        "rule 'kept' on sessions": "CREATE RULE kept AS ON UPDATE TO sessions DO INSTEAD NOTHING",
        "policy 'all' on users": "CREATE POLICY \"all\" ON users USING (true)",
        "policy 'everything' on users": "CREATE POLICY everything ON users TO PUBLIC USING (true)",
        "policy 'one_user' on users": "CREATE POLICY one_user ON users TO auth_login USING (true)",
        "table 'public.more' that inherits from user_roles":
            "CREATE TABLE public.more () INHERITS (user_roles)",
        "view 'roles'": "ALTER TABLE roles RENAME TO old; CREATE VIEW roles AS SELECT * FROM old",
        "default of roles": "ALTER TABLE roles ALTER description SET DEFAULT public.word('x')",
        "constraint 'spy' on roles": "ALTER TABLE roles ADD CONSTRAINT spy CHECK (public.word(name) <> '')",
        "index 'spy' on roles": "CREATE INDEX spy ON roles (public.word(name))",
        "function 'upper' of stranger": "CREATE FUNCTION upper(bigint) RETURNS text LANGUAGE sql AS"
                                        " $$ SELECT '' $$; ALTER FUNCTION upper(bigint) OWNER TO stranger",
    }

    def setUp(self):
        super().setUp()
        self.init()
        self.server.sql(self.home.name, ROLES.read_text())
        self.change("""CREATE FUNCTION public.stay() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RETURN OLD; END $$;
            CREATE FUNCTION public.word(text) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT $1 $$;
            DO $$ BEGIN IF to_regrole('stranger') IS NULL THEN CREATE ROLE stranger; END IF; END $$;
            GRANT CREATE ON SCHEMA auth_cli TO stranger""")

    def change(self, query):
        return self.server.sql(self.home.name, "SET search_path = auth_cli; " + query)

    def test_code_is_refused_whoever_opens_the_database(self):
        self.ok("list")
        name = self.home.name
        for what, query in self.CODE.items():
            with self.subTest(what=what):
                self.server.sql("postgres", f'CREATE DATABASE "{name}-bad" TEMPLATE "{name}"')
                self.addCleanup(self.server.drop_database, name + "-bad")
                changed = "SET search_path = auth_cli; "
                if "everything" in what or "one_user" in what:
                    changed += f"DROP POLICY {what.split(chr(39))[1]} ON users; "
                self.server.sql(name + "-bad", changed + query)
                url = self.server.url(name + "-bad")
                for command in (["list"], ["doctor"], ["login", "ann@example.org", "--no-input"]):
                    done = self.auth(*command, "--json", "--db", url)
                    said = done.err + done.out
                    self.assertIn(f"has a schema that no migration made: {what}".encode(), said)
                    self.assertIn(b"database_corrupt", said)
                self.server.drop_database(name + "-bad")

    def test_indexes_and_views_are_told(self):
        self.change("CREATE INDEX mine ON audit (actor); CREATE VIEW public.people AS SELECT email FROM users;"
                    " CREATE MATERIALIZED VIEW kept AS SELECT count(*) FROM sessions")
        self.ok("list")
        found = json.loads(self.auth("doctor", "--json").out)["findings"]
        self.assertEqual([(each["severity"], each["message"]) for each in found
                          if each["code"] == "schema_foreign"],
                         [("warning", "no migration made the index mine on audit"),
                          ("warning", "no migration made the materialized view kept on sessions"),
                          ("warning", "no migration made the view public.people on users")])
        self.change("DROP INDEX mine; DROP VIEW public.people; DROP MATERIALIZED VIEW kept")
        self.assertNotIn(b"schema_foreign", self.auth("doctor", "--json").out)

    def test_a_newer_schema_is_called_newer(self):
        self.change("CREATE VIEW news AS SELECT 1; CREATE RULE kept AS ON UPDATE TO roles DO INSTEAD NOTHING;"
                    " UPDATE schema_version SET version = 9999")
        self.assertIn(b'"code":"schema_too_new"', self.fails(11, "list", "--json").err)


class Stopping(ScratchTest):
    """A server of its own, which is stopped in the middle."""

    def database_url(self):
        self.server = postgres_server.PostgresServer.make("max_connections = 50\n")
        self.addCleanup(self.server.remove)
        self.addCleanup(self.server.stop, "immediate")
        return self.server.make_database("users")

    def test_what_was_acknowledged_is_there_afterwards(self):
        self.init()
        acknowledged, refused, stop = [], [], threading.Event()

        def create_many(worker):
            for number in range(10_000):
                if stop.is_set():
                    return
                email = f"user{worker}-{number}@example.org"
                done = self.auth("create", email, "--no-password", "--verified", "--json")
                (acknowledged if done.code == 0 else refused).append((email, done))
                if done.code != 0:
                    time.sleep(0.2)
        workers = [threading.Thread(target=create_many, args=(n,)) for n in range(3)]
        for worker in workers:
            worker.start()
        for mode in ("immediate", "fast"):
            time.sleep(2)
            self.server.stop(mode)
            time.sleep(2)
            self.server.start()
        time.sleep(2)
        stop.set()
        for worker in workers:
            worker.join()
        self.assertGreater(len(acknowledged), 20)
        self.assertGreater(len(refused), 2)
        for _, done in refused:
            self.assertEqual(done.code, 11, done)
            self.assertEqual(done.out, b"")
        there = set(self.ok("list", "--fields", "email", "--plain").line.split("\n"))
        self.assertLessEqual({email for email, _ in acknowledged}, there)
        # An answer may have got lost, but nothing is half there.
        trail = self.ok("audit", "list", "--event", "user_created", "--jsonl").text
        self.assertEqual(len(trail.splitlines()), len(there))
        self.ok("db", "check")

    def test_a_server_that_does_not_answer(self):
        self.init()
        url = self.server.url("users", options="-cstatement_timeout%3D2s")
        postmaster = (self.server.directory / "data/postmaster.pid").read_text().split("\n")[0]
        self.ok("list", "--db", url)
        os.kill(int(postmaster), 19)  # SIGSTOP: the socket takes connections, and nobody is there
        try:
            start = time.monotonic()
            done = self.fails(11, "list", "--json", "--db", url)
            self.assertIn(b'"code":"database_unavailable"', done.err)
            self.assertLess(time.monotonic() - start, 20)
        finally:
            os.kill(int(postmaster), 18)


class Copying(ServerTest):
    USERS = 300

    def file_of_users(self):
        # What a file holds is copied, so this one is SQLite's.
        home = {"AUTH_CLI_DB": str(self.home / "from.db")}
        self.ok("db", "init", "--test", env=home)
        self.ok("seed", "--count", str(self.USERS), "--seed", "7", env=home)
        self.ok("create", "ann@example.org", "--verified", "--password-stdin", env=home,
                stdin=PASSWORD.encode())
        self.ok("mfa", "enroll", "ann@example.org", env=home)
        return home

    def test_there_and_back(self):
        home = self.file_of_users()
        self.assertEqual(self.auth("login", "ann@example.org", "--password-stdin", env=home,
                                   stdin=PASSWORD.encode()).code, 0)
        exported = self.ok("export", "--with-hashes", env=home).out
        done = self.ok("db", "copy", self.url, "--json", env=home).json()
        self.assertEqual(done["tables"]["users"], self.USERS + 1)
        key = str(self.home / "from.key")
        server = {"AUTH_CLI_KEY_FILE": key}
        self.assertEqual(self.ok("export", "--with-hashes", env=server).out, exported)
        self.ok("db", "check", env=server)
        self.ok("whoami", env=server)  # the session and its token came along
        self.ok("login", "ann@example.org", "--password-stdin", stdin=PASSWORD.encode(), env=server)
        self.ok("create", "later@example.org", "--password-stdin", stdin=PASSWORD.encode(),
                env=server)
        self.ok("key", "rotate", env=server)
        exported = self.ok("export", "--with-hashes", env=server).out
        self.ok("db", "copy", str(self.home / "back.db"), env=server)
        back = {"AUTH_CLI_DB": str(self.home / "back.db"), "AUTH_CLI_KEY_FILE": key}
        self.assertEqual(self.ok("export", "--with-hashes", env=back).out, exported)
        self.ok("db", "check", env=back)
        self.ok("whoami", env=back)
        self.ok("verify", "later@example.org",
                self.ok("outbox", "show", "--latest", "--to", "later@example.org", "--field", "code",
                        env=back).line, env=back)

    def test_nothing_is_overwritten_or_half_done(self):
        home = self.file_of_users()
        self.ok("db", "init", "--test", env={"AUTH_CLI_KEY_FILE": str(self.home / "other.key")})
        self.fails(9, "db", "copy", self.url, env=home)
        self.fails(9, "db", "copy", str(self.home / "from.db"), env=home)
        self.server.drop_database(self.home.name)
        self.server.make_database(self.home.name)
        self.ok("db", "copy", self.url, "-n", env=home)
        self.ok("db", "copy", str(self.home / "dry.db"), "-n", env=home)
        self.assertFalse((self.home / "dry.db").exists())
        self.fails(11, "list")
        # An altered trail is not taken over.
        import sqlite3
        with sqlite3.connect(self.home / "from.db") as file:
            file.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 2")
        file.close()
        self.fails(11, "db", "copy", self.url, env=home)
        self.fails(11, "list")

    def test_tables_are_the_same_on_both(self):
        self.init()
        import sqlite3
        home = self.file_of_users()
        done = self.ok("db", "copy", str(self.home / "copy.db"), "--json", env=home).json()
        with sqlite3.connect(self.home / "from.db") as file:
            names = {row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = "
                                                    "'table' AND name NOT LIKE 'sqlite_%'")}
            columns = {name: [row[1] for row in file.execute(f"PRAGMA table_info({name})")]
                       for name in names}
        self.assertEqual(set(done["tables"]), names)
        rows = self.server.sql(self.home.name, "SELECT table_name, column_name FROM "
                               "information_schema.columns WHERE table_schema = 'auth_cli'")
        found = {}
        for row in rows.splitlines():
            table, column = row.split("|")
            found.setdefault(table, set()).add(column)
        for own in ("schema_version", "write_lock"):
            del found[own]
        self.assertEqual(found, {name: set(names) for name, names in columns.items()})


if __name__ == "__main__":
    scratch.main()
