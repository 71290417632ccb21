"""The second factor beside other people's programs: oathtool makes the codes, zbarimg reads the QR
codes; and links and codes that many use at once."""
import base64
import collections
import re
import shutil
import struct
import subprocess
import time
import zlib

from tests.system.support import scratch
from tests.system.support.scratch import OTHER_PASSWORD, PASSWORD, ScratchTest

EMAIL = "ann@example.org"
MANY = 50
STEP = 30
BLOCKS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def png(rows, scale=8):
    """A greyscale PNG of rows of pixels, 0 for black."""
    lines = b"".join(
        (b"\0" + b"".join(bytes([pixel]) * scale for pixel in row)) * scale for row in rows)

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    header = struct.pack(">IIBBBBB", len(rows[0]) * scale, len(rows) * scale, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def drawn(text, ink, paper):
    """What a terminal shows of half blocks, in pixels."""
    rows = []
    for line in text.splitlines():
        cells = [BLOCKS[char] for char in line]
        for half in (0, 1):
            rows.append([ink if cell[half] else paper for cell in cells])
    return rows


def codes(runs):
    return collections.Counter(run.code for run in runs)


class SecondFactor(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.create(EMAIL)
        self.password = self.write("password", PASSWORD + "\n")

    def oathtool(self, secret, ahead=0, algorithm="sha1", digits=6):
        command = ["oathtool", f"--totp={algorithm}", f"--digits={digits}", "--base32",
                   f"--now=@{int(time.time()) + ahead}", "-"]
        done = subprocess.run(command, input=secret, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def settle_clock(self):
        """Waits for the start of a step, where few seconds of this one are left."""
        left = STEP - time.time() % STEP
        if left < 12:
            time.sleep(left + 0.1)

    def enrol(self, *flags, **how):
        """Enrols and confirms an app; gives its secret."""
        secret = self.ok("mfa", "enroll", EMAIL, *flags, "--field", "secret").line
        self.settle_clock()
        # The step before: the current one is left for logging in.
        self.ok("mfa", "confirm", EMAIL, self.oathtool(secret, -STEP, **how))
        return secret

    def try_code(self, code, *more, **how):
        return self.auth("login", EMAIL, "--password-file", self.password, "--totp", code, *more,
                         **how)

    def test_codes_of_every_kind(self):
        for algorithm in ("sha1", "sha256", "sha512"):
            for digits in (6, 8):
                with self.subTest(algorithm=algorithm, digits=digits):
                    how = {"algorithm": algorithm, "digits": digits}
                    secret = self.enrol("--alg", algorithm, "--digits", str(digits), **how)
                    self.assertEqual(self.try_code(self.oathtool(secret, **how)).code, 0)
                    self.ok("mfa", "disable", EMAIL)

    def test_a_code_is_good_once_and_none_older(self):
        secret = self.enrol()
        before, now, after = (self.oathtool(secret, ahead) for ahead in (-STEP, 0, STEP))
        self.assertEqual(self.try_code(now).code, 0)
        for used in (now, before):
            refused = self.try_code(used, "--json")
            self.assertEqual(refused.code, 3, refused)
            self.assertIn(b'"bad_code"', refused.err)
        self.assertEqual(self.try_code(after).code, 0)

    def test_one_step_to_either_side_and_no_more(self):
        for ahead, expected in ((2 * STEP, 3), (STEP, 0)):
            with self.subTest(ahead=ahead):
                secret = self.enrol()
                self.assertEqual(self.try_code(self.oathtool(secret, ahead)).code, expected)
                self.ok("mfa", "disable", EMAIL)
                self.ok("unlock", EMAIL)
        secret = self.enrol()
        later = self.later(f"+{2 * STEP}s")
        self.assertEqual(self.try_code(self.oathtool(secret, STEP), env=later).code, 0)
        self.settle_clock()
        stale = self.try_code(self.oathtool(secret, 2 * STEP), env=self.later(f"+{4 * STEP}s"))
        self.assertEqual(stale.code, 3, stale)

    def test_many_use_one_code(self):
        secret = self.enrol()
        runs = self.at_once(MANY, "login", EMAIL, "--password-file", self.password, "--totp",
                            self.oathtool(secret), "--no-store")
        self.assertEqual(codes(runs)[0], 1, codes(runs))
        self.assertLessEqual(set(codes(runs)), {0, 3, 10})
        self.ok("audit", "verify")

    def test_many_use_one_recovery_code(self):
        self.enrol()
        made = self.ok("mfa", "recovery-codes", EMAIL).text.split()
        self.assertEqual(len(set(made)), 10)
        runs = self.at_once(MANY, "login", EMAIL, "--password-file", self.password,
                            "--recovery-code", made[3], "--no-store")
        self.assertEqual(codes(runs)[0], 1, codes(runs))
        self.assertLessEqual(set(codes(runs)), {0, 3, 10})
        self.ok("unlock", EMAIL)
        self.ok("login", EMAIL, "--password-file", self.password, "--recovery-code", made[4])

    def test_many_follow_one_link(self):
        self.ok("login", EMAIL, "--send-link")
        link = self.ok("outbox", "show", "--latest", "--field", "link").line
        runs = self.at_once(MANY, "login", "--link", link, "--no-store")
        self.assertEqual(codes(runs), {0: 1, 3: MANY - 1})

    def test_many_follow_one_link_with_one_code(self):
        secret = self.enrol()
        self.ok("login", EMAIL, "--send-link")
        link = self.ok("outbox", "show", "--latest", "--kind", "link", "--field", "link").line
        runs = self.at_once(MANY, "login", "--link", link, "--totp", self.oathtool(secret),
                            "--no-store")
        self.assertEqual(codes(runs)[0], 1, codes(runs))
        self.assertLessEqual(set(codes(runs)), {0, 3, 10})

    # QR codes

    def read_back(self, path):
        done = subprocess.run(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path],
                              capture_output=True, text=True, check=False)
        return done.stdout.rstrip("\n")

    def test_the_png_says_the_uri(self):
        path = str(self.home / "code.png")
        for flags in ([], ["--alg", "sha512", "--digits", "8"]):
            uri = self.ok("mfa", "enroll", EMAIL, *flags, "--qr", path, "--field", "uri").line
            self.assertEqual(self.read_back(path), uri)

    def test_the_drawing_says_the_uri(self):
        for colour, ink, paper in (("always", 0, 255), ("never", 255, 0)):
            with self.subTest(colour=colour):
                shown = self.ok("mfa", "enroll", EMAIL, "--qr", "-", "--color", colour).text
                plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
                uri = plain.pop()
                path = self.write("drawn.png", png(drawn("\n".join(plain), ink, paper)))
                self.assertEqual(self.read_back(path), uri)
        self.assertNotIn("\x1b", shown)

    def test_the_svg_says_the_uri(self):
        path = self.home / "code.svg"
        uri = self.ok("mfa", "enroll", EMAIL, "--qr", str(path), "--field", "uri").line
        text = path.read_text()
        side = int(re.search(r'viewBox="0 0 (\d+) \1"', text)[1])
        rows = [[255] * side for _ in range(side)]
        for column, row in re.findall(r"M(\d+) (\d+)h1v1h-1z", text):
            rows[int(row)][int(column)] = 0
        self.assertEqual(self.read_back(self.write("drawn.png", png(rows))), uri)

    # A stolen database

    def test_a_stolen_database_tells_nothing(self):
        secret = self.enrol()
        recovery = self.ok("mfa", "recovery-codes", EMAIL).text.split()
        pending = self.ok("mfa", "enroll", EMAIL, "--field", "secret").line
        self.ok("login", EMAIL, "--send-link")
        link = self.ok("outbox", "show", "--latest", "--kind", "link", "--field", "link").line
        content = self.stolen()
        for name, hidden in {"secret": secret, "pending": pending}.items():
            raw = base64.b32decode(hidden)
            for form in (hidden.encode(), hidden.lower().encode(), raw, raw.hex().encode(),
                         raw.hex().upper().encode(), base64.b64encode(raw)[:-2]):
                self.assertNotIn(form, content, name)
        for each in recovery:
            self.assertNotIn(each.encode(), content)
            self.assertNotIn(each.replace("-", "").encode(), content)
        self.assertNotIn(link.encode(), content)
        self.assertNotIn(base64.urlsafe_b64decode(link + "="), content)

        thief = self.home / "thief"
        thief.mkdir(mode=0o700)
        place = ["--key-file", str(thief / "auth.key")]
        if not self.url:
            shutil.copy2(self.db, thief / "auth.db")
            place = ["--db", str(thief / "auth.db")]
        for command in (["outbox", "show", "--latest"], ["mfa", "export", EMAIL]):
            refused = self.fails(11, *command, *place, "--json")
            self.assertIn(b'"key_mismatch"', refused.err)

    def test_a_reset_does_not_go_around(self):
        secret = self.enrol()
        self.ok("reset", EMAIL, "--request")
        code = self.ok("outbox", "show", "--latest", "--kind", "reset", "--field", "code").line
        new = self.write("new", OTHER_PASSWORD + "\n")
        self.ok("reset", EMAIL, code, "--password-file", new)
        refused = self.fails(8, "login", EMAIL, "--password-file", new, "--json")
        self.assertIn(b'"mfa_required"', refused.err)
        self.ok("login", EMAIL, "--password-file", new, "--totp", self.oathtool(secret))


if __name__ == "__main__":
    scratch.main()
