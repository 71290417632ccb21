"""What the roles of examples/postgres-roles.sql may do on a server, and what they may not, whatever SQL they run."""
import json
import subprocess
import time

from tests.system.postgres_test import ROLES, ServerTest
from tests.system.support import postgres_server, scratch
from tests.system.support.scratch import OTHER_PASSWORD, PASSWORD, ROOT

ANN, BOB = "ann@example.org", "bob@example.org"
SCHEMA = ROOT / "src/adapters/modules/postgres/postgres_schema.cpp"

# Every statement that auth_login may run, as docs/postgresql.md lists them.
READS = {"schema_version", "meta", "settings", "roles", "signing_keys", "hash_census", "write_lock", "users",
         "passwords", "user_roles", "totp", "recovery_codes", "links", "login_places", "outbox", "sessions",
         "attempts"}
UPDATES = {
    "write_lock": {"turn"},
    "users": {"last_login_at", "session_epoch", "updated_at"},
    "totp": {"last_step"},
    "outbox": {"state", "sealed_mail", "attempts", "next_attempt_at", "claimed_until", "error"},
    "sessions": {"used_at", "generation", "refresh_hash", "revoked_at", "revoke_reason"},
    "attempts": {"user_id", "failures", "code_failures", "blocked_until", "factor_failures", "open_until",
                 "unanswered"},
}
INSERTS = {
    "login_places": {"user_id", "place", "first_at"},
    "outbox": {"id", "user_id", "kind", "state", "sealed_mail", "created_at", "expires_at"},
    "sessions": {"id", "user_id", "kind", "created_at", "used_at", "expires_at", "idle_seconds", "epoch",
                 "generation", "refresh_hash"},
    "attempts": {"address", "user_id", "failures", "code_failures", "blocked_until", "factor_failures",
                 "open_until", "unanswered"},
}
DELETES = {"recovery_codes", "links", "sessions"}
# UPDATE or DELETE of a whole table brings the right to lock it.
ALLOWED_LOCKS = {f"LOCK TABLE {table} IN SHARE MODE" for table in {"write_lock", *DELETES}}
CALLS = {"approach", "append_audit", "audit_has"}

NOW = "CAST(extract(epoch FROM clock_timestamp()) AS bigint)"
# An id as the program makes them, of `seconds` from now.
FRESH_ID = ("(SELECT left(x, 8) || '-' || substr(x, 9, 4) || '-7abc-8abc-' || substr(md5(random()::text), 1, 12) FROM"
            " (SELECT lpad(to_hex(CAST((extract(epoch FROM clock_timestamp()) + {}) * 1000 AS bigint)), 12, '0') AS x)"
            " AS t)")
SESSION = ("INSERT INTO sessions (id, user_id, kind, created_at, used_at, expires_at, idle_seconds, epoch, generation,"
           " refresh_hash) SELECT {id}, {user}, {kind}, {at}, {used}, {expires}, {idle}, {epoch}, {generation},"
           " sha256('mine')")
RECORD = "SELECT append_audit({at}, 'os:web', '{event}', {target}, 'ok', {detail}, substr(sha256('salt'), 1, 16))"


