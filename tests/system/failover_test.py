"""A primary that fails under writers and the standby that takes over: what was acknowledged is there, and once. And
what doctor says of servers that follow others, or that do not keep what they confirm."""
import collections
import json
import threading
import time

from tests.system.support import scratch
from tests.system.support.postgres_server import PostgresServer
from tests.system.support.scratch import PASSWORD, ScratchTest

WRITERS = 8
DURABLE = "max_connections = 100\n"


class PairTest(ScratchTest):
    """A primary of its own, and a standby."""
    settings = DURABLE
    synchronous = True

    def database_url(self):
        self.primary = self.owned(PostgresServer.make(self.settings))
        self.primary.make_database("users")
        self.standby = self.owned(self.primary.make_standby(synchronous=self.synchronous))
        return self.primary.url_with(self.standby, "users")

    def owned(self, server):
        def end():
            if (server.directory / "data/postmaster.pid").exists():
                server.kill()
            server.remove()
        self.addCleanup(end)
        return server


class Writer(threading.Thread):
    """Creates users and logs its own in, and writes down what was acknowledged and what was not."""

    def __init__(self, test, number):
        super().__init__()
        self.test, self.number = test, number
        self.email = f"writer{number}@example.org"
        self.created, self.not_created, self.sessions, self.failed = [], [], [], []
        self.logins_failed = 0
        self.stopping = threading.Event()

    def run(self):
        turn = 0
        while not self.stopping.is_set():
            turn += 1
            email = f"user{self.number}-{turn}@{self.test.round}.example.org"
            done = self.test.auth("create", email, "--no-password", "--verified", "--json")
            (self.created if done.code == 0 else self.not_created).append(email)
            self.note(done)
            done = self.test.login(self.email, PASSWORD, "--no-store", "--json")
            if done.code == 0:
                self.sessions.append(done.json()["session"]["id"])
            else:
                self.logins_failed += 1
            self.note(done)

    def note(self, done):
        if done.code != 0:
            self.failed.append(done)
            time.sleep(0.1)


