"""Hashes that other programs make on the spot: taken, checked, and replaced at the first login."""
import os
import sqlite3
import subprocess
import warnings

from tests.system.support import scratch
from tests.system.support.scratch import PASSWORD, ScratchTest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import django.conf
    import passlib.hash
    import werkzeug.security
    from django.contrib.auth import hashers

django.conf.settings.configure(PASSWORD_HASHERS=[
    f"django.contrib.auth.hashers.{name}PasswordHasher" for name in
    ["PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "SHA1", "MD5", "UnsaltedMD5",
     "UnsaltedSHA1", "Crypt"]])

EMAIL = "peer@example.org"


def program(*command):
    path = os.environ.get("PATH", "") + ":/usr/sbin"
    return subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True,
                          check=True).stdout.strip()


class PeerHashes(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()

    def stored(self):
        with sqlite3.connect(f"file:{self.db}?mode=ro", uri=True) as database:
            (row,) = database.execute("SELECT hash FROM passwords").fetchall()
        database.close()
        return row[0]

    def census(self):
        hashes = self.ok("db", "status", "--json").json()["hashes"]
        return [(entry["scheme"], entry["users"]) for entry in hashes]

    def moves_in(self, scheme, foreign):
        with self.subTest(foreign):
            self.ok("create", EMAIL, "--verified", "--password-hash-file",
                    self.write("hash", foreign + "\n"))
            self.assertEqual(self.census(), [(scheme, 1)])
            before = self.stored()
            self.assertEqual(self.login(EMAIL, "!" + PASSWORD).code, 3)
            self.assertEqual(self.stored(), before)
            self.assertEqual(self.login(EMAIL).code, 0)
            self.assertTrue(self.stored().startswith("$argon2id$v=19$m=8,t=1,p=1$"))
            self.assertEqual(self.census(), [("argon2id", 1)])
            self.assertEqual(self.login(EMAIL).code, 0)
            self.assertEqual(self.login(EMAIL, "!" + PASSWORD).code, 3)
        self.ok("delete", EMAIL, "--yes", "--if-exists")
        self.assertEqual(self.census(), [])

    def test_htpasswd(self):
        for flags, scheme in [("-m", "apr1"), ("-s", "sha1"), ("-B", "bcrypt"),
                              ("-2", "sha256crypt"), ("-5", "sha512crypt")]:
            if flags in ("-2", "-5") and flags not in program("sh", "-c", "htpasswd 2>&1 || true"):
                continue
            made = program("htpasswd", "-nb", flags, "somebody", PASSWORD)
            self.moves_in(scheme, made.split(":", 1)[1])

    def test_openssl_passwd(self):
        self.moves_in("apr1", program("openssl", "passwd", "-apr1", PASSWORD))

    def test_mkpasswd(self):
        for method, scheme in [("yescrypt", "yescrypt"), ("scrypt", "scrypt"),
                               ("bcrypt", "bcrypt"), ("sha512crypt", "sha512crypt"),
                               ("descrypt", "descrypt"),
                               ("sha256crypt", "sha256crypt"), ("md5crypt", "md5crypt")]:
            self.moves_in(scheme, program("mkpasswd", "-m", method, PASSWORD))

    def test_slappasswd(self):
        for name, scheme in [("{SSHA}", "sha1"), ("{SHA}", "sha1"), ("{SMD5}", "md5"),
                             ("{MD5}", "md5")]:
            self.moves_in(scheme, program("slappasswd", "-h", name, "-s", PASSWORD))
        for name, scheme in [("{SSHA256}", "sha256"), ("{SSHA384}", "sha384"),
                             ("{SSHA512}", "sha512"), ("{SHA512}", "sha512")]:
            self.moves_in(scheme, program("slappasswd", "-o", "module-load=pw-sha2", "-h", name,
                                          "-s", PASSWORD))
        self.moves_in("sha512crypt", program("slappasswd", "-h", "{CRYPT}", "-c", "$6$%.16s",
                                             "-s", PASSWORD))
        self.moves_in("argon2i", program("slappasswd", "-o", "module-load=argon2", "-h",
                                         "{ARGON2}", "-s", PASSWORD))

    def test_django(self):
        schemes = {"pbkdf2_sha256": "pbkdf2-sha256", "pbkdf2_sha1": "pbkdf2-sha1",
                   "argon2": "argon2id", "bcrypt_sha256": "bcrypt-sha256", "bcrypt": "bcrypt",
                   "sha1": "sha1", "md5": "md5", "unsalted_md5": "md5", "unsalted_sha1": "sha1",
                   "crypt": "descrypt"}
        for algorithm, scheme in schemes.items():
            self.moves_in(scheme, hashers.make_password(PASSWORD, hasher=algorithm))

    def test_passlib(self):
        for scheme, hasher in [
                ("pbkdf2-sha256", passlib.hash.pbkdf2_sha256),
                ("pbkdf2-sha512", passlib.hash.pbkdf2_sha512),
                ("pbkdf2-sha1", passlib.hash.pbkdf2_sha1.using(rounds=20000)),
                ("scrypt", passlib.hash.scrypt.using(rounds=14)),
                ("bcrypt-sha256", passlib.hash.bcrypt_sha256.using(rounds=10)),
                ("argon2id", passlib.hash.argon2),
                ("sha512crypt", passlib.hash.sha512_crypt.using(rounds=10000)),
                ("apr1", passlib.hash.apr_md5_crypt),
                ("phpass", passlib.hash.phpass.using(rounds=13)),
                ("phpass", passlib.hash.phpass.using(rounds=8, ident="H")),
                ("descrypt", passlib.hash.des_crypt),
                ("descrypt", passlib.hash.ldap_des_crypt),
                ("md5", passlib.hash.hex_md5),
                ("pbkdf2-sha1", passlib.hash.atlassian_pbkdf2_sha1),
                ("pbkdf2-sha512", passlib.hash.ldap_pbkdf2_sha512)]:
            self.moves_in(scheme, hasher.hash(PASSWORD))

    def test_werkzeug(self):
        for method, scheme in [("pbkdf2:sha256:50000", "pbkdf2-sha256"),
                               ("pbkdf2:sha512:20000", "pbkdf2-sha512"),
                               ("pbkdf2:sha1:20000", "pbkdf2-sha1")]:
            self.moves_in(scheme, werkzeug.security.generate_password_hash(PASSWORD, method))


if __name__ == "__main__":
    scratch.main()