class RolesTest(ServerTest):
    """A database with ann and bob, and the roles some_login and some_operator."""

    def setUp(self):
        super().setUp()
        self.init()
        self.create(ANN, PASSWORD, "--username", "ann")
        self.create(BOB, PASSWORD)
        self.ok("role", "create", "admin")
        self.apply_roles()
        for role in ("login", "operator"):
            self.server.sql("postgres", f"DO $$ BEGIN IF to_regrole('some_{role}') IS NULL THEN "
                                        f"CREATE ROLE some_{role} LOGIN IN ROLE auth_{role}; "
                                        "END IF; END $$")
        self.login_url = self.server.url(self.home.name, "some_login")
        self.operator_url = self.server.url(self.home.name, "some_operator")
        self.ann = self.ok("show", ANN, "--field", "id").line
        self.bob = self.ok("show", BOB, "--field", "id").line

    def apply_roles(self):
        """As the owner does after each migration. Gives what psql says."""
        done = subprocess.run([postgres_server.program("psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-d", self.url,
                               "-f", str(ROLES)], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def as_login(self, *arguments, **how):
        return self.auth(*arguments, env={"AUTH_CLI_DB": self.login_url}, **how)

    def may(self, *arguments, **how):
        done = self.as_login(*arguments, **how)
        self.assertEqual(done.code, 0, done)
        return done

    def may_not(self, code, *arguments, **how):
        done = self.as_login(*arguments, **how)
        self.assertEqual(done.code, code, done)
        return done

    def log_in(self, who=ANN, password=PASSWORD, *more):
        return self.as_login("login", who, "--password-stdin", *more, stdin=password.encode() + b"\n")

    def owner(self, query):
        return self.server.sql(self.home.name, "SET search_path = auth_cli, pg_temp; " + query).strip()

    def sql(self, query, who=ANN, role="some_login"):
        """Runs SQL as that role, who has named the user: whether it was refused, and what it said."""
        named = f"SELECT auth_cli.approach('email_key', '{who}');" if who else ""
        done = subprocess.run(
            [postgres_server.program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d",
             self.server.url(self.home.name, role)],
            input=f"SET search_path = auth_cli, pg_temp; BEGIN; {named}\n{query};\nCOMMIT",
            capture_output=True, text=True, check=False)
        return done.returncode != 0, (done.stdout + done.stderr).strip()

    def refused(self, query, who=ANN, role="some_login", why="permission denied|may not|row-level security"):
        failed, said = self.sql(query, who, role)
        self.assertTrue(failed, f"{query}\n{said}")
        self.assertRegex(said, why, query)

    def accepted(self, query, who=ANN):
        failed, said = self.sql(query, who)
        self.assertFalse(failed, f"{query}\n{said}")
        return said

    def without_effect(self, query, who=ANN):
        """Refused, or run on no row: all that the role could change is as before."""
        def state():
            return self.owner("SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM ("
                              + " UNION ALL ".join(f"SELECT t::text FROM {name} t" for name in sorted(
                                  {*UPDATES, *INSERTS, *DELETES, "audit", "audit_lanes"})) + ") AS all_rows (t)")
        before = state()
        self.sql(query, who)
        self.assertEqual(state(), before, query)


class HonestLogins(RolesTest):
    """All that the role is for."""

    def test_sessions(self):
        for name in (ANN, "@ann", BOB):
            self.assertEqual(self.log_in(name).code, 0)
        for command in (["whoami"], ["token", "refresh"], ["token", "print"], ["token", "verify"], ["logout"]):
            self.may(*command)
        self.may_not(4, "whoami")
        actor = json.loads(self.ok("audit", "list", "--limit", "1", "--jsonl").text)["actor"]
        self.assertRegex(actor, r"^pg:some_login os:")
        self.log_in()
        self.may("logout", "--everywhere")
        self.may_not(4, "whoami")
        self.assertEqual(self.log_in("nobody@example.org").code, 3)
        self.ok("audit", "verify")
        self.ok("db", "check")

    def test_a_session_is_renewed_when_used(self):
        self.log_in(ANN, PASSWORD, "--ttl", "120s")
        time.sleep(3)
        self.may("whoami")
        self.assertEqual(self.owner("SELECT generation FROM sessions"), "1")

    def test_failures(self):
        self.ok("config", "set", "lockout.waits", "true")
        self.assertIn(self.log_in(ANN, OTHER_PASSWORD).code, (3, 10))
        self.assertEqual(self.log_in(ANN, OTHER_PASSWORD).code, 10)
        time.sleep(2)
        self.assertEqual(self.log_in().code, 0)
        self.ok("config", "set", "lockout.waits", "false")
        for _ in range(5):
            self.assertEqual(self.log_in(BOB, OTHER_PASSWORD).code, 3)
        self.assertEqual(self.ok("explain", "login", BOB, "--field", "/attempts/failures").line, "5")
        self.assertEqual(self.log_in(BOB).code, 0)
        self.assertEqual(self.ok("explain", "login", BOB, "--field", "/attempts/failures").line, "0")
        # Whoever is counted together is counted exactly.
        runs = self.at_once(10, "login", BOB, "--password-file", self.write("wrong", OTHER_PASSWORD),
                            env={"AUTH_CLI_DB": self.login_url})
        self.assertEqual([run.code for run in runs], [3] * 10, [str(run) for run in runs])
        self.assertEqual(self.ok("explain", "login", BOB, "--field", "/attempts/failures").line, "10")

    def test_a_right_password_that_opens_no_session_is_taken_back(self):
        self.ok("update", ANN, "--must-change-password")
        for _ in range(3):
            done = self.log_in()
            self.assertEqual(done.code, 8, done)
            self.assertIn(b"must change", done.err)
        self.assertEqual(self.ok("explain", "login", ANN, "--field", "/attempts/failures").line, "0")
        self.log_in(ANN, OTHER_PASSWORD)
        self.log_in()
        self.assertEqual(self.ok("explain", "login", ANN, "--field", "/attempts/failures").line, "1")

    def oathtool(self, secret, offset=0):
        return subprocess.run(["oathtool", "--totp", "--base32", secret, "--now", f"{offset:+d} seconds"],
                              capture_output=True, text=True, check=True).stdout.strip()

    def test_second_factors(self):
        secret = self.ok("mfa", "enroll", ANN, "--field", "secret").line
        self.ok("mfa", "confirm", ANN, self.oathtool(secret, -30))
        recovery = self.ok("mfa", "recovery-codes", ANN).text.split()
        self.assertEqual(self.log_in().code, 8)
        self.assertEqual(self.ok("explain", "login", ANN, "--field", "/attempts/failures").line, "0")
        code = self.oathtool(secret)
        self.assertEqual(self.log_in(ANN, PASSWORD, "--totp", code).code, 0)
        self.assertEqual(self.log_in(ANN, PASSWORD, "--totp", code).code, 3)
        self.ok("unlock", ANN)
        self.assertEqual(self.log_in(ANN, PASSWORD, "--recovery-code", recovery[0]).code, 0)
        self.assertEqual(self.log_in(ANN, PASSWORD, "--recovery-code", recovery[0]).code, 3)
        self.ok("audit", "verify")

    def test_links(self):
        self.ok("login", ANN, "--send-link")
        link = self.ok("outbox", "show", "--latest", "--kind", "link", "--field", "link").line
        self.may("login", "--link", link)
        self.may("whoami")
        self.may_not(3, "login", "--link", link)

    def test_notices_of_new_places(self):
        self.ok("config", "set", "mail.directory", str(self.home / "Maildir"))
        self.ok("config", "set", "mail.transport", "file")
        self.ok("config", "set", "mail.from", "auth@example.org")
        where = {"AUTH_CLI_DB": self.login_url}
        for place in ("192.0.2.7 4 22", "192.0.2.8 4 22"):
            done = self.auth("login", ANN, "--password-stdin", stdin=PASSWORD.encode(),
                             env=where | {"SSH_CONNECTION": place})
            self.assertEqual(done.code, 0, done)
        self.assertEqual(self.owner("SELECT count(*) FROM login_places"), "2")
        self.assertEqual(self.owner("SELECT string_agg(kind || state, ',') FROM outbox WHERE kind = 'notice'"),
                         "noticesent")

    def test_what_is_not_theirs_is_refused_as_such(self):
        self.log_in()
        for command in (["role", "grant", ANN, "admin"], ["create", "eve@example.org", "--no-password"],
                        ["update", ANN, "--name", "x"], ["delete", ANN, "--yes"], ["disable", ANN],
                        ["config", "set", "session.idle", "5m"], ["list"], ["export"],
                        ["disable", "--where", "verified=true"], ["key", "rotate"], ["audit", "list"],
                        ["mfa", "disable", ANN, "--by-operator"]):
            done = self.as_login(*command, "--json")
            self.assertIn(done.code, (2, 8), done)
            if done.code == 8:
                self.assertIn(b'"reason":"database_privileges"', done.err, done)
        done = self.log_in(ANN, PASSWORD, "--ttl", "2h")
        self.assertEqual(done.code, 2, done)
        self.ok("audit", "verify")
        self.ok("db", "check")


class Statements(RolesTest):
    """Each statement is tried: those of the lists above have the right, no other has."""

    def columns(self):
        rows = self.owner("SELECT table_name || '|' || column_name FROM information_schema.columns"
                          " WHERE table_schema = 'auth_cli'")
        found = {}
        for row in rows.splitlines():
            table, column = row.split("|")
            found.setdefault(table, set()).add(column)
        return found

    def test_rights(self):
        query = ("SELECT kind || '|' || table_name || '|' || column_name FROM (SELECT kind, c.table_name, c.column_name"
                 " FROM information_schema.columns c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS kind"
                 " WHERE table_schema = 'auth_cli' AND has_column_privilege('some_login',"
                 " 'auth_cli.' || quote_ident(table_name), column_name, kind)) AS held")
        held = {}
        for row in self.owner(query).splitlines():
            kind, table, column = row.split("|")
            held.setdefault(kind, {}).setdefault(table, set()).add(column)
        columns = self.columns()
        self.assertEqual(held.get("SELECT"), {table: columns[table] for table in READS})
        self.assertEqual(held.get("UPDATE"), UPDATES)
        self.assertEqual(held.get("INSERT"), INSERTS)
        self.assertEqual(set(held), {"SELECT", "UPDATE", "INSERT"})
        query = ("SELECT kind || '|' || relname FROM pg_class, unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) AS kind"
                 " WHERE relnamespace = 'auth_cli'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
                 " AND has_table_privilege('some_login', oid, kind)")
        self.assertEqual(set(self.owner(query).splitlines()), {f"DELETE|{table}" for table in DELETES})
        query = ("SELECT relname FROM pg_class WHERE relnamespace = 'auth_cli'::regnamespace AND CASE relkind WHEN 'S'"
                 " THEN has_sequence_privilege('some_login', oid, 'USAGE, SELECT, UPDATE') ELSE false END")
        self.assertEqual(self.owner(query), "")
        query = ("SELECT proname FROM pg_proc WHERE pronamespace = 'auth_cli'::regnamespace"
                 " AND has_function_privilege('some_login', oid, 'EXECUTE')")
        self.assertEqual(set(self.owner(query).splitlines()), CALLS)
        query = "SELECT has_schema_privilege('some_login', 'auth_cli', 'CREATE')"
        self.assertEqual(self.owner(query), "f")

    def test_each_other_statement_is_refused(self):
        statements = []
        for table, columns in sorted(self.columns().items()):
            for column in sorted(columns - UPDATES.get(table, set())):
                statements.append(f"UPDATE {table} SET {column} = DEFAULT")
            for column in sorted(columns - INSERTS.get(table, set())):
                statements.append(f"INSERT INTO {table} ({column}) VALUES (DEFAULT)")
            if table not in DELETES:
                statements.append(f"DELETE FROM {table}")
            if table not in READS:
                statements.append(f"SELECT * FROM {table}")
            statements += [f"TRUNCATE {table} CASCADE", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
                           f"ALTER TABLE {table} DISABLE TRIGGER ALL", f"LOCK TABLE {table} IN SHARE MODE"]
        statements = [each for each in statements if each not in ALLOWED_LOCKS]
        self.assertGreater(len(statements), 300)
        listed = ", ".join(f"$q${each}$q$" for each in statements)
        said = self.accepted(f"""DO $do$ DECLARE each text; BEGIN FOREACH each IN ARRAY ARRAY[{listed}] LOOP
            BEGIN EXECUTE each; RAISE WARNING 'accepted: %', each;
            EXCEPTION WHEN insufficient_privilege THEN NULL; END; END LOOP; END $do$""")
        self.assertEqual(said, "")

    def test_nothing_is_read_in_bulk(self):
        self.log_in()
        self.log_in(BOB, OTHER_PASSWORD)
        for table in ("users", "passwords", "sessions", "user_roles", "totp", "recovery_codes", "links",
                      "login_places", "outbox", "attempts"):
            self.assertEqual(self.accepted(f"SELECT count(*) FROM {table}", who=None), "0", table)
        self.assertEqual(self.accepted("SELECT count(*) FROM passwords").splitlines()[-1], "1")
        self.assertEqual(self.accepted("COPY (SELECT email_key FROM users) TO stdout").splitlines()[-1], ANN)
        # An id is a name: setting it directly gives what naming by id gives, and nothing of a bare word.
        name = f"SELECT set_config('auth_cli.subject', '{self.bob}', true); SELECT email_key FROM users"
        self.assertEqual(self.accepted(name, who=None).splitlines()[-1], BOB)
        for word in ("", "%", BOB, f"{self.ann}' OR 'a' = 'a"):
            self.assertEqual(self.accepted(
                "SELECT set_config('auth_cli.subject', $x${}$x$, true) IS NULL; SELECT count(*) FROM users"
                .format(word), who=None).splitlines()[-1], "0")
        # Mails with codes of others' making are not read.
        self.ok("reset", ANN, "--request")
        self.assertEqual(self.accepted("SELECT count(*) FROM outbox").splitlines()[-1], "0")


class Attacks(RolesTest):
    def session(self, **other):
        values = {"id": FRESH_ID.format(0), "user": f"'{self.ann}'", "kind": "'login'", "at": NOW, "used": NOW,
                  "expires": f"{NOW} + 43200", "idle": "600", "generation": "0",
                  "epoch": "(SELECT session_epoch FROM users)"} | other
        return SESSION.format(**values)

    def recorded(self, user=None, event="authn_login_success", at=NOW, detail=None):
        detail = detail or "(SELECT json_build_object('session', max(id))::text FROM sessions)"
        return RECORD.format(at=at, event=event, target=f"'{user or self.ann}'", detail=detail)

    def test_a_login_is_opened_only_as_one(self):
        record = self.recorded()
        self.accepted(f"{self.session()}; {record}")
        self.accepted(f"SAVEPOINT a; {self.session()}; SAVEPOINT b; {record}; RELEASE b; RELEASE a")
        self.refused(self.session())
        self.refused(f"{self.session()}; {self.recorded(event='authn_login_fail')}")
        self.refused(f"SET CONSTRAINTS ALL IMMEDIATE; {self.session()}; {record}")
        # Recorded, and taken back.
        self.refused(f"{self.session()}; SAVEPOINT a; {record}; SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK TO a")
        self.refused(f"{self.session()}; SAVEPOINT a; {record}; ROLLBACK TO a")
        for other in ({"user": f"'{self.bob}'"}, {"epoch": "1"}, {"epoch": "-1"}, {"kind": "'issued'"},
                      {"kind": "'workload'"}, {"generation": "1"}, {"expires": f"{NOW} + 86400"},
                      {"idle": "601"}, {"at": f"{NOW} + 300"}, {"used": f"{NOW} + 50"},
                      {"at": f"{NOW} - 300", "used": f"{NOW} - 300"},
                      {"at": f"{NOW} + 300", "used": f"{NOW} + 300"}, {"id": FRESH_ID.format(-90)},
                      {"id": FRESH_ID.format(90)}, {"id": "'x'"}, {"id": "gen_random_uuid()::text"}):
            with self.subTest(other):
                self.refused(f"{self.session(**other)}; {record}")
        # Not a second longer than the database says, by the server's clock.
        ahead = f"{NOW} + 50"
        self.accepted(f"{self.session(at=ahead, used=ahead, expires=ahead + ' + 43200')}; {record}")
        self.assertEqual(self.owner(f"SELECT max(expires_at) <= {NOW} + 43200 AND max(used_at) <= {NOW}"
                                    " FROM sessions"), "t")
        self.ok("config", "set", "session.max", "30m")
        self.refused(f"{self.session()}; {record}")
        self.ok("disable", ANN)
        expires = f"{NOW} + 60"
        self.refused(f"{self.session(expires=expires)}; {record}")

    def test_an_ended_session_stays_so(self):
        self.log_in()
        changes = [
            "UPDATE sessions SET revoked_at = NULL", "UPDATE sessions SET revoked_at = NULL, revoke_reason = NULL",
            "UPDATE sessions SET epoch = (SELECT session_epoch FROM users)",
            "UPDATE sessions SET expires_at = expires_at + 86400", "UPDATE sessions SET idle_seconds = 86400",
            f"UPDATE sessions SET used_at = {NOW}", "UPDATE sessions SET used_at = used_at + 86400",
            f"UPDATE sessions SET generation = generation + 1, refresh_hash = sha256('x'), used_at = {NOW}",
            "UPDATE sessions SET generation = generation - 1", "UPDATE sessions SET refresh_hash = sha256('x')",
            "UPDATE sessions SET created_at = created_at + 60", f"UPDATE sessions SET user_id = '{self.bob}'",
            "UPDATE sessions SET kind = 'issued'", "UPDATE sessions SET id = gen_random_uuid()",
            "INSERT INTO sessions SELECT * FROM sessions ON CONFLICT (id) DO UPDATE SET revoked_at = NULL",
            "WITH gone AS (DELETE FROM sessions RETURNING *) INSERT INTO sessions (id, user_id, kind, created_at,"
            " used_at, expires_at, idle_seconds, epoch, generation, refresh_hash) SELECT id, user_id, kind, created_at,"
            f" {NOW}, expires_at, idle_seconds, (SELECT session_epoch FROM users), 0, refresh_hash FROM gone",
            "DELETE FROM sessions",
            "MERGE INTO sessions s USING users u ON u.id = s.user_id WHEN MATCHED THEN UPDATE SET revoked_at = NULL",
        ]
        live = [change for change in changes if "generation + 1" not in change]
        for change in live:
            self.without_effect(change)
        ends = {"revoked": "session revoke " + self.owner("SELECT id FROM sessions"),
                "ended": f"reset {ANN} --by-operator --generate-password"}
        for how, command in ends.items():
            self.ok(*command.split())
            for change in changes:
                with self.subTest(how, change=change):
                    self.without_effect(change)
            self.ok("reset", ANN, "--by-operator", "--password-stdin", stdin=PASSWORD.encode())
            self.assertEqual(self.log_in().code, 0)
        # Idle for too long, and at its end.
        for column in ("used_at", "expires_at"):
            self.owner(f"UPDATE sessions SET {column} = {NOW} - 700")
            for change in changes:
                if change != "DELETE FROM sessions":
                    self.without_effect(change)
        self.may_not(5, "whoami")

    def test_a_session_is_renewed_one_by_one_and_ends(self):
        self.log_in()
        renew = ("UPDATE sessions SET generation = generation + {}, refresh_hash = sha256('{}'), used_at = {}")
        self.refused(renew.format(2, "a", NOW))
        self.refused(renew.format(0, "a", NOW))
        self.refused(renew.format(1, "a", f"{NOW} + 3600"))
        self.accepted(renew.format(1, "a", NOW))
        self.refused(renew.format(1, "a", NOW))
        self.refused(renew.format(1, "b", NOW) + f", revoked_at = {NOW}")
        self.refused("UPDATE sessions SET revoked_at = 1")
        self.accepted(f"UPDATE sessions SET revoked_at = {NOW}, revoke_reason = 'logout'")
        self.refused(f"UPDATE sessions SET revoked_at = {NOW}, revoke_reason = 'logout'")
        self.log_in()
        self.refused("UPDATE users SET session_epoch = session_epoch + 1")
        self.refused("UPDATE users SET session_epoch = session_epoch + 2;"
                     + self.recorded(event="sessions_ended", detail="'{}'"))
        self.refused("UPDATE users SET session_epoch = session_epoch - 1;"
                     + self.recorded(event="sessions_ended", detail="'{}'"))
        self.accepted(f"UPDATE users SET session_epoch = session_epoch + 1, updated_at = {NOW};"
                      + self.recorded(event="sessions_ended", detail="'{}'"))
        for change in ("updated_at = 1", f"updated_at = {NOW} + 1", "last_login_at = NULL", "last_login_at = 7",
                       f"last_login_at = {NOW}"):
            self.refused(f"UPDATE users SET {change}")

    def test_counts_go_up_by_one_and_down_with_a_login(self):
        for _ in range(3):
            self.log_in(ANN, OTHER_PASSWORD)
        self.log_in(BOB, OTHER_PASSWORD)
        bob = f"SELECT set_config('auth_cli.subject', '{self.bob}', true);"
        for change in ("failures = 0", "failures = attempts.failures - 1", "failures = attempts.failures + 2",
                       "failures = attempts.failures - 1, unanswered = attempts.unanswered - 1", "blocked_until = -1",
                       "code_failures = attempts.code_failures + 1", "user_id = NULL", f"user_id = '{self.bob}'",
                       "address = sha256(attempts.address)", "unanswered = 1",
                       "failures = attempts.failures - 1, unanswered = 0",
                       "failures = 0, factor_failures = 0, blocked_until = 0, open_until = 0, unanswered = 0",
                       "factor_failures = attempts.factor_failures + 2"):
            with self.subTest(change):
                why = "permission denied|may not|row-level security|violates check"
                self.refused(f"UPDATE attempts SET {change}", why=why)
                self.refused("INSERT INTO attempts SELECT * FROM attempts ON CONFLICT (address) DO UPDATE SET "
                             + change, why=why)
        for change in ("DELETE FROM attempts", "TRUNCATE attempts",
                       "WITH gone AS (DELETE FROM attempts RETURNING *) SELECT count(*) FROM gone",
                       "INSERT INTO attempts (address, failures) VALUES (sha256('x'), 7)",
                       f"INSERT INTO attempts (address, user_id) VALUES (sha256('x'), '{self.bob}')",
                       "INSERT INTO attempts (address, failures, unanswered) VALUES (sha256('x'), 1, 2)"):
            with self.subTest(change):
                self.refused(change)
        # Of the counts of one user none are cleared with a login of another.
        login = f"{self.session()}; {self.recorded()}"
        self.refused(f"{login}; {bob} UPDATE attempts SET failures = 0")
        self.accepted("UPDATE attempts SET failures = failures + 1, unanswered = unanswered + 1")
        self.accepted("UPDATE attempts SET failures = failures - 1, unanswered = unanswered - 1")
        self.refused("UPDATE attempts SET failures = failures - 1, unanswered = unanswered - 1",
                     why="may not|violates check")
        self.refused(f"UPDATE attempts SET failures = 0; SAVEPOINT a; {login}; SET CONSTRAINTS ALL IMMEDIATE;"
                     " ROLLBACK TO a")
        self.accepted(f"UPDATE attempts SET failures = 0, unanswered = 0; {login}")
        # A login counts for its own transaction alone.
        self.log_in(ANN, OTHER_PASSWORD)
        self.refused("UPDATE attempts SET failures = 0")
        self.refused(f"UPDATE sessions SET revoked_at = {NOW}; UPDATE attempts SET failures = 0")
        self.assertEqual(self.owner("SELECT string_agg(failures::text, ',' ORDER BY failures) FROM attempts"), "1,1")
        self.ok("audit", "verify")

    def test_second_factors_and_links_are_used_up(self):
        self.ok("mfa", "enroll", ANN, "--field", "secret")
        self.owner("UPDATE totp SET state = 'confirmed', last_step = 7")
        self.ok("mfa", "recovery-codes", ANN)
        self.ok("login", ANN, "--send-link")
        login = f"{self.session()}; {self.recorded()}"
        step = f"{NOW} / period"
        for change in (f"UPDATE totp SET last_step = {step}", "DELETE FROM recovery_codes", "DELETE FROM links",
                       f"INSERT INTO login_places VALUES ('{self.ann}', 'x', {NOW})"):
            self.refused(change)
        for change in ("last_step = 6", "last_step = 7", f"last_step = {step} + 9", "last_step = DEFAULT"):
            self.refused(f"{login}; UPDATE totp SET {change}", why="may not|violates|null value")
        self.accepted(f"{login}; UPDATE totp SET last_step = {step}; DELETE FROM recovery_codes WHERE mac ="
                      " (SELECT mac FROM recovery_codes LIMIT 1); DELETE FROM links")

    def test_the_trail_is_the_servers(self):
        self.log_in()
        head = self.ok("audit", "head").out
        for event, target in (("user_deleted", ""), ("user_disabled", self.ann), ("config_changed", ""),
                              ("authn_login_fail", self.bob), ("authn_login_fail", "nobody"),
                              ("authn_password_change", self.ann), ("user_verified", self.ann),
                              ("role_created", "")):
            self.refused(RECORD.format(at=NOW, event=event, target=f"'{target}'", detail="'{}'"))
        for at in ("0", f"{NOW} - 3600", f"{NOW} + 3600", "NULL"):
            self.refused(self.recorded(at=at, event="authn_login_fail", detail="'{}'"), why="may not|null value")
        for change in ("INSERT INTO audit SELECT * FROM audit", "UPDATE audit SET actor = 'os:root'",
                       "DELETE FROM audit", "SELECT * FROM audit", "UPDATE audit_lanes SET place = place - 1",
                       "DELETE FROM audit_lanes", "SELECT * FROM audit_lanes", "SELECT move_audit_number(99)",
                       "SELECT setval('auth_cli.audit_seq_seq', 99)", "SELECT nextval('auth_cli.audit_seq_seq')"):
            self.refused(change, why="permission denied")
        self.assertEqual(self.ok("audit", "head").out, head)
        self.accepted(RECORD.format(at=NOW, event="authn_login_fail", target=f"'{self.ann}'", detail="'{}'"))
        actor = self.owner("SELECT actor FROM audit ORDER BY seq DESC LIMIT 1")
        self.assertEqual(actor, "pg:some_login os:web")
        self.ok("audit", "verify")

    def test_nobody_gets_round_it(self):
        """Other roles, names and objects of one's own."""
        self.log_in()
        self.log_in(ANN, OTHER_PASSWORD)
        state = "SELECT failures FROM attempts"
        for trick in (
                "SET ROLE auth_login; UPDATE attempts SET failures = 0",
                "SET row_security = off; UPDATE attempts SET failures = 0",
                "SET ROLE auth_login; SELECT set_config('role', 'none', true), append_audit(1, '', 'user_deleted', '',"
                " 'ok', '{}', substr(sha256('x'), 1, 16))",
                "SET ROLE auth_login; UPDATE attempts SET failures = 0 WHERE set_config('role', 'none', true) <> ''",
                "SET session_replication_role = replica; UPDATE attempts SET failures = 0",
                "CREATE TEMP TABLE sessions AS SELECT 1; UPDATE auth_cli.attempts SET failures = 0",
                "CREATE TEMP TABLE audit (lane int); SET search_path = pg_temp, auth_cli;"
                " UPDATE auth_cli.attempts SET failures = 0",
                "CREATE FUNCTION pg_temp.pg_has_role(oid, text) RETURNS bool LANGUAGE sql AS 'SELECT true';"
                " SET search_path = pg_temp, auth_cli, pg_catalog; UPDATE auth_cli.attempts SET failures = 0",
                "CREATE FUNCTION pg_temp.row_security_active(text) RETURNS bool LANGUAGE sql AS 'SELECT false';"
                " SET search_path = pg_temp, auth_cli, pg_catalog; UPDATE auth_cli.attempts SET failures = 0",
                "CREATE FUNCTION auth_cli.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE TABLE auth_cli.mine (x int)",
                "CREATE OR REPLACE FUNCTION auth_cli.made_now(xid) RETURNS bool LANGUAGE sql AS 'SELECT true'",
                "SELECT hold_attempts()", "SELECT logged_in_now('x')", "SELECT made_now('1')",
                "SELECT seconds_of('session.max', 1)",
                "DROP TRIGGER login_role_rules ON attempts", "ALTER TABLE attempts OWNER TO some_login",
                "ALTER POLICY one_user ON users USING (true)", "GRANT auth_operator TO some_login",
                "SET ROLE auth_operator", "SET SESSION AUTHORIZATION postgres",
                "SELECT setval(pg_get_serial_sequence('auth_cli.outbox', 'seq'), 1)",
                "SELECT nextval(pg_get_serial_sequence('auth_cli.signing_keys', 'seq'))"):
            with self.subTest(trick):
                self.refused(trick, why="permission denied|may not|must be|does not exist|row-level|policy|"
                                        "admin option|can only be called|must have")
        self.assertEqual(self.owner(state), "1")
        # Whoever takes the role on has no more than its rights, wherever they come from.
        for query in (f"SET ROLE some_login; BEGIN; SELECT auth_cli.approach('email_key', '{ANN}');"
                      " UPDATE auth_cli.attempts SET failures = 0; COMMIT",
                      "SET ROLE some_login; SELECT auth_cli.append_audit(1, '', 'user_deleted', '', 'ok', '{}',"
                      " substr(sha256('x'), 1, 16))"):
            with self.assertRaisesRegex(AssertionError, "may not"):
                self.owner(query)
        self.assertEqual(self.accepted("SELECT lo_creat(-1) > 0").splitlines()[-1], "t")
        self.ok("audit", "verify")
        self.ok("db", "check")


class Operators(RolesTest):
    def test_everything_but_the_schema_and_the_trail(self):
        env = {"AUTH_CLI_DB": self.operator_url}
        self.ok("create", "eve@example.org", "--no-password", "--role", "admin", env=env)
        self.ok("update", ANN, "--name", "Ann", env=env)
        self.ok("login", ANN, "--password-stdin", "--ttl", "2h", stdin=PASSWORD.encode(), env=env)
        self.assertEqual(self.ok("list", "--count", env=env).line, "3")
        self.write("exported.jsonl", self.ok("export", "--with-hashes", env=env).out)
        self.ok("delete", "eve@example.org", "--yes", env=env)
        done = self.ok("import", "exported.jsonl", "--on-conflict", "skip", "--allow", "all", "--json", env=env)
        self.assertEqual(json.loads(done.text.splitlines()[-1])["created"], 1)
        self.ok("delete", "eve@example.org", "--yes", env=env)
        self.ok("key", "rotate", env=env)
        self.log_in(ANN, OTHER_PASSWORD)
        self.ok("unlock", ANN, env=env)
        self.ok("audit", "verify", env=env)
        for query in ("UPDATE audit SET actor = ''", "DELETE FROM audit", "CREATE TABLE x (y int)",
                      "DELETE FROM audit_lanes", "TRUNCATE audit", "UPDATE schema_version SET version = 1"):
            self.refused(query, who=None, role="some_operator", why="permission denied")

    def test_an_address_that_moves_leaves_its_counts_behind(self):
        self.log_in(ANN, OTHER_PASSWORD)
        self.ok("update", ANN, "--email", "anna@example.org")
        self.create(ANN)
        self.assertEqual(self.log_in(ANN, OTHER_PASSWORD).code, 3)
        self.assertEqual(self.ok("explain", "login", ANN, "--field", "/attempts/failures").line, "2")


class Recognition(RolesTest):
    """The program takes these triggers and functions for ours, and no others."""
    DIGESTS = """SELECT 'trigger ' || tgname || ' ' || relname, encode(sha256(convert_to(concat_ws(chr(10), tgname,
            relname, tgtype, tgdeferrable, tginitdeferred, tgenabled, tgargs, (SELECT string_agg(attname, ',' ORDER BY
            attname) FROM pg_attribute WHERE attrelid = tgrelid AND attnum = ANY (tgattr)),
            pg_get_expr(tgqual, tgrelid), CAST(pronamespace AS regnamespace), proname, prosecdef, proconfig,
            prosrc), 'UTF8')), 'hex')
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE NOT tgisinternal AND relnamespace = 'auth_cli'::regnamespace
    UNION ALL SELECT 'function ' || proname, encode(sha256(convert_to(concat_ws(chr(10), proname,
            pg_get_function_identity_arguments(pg_proc.oid), prosecdef, proconfig, prosrc), 'UTF8')), 'hex')
        FROM pg_proc WHERE pronamespace = 'auth_cli'::regnamespace AND prorettype <> 'trigger'::regtype
            AND proname !~ 'audit'"""

    def test_all_that_the_file_makes_is_known(self):
        known = SCHEMA.read_text()
        missing = [line for line in self.owner(self.DIGESTS).splitlines() if line.split("|")[1] not in known]
        self.assertEqual(missing, [], f"add these to {SCHEMA.name}")

    def test_changed_ones_are_refused(self):
        name = self.home.name
        always = "FOR EACH ROW EXECUTE FUNCTION {}"
        change = {
            "trigger 'login_role_rules' on attempts":
                "CREATE OR REPLACE FUNCTION hold_attempts() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RETURN NULL; END $$",
            "trigger 'login_role_rules' on users":
                "DROP TRIGGER login_role_rules ON users; CREATE TRIGGER login_role_rules BEFORE UPDATE ON users "
                + always.format("hold_users()"),
            "trigger 'login_role_rules' on passwords":
                "CREATE TRIGGER login_role_rules BEFORE UPDATE ON passwords " + always.format("hold_users()"),
            "trigger 'login_role_proof' on links": "ALTER TABLE links DISABLE TRIGGER login_role_proof",
            "function 'made_now' of postgres":
                "CREATE OR REPLACE FUNCTION made_now(made_by xid) RETURNS bool LANGUAGE sql AS 'SELECT true'",
            "function 'made_now' of postgres ":  # another of the same name
                "CREATE FUNCTION made_now(bigint) RETURNS bool LANGUAGE sql AS 'SELECT true'",
            "policy 'one_user' on attempts":
                "DROP POLICY one_user ON attempts; CREATE POLICY one_user ON attempts TO auth_login USING (true)",
        }
        for what, query in change.items():
            with self.subTest(what=what):
                self.server.sql("postgres", f'CREATE DATABASE "{name}-bad" TEMPLATE "{name}"')
                self.addCleanup(self.server.drop_database, name + "-bad")
                self.server.sql(name + "-bad", "SET search_path = auth_cli; " + query)
                done = self.fails(11, "list", "--json", "--db", self.server.url(name + "-bad"))
                self.assertIn(f"has a schema that no migration made: {what.strip()}".encode(), done.err)
                self.server.drop_database(name + "-bad")


if __name__ == "__main__":
    scratch.main()
