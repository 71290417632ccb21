"""Many rows on a PostgreSQL server: imports as its owner, by COPY, and as auth_operator, to whom row
security denies COPY, end the same. And few of many: what completion offers."""
import json
import time

from tests.system.support import postgres_server, scratch
from tests.system.support.scratch import ROOT, ScratchTest

ROLES = ROOT / "examples/postgres-roles.sql"
ROWS = 3_000
HASH = "$2b$04$abcdefghijklmnopqrstuuD.7JqY8gUYk2ZLfFbEJQ9qV9a0mZQz2"
NAMES = [None, "Ann Berg", "Chloé \\N \\\\", "{a,\"b\"} NULL", "Дмитрий 'O''Orlov'", "山田 太郎"]


def person(number):
    return {"email": f"User{number}@example.org", "username": f"user{number}" if number % 3 else None,
            "name": NAMES[number % len(NAMES)], "password_hash": HASH if number % 5 else None,
            "attributes": {"note": f"back \\ slash {number}"} if number % 7 == 0 else {},
            "roles": ["staff"] if number % 2 else ["admin", "staff"], "must_change_password": number % 11 == 0,
            "verified_at": "2026-01-02T03:04:05Z" if number % 4 else None}


class Bulk(ScratchTest):
    """Needs the server of --postgres."""

    def setUp(self):
        super().setUp()
        self.server = postgres_server.saved(scratch.postgres_directory())
        self.roles = ("postgres", "bulk_operator")
        for role in self.roles:
            self.make(role)

    def name(self, role):
        return f"{self.home.name}-{role}"

    def make(self, role):
        """A database with its roles, and the environment of that one."""
        name = self.name(role)
        self.server.make_database(name)
        self.addCleanup(self.server.drop_database, name)
        self.ok("db", "init", "--test", env={"AUTH_CLI_DB": self.server.url(name),
                                             "AUTH_CLI_KEY_FILE": str(self.home / f"{role}.key")})
        self.server.sql(name, ROLES.read_text())
        self.server.sql("postgres", "DO $$ BEGIN IF to_regrole('bulk_operator') IS NULL THEN "
                                    "CREATE ROLE bulk_operator LOGIN IN ROLE auth_operator; END IF; END $$")

    def as_role(self, role):
        return {"AUTH_CLI_DB": self.server.url(self.name(role), role),
                "AUTH_CLI_KEY_FILE": str(self.home / f"{role}.key")}

    def people(self, *more):
        lines = [json.dumps(person(number)) for number in range(ROWS)]
        return self.write("people.jsonl", "\n".join([*lines, *map(json.dumps, more)]) + "\n")

    def rows(self, role):
        """What an import wrote, without what differs between any two."""
        return self.server.sql(self.name(role), r"""
            SET search_path = auth_cli;
            SELECT to_json(row(email, email_key, username, username_key, name, phone, address, national_id,
                attributes, verified_at IS NULL, disabled_at, must_change_password, session_epoch,
                last_login_at, hash, set_by, from_file, strength,
                (SELECT string_agg(role, ' ' ORDER BY role) FROM user_roles WHERE user_id = id)))
                FROM users LEFT JOIN passwords ON user_id = id ORDER BY email_key;
            SELECT to_json(row(event, result, detail, octet_length(hash), octet_length(salt),
                octet_length(detail_digest), target IN (SELECT id FROM users)))
                FROM audit WHERE event IN ('user_created', 'role_created') ORDER BY seq;
            SELECT to_json(row(scheme, cost, users)) FROM hash_census;
            SELECT count(*) FROM imported_credentials""")

    def import_as(self, role, file, *more):
        return self.auth("import", file, "--allow", "all", "--create-roles", *more, env=self.as_role(role))

    def test_an_operator_imports_the_same_rows_as_the_owner(self):
        file = self.people()
        for role in self.roles:
            self.assertEqual(self.import_as(role, file).code, 0)
            self.ok("audit", "verify", env=self.as_role(role))
            self.ok("db", "check", env={**self.as_role(role), "AUTH_CLI_DB": self.server.url(self.name(role))})
        owner, operator = map(self.rows, self.roles)
        self.assertEqual(len(owner.splitlines()), 2 * ROWS + 2 + 1 + 1)
        self.assertEqual(owner, operator)
        exported = [self.ok("export", "--with-hashes", "--format", "csv", env=self.as_role(role)).text
                    for role in self.roles]
        self.assertEqual(len(exported[0].splitlines()), len(exported[1].splitlines()))

    def test_a_row_that_is_taken_fails_the_same_way(self):
        taken = {"email": "last@example.org", "username": "TAKEN"}
        file = self.people(taken, {"email": "very.last@example.org"})
        said = []
        for role in self.roles:
            env = self.as_role(role)
            self.ok("create", "ann@example.org", "--username", "taken", "--no-password", env=env)
            done = self.import_as(role, file)
            self.assertEqual(done.code, 14, done)
            self.assertEqual(self.ok("list", "--count", env=env).line, "1")
            kept = self.import_as(role, file, "--keep-going", "--json")
            self.assertEqual(kept.code, 14, kept)
            self.assertEqual(self.ok("list", "--count", env=env).line, str(ROWS + 2))
            self.ok("audit", "verify", env=env)
            again = self.import_as(role, file, "--on-conflict", "skip", "--keep-going", "--json")
            self.assertEqual(again.code, 14, again)
            summaries = [json.loads(each.text.splitlines()[-1]) for each in (kept, again)]
            self.assertEqual(summaries[0]["created"], ROWS + 1)
            said.append((done.err, done.out, summaries))
        self.assertIn(b"line 3001: last@example.org: the username 'TAKEN' is taken", said[0][0])
        self.assertEqual(said[0], said[1])