class Failover(PairTest):
    settings = "max_connections = 100\nfsync = off\nfull_page_writes = off\n"
    round = 0

    def test_what_was_acknowledged_is_there_once(self):
        self.init()
        self.ok("config", "set", "password.memory", "1024")
        for number in range(WRITERS):
            self.create(f"writer{number}@example.org")
        rounds = scratch.figure(20, 1)
        for self.round in range(1, rounds + 1):
            writers = self.fail_over()
            self.examine(writers)
            if self.round < rounds:
                self.standby = self.owned(self.primary.make_standby())
                self.url = self.primary.url_with(self.standby, "users")

    def fail_over(self):
        writers = [Writer(self, number) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(2)
        self.primary.kill()
        time.sleep(0.5)
        self.standby.promote()
        self.primary, self.standby = self.standby, None
        time.sleep(1.5)
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.join()
        return writers

    def examine(self, writers):
        failed = [done for writer in writers for done in writer.failed]
        for done in failed:
            self.assertEqual((done.code, done.out), (11, b""), done)
        trail = [json.loads(line) for line in self.ok("audit", "list", "--jsonl").text.splitlines()]
        self.check_created(writers, trail)
        self.check_sessions(writers, trail)
        self.ok("audit", "verify")
        self.ok("db", "check")
        self.ok("create", f"later@{self.round}.example.org", "--no-password")

    def check_created(self, writers, trail):
        there = self.ok("list", "--fields", "email,id", "--plain").text.splitlines()
        ids = dict(line.split("\t") for line in there)
        self.assertEqual(len(ids), len(there))
        made = collections.Counter(row["target"] for row in trail if row["event"] == "user_created")
        self.assertEqual(made, {user: 1 for user in ids.values()})
        acknowledged = [email for writer in writers for email in writer.created]
        self.assertGreater(len(acknowledged), WRITERS)
        self.assertEqual([email for email in acknowledged if email not in ids], [])
        for writer in writers:
            for done in writer.failed:
                if done.args[0] == "create" and json.loads(done.err)["reason"] != "outcome_unknown":
                    self.assertNotIn(done.args[1], ids)
        unknown = [email for writer in writers for email in writer.not_created]
        scratch.say(self, f"round {self.round}: {len(acknowledged)} creates acknowledged, {len(unknown)} failed, "
                          f"{sum(email in ids for email in unknown)} of these done")

    def check_sessions(self, writers, trail):
        logins = collections.Counter(row["target"] for row in trail if row["event"] == "authn_login_success")
        open_sessions = {json.loads(line)["id"]
                         for line in self.ok("session", "list", "--all", "--jsonl").text.splitlines()}
        for writer in writers:
            self.assertLessEqual(set(writer.sessions), open_sessions)
            self.assertEqual(len(set(writer.sessions)), len(writer.sessions))
        self.assertEqual(sum(logins.values()), len(open_sessions))
        scratch.say(self, f"round {self.round}: {sum(len(each.sessions) for each in writers)} logins acknowledged, "
                          f"{sum(each.logins_failed for each in writers)} failed")


class Doctor(PairTest):
    """What is said of a normal database, whose server keeps what it confirms."""

    def findings(self, server, role="postgres", **parameters):
        done = self.auth("doctor", "--json", "--db", server.url("users", role, **parameters))
        self.assertIn(done.code, (0, 14), done)
        return {found["code"]: found for found in done.json()["findings"]
                if found["code"] not in ("completion_missing",)}

    def set(self, name, value, reload="SELECT pg_reload_conf()"):
        self.primary.sql("postgres", f"ALTER SYSTEM SET {name} = {value}")
        self.primary.sql("postgres", reload)

    def test_what_it_says_of_servers(self):
        self.init(test=False)
        self.assertEqual(self.findings(self.primary), {})
        self.a_standby_that_keeps_up()
        self.a_standby_that_lags()
        self.a_role_that_may_not_see()
        self.settings_that_lose_changes()
        self.replication_that_is_not_synchronous()
        self.a_primary_that_is_gone()

    def a_standby_that_keeps_up(self):
        for _ in range(100):  # the server itself writes a record now and then
            found = self.findings(self.standby)
            self.assertEqual(set(found), {"server_standby"})
            if "replayed everything" in found["server_standby"]["message"]:
                break
            time.sleep(0.1)
        self.assertEqual(found["server_standby"]["severity"], "warning")
        self.assertIn("replayed everything", found["server_standby"]["message"])
        self.assertIn("target_session_attrs=read-write", found["server_standby"]["repair"])

    def a_standby_that_lags(self):
        self.standby.sql("postgres", "SELECT pg_wal_replay_pause()")
        self.primary.sql("users", "CREATE TABLE bulk AS"
                         " SELECT repeat(md5(n::text), 30) FROM generate_series(1, 25000) n")
        found = self.findings(self.primary)
        self.assertEqual(set(found), {"replica_lags"})
        self.assertEqual(found["replica_lags"]["object"], "standby")
        lag = r"\d+ seconds? and \d+ KiB behind$"
        self.assertRegex(found["replica_lags"]["message"], "^the standby 'standby' is " + lag)
        found = self.findings(self.standby)
        self.assertEqual(set(found), {"server_standby", "standby_lags"})
        self.assertRegex(found["standby_lags"]["message"], "^the standby is " + lag)
        self.standby.sql("postgres", "SELECT pg_wal_replay_resume()")
        self.primary.sql("users", "DROP TABLE bulk")
        self.primary.wait_for("SELECT count(*) FROM pg_stat_replication WHERE"
                              " pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) = 0", "1")

    def a_role_that_may_not_see(self):
        self.primary.sql("users", "CREATE ROLE plain LOGIN; GRANT USAGE ON SCHEMA auth_cli TO plain;"
                         " GRANT SELECT, UPDATE, INSERT, DELETE ON ALL TABLES IN SCHEMA auth_cli TO plain")
        found = self.findings(self.primary, "plain")
        self.assertEqual(found["replicas_hidden"]["severity"], "note")
        self.assertIn("GRANT pg_read_all_stats TO plain", found["replicas_hidden"]["repair"])
        self.primary.sql("users", "GRANT pg_read_all_stats TO plain")
        self.assertNotIn("replicas_hidden", self.findings(self.primary, "plain"))

    def settings_that_lose_changes(self):
        for value, what in (("off", "crash of the server"), ("local", "fail-over")):
            found = self.findings(self.primary, options=f"-csynchronous_commit%3D{value}")
            self.assertEqual(set(found), {"commits_not_durable"})
            self.assertIn(what, found["commits_not_durable"]["message"])
        self.set("fsync", "off")
        self.set("full_page_writes", "off")
        found = self.findings(self.primary)
        self.assertEqual({code: each["severity"] for code, each in found.items()},
                         {"fsync_off": "error", "full_page_writes_off": "warning"})
        for name in ("fsync", "full_page_writes"):
            self.set(name, "on")

    def replication_that_is_not_synchronous(self):
        self.set("synchronous_standby_names", "''")
        self.primary.wait_for("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'async'", "1")
        found = self.findings(self.primary)
        self.assertEqual({code: each["severity"] for code, each in found.items()},
                         {"replication_asynchronous": "note"})
        self.set("synchronous_standby_names", "'elsewhere'")
        self.primary.wait_for("SHOW synchronous_standby_names", "elsewhere")
        found = self.findings(self.primary)
        self.assertEqual(set(found), {"standby_missing"})
        self.assertIn("'elsewhere'", found["standby_missing"]["message"])

    def a_primary_that_is_gone(self):
        self.primary.kill()
        self.standby.wait_for("SELECT count(*) FROM pg_stat_wal_receiver", "0")
        self.assertEqual(set(self.findings(self.standby)), {"server_standby", "standby_disconnected"})
        self.standby.promote()
        self.assertEqual(self.findings(self.standby), {})


if __name__ == "__main__":
    scratch.main()
