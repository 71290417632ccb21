"""Tokens that other libraries verify, and hashes that other libraries made."""
import json
import sqlite3
import warnings

from tests.system.support import scratch
from tests.system.support.scratch import DATA, PASSWORD, ScratchTest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import bcrypt
    import jose.jwt
    import jwt
    import passlib.hash

EMAIL = "peer@example.org"
SECRET = "a-shared-secret-of-32-bytes-here"
WRONG_SECRET = "another-secret-of-32-bytes-here!"


class SharedSecretTokens(ScratchTest):
    def token(self, file_content=SECRET):
        env = {"AUTH_CLI_SECRET_FILE": self.write("secret", file_content)}
        password = self.write("password", PASSWORD + "\n")
        self.init()
        self.ok("config", "set", "token.algorithm", "HS256", env=env)
        self.create(EMAIL)
        done = self.ok("login", EMAIL, "--password-file", password, "--print", env=env)
        return done.line.split("\n")[0]

    def audience(self, token):
        return jwt.decode(token, options={"verify_signature": False}).get("aud")

    def subject(self):
        return self.ok("show", EMAIL, "--field", "id").line

    def test_pyjwt(self):
        token = self.token()
        aud = self.audience(token)
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience=aud)
        self.assertEqual(claims["sub"], self.subject())
        with self.assertRaises(jwt.InvalidSignatureError):
            jwt.decode(token, WRONG_SECRET, algorithms=["HS256"], audience=aud)

    def test_python_jose(self):
        token = self.token()
        aud = self.audience(token)
        claims = jose.jwt.decode(token, SECRET, algorithms=["HS256"], audience=aud)
        self.assertEqual(claims["sub"], self.subject())
        with self.assertRaises(jose.JWTError):
            jose.jwt.decode(token, WRONG_SECRET, algorithms=["HS256"], audience=aud)

    def test_the_secret_loses_one_newline(self):
        token = self.token(SECRET + "\n")
        self.assertEqual(len(SECRET), 32)
        jwt.decode(token, SECRET, algorithms=["HS256"], audience=self.audience(token))


class ForeignHashes(ScratchTest):
    def adopt(self, foreign, test=True):
        self.init(test=test)
        self.add(EMAIL, foreign)

    def add(self, email, foreign):
        self.ok("create", email, "--verified", "--password-hash-file",
                self.write("hash", foreign + "\n"))

    def row(self, email=EMAIL):
        with sqlite3.connect(f"file:{self.db}?mode=ro", uri=True) as database:
            rows = database.execute(
                "SELECT passwords.* FROM passwords JOIN users ON users.id = passwords.user_id"
                " WHERE users.email = ?", [email]).fetchall()
        database.close()
        self.assertEqual(len(rows), 1)
        return rows[0]

    def logs_in_and_is_rehashed(self, foreign, test=True):
        self.adopt(foreign, test=test)
        self.assertIn(foreign, self.row())
        self.assertEqual(self.login(EMAIL).code, 0)
        self.assertNotIn(foreign, self.row())
        self.assertTrue(any(str(value).startswith("$argon2id$") for value in self.row()))
        self.assertEqual(self.login(EMAIL).code, 0)

    def test_bcrypt(self):
        made = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(12)).decode()
        self.assertTrue(made.startswith("$2b$12$"))
        self.logs_in_and_is_rehashed(made, test=False)

    def test_bcrypt_of_passlib(self):
        made = passlib.hash.bcrypt.using(rounds=12).hash(PASSWORD)
        self.assertTrue(made.startswith("$2b$12$"))
        self.logs_in_and_is_rehashed(made)

    def test_sha512_crypt_of_passlib(self):
        self.logs_in_and_is_rehashed(passlib.hash.sha512_crypt.hash(PASSWORD), test=False)

    def test_sha512_crypt_of_the_system(self):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import crypt
        except ImportError:
            self.skipTest("this Python has no crypt")
        self.logs_in_and_is_rehashed(crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_SHA512)))

    def test_a_wrong_password_leaves_the_row_untouched(self):
        for test, made in [(False, bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()),
                           (True, passlib.hash.sha512_crypt.hash(PASSWORD))]:
            with self.subTest(made[:3]):
                self.setUp()
                self.adopt(made, test=test)
                before = self.row()
                done = self.login(EMAIL, PASSWORD + "!")
                self.assertEqual(done.code, 3, done)
                self.assertEqual(self.row(), before)

    def test_kept_hashes_of_many_peers(self):
        self.init()
        lines = (DATA / "peer_hashes.jsonl").read_text(encoding="utf-8").splitlines()
        self.assertGreater(len(lines), 10)
        for number, peer in enumerate(map(json.loads, lines)):
            with self.subTest(scheme=peer["scheme"], made_by=peer["made_by"]):
                email = f"user{number}@example.org"
                self.add(email, peer["hash"])
                before = self.row(email)
                done = self.login(email, "x" + peer["password"])  # DES reads the first eight letters
                self.assertEqual(done.code, 3, done)
                self.assertEqual(self.row(email), before)
                done = self.login(email, peer["password"])
                self.assertEqual(done.code, 0, done)
                self.assertIn("$argon2id$v=19$m=8,t=1,p=1$", str(self.row(email)))


if __name__ == "__main__":
    scratch.main()
