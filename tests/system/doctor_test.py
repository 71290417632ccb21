"""Faults, one by one and all together: doctor finds each by its code, and --fix repairs those that it
says it can and nothing else."""
import os
import pathlib
import sqlite3
import time

from tests.system.support import scratch
from tests.system.support.scratch import ScratchTest

EMAIL = "ann@example.org"
DAY = 86400
SSHA = "{SSHA}8RIie0TWPAf2/ODaB+dZLffNNr1LAouH"
CHEAP = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$K3dcPlJ3tQhwFmHGZKFBD2cVdTBYQ0h5TvGS6Aq0mJM"


class Planted(ScratchTest):
    """A home with a database, a login and a mail, in which all is well."""

    def setUp(self):
        super().setUp()
        self.env = {}
        self.set_up_realm(test=True)

    def set_up_realm(self, test):
        self.init(test)
        self.create(EMAIL, scratch.PASSWORD, "--login")
        self.ok("create", "bob@example.org", "--no-password")

    def sql(self, *statements, foreign_keys=False):
        with sqlite3.connect(self.db) as connection:
            connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
            connection.execute("PRAGMA ignore_check_constraints=ON")
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def setting(self, name, value):
        self.sql(f"INSERT INTO settings VALUES ('{name}', '{value}', 0)")

    def doctor(self, *args, **env):
        done = self.auth("doctor", "--json", *args, env=self.env | env)
        self.assertIn(done.code, (0, 14), done)
        self.assertEqual(done.err, b"", done)
        report = done.json()
        self.assertEqual(report["schema"], "auth-cli.doctor/1")
        left = [each for each in report["findings"] if not each["fixed"]]
        bad = [each for each in left if each["severity"] != "note"]
        self.assertEqual(done.code, 14 if bad else 0, done)
        self.assertEqual(report["errors"] + report["warnings"], len(bad))
        for finding in report["findings"]:
            self.assertTrue(finding["message"], finding)
            self.assertTrue(finding["repair"], finding)
        return report

    def codes(self, *args):
        return {finding["code"] for finding in self.doctor(*args)["findings"]}

    # What there is on disk

    def files(self):
        found = {}
        for path in sorted(self.home.rglob("*")):
            status = path.lstat()
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            found[str(path)] = (oct(status.st_mode), content)
        return found


def plant(code, fixes=False):
    """Marks a method that makes the fault of that code."""
    def mark(method):
        method.plants = code
        method.fixes = fixes
        return method
    return mark


