"""Files of other systems, each with something that auth-cli cannot keep: every entry is accounted for."""
import base64
import gzip
import json
import re
import subprocess

from tests.system.support import postgres_server, scratch
from tests.system.support.scratch import ROOT, ScratchTest

BCRYPT = "$2a$08$hqzz6C1u7rUIqIjU.IhPUO0G.7w/JsJ6u/3LMxGYdZcNjUL4wmQB6"
KNOWN = "purple monkeys dance under lanterns"  # the password of that hash


def lines(*texts):
    return "".join(text + "\n" for text in texts)


# Each with its number of entries, how many of them become users, and what is left behind.
FILES = {
    "jsonl": (lines('{"email":"ann@example.org","roles":["editor"]}', '{"email":"bad"}', "[]"),
              3, 1, set()),
    "csv": (lines("email,name", "ann@example.org,Ann", "nobody,Bob", ""), 2, 1, set()),
    "htpasswd": (lines(f"ann:{BCRYPT}", "bob:{SHA}broken", "cyd:!"), 3, 2, set()),
    "shadow": (lines(f"ann:{BCRYPT}:20000:0:99999:7::99999:", "bob:*:x:0:99999:7:::", "cut:x"),
               3, 1, {"expiry_dates"}),
    "dovecot": (lines("ann@example.org:{BLF-CRYPT}" + BCRYPT + ":::Ann Lee:::userdb_quota=1G",
                      "bob@example.org:{NO-SUCH}x"), 2, 1, {"userdb_quota"}),
    "passlib-csv": (lines("email,hash,shoe_size", f"ann@example.org,{BCRYPT},38", "bob@example.org,,44"),
                    2, 1, {"shoe_size"}),
    "django": (json.dumps([
        {"model": "auth.user", "pk": 1, "fields": {
            "username": "ann", "email": "ann@example.org", "password": "bcrypt$" + BCRYPT,
            "is_active": True, "user_permissions": [4, 5]}},
        {"model": "auth.user", "pk": 2, "fields": {
            "username": "bob", "email": "bad", "password": "!", "is_active": True}}]),
        2, 1, {"user_permissions"}),
    "keycloak": (json.dumps({"realm": "shop", "users": [
        {"email": "ann@example.org", "enabled": True, "requiredActions": ["TERMS"], "credentials": [
            {"type": "password", "secretData": json.dumps({"value": BCRYPT}), "credentialData": "{}"},
            {"type": "webauthn", "secretData": "{}", "credentialData": "{}"}]},
        {"username": "service-account-x", "enabled": True, "serviceAccountClientId": "x"},
        {"username": "nobody", "enabled": True}]}), 3, 1, {"TERMS", "second_factors", "service_accounts"}),
    "firebase": (json.dumps({"users": [
        {"localId": "1", "email": "ann@example.org", "providerUserInfo": [{"providerId": "google.com"}]},
        {"localId": "2", "phoneNumber": "+15550100"}]}), 2, 1, {"identities"}),
    "auth0": (json.dumps([
        {"email": "ann@example.org", "password_hash": BCRYPT, "multifactor": ["guardian"]},
        {"email": "bob@example.org", "custom_password_hash": {"algorithm": "md4", "hash": {"value": "00"}}}]),
        2, 1, {"multifactor"}),
    "kratos": (json.dumps([
        {"schema_id": "x", "state": "active", "traits": {"email": "ann@example.org"},
         "credentials": {"webauthn": {"config": {"credentials": []}}},
         "recovery_addresses": [{"value": "ann@example.net", "via": "email"}]},
        {"schema_id": "x", "state": "active", "traits": {}}]), 2, 1, {"webauthn", "addresses"}),
    "supabase": (lines("id,email,encrypted_password,deleted_at",
                       f"0d3d7c5a-62a4-4b0e-8b7e-5f3d1c9a2b01,ann@example.org,{BCRYPT},",
                       f"0d3d7c5a-62a4-4b0e-8b7e-5f3d1c9a2b02,bob@example.org,{BCRYPT},2024-01-02 03:04:05+00",
                       "0d3d7c5a-62a4-4b0e-8b7e-5f3d1c9a2b03,,,"), 3, 1, {"deleted_accounts"}),
    "wordpress": (lines("ID,user_login,user_email,user_pass,favourite_colour",
                        f"1,ann,ann@example.org,{BCRYPT},blue", "2,bob,,!,"), 2, 1, {"favourite_colour"}),
    "authelia": (lines("users:", "  ann:", "    displayname: Ann", f"    password: {BCRYPT}",
                       "    email: ann@example.org", "    middle_name: Lou", "  bob:", "    displayname: Bob",
                       "    password: unknown", "    email: bob@example.org"), 2, 1, {"middle_name"}),
    "ldif": (lines("dn: uid=ann,dc=example,dc=org", "objectClass: inetOrgPerson", "uid: ann",
                   "mail: ann@example.org", "mail: lee@example.org", "userPassword: {CRYPT}" + BCRYPT,
                   "userPassword: {CRYPT}" + BCRYPT, "jpegPhoto:: AAEC", "",
                   "dn: cn=host,dc=example,dc=org", "objectClass: computer", "cn: host", "",
                   "dn: cn=nobody,dc=example,dc=org", "objectClass: person", "cn: nobody"),
             3, 1, {"mail", "second_passwords", "jpegPhoto", "computers"}),
}


