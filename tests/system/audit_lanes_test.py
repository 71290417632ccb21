"""The audit log of a server: lanes that fill side by side, rows that the server chains as the program does."""
import concurrent.futures
import hashlib
import json
import subprocess

from tests.system.support import postgres_server, scratch
from tests.system.support.scratch import PASSWORD, ROOT, ScratchTest

MIGRATIONS = ROOT / "src/core/store/migrations/postgres"
# Whatever JSON writes in its own way, and some that it does not.
ODD_TEXTS = ["plain", "", "a \"quoted\" word", "back\\slash", "/slash/", "tab\tand\nline\rand\b\f",
             "".join(chr(n) for n in range(1, 32)), "del\x7f", "\u0080\u009f", "\u2028\u2029", "é ß ŀ",
             "emoji 😀 and 👩‍👩‍👧", "\ufeff\ufffe\uffff", "<script>&amp;", "%s {} $1 ?1", "\U0010fffd"]


def lane_of(target, event=""):
    return hashlib.sha256((target or event).encode()).digest()[0] % 64


def chained(row, previous):
    """The hash of a row as the manual describes it, by another implementation of JSON."""
    fields = [row["seq"], row["at"], row["actor"], row["event"], row["target"], row["result"],
              hashlib.sha256(bytes.fromhex(row["salt"]) + row["detail"].encode()).hexdigest()]
    place = row["place"] or row["seq"]
    if row["lane"] or place != row["seq"]:
        fields += [row["lane"], place]
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(bytes.fromhex(previous) + text.encode()).hexdigest()


