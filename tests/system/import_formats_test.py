"""Users that other programs' own tools write, imported: their passwords go on working."""
import base64
import csv
import hashlib
import hmac
import io
import json
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import warnings

from tests.system.support import scratch
from tests.system.support.scratch import PASSWORD, ROOT, ScratchTest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import passlib.hash

DOMAIN = "example.org"
SBIN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


def tool(*command, stdin=b""):
    """What a program prints."""
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, env=SBIN)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode()


def b64(data):
    return base64.b64encode(data).decode()


class Imports(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()

    def import_users(self, name, content, *more, form=None):
        """Imports a file of that name; with no format given, by what stands in it."""
        path = self.write(name, content)
        flags = ["--from", form] if form else []
        return self.ok("import", path, *flags, "--allow", "verified,hashes", "--ignore", "roles,ids", *more)

    def is_refused(self, *args):
        done = self.auth(*args)
        self.assertIn(done.code, (2, 8, 14), done)
        self.assertEqual(self.ok("list", "--count").line, "0")

    def password_row(self, email):
        with sqlite3.connect(f"file:{self.db}?mode=ro", uri=True) as database:
            rows = database.execute(
                "SELECT passwords.* FROM passwords JOIN users ON users.id = passwords.user_id"
                " WHERE users.email = ?", [email]).fetchall()
        database.close()
        self.assertEqual(len(rows), 1)
        return [value for value in rows[0] if isinstance(value, str)]

    def is_rehashed(self, email):
        return any(value.startswith("$argon2id$") for value in self.password_row(email))

    def works(self, email, password=PASSWORD, was_argon2id=False):
        """The password known before logs in, a wrong one does not, and the hash is ours after."""
        self.assertEqual(self.is_rehashed(email), was_argon2id)
        wrong = self.login(email, password + "x")
        self.assertEqual(wrong.code, 3, wrong)
        done = self.login(email, password, env=self.later("+10s"))
        self.assertEqual(done.code, 0, done)
        self.assertTrue(self.is_rehashed(email), email)

    def verify_all(self):
        for user in self.ok("list", "--json").json()["users"]:
            if not user["verified"]:
                self.ok("verify", user["email"], "--by-operator")

    def user(self, email):
        return self.ok("show", email, "--json").json()


class UnixFiles(Imports):
    def test_htpasswd(self):
        path = self.home / "users.htpasswd"
        path.touch()
        for name, flags in {"bcrypt": ["-B", "-C", "8"], "apr1": ["-m"], "sha1": ["-s"]}.items():
            tool("htpasswd", "-i", *flags, str(path), name, stdin=PASSWORD.encode())
        self.import_users("passwords", path.read_bytes(), "--domain", DOMAIN)
        self.verify_all()
        for name in ("bcrypt", "apr1", "sha1"):
            self.works(f"{name}@{DOMAIN}")
            self.assertEqual(self.user(f"@{name}")["username"], name)

    def test_shadow(self):
        lines = ["daemon:*:19700:0:99999:7:::"]
        for method in ("yescrypt", "sha512crypt", "sha256crypt"):
            made = tool("mkpasswd", "--method=" + method, "--stdin", stdin=PASSWORD.encode()).strip()
            lines.append(f"{method}:{made}:19723:0:99999:7:::")
        lines.append(f"locked:!{made}:19723:0:99999:7:::")
        self.import_users("shadow", "\n".join(lines) + "\n", "--domain", DOMAIN)
        self.verify_all()
        for method in ("yescrypt", "sha512crypt", "sha256crypt"):
            self.works(f"{method}@{DOMAIN}")
        refused = self.login(f"locked@{DOMAIN}")
        self.assertEqual(refused.code, 8, refused)
        self.assertTrue(self.user(f"daemon@{DOMAIN}")["disabled"])

    def test_passlib(self):
        hashes = {
            "pbkdf2": passlib.hash.pbkdf2_sha256.using(rounds=1000).hash(PASSWORD),
            "pbkdf2-sha512": passlib.hash.pbkdf2_sha512.using(rounds=1000).hash(PASSWORD),
            "bcrypt": passlib.hash.bcrypt.using(rounds=8).hash(PASSWORD),
            "bcrypt-sha256": passlib.hash.bcrypt_sha256.using(rounds=8).hash(PASSWORD),
            "scrypt": passlib.hash.scrypt.using(rounds=10).hash(PASSWORD),
            "argon2": passlib.hash.argon2.using(type="I", memory_cost=1024).hash(PASSWORD),
            "sha512crypt": passlib.hash.sha512_crypt.using(rounds=5000).hash(PASSWORD),
            "ldap": passlib.hash.ldap_salted_sha1.hash(PASSWORD),
        }
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(["hash", "email"])
        for name, made in hashes.items():
            table.writerow([made, f"{name}@{DOMAIN}"])
        self.import_users("hashes.csv", text.getvalue())
        self.verify_all()
        for name in hashes:
            self.works(f"{name}@{DOMAIN}")


class Django(Imports):
    def dump(self, *hashers):
        return tool("/usr/bin/python3", "-W", "ignore", str(ROOT / "tests/system/support/django_users.py"),
                    str(self.home / "django.db"), PASSWORD, *hashers)

    def test_dumpdata(self):
        methods = ["pbkdf2_sha256", "pbkdf2_sha1", "bcrypt_sha256", "bcrypt", "argon2"]
        objects = json.loads(self.dump(*methods))
        # Django has scrypt from 4.0 on; this is what its hasher writes.
        made = hashlib.scrypt(PASSWORD.encode(), salt=b"saltsaltsaltsalt", n=2**12, r=8, p=1,
                              dklen=64)
        scrypt = json.loads(json.dumps(next(o for o in objects if o["model"] == "auth.user")))
        scrypt["pk"] = 99
        scrypt["fields"] |= {"username": "scrypt", "email": "scrypt@example.org",
                             "password": f"scrypt$4096$saltsaltsaltsalt$8$1${b64(made)}"}
        self.import_users("dump.json", json.dumps([*objects, scrypt], indent=1))
        self.verify_all()
        for name in [*methods, "scrypt"]:
            self.works(f"{name}@example.org", was_argon2id=name == "argon2")
        self.assertEqual(self.user("scrypt@example.org")["name"], "Ada pbkdf2_sha256")
        self.assertTrue(self.user("gone@example.org")["disabled"])

    def test_groups_are_roles(self):
        path = self.write("dump.json", self.dump("pbkdf2_sha256"))
        self.is_refused("import", path)
        self.ok("role", "create", "site-editors")
        self.ok("import", path, "--from", "django")
        self.assertEqual(self.user("pbkdf2_sha256@example.org")["roles"], ["site-editors"])


class OpenLdap(Imports):
    def test_slapcat(self):
        place = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        conf = place / "slapd.conf"
        schemas = "".join(f"include /etc/ldap/schema/{name}.schema\n"
                          for name in ("core", "cosine", "inetorgperson"))
        conf.write_text(f"{schemas}modulepath /usr/lib/ldap\nmoduleload back_mdb\n"
                        f"database mdb\nsuffix \"dc=example,dc=org\"\ndirectory {place}\n")
        hashes = {"ssha": tool("slappasswd", "-h", "{SSHA}", "-s", PASSWORD).strip(),
                  "smd5": tool("slappasswd", "-h", "{SMD5}", "-s", PASSWORD).strip(),
                  "crypt": tool("slappasswd", "-h", "{CRYPT}", "-c", "$6$%.16s", "-s",
                                PASSWORD).strip()}
        hashes["argon2"] = tool("slappasswd", "-o", "module-path=/usr/lib/ldap", "-o",
                                "module-load=argon2", "-h", "{ARGON2}", "-s", PASSWORD).strip()
        entries = ["dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\n"
                   "o: Example\ndc: example\n"]
        for name, made in hashes.items():
            entries.append(f"dn: uid={name},dc=example,dc=org\nobjectClass: inetOrgPerson\n"
                           f"uid: {name}\ncn:: {b64('Åsa Ærlig'.encode())}\nsn: Ærlig\n"
                           f"mail: {name}@example.org\ntelephoneNumber: +47 12 34 56 78\n"
                           f"description: {'long ' * 40}\nuserPassword: {made}\n")
        source = place / "in.ldif"
        source.write_text("\n".join(entries))
        tool("slapadd", "-f", str(conf), "-l", str(source))
        self.import_users("dump.ldif", tool("slapcat", "-f", str(conf)))
        self.verify_all()
        for name, made in hashes.items():
            email = f"{name}@example.org"
            user = self.user(email)
            self.assertEqual(user["name"], "Åsa Ærlig")
            self.assertEqual(user["phone"], "+47 12 34 56 78")
            self.assertEqual(user["attributes"]["description"].strip(), ("long " * 40).strip())
            self.works(email, was_argon2id="$argon2id$" in made)


class Services(Imports):
    """Files in the forms that hosted services document, with hashes made here by Python."""

    def test_keycloak(self):
        salt = os.urandom(16)
        key = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, 5000, 64)
        credential = {"type": "password", "createdDate": 1693888572700,
                      "secretData": json.dumps({"value": b64(key), "salt": b64(salt)}),
                      "credentialData": json.dumps({"hashIterations": 5000,
                                                    "algorithm": "pbkdf2-sha256"})}
        realm = {"id": "x", "realm": "shop", "users": [
            {"username": "ada", "email": "ada@example.org", "emailVerified": True, "enabled": True,
             "firstName": "Ada", "lastName": "L", "attributes": {"locale": ["de"]},
             "credentials": [credential], "realmRoles": ["offline_access"]}]}
        self.import_users("realm.json", json.dumps(realm, indent=2))
        self.works("ada@example.org")
        self.assertEqual(self.user("ada@example.org")["attributes"], {"locale": "de"})

    def test_firebase(self):
        # The example of https://github.com/firebase/scrypt.
        config = ("hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: jxspr8Ki0RYycVU8zykbdLG"
                  "jFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,\n"
                  "  base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 14,\n}\n")
        users = {"users": [{
            "localId": "x", "email": "user1@example.org", "emailVerified": True,
            "passwordHash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo"
                            "78198JAdRuid5lQ==", "salt": "42xEC+ixf3L2lw=="}]}
        path = self.write("firebase.json", json.dumps(users))
        self.is_refused("import", path, "--from", "firebase")
        self.import_users("firebase.json", json.dumps(users), "--hash-config",
                          self.write("config", config))
        self.works("user1@example.org", "user1password")

    def test_auth0(self):
        word = PASSWORD.encode()
        derived = hashlib.pbkdf2_hmac("sha512", word, b"saltsalt", 1000, 64)
        hashes = {
            "bcrypt": {"algorithm": "bcrypt", "hash": {
                "value": passlib.hash.bcrypt.using(rounds=8, ident="2b").hash(PASSWORD)}},
            "sha512": {"algorithm": "sha512", "salt": {"value": "pepper", "position": "suffix"},
                       "hash": {"value": hashlib.sha512(word + b"pepper").hexdigest(),
                                "encoding": "hex"}},
            "md5": {"algorithm": "md5", "salt": {"value": "pepper", "position": "prefix"},
                    "hash": {"value": b64(hashlib.md5(b"pepper" + word).digest()),
                             "encoding": "base64"}},
            "hmac": {"algorithm": "hmac", "hash": {
                "value": hmac.digest(b"key", word, "sha256").hex(), "encoding": "hex",
                "digest": "sha256", "key": {"value": "key", "encoding": "utf8"}}},
            "pbkdf2": {"algorithm": "pbkdf2", "hash": {
                "value": "$pbkdf2-sha512$i=1000,l=64$%s$%s" % (
                    b64(b"saltsalt").rstrip("="), b64(derived).rstrip("=")), "encoding": "utf8"}},
            "scrypt": {"algorithm": "scrypt", "cost": 1024, "keylen": 32,
                       "salt": {"value": b"saltsalt".hex(), "encoding": "hex"},
                       "hash": {"value": hashlib.scrypt(word, salt=b"saltsalt", n=1024, r=8, p=1,
                                                        dklen=32).hex(), "encoding": "hex"}},
        }
        users = [{"email": f"{name}@example.org", "email_verified": True,
                  "user_metadata": {"theme": "light"}, "custom_password_hash": custom}
                 for name, custom in hashes.items()]
        self.import_users("auth0.json", json.dumps(users, indent=1))
        for name in hashes:
            self.works(f"{name}@example.org")

    def test_kratos_and_supabase(self):
        made = passlib.hash.bcrypt.using(rounds=8, ident="2b").hash(PASSWORD)
        self.import_users("identities.json", json.dumps([{
            "schema_id": "preset://email", "state": "active",
            "traits": {"email": "kratos@example.org"},
            "verifiable_addresses": [{"value": "kratos@example.org", "verified": True,
                                      "via": "email", "status": "completed"}],
            "credentials": {"password": {"config": {"hashed_password": made}}}}]))
        self.works("kratos@example.org")
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(["id", "email", "encrypted_password", "email_confirmed_at",
                        "raw_user_meta_data"])
        table.writerow(["f1ab4a2b-5e6b-4a0c-9f3a-0c4f5d6e7f80", "supabase@example.org", made,
                        "2022-10-04 03:41:27.391146+00", json.dumps({"full_name": "Ada"})])
        self.import_users("users.csv", text.getvalue())
        self.works("supabase@example.org")
        self.assertEqual(self.user("supabase@example.org")["name"], "Ada")

    def test_own_files_with_hashes_of_others(self):
        made = passlib.hash.pbkdf2_sha256.using(rounds=1000).hash(PASSWORD)
        self.import_users("users.jsonl", json.dumps({
            "email": "own@example.org", "verified": True, "password_hash": made}))
        self.works("own@example.org")

    def test_totp_of_keycloak(self):
        secret = "DJmQfC73VGFhw7D4QJ8A"
        self.import_users("realm.json", json.dumps({"users": [{
            "email": "otp@example.org", "emailVerified": True, "enabled": True, "credentials": [
                {"type": "password", "value": PASSWORD},
                {"type": "otp", "secretData": json.dumps({"value": secret}),
                 "credentialData": json.dumps({"digits": 6, "period": 30, "subType": "totp",
                                               "algorithm": "HmacSHA1"})}]}]}))
        refused = self.login("otp@example.org")
        self.assertEqual(refused.code, 8, refused)
        code = tool("oathtool", "--totp", "--base32",
                    base64.b32encode(secret.encode()).decode()).strip()
        done = self.login("otp@example.org", PASSWORD, "--totp", code)
        self.assertEqual(done.code, 0, done)


if __name__ == "__main__":
    scratch.main()