class EveryEntry(ScratchTest):
    def test_the_formats_are_all_there_are(self):
        known = self.fails(2, "import", "--from", "none").err.decode()
        names = re.search(r"one of (.*)", known).group(1)
        self.assertEqual(set(re.findall(r"[\w-]+", names)), {"auto", *FILES})

    def test_is_created_or_failed_or_left_behind(self):
        for form, (text, entries, created, left_behind) in FILES.items():
            with self.subTest(form):
                database = ("--db", str(self.home / form / "auth.db"))
                self.ok(*database, "db", "init")
                path = self.write(form + ".file", text)
                rows = self.home / (form + ".rows")
                more = ["--domain", "example.org"] if form in ("htpasswd", "shadow") else []
                done = self.auth(*database, "import", path, "--from", form, "--keep-going",
                                 "--create-roles", "--results", str(rows), "--json",
                                 "--allow", "all", *more)
                self.assertIn(done.code, (0, 14), done)
                sums = json.loads(done.text.splitlines()[-1])
                self.assertEqual(sums["created"], created, done)
                self.assertEqual(sums["created"] + sums["failed"] + sums["accounts_left_behind"],
                                 entries, done)
                self.assertEqual(len(rows.read_text().splitlines()), entries)
                self.assertEqual(set(sums["left_behind"]), left_behind, done)

    def test_compressed_files_are_read_as_they_are(self):
        self.ok("db", "init")
        path = self.write("people.csv.gz", gzip.compress(FILES["wordpress"][0].encode()))
        done = self.auth("import", path, "--from", "wordpress", "--keep-going", "--domain", "example.org")
        self.assertIn(b"imported users: 2 created", done.err)


def user_of(kratos_credentials):
    return json.dumps([{"schema_id": "x", "state": "active", "traits": {"email": "ann@example.org"},
                        "credentials": kratos_credentials}])


# The same user with the same hash, where the files above have others or none.
WITH_HASH = {
    **{form: entry[0] for form, entry in FILES.items()},
    "jsonl": json.dumps({"email": "ann@example.org", "password_hash": BCRYPT}) + "\n",
    "csv": lines("email,password_hash", f"ann@example.org,{BCRYPT}"),
    "kratos": user_of({"password": {"config": {"hashed_password": BCRYPT}}}),
    "firebase": json.dumps({"users": [{
        "localId": "1", "email": "ann@example.org",
        "passwordHash": base64.b64encode(BCRYPT.encode()).decode()}]}),
}