class Faults(Planted):
    # Files

    @plant("file_open", fixes=True)
    def key_file_is_open(self):
        (self.data / "auth.key").chmod(0o644)

    @plant("file_open", fixes=True)
    def database_is_open(self):
        self.db.chmod(0o660)

    @plant("file_open", fixes=True)
    def token_file_is_open(self):
        (self.state / "default.token").chmod(0o604)

    @plant("file_kind")
    def token_file_is_a_link(self):
        token = self.state / "default.token"
        token.rename(self.home / "elsewhere")
        token.symlink_to(self.home / "elsewhere")

    @plant("file_owner")
    def key_file_is_of_somebody_else(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give files away")
        os.chown(self.data / "auth.key", 65534, 65534)

    @plant("directory_open", fixes=True)
    def directory_is_open(self):
        self.data.chmod(0o755)

    @plant("directory_writable", fixes=True)
    def directory_is_writable(self):
        self.state.chmod(0o777)

    @plant("leftover_file", fixes=True)
    def process_was_killed(self):
        path = self.data / ".auth.db.0123456789abcdef"
        path.write_bytes(b"half of it")
        path.chmod(0o600)
        os.utime(path, (time.time() - 7200,) * 2)

    @plant("config_invalid")
    def config_file_is_wrong(self):
        self.write_config('{"profil": "x"}')

    def write_config(self, text):
        directory = self.home / ".config/auth-cli"
        directory.mkdir(parents=True, mode=0o700, exist_ok=True)
        for path in (directory.parent, directory):
            path.chmod(0o700)
        self.write(directory / "config.json", text)

    @plant("setting_invalid")
    def config_file_goes_below_a_floor(self):
        self.write_config('{"session.idle": "3h"}')

    # The database

    @plant("database_missing")
    def database_is_gone(self):
        self.db.unlink()

    @plant("database_corrupt")
    def database_is_truncated(self):
        with open(self.db, "r+b") as file:
            file.truncate(9000)

    @plant("database_corrupt")
    def database_is_something_else(self):
        self.db.write_bytes(b"no database, whatever its name says" * 100)

    @plant("schema_too_new")
    def schema_is_too_new(self):
        self.sql("PRAGMA user_version=999")

    @plant("key_mismatch")
    def key_is_another_one(self):
        self.write(self.data / "auth.key", b"k" * 32)

    @plant("key_mismatch")
    def key_is_gone(self):
        (self.data / "auth.key").unlink()

    @plant("integrity")
    def row_breaks_a_rule(self):
        self.sql("UPDATE passwords SET set_by = 'nobody'")

    @plant("audit_chain")
    def audit_row_was_edited(self):
        self.sql("UPDATE audit SET actor = 'os:nobody' WHERE seq = 2")

    @plant("audit_archives")
    def archive_was_made_up(self):
        self.sql("INSERT INTO audit_archives VALUES (1, 0, 0, 0, 0, zeroblob(32), '', '', zeroblob(32))")

    @plant("sealed_altered")
    def mail_was_altered(self):
        self.sql("UPDATE outbox SET sealed_mail = randomblob(200)")

    @plant("orphan_rows", fixes=True)
    def user_was_deleted_by_hand(self):
        self.sql(f"DELETE FROM users WHERE email = '{EMAIL}'")

    @plant("orphan_rows", fixes=True)
    def role_was_deleted_by_hand(self):
        self.ok("role", "create", "tester")
        self.ok("role", "grant", EMAIL, "tester")
        self.sql("DELETE FROM roles")

    @plant("expired_rows", fixes=True)
    def codes_are_old(self):
        self.sql(f"UPDATE codes SET expires_at = {int(time.time()) - 2 * DAY}")

    @plant("expired_rows", fixes=True)
    def attempts_are_old(self):
        then = int(time.time()) - 31 * DAY
        self.sql("INSERT INTO attempts (address, failures, code_failures, blocked_until)"
                 f" VALUES (x'01', 99, 99, {then})")

    @plant("expired_rows", fixes=True)
    def sessions_are_old(self):
        self.sql(f"UPDATE sessions SET expires_at = {int(time.time()) - 2 * DAY}")

    @plant("stale_claims", fixes=True)
    def sender_died(self):
        self.sql(f"UPDATE outbox SET claimed_until = {int(time.time()) - 60}")

    @plant("stuck_claims", fixes=True)
    def mail_is_claimed_for_ever(self):
        self.sql(f"UPDATE outbox SET claimed_until = {int(time.time()) + DAY}")

    @plant("hash_census", fixes=True)
    def census_is_wrong(self):
        self.sql("UPDATE hash_census SET users = users + 1")

    @plant("locked_addresses")
    def address_is_locked(self):
        self.sql("INSERT INTO attempts (address, failures, blocked_until)"
                 " VALUES (x'00', 100, 253402300799)")

    @plant("rows_from_future")
    def clock_was_ahead(self):
        self.sql(f"UPDATE users SET updated_at = {int(time.time()) + 3 * DAY}")

    # Policy

    @plant("setting_invalid")
    def setting_is_wrong(self):
        self.setting("session.idle", "ten years")

    @plant("setting_unknown")
    def setting_is_of_another_version(self):
        self.setting("session.colour", "blue")

    @plant("no_signing_key")
    def signing_key_is_gone(self):
        self.sql("DELETE FROM signing_keys")

    @plant("weak_secret")
    def shared_secret_is_short(self):
        self.setting("token.secret_file", self.write("secret.txt", "short"))
        self.setting("token.algorithm", "HS256")

    @plant("signing_key_damaged")
    def signing_key_was_altered(self):
        self.sql("UPDATE signing_keys SET sealed_jwk = randomblob(200)")

    @plant("old_signing_key")
    def signing_key_is_old(self):
        self.sql(f"UPDATE signing_keys SET signs_from = {int(time.time()) - 400 * DAY},"
                 f" created_at = {int(time.time()) - 400 * DAY}")

    @plant("signing_ends")
    def nothing_follows_the_signing_key(self):
        self.sql(f"UPDATE signing_keys SET signs_until = {int(time.time()) + DAY}")

    @plant("mail_unusable")
    def mail_server_is_not_named(self):
        self.setting("mail.transport", "smtp")

    @plant("mail_unusable")
    def mail_program_is_not_there(self):
        self.setting("mail.transport", "sendmail")
        self.setting("mail.sendmail_path", "/no/such/program")

    @plant("mail_failing")
    def mails_are_not_taken(self):
        self.sql("UPDATE outbox SET attempts = 2, error = 'unreachable'")

    # Surroundings

    @plant("login_unusable")
    def token_file_holds_something_else(self):
        self.write(self.state / "default.token", "not a token\n")

    @plant("token_from_future")
    def token_is_from_the_future(self):
        self.assertEqual(self.login(EMAIL, env=self.later("+120s")).code, 0)

    @plant("completion_missing")
    def completion_is_not_installed(self):
        self.env = {"SHELL": "/bin/bash", "XDG_DATA_DIRS": str(self.home)}

    @plant("shadowed_setting")
    def variable_shadows_the_config_file(self):
        self.write_config('{"output": "text"}')
        self.env = {"AUTH_CLI_OUTPUT": "json"}

    @plant("shadowed_login")
    def variable_shadows_the_login(self):
        self.env = {"AUTH_CLI_TOKEN": (self.state / "default.token").read_text().strip()}

    @plant("unknown_variable")
    def variable_is_misspelt(self):
        self.env = {"AUTH_CLI_DATABASE": "x.db"}

    @plant("empty_variable")
    def variable_is_empty(self):
        self.env = {"AUTH_CLI_KEY_FILE": ""}

    @plant("relative_directory")
    def directory_is_relative(self):
        self.env = {"XDG_CONFIG_HOME": "config"}

    # What is found, and what is done about it

    def planters(self):
        names = [name for name in dir(self) if hasattr(getattr(self, name), "plants")]
        return {name: getattr(self, name) for name in names}

    def test_where_all_is_well_nothing_is_found(self):
        for kind in (True, False):
            with self.subTest(test_database=kind):
                report = self.doctor()
                self.assertEqual(report["findings"], [])
                self.assertGreater(report["checks"], 15)
            if kind:
                ScratchTest.setUp(self)
                self.set_up_realm(test=False)

    def test_each_fault_is_found_by_its_code_and_what_is_fixable_is_fixed(self):
        planters = self.planters()
        self.assertGreaterEqual(len({method.plants for method in planters.values()}), 15)
        for name, method in planters.items():
            with self.subTest(fault=name):
                self.setUp()
                method()
                self.check_fault(method.plants, method.fixes)

    def check_fault(self, code, fixes):
        before = self.files()
        found = [each for each in self.doctor()["findings"] if each["code"] == code]
        self.assertTrue(found, self.doctor()["findings"])
        self.assertEqual({each["fixable"] for each in found}, {fixes})
        self.assertEqual(self.files(), before, "looking changed something")
        self.doctor("--fix", "--dry-run")
        self.assertEqual(self.files(), before, "a dry run changed something")
        report = self.doctor("--fix")
        self.assertEqual({each["fixed"] for each in report["findings"] if each["code"] == code},
                         {fixes})
        self.assertEqual(report["changed"], any(each["fixed"] for each in report["findings"]))
        if fixes:
            self.assertNotIn(code, self.codes())
            self.ok("db", "check")
        elif not report["changed"]:
            self.assertEqual(self.files(), before, "it repaired what it does not say it can")

    # A normal database minds what a test database does not

    def plant_hash(self, hash_text):
        ScratchTest.setUp(self)
        self.set_up_realm(test=False)
        self.sql(f"UPDATE passwords SET hash = '{hash_text}'",
                 "INSERT INTO meta VALUES ('hash_census', 'due')")
        self.doctor("--fix")

    def test_weak_hashes(self):
        self.plant_hash(SSHA)
        self.assertIn("weak_hashes", self.codes())

    def test_hashes_of_test_databases(self):
        self.plant_hash(CHEAP)
        self.assertIn("test_cost_hashes", self.codes())

    def test_hashes_that_nobody_can_read(self):
        self.plant_hash("plain text")
        self.assertIn("unreadable_hashes", self.codes())

    # All at once

    def dump(self):
        with sqlite3.connect(self.db) as connection:
            tables = [row[0] for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = {table: set(map(repr, connection.execute(f"SELECT * FROM {table}")))
                    for table in tables}
        connection.close()
        return rows

    def test_fix_repairs_all_that_it_says_it_can_and_nothing_else(self):
        now = int(time.time())
        self.ok("create", "cat@example.org", "--no-password")
        for method in (self.token_file_is_open, self.directory_is_open, self.process_was_killed,
                       self.audit_row_was_edited, self.address_is_locked,
                       self.nothing_follows_the_signing_key, self.mails_are_not_taken):
            method()
        self.sql(f"UPDATE codes SET expires_at = {now - 2 * DAY} WHERE user_id ="
                 " (SELECT id FROM users WHERE email LIKE 'bob%')",
                 f"UPDATE outbox SET claimed_until = {now - 60} WHERE user_id ="
                 " (SELECT id FROM users WHERE email LIKE 'cat%')",
                 f"DELETE FROM users WHERE email = '{EMAIL}'")
        rows = self.dump()
        planned = self.doctor()["findings"]
        fixable = {(each["code"], each["object"]) for each in planned if each["fixable"]}
        others = {(each["code"], each["object"]) for each in planned if not each["fixable"]}
        self.assertEqual({code for code, _ in fixable},
                         {"file_open", "directory_open", "leftover_file", "orphan_rows",
                          "expired_rows", "stale_claims"})
        self.assertEqual({code for code, _ in others},
                         {"audit_chain", "locked_addresses", "signing_ends", "mail_failing"})
        done = {(each["code"], each["object"])
                for each in self.doctor("--fix")["findings"] if each["fixed"]}
        self.assertEqual(done, fixable)
        left = {(each["code"], each["object"]) for each in self.doctor()["findings"]}
        self.assertEqual(left, others)
        after = self.dump()
        for table in rows:
            lost, new = rows[table] - after[table], after[table] - rows[table]
            expected = {"audit": (0, 5), "audit_lanes": (1, 1), "passwords": (1, 0),
                        "sessions": (1, 0), "codes": (1, 0), "outbox": (1, 1),
                        "login_places": (len(rows["login_places"]), 0),
                        "hash_census": (1, 0)}.get(table, (0, 0))
            self.assertEqual((len(lost), len(new)), expected, (table, lost, new))

    def test_a_server_that_need_not_prove_itself_is_a_warning(self):
        for url, found in (("postgresql://ann@0.0.0.0:1/x?sslmode=require", {"unproved_server"}),
                           ("postgresql://ann@0.0.0.0:1/x?sslmode=disable", {"unproved_server"}),
                           ("postgresql://ann@127.0.0.1:1/x?sslmode=disable", set()),
                           ("postgresql://ann@0.0.0.0:1/x", set())):
            findings = self.doctor(AUTH_CLI_DB=url)["findings"]
            self.assertEqual({each["code"] for each in findings} & {"unproved_server"}, found, url)

    def test_attempts_that_still_count_stay(self):
        now = int(time.time())
        kept = [(1, 0, 0, now - 29 * DAY), (100, 0, 0, 253402300799), (100, 0, 0, now - 31 * DAY),
                (0, 100, 0, now - 31 * DAY), (0, 0, 1, now - 31 * DAY), (3, 3, 0, 0)]
        for number, row in enumerate([*kept, (5, 5, 0, now - 31 * DAY)]):
            self.sql("INSERT INTO attempts (address, failures, code_failures, factor_failures,"
                     f" blocked_until) VALUES (x'{number:02x}', {row[0]}, {row[1]}, {row[2]}, {row[3]})")
        self.doctor("--fix")
        self.assertEqual(len(self.dump()["attempts"]), len(kept))

    def test_a_directory_that_somebody_chose_is_left_alone(self):
        project = self.home / "project"
        project.mkdir(mode=0o755)
        project.chmod(0o755)
        self.ok("db", "init", "--test", "--db", str(project / "ci.db"))
        self.env = {"AUTH_CLI_DB": str(project / "ci.db")}
        self.assertEqual(self.codes(), set())
        project.chmod(0o777)
        # It is not opened there.
        self.assertEqual(self.codes("--fix"), {"directory_writable", "not_checked"})
        self.assertEqual(project.stat().st_mode & 0o777, 0o777)

    def test_what_keeps_the_database_shut_is_repaired_first(self):
        self.database_is_open()
        self.codes_are_old()
        shut = self.codes()
        self.assertEqual(shut, {"file_open", "not_checked"})
        self.assertEqual(self.codes("--fix"), {"file_open", "expired_rows"})
        self.assertEqual(self.codes(), set())

    def test_repairs_are_in_the_audit_trail(self):
        self.codes_are_old()
        self.doctor("--fix")
        rows = self.ok("audit", "list", "--event", "database_repaired", "--json").json()["events"]
        self.assertEqual([(row["target"], row["detail"]["rows"]) for row in rows], [("codes", 1)])
        self.assertEqual(rows[0]["detail"]["finding"], "expired_rows")

    def write(self, name, content):
        return super().write(pathlib.Path(name), content)


if __name__ == "__main__":
    scratch.main()
