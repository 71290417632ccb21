"""Users exported for other programs: the programs themselves take them, or their published schemas do."""
import json
import subprocess
import warnings

import jsonschema
import yaml

from tests.system.support import scratch
from tests.system.support.directory_server import INVALID_CREDENTIALS, PEOPLE, DirectoryServer
from tests.system.support.scratch import DATA, PASSWORD, ScratchTest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import passlib.hash

FIELDS = ("email", "username", "name", "phone", "address", "national_id", "roles", "attributes",
          "verified", "disabled")
SEEDED = scratch.figure(100_000, 2_000)


def bcrypt():
    return passlib.hash.bcrypt.using(rounds=8, ident="2b").hash(PASSWORD)


class Exports(ScratchTest):
    def setUp(self):
        super().setUp()
        # The hashes of test databases are too cheap to be taken anywhere.
        self.init(test=False)
        people = [
            {"email": "bob@example.org", "username": "bob", "name": "Åsa Maria Øst",
             "roles": ["editor", "night-shift"], "address": "1 Main St $5\nTown \\ Land",
             "national_id": "007", "attributes": {"team": "blue", "title": "Dr"}, "verified": True,
             "password_hash": bcrypt()},
            {"email": "cyd@example.org", "username": "cyd", "disabled": True, "verified": True,
             "password_hash": bcrypt()},
            {"email": "dot@example.org", "verified": True,
             "password_hash": passlib.hash.sha512_crypt.using(rounds=5000).hash(PASSWORD)},
            {"email": "eve@example.org", "verified": True,
             "password_hash": passlib.hash.pbkdf2_sha256.using(rounds=1000).hash(PASSWORD)},
        ]
        path = self.write("people.jsonl", "".join(json.dumps(one) + "\n" for one in people))
        self.ok("import", path, "--allow", "all", "--create-roles")
        self.create("ann@example.org", PASSWORD, "--name", 'Ann "the pen" Lee', "--phone",
                    "+47 22 00", "--role", "editor")

    def users(self, *database):
        """All fields that other formats can keep, by address."""
        lines = self.ok(*database, "export").text.splitlines()
        found = [json.loads(line) for line in lines]
        return {one["email"]: {name: one[name] for name in FIELDS} for one in found}

    def elsewhere(self, *args, **how):
        """A command on a second database."""
        return self.auth("--db", str(self.home / "second/auth.db"), *args, **how)

    def logs_in(self, email):
        return self.elsewhere("login", email, "--password-stdin", stdin=PASSWORD.encode() + b"\n").code

    def exported(self, form):
        return self.ok("export", "--format", form, "--with-hashes").text


class Programs(Exports):
    def test_openldap_binds(self):
        server = DirectoryServer()
        self.addCleanup(server.stop)
        server.add(self.ok("export", "--format", "ldif", "--with-hashes", "--base-dn", PEOPLE).text)
        people = {"ann@example.org": "Argon2", "bob": "bcrypt", "dot@example.org": "SHA-512 crypt"}
        for uid, form in people.items():
            with self.subTest(form):
                dn = f"uid={uid},{PEOPLE}"
                self.assertEqual(server.binds(dn, PASSWORD), 0)
                self.assertEqual(server.binds(dn, PASSWORD + "x"), INVALID_CREDENTIALS)
        self.assertEqual(server.binds(f"uid=cyd,{PEOPLE}", PASSWORD), INVALID_CREDENTIALS)
        self.assertEqual(server.binds(f"uid=cyd,{PEOPLE}", "!"), INVALID_CREDENTIALS)

    def test_a_disabled_user_without_a_hash_does_not_bind(self):
        server = DirectoryServer()
        self.addCleanup(server.stop)
        self.ok("create", "none@example.org", "--no-password", "--username", "none", "--disabled")
        server.add(self.ok("export", "--format", "ldif", "--base-dn", PEOPLE).text)
        for uid in ("none", "cyd"):
            for password in ("!", "{SSHA}!", PASSWORD):
                self.assertEqual(server.binds(f"uid={uid},{PEOPLE}", password), INVALID_CREDENTIALS)

    def test_apache_takes_the_passwords(self):
        path = self.home / "site.htpasswd"
        done = self.ok("export", str(path), "--with-hashes")
        self.assertIn(b"left behind: 3 users", done.err)  # the disabled one, Argon2 and PBKDF2
        names = [line.split(":")[0] for line in path.read_text().splitlines()]
        self.assertEqual(names, ["bob@example.org", "dot@example.org"])
        for name in names:
            for password, code in ((PASSWORD, 0), (PASSWORD + "x", 3)):
                done = subprocess.run(["htpasswd", "-vb", str(path), name, password],
                                      capture_output=True, check=False)
                self.assertEqual(done.returncode, code, done)