class Again(ScratchTest):
    """The hourly import of an unchanged file, after its user has logged in."""

    def test_undoes_nothing_in_any_format(self):
        parameters = self.write("hash-config", "hash_config {\n  algorithm: BCRYPT,\n}\n")
        for form, text in WITH_HASH.items():
            with self.subTest(form):
                self.url = str(self.home / form / "auth.db")
                self.ok("db", "init")
                self.ok("config", "set", "verification.required", "false")
                path = self.write(form + ".again", text)
                more = ["--domain", "example.org"] if form in ("htpasswd", "shadow") else []
                more += ["--hash-config", parameters] if form == "firebase" else []
                again = ["import", path, "--from", form, "--allow", "all", "--keep-going",
                         "--create-roles", "--on-conflict", "update", "--json", *more]
                first = [json.loads(line) for line in self.auth(*again).text.splitlines()]
                self.assertEqual(first[0]["result"], "created", first)
                self.assertEqual(self.login("ann@example.org", KNOWN).code, 0)
                second = [json.loads(line) for line in self.auth(*again).text.splitlines()]
                self.assertEqual((second[0]["email"], second[0]["result"]),
                                 ("ann@example.org", "unchanged"), second)
                self.ok("whoami")
                kept = self.ok("export", "--with-hashes", "--where", "email=ann@example.org").json()
                self.assertTrue(kept["password_hash"].startswith("$argon2id$"), kept)


class SqlTables(ScratchTest):
    """What PostgreSQL itself writes, and the commands of docs/migrate/sql-tables.md."""

    TABLE = """\
CREATE TABLE user_table (id serial PRIMARY KEY, name text, email text, password text, role_id int,
                         address text, nid bigint, phone_number text, verified boolean,
                         created_at timestamp DEFAULT now());
INSERT INTO user_table (name, email, password, role_id, address, nid, phone_number, verified, created_at)
VALUES ('Ann "the pen" Lee', 'ann@example.org', '{hash}', 2, E'12 Main St,\\nTown', 1987123456789,
        '+8801700000000', true, '2024-03-05 10:20:30.123456'),
       ('Bob', 'bob@example.org', '{hash}', 1, NULL, NULL, NULL, false, '2024-03-05 10:20:30');
\\copy user_table to '{file}' csv header
"""

    def commands(self):
        page = (ROOT / "docs/migrate/sql-tables.md").read_text(encoding="utf-8")
        return re.findall(r"^\$ auth-cli (import users\.csv .*)$", page, re.M)

    def test_the_table_of_a_fastapi_service(self):
        server = postgres_server.PostgresServer.make()
        self.addCleanup(server.remove)
        self.addCleanup(server.stop, "immediate")
        file = self.home / "users.csv"
        server.make_database("shop")
        server.sql("shop", self.TABLE.format(hash=BCRYPT, file=file))
        self.ok("db", "init")
        self.ok("role", "create", "admin")
        self.ok("role", "create", "customer")
        (command,) = self.commands()
        done = subprocess.run(["/bin/sh", "-c", f'"$0" {command}', scratch.binary()], cwd=self.home,
                              env=self.environment(), capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done)
        ann = self.ok("show", "ann@example.org", "--json").json()
        self.assertEqual(ann["name"], 'Ann "the pen" Lee')
        self.assertEqual(ann["roles"], ["admin"])
        self.assertEqual(ann["address"], "12 Main St,\nTown")
        self.assertEqual(ann["national_id"], "1987123456789")
        self.assertEqual(ann["phone"], "+8801700000000")
        self.assertTrue(ann["verified"])
        self.assertTrue(ann["created_at"].startswith("2024-03-05T10:20:30"), ann)
        self.assertFalse(self.ok("show", "bob@example.org", "--json").json()["verified"])
        self.assertEqual(self.login("ann@example.org", KNOWN).code, 0)


if __name__ == "__main__":
    scratch.main()