class Completion(ScratchTest):
    """What __complete offers of a database on a server."""

    def setUp(self):
        super().setUp()
        self.server = postgres_server.saved(scratch.postgres_directory())
        self.init()
        for user in ("bea@example.org", "ben@example.org", "cleo@example.org"):
            self.ok("create", user, "--no-password", "--name", f"Name of {user[:3]}")
        self.ok("role", "create", "tester")

    def words(self, *typed, **env):
        done = self.ok("__complete", "--", *typed, env=env)
        self.assertEqual(done.err, b"")
        return [line.split("\t")[0] for line in done.text.splitlines()[1:]]

    def test_users_and_roles(self):
        self.assertEqual(self.words("show", "be"), ["bea@example.org", "ben@example.org"])
        self.assertEqual(self.words("create", "x@y", "--role", ""), ["tester"])
        self.assertEqual(self.words("--db", self.url, "show", "cl", AUTH_CLI_DB=""), ["cleo@example.org"])
        self.assertEqual(self.words("show", "be", AUTH_CLI_COMPLETE_USERS="0"), [])
        self.assertEqual(len(self.words("key", "retire", "")), 1)

    def test_a_role_that_logs_users_in_sees_none(self):
        self.server.sql(self.home.name, ROLES.read_text())
        self.server.sql("postgres", "DO $$ BEGIN IF to_regrole('bulk_login') IS NULL THEN "
                                    "CREATE ROLE bulk_login LOGIN IN ROLE auth_login; END IF; END $$")
        url = self.server.url(self.home.name, "bulk_login")
        self.assertEqual(self.words("show", "be", AUTH_CLI_DB=url), [])

    def test_another_version_is_not_migrated(self):
        for version in ("1", "9999"):
            self.server.sql(self.home.name, f"UPDATE auth_cli.schema_version SET version = {version}")
            self.assertEqual(self.words("show", "cl"), ["cleo@example.org"])
            self.assertEqual(self.server.sql(self.home.name, "SELECT version FROM auth_cli.schema_version").strip(),
                             version)

    def test_code_of_others_is_not_run(self):
        self.server.sql(self.home.name, "SET search_path = auth_cli; ALTER TABLE roles RENAME TO old;"
                                        " CREATE VIEW roles AS SELECT * FROM old")
        self.assertEqual(self.words("show", "be"), [])

    def test_no_server_is_waited_for(self):
        start = time.monotonic()
        for url in (f"postgresql://a@127.0.0.1:{postgres_server.free_port()}/x", "postgresql://a@192.0.2.1/x",
                    self.server.url("nothing_of_this_name"), self.server.url("postgres")):
            self.assertEqual(self.words("show", "be", AUTH_CLI_DB=url), [])
        self.assertLess(time.monotonic() - start, 12)


if __name__ == "__main__":
    scratch.main()