class ThereAndBack(Exports):
    def comes_back(self, form, left_out=()):
        """Exported, held against its schema by the caller, and imported into a second database."""
        text = self.exported(form)
        path = self.write("users." + form, text)
        self.assertEqual(self.elsewhere("db", "init").code, 0)
        done = self.elsewhere("import", path, "--from", form, "--create-roles", "--json")
        self.assertEqual(done.code, 0, done)
        before = self.users()
        after = self.users("--db", str(self.home / "second/auth.db"))
        for one in (*before.values(), *after.values()):
            for name in left_out:
                del one[name]
        self.assertEqual(after, before)
        return text

    def passwords_work(self, *emails):
        for email in emails:
            self.assertEqual(self.logs_in(email), 0, email)
        self.assertNotEqual(self.logs_in("cyd@example.org"), 0)

    def fits(self, document, schema):
        jsonschema.Draft7Validator.check_schema(schema)
        jsonschema.validate(document, schema)

    def schema(self, name):
        return json.loads((DATA / "schemas" / name).read_text(encoding="utf-8"))

    def test_keycloak(self):
        realm = json.loads(self.comes_back("keycloak"))
        schema = self.schema("keycloak_realm.json")
        self.fits(realm, schema)
        for user in realm["users"]:
            for credential in user.get("credentials", []):
                for name in ("secretData", "credentialData"):
                    self.fits(json.loads(credential[name]),
                              schema["definitions"][name] | {"definitions": schema["definitions"]})
        self.passwords_work("ann@example.org", "eve@example.org")

    def test_kratos(self):
        self.fits(json.loads(self.comes_back("kratos")), self.schema("kratos_import.json"))
        self.passwords_work("ann@example.org", "bob@example.org", "eve@example.org")

    def test_auth0(self):
        self.fits(json.loads(self.comes_back("auth0")), self.schema("auth0_import.json"))
        self.passwords_work("ann@example.org", "bob@example.org", "eve@example.org")

    def test_authelia(self):
        text = self.comes_back("authelia", ("phone", "address", "national_id", "attributes", "verified"))
        self.fits(yaml.safe_load(text), self.schema("authelia_users.json"))
        second = ("--db", str(self.home / "second/auth.db"))
        for email in self.users(*second):
            self.ok(*second, "verify", email, "--by-operator")
        self.passwords_work(*(f"{name}@example.org" for name in ("ann", "bob", "dot", "eve")))

    def test_a_schema_refuses_what_it_should(self):
        for name, wrong in (("auth0_import.json", [{"email": "a@example.org", "roles": []}]),
                            ("kratos_import.json", [{"schema_id": "x", "traits": {}, "state": "on"}]),
                            ("keycloak_realm.json", {"realm": "x", "enabled": True, "users": [{}]}),
                            ("authelia_users.json", {"users": {"ann": {"displayname": "Ann"}}})):
            with self.assertRaises(jsonschema.ValidationError):
                self.fits(wrong, self.schema(name))


class Manifests(ScratchTest):
    def changed(self, manifest):
        return self.ok("apply", "-", "--dry-run", "--field", "changed", stdin=manifest).line

    def test_a_manifest_of_all_changes_nothing(self):
        self.init()
        self.ok("role", "create", "editor", "--description", "May: write")
        self.ok("role", "create", "night-shift")
        self.ok("seed", "--count", str(SEEDED))
        emails = [json.loads(line)["email"] for line in self.ok("export").text.splitlines()]
        rows = [f"{email},editor;night-shift\n" for email in emails[::2]]
        path = self.write("roles.csv", "email,roles\n" + "".join(rows))
        self.ok("import", path, "--allow", "roles", "--on-conflict", "update")
        plain = self.ok("export", "--format", "manifest").out
        self.assertEqual(self.changed(plain), "false")
        self.assertNotIn(b"password_hash", plain)
        full = self.ok("export", "--format", "manifest", "--with-hashes").out
        self.assertEqual(full.count(b"password_hash"), SEEDED)
        self.assertEqual(self.changed(full), "false")
        self.assertEqual(self.changed(full.replace(b"roles: [editor, night-shift]", b"roles: []", 1)), "true")


if __name__ == "__main__":
    scratch.main()