class AuditLanes(ScratchTest):
    def setUp(self):
        super().setUp()
        self.server = postgres_server.saved(scratch.postgres_directory())
        self.name = self.home.name
        self.init()

    def sql(self, query):
        return self.server.sql(self.name, "SET search_path = auth_cli; " + query)

    def append(self, target, event="noted", detail="{}", actor="test", salt="ab" * 16):
        self.sql("SELECT append_audit(7, " + ", ".join(
            "'" + text.replace("'", "''") + "'" for text in (actor, event, target, "ok", detail))
            + f", '\\x{salt}')")

    def rows(self, where="true"):
        text = self.sql("SELECT row_to_json(r) FROM (SELECT seq, lane, place, at, actor, event, target, result,"
                        " detail, encode(salt, 'hex') AS salt, encode(hash, 'hex') AS hash FROM audit"
                        f" WHERE {where} ORDER BY seq) AS r")
        return [json.loads(line) for line in text.split("\n") if line]

    def whole(self):
        return self.ok("audit", "verify", "--json").json()["rows"]

    def broken(self):
        done = self.fails(11, "audit", "verify", "--json")
        return json.loads(done.err)["message"].removeprefix("the audit trail is broken: ")

    def check_chains(self):
        """Holds every row against another implementation."""
        ends = {}
        for row in self.rows():
            place, hashed = ends.get(row["lane"], (0, "00" * 32))
            self.assertEqual(row["place"] or row["seq"], place + 1, row)
            self.assertEqual(row["hash"], chained(row, hashed), row)
            self.assertEqual(row["lane"], lane_of(row["target"], row["event"]), row)
            ends[row["lane"]] = (place + 1, row["hash"])
        kept = self.sql("SELECT lane, place, encode(hash, 'hex') FROM audit_lanes WHERE place > 0")
        self.assertEqual({line for line in kept.splitlines()},
                         {f"{lane}|{place}|{hashed}" for lane, (place, hashed) in ends.items()})
        return ends

    def test_the_server_chains_rows_as_the_program_does(self):
        for text in ODD_TEXTS:
            self.append(text, event=text + "!", actor=text, detail=json.dumps({"a": text}))
            self.append(text, event=text + "!", actor=text,
                        detail=json.dumps({"a": text}, ensure_ascii=False))
        self.assertEqual(self.whole(), len(self.rows()))
        self.check_chains()
        self.assertGreater(len({row["lane"] for row in self.rows()}), 8)

    def test_single_acts_and_imports_share_the_lanes(self):
        people = "".join(f"p{n}@example.org\n" for n in range(700))
        self.create("ann@example.org")
        self.ok("import", self.write("people.csv", "email\n" + people))
        self.create("bob@example.org")
        self.ok("import", self.write("one.csv", "email\nlast@example.org\n"))
        self.ok("delete", "ann@example.org", "--yes")
        rows = self.rows()
        self.assertGreater(len(rows), 703)
        self.assertEqual({row["actor"].split(" ")[0] for row in rows}, {"pg:postgres"})
        self.assertEqual({row["actor"].split(" ")[1][:3] for row in rows}, {"os:"})
        self.assertEqual(self.whole(), len(rows))
        head = self.ok("audit", "head", "--json").json()
        self.assertEqual(head["rows"], len(rows))
        self.assertEqual(head["seq"], rows[-1]["seq"])
        erased = [row for row in rows if row["salt"] is None]
        self.assertEqual(len({row["target"] for row in erased}), 1)
        self.assertEqual(self.ok("db", "status", "--field", "audit_rows").line, str(len(rows)))

    def test_nothing_is_numbered_twice_or_left_out_when_many_append(self):
        def append(worker):
            target = "same" if worker % 2 else f"own{worker}"
            self.sql(";".join([f"SELECT append_audit(7, 'w{worker}', 'noted', '{target}', 'ok', '{{}}', "
                               "decode(repeat('ab', 16), 'hex'))"] * 60))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            creations = [pool.submit(self.auth, "create", f"c{n}@example.org", "--no-password") for n in range(4)]
            list(pool.map(append, range(8)))
            self.assertEqual([done.result().code for done in creations], [0] * 4)
        rows = self.rows("event = 'noted'")
        self.assertEqual(len(rows), 480)
        self.assertEqual(len(self.rows("target = 'same'")), 240)
        self.whole()
        self.check_chains()

    def test_what_the_server_does_not_append(self):
        before = self.rows()
        for detail, salt in (("[]", "ab" * 16), ("{", "ab" * 16), ("{}", "ab" * 15), ("{}", "")):
            with self.assertRaises(AssertionError):
                self.append("t", detail=detail, salt=salt)
        for call in ("append_audit(7, 'a', 'b', 'c', 'maybe', '{}', decode(repeat('ab', 16), 'hex'))",
                     "append_audit(7, 'a', NULL, 'c', 'ok', '{}', decode(repeat('ab', 16), 'hex'))",
                     "append_audit(NULL, 'a', 'b', 'c', 'ok', '{}', decode(repeat('ab', 16), 'hex'))",
                     "append_audit(7, 'a', 'b', 'c', 'ok', '{}', NULL)"):
            with self.assertRaises(AssertionError):
                self.sql(f"SELECT {call}")
        self.assertEqual(self.rows(), before)
        # A lane that lost its end takes no more rows, and neither does the act.
        self.sql(f"DELETE FROM audit_lanes WHERE lane = {lane_of('t')}")
        with self.assertRaises(AssertionError):
            self.append("t")
        self.assertEqual(self.rows(), before)

    def test_each_break_is_found_and_named(self):
        self.ok("import", self.write("people.csv", "email\n" + "".join(f"p{n}@example.org\n" for n in range(300))))
        for n in range(4):
            for target in ("t1", "t2", "t3"):
                self.append(target, detail=json.dumps({"n": n}))
        self.whole()
        one, two = ([row["seq"] for row in self.rows(f"target = '{target}'")] for target in ("t1", "t2"))
        places = [row["place"] for row in self.rows("target = 't1'")]
        lane, other = lane_of("t1"), lane_of("t2")
        breaks = {
            f"UPDATE audit SET actor = 'os:nobody' WHERE seq = {one[1]}": f"row {one[1]} was altered",
            f"UPDATE audit SET detail = '{{}}' WHERE seq = {one[1]}": f"row {one[1]} was altered",
            f"UPDATE audit SET seq = seq + 100000 WHERE seq = {one[3]}": f"row {one[3] + 100000} was altered",
            f"DELETE FROM audit WHERE seq = {one[1]}": f"row {places[1]} of lane {lane} is missing",
            f"DELETE FROM audit WHERE lane = {lane} AND place >= {places[3]}":
                f"lane {lane} of the trail ends at row {places[3] - 1}, its head says",
            f"UPDATE audit SET place = -1 WHERE seq = {one[2]}": f"row {one[2]} was moved",
            f"UPDATE audit SET lane = {other}, place = 100000 WHERE seq = {one[0]}": f"of lane {other} is missing",
            "INSERT INTO audit SELECT 100000, at, actor, event, target, result, detail, hash, salt, detail_digest,"
            f" lane, (SELECT place + 1 FROM audit_lanes WHERE audit_lanes.lane = {lane}) FROM audit"
            f" WHERE seq = {one[2]}": "row 100000 was altered",
            "CREATE TEMP TABLE o AS SELECT * FROM audit WHERE seq IN ({0}, {1}); UPDATE audit SET actor = o.actor,"
            " target = o.target, detail = o.detail, hash = o.hash, detail_digest = o.detail_digest, salt = o.salt,"
            " at = o.at FROM o WHERE audit.seq <> o.seq AND audit.seq IN ({0}, {1})".format(one[2], two[2]):
                f"row {one[2]} was altered",
            "CREATE TEMP TABLE o AS SELECT * FROM audit WHERE seq IN ({0}, {1}); UPDATE audit SET place = -place"
            " WHERE seq IN ({0}, {1}); UPDATE audit SET lane = o.lane, place = o.place FROM o"
            " WHERE audit.seq <> o.seq AND audit.seq IN ({0}, {1})".format(one[2], two[2]):
                "the audit trail is broken: ",
            f"UPDATE audit_lanes SET place = place + 1 WHERE lane = {lane}": f"lane {lane} of the trail ends at",
        }
        for number, (query, said) in enumerate(breaks.items()):
            with self.subTest(query=query):
                copy = f"{self.name}-{number}"
                self.server.sql("postgres", f'CREATE DATABASE "{copy}" TEMPLATE "{self.name}"')
                self.addCleanup(self.server.drop_database, copy)
                self.server.sql(copy, "SET search_path = auth_cli; " + query)
                done = self.fails(11, "audit", "verify", "--json", "--db", self.server.url(copy))
                self.assertIn(said, json.loads(done.err)["message"])
                self.server.drop_database(copy)

    def test_a_trail_goes_to_a_file_and_back(self):
        for n in range(20):
            self.append(f"t{n}")
        file = {"AUTH_CLI_DB": str(self.home / "copy.db"), "AUTH_CLI_KEY_FILE": str(self.data / "auth.key")}
        self.ok("db", "copy", str(self.home / "copy.db"))
        rows = self.whole()
        self.assertEqual(self.ok("audit", "verify", "--json", env=file).json()["rows"], rows)
        self.ok("create", "file@example.org", "--no-password", env=file)
        self.ok("audit", "verify", env=file)
        head = self.ok("audit", "head", env=file).line
        self.server.make_database(self.name + "-back")
        self.addCleanup(self.server.drop_database, self.name + "-back")
        url = self.server.url(self.name + "-back")
        self.ok("db", "copy", url, env=file)
        back = {"AUTH_CLI_DB": url, "AUTH_CLI_KEY_FILE": str(self.data / "auth.key")}
        self.assertNotEqual(self.ok("audit", "head", env=file).line, head)
        before = self.ok("audit", "head", "--json", env=back).json()
        self.ok("create", "back@example.org", "--no-password", env=back)
        after = self.ok("audit", "head", "--json", env=back).json()
        self.assertEqual(after["seq"], before["seq"] + after["rows"] - before["rows"])
        self.ok("audit", "verify", env=back)
        self.ok("db", "check", env=back)

    def test_an_old_chain_goes_on_as_lane_0(self):
        kept = subprocess.run(["pg_dump", "--data-only", "--table=auth_cli.meta", "--table=auth_cli.signing_keys",
                               self.url], capture_output=True, check=True).stdout.decode()
        old = self.name + "-old"
        self.server.make_database(old)
        self.addCleanup(self.server.drop_database, old)
        steps = [path for path in sorted(MIGRATIONS.glob("*.sql")) if int(path.name[:4]) < 14]
        self.server.sql(old, "CREATE SCHEMA auth_cli; SET search_path = auth_cli;" + "".join(
            path.read_text() for path in steps) + "UPDATE schema_version SET version = 13;")
        self.server.sql(old, kept)
        hashed = "00" * 32
        for seq in range(1, 6):
            row = {"seq": seq, "lane": 0, "place": None, "at": 7, "actor": "os:root", "event": "user_created",
                   "target": f"u{seq}", "result": "ok", "detail": "{}", "salt": "ab" * 16}
            hashed = chained(row, hashed)
            digest = hashlib.sha256(b"\xab" * 16 + b"{}").hexdigest()
            self.server.sql(old, "INSERT INTO auth_cli.audit (seq, at, actor, event, target, result, detail, hash,"
                                 f" salt, detail_digest) VALUES ({seq}, 7, 'os:root', 'user_created', 'u{seq}', 'ok',"
                                 f" '{{}}', '\\x{hashed}', '\\x{row['salt']}', '\\x{digest}')")
        self.server.sql(old, f"UPDATE auth_cli.audit_head SET seq = 5, hash = '\\x{hashed}'")
        env = {"AUTH_CLI_DB": self.server.url(old)}
        self.assertEqual(self.ok("audit", "head", env=env).line, f"5 {hashed}")
        self.assertEqual(self.ok("audit", "verify", "--json", env=env).json()["rows"], 5)
        self.ok("create", "ann@example.org", "--verified", "--password-stdin", stdin=PASSWORD.encode(), env=env)
        self.ok("import", self.write("people.csv", "email\n" + "".join(f"p{n}@example.org\n" for n in range(99))),
                env=env)
        lanes = self.server.sql(old, "SELECT count(DISTINCT lane) FROM auth_cli.audit")
        self.assertGreater(int(lanes), 10)
        self.ok("audit", "verify", env=env)
        self.assertNotIn(hashed, self.ok("audit", "head", env=env).line)


if __name__ == "__main__":
    scratch.main()
