"""JSON Schemas: each document that the program names has one, and keeps to it, in the transcripts and when it runs."""
import collections
import json
import os
import pathlib
import re
import unittest

import jsonschema

from tests.cli import run
from tests.system.support import scratch
from tests.system.support.issuer_shapes import SHAPES, Issuer, RsaKey
from tests.system.support.scratch import PASSWORD, ROOT, ScratchTest

FOLDER = ROOT / "schemas"
NAMED = re.compile(r"\bauth-cli\.[a-z_]+/\d+\b")
# The mark of a sealed backup, which is no JSON.
NOT_JSON = {"auth-cli.seal/1"}
# Members of forms that other standards define.
OTHER_FORMS = {"token print": {"apiVersion", "kind", "spec", "status"},
               "key export": {"keys", "kty", "crv", "x", "y", "n", "e", "kid", "alg", "use"}}

# What stands for each placeholder of a transcript, as text and outside of quotes.
UUID = "01a23256-e7f0-7444-89c8-b411d6decf65"
EXAMPLES = {"time": "2026-01-31T12:00:00Z", "id": UUID, "ID": UUID, "RULE": UUID, "hash": "0f" * 32,
            "code": "1234567", "engine": "sqlite"}
PIECE = re.compile(r'"(?:\\.|[^"\\\n])*"|<[\w-]+>')
PLACEHOLDER = re.compile(r"<([\w-]+)>")
# With these a document is not whole.
PART = re.compile(r"--fields\b|\bjq\b|\bsed\b|\bgrep\b|\bhead\b|\btail\b|\bcut\b")

checker = jsonschema.FormatChecker(["uuid"])


@checker.checks("date-time")
def is_time(value):
    return not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value) is not None


def file_of(name):
    return FOLDER / (name.replace("/", "-") + ".json")


def load():
    return {path.stem[::-1].replace("-", "/", 1)[::-1]: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(FOLDER.iterdir())}


def validator(schema, part=None):
    """Of a schema, or of one of its definitions."""
    chosen = schema | {"$ref": f"#/$defs/{part}"} if part else schema
    if part:
        chosen = {key: value for key, value in chosen.items() if key in ("$schema", "$id", "$defs", "$ref")}
    return jsonschema.Draft202012Validator(chosen, format_checker=checker)


def wrong(check, document):
    """What is wrong with a document, one a line; of alternatives the one that comes nearest."""
    def deepest(error):
        inner = [deepest(each) for each in error.context]
        return min(inner, key=lambda each: (-len(each.absolute_path), len(each.message))) if inner else error
    lines = []
    for error in check.iter_errors(document):
        found = deepest(error)
        lines.append(f"/{'/'.join(map(str, found.absolute_path))}: {found.message[:300]}")
    return "\n".join(lines)


def objects(text):
    """The JSON objects in a text that begin a line, whether they take one line or several."""
    at, decoder = 0, json.JSONDecoder()
    for match in re.finditer(r"(?m)^\{", text):
        if match.start() >= at:
            try:
                found, at = decoder.raw_decode(text, match.start())
            except ValueError:
                continue
            yield found


def with_examples(text):
    """A transcript's text with values in place of what stands for them."""
    def fill(piece):
        if piece[0].startswith("<"):
            return "1"
        return PLACEHOLDER.sub(lambda found: EXAMPLES.get(found[1], found[0]), piece[0])
    return PIECE.sub(fill, text)


class Schemas(unittest.TestCase):
    def setUp(self):
        self.schemas = load()

    def test_each_is_valid(self):
        for name, schema in self.schemas.items():
            with self.subTest(name):
                jsonschema.Draft202012Validator.check_schema(schema)
                self.assertEqual(schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
                self.assertTrue(schema["$id"].endswith("/" + file_of(name).name), schema["$id"])
                self.assertRegex(schema["title"], r'^[A-Z][^"\\\n]{3,66}[^".\\\n]$')

    def test_each_stands_alone(self):
        def references(value):
            if isinstance(value, dict):
                yield from [value["$ref"]] if "$ref" in value else []
                value = list(value.values())
            for each in value if isinstance(value, list) else []:
                yield from references(each)
        for name, schema in self.schemas.items():
            with self.subTest(name):
                self.assertLessEqual(set(references(schema)), {f"#/$defs/{each}" for each in schema.get("$defs", {})})

    def test_each_is_strict(self):
        """An object lists its members, or says that it is open: with a type for them, or a reason."""
        def check(value, where):
            if isinstance(value, dict):
                if value.get("type") == "object":
                    self.assertTrue("additionalProperties" in value or "description" in value, where)
                    self.assertLessEqual(set(value.get("required", [])), set(value.get("properties", {})), where)
                for key, each in value.items():
                    check(each, f"{where}/{key}")
            elif isinstance(value, list):
                for at, each in enumerate(value):
                    check(each, f"{where}/{at}")
        for name, schema in self.schemas.items():
            check(schema, name)

    def test_they_refuse_what_is_not_so(self):
        check = validator(self.schemas["auth-cli.count/1"])
        self.assertTrue(check.is_valid({"schema": "auth-cli.count/1", "count": 2}))
        for document in ({"schema": "auth-cli.count/1"}, {"schema": "auth-cli.count/2", "count": 2},
                         {"schema": "auth-cli.count/1", "count": -1},
                         {"schema": "auth-cli.count/1", "count": 2, "more": None}):
            self.assertFalse(check.is_valid(document), document)
        check = validator(self.schemas["auth-cli.sessions/1"], "session")
        session = {"id": UUID, "user_id": UUID, "email": "ann@example.org", "kind": "login", "state": "live",
                   "reason": None, "current": True}
        session |= {name: EXAMPLES["time"] for name in ("created_at", "used_at", "idle_expires_at", "expires_at")}
        self.assertEqual(wrong(check, session), "")
        for member, value in (("state", "sleeping"), ("used_at", "yesterday"), ("id", "7"), ("email", None)):
            self.assertTrue(wrong(check, session | {member: value}), member)

    def test_there_is_one_for_each_name_in_the_source(self):
        named = set()
        for path in (ROOT / "src").rglob("*"):
            if path.suffix in (".cpp", ".h"):
                named |= set(NAMED.findall(path.read_text(encoding="utf-8")))
        self.assertEqual(set(self.schemas), named - NOT_JSON,
                         "write schemas/auth-cli.NAME-N.json for a new document, and list it in NOT_JSON if it is none")
        for name in named - NOT_JSON:
            self.assertIn(f'"schema": {{"const": "{name}"}}', file_of(name).read_text(encoding="utf-8"))


class Transcripts(unittest.TestCase):
    def test_each_document_is_valid(self):
        checks = {name: validator(schema) for name, schema in load().items()}
        seen = collections.Counter()
        for path in sorted((ROOT / "tests/cli").glob("*.txt")):
            for item in run.parse(path.read_text(encoding="utf-8")):
                if not isinstance(item, run.Step) or PART.search(item.command):
                    continue
                for sign in "|!":
                    text = run.unmark([line for line in item.expected if line.startswith(sign)])
                    for document in objects(with_examples(text)):
                        name = document.get("schema")
                        if not isinstance(name, str):
                            continue
                        with self.subTest(f"{path.name}:{item.line}", schema=name):
                            self.assertIn(name, checks)
                            self.assertEqual(wrong(checks[name], document), "", f"$ {item.command}")
                        seen[name] += 1
        self.assertGreater(sum(seen.values()), 120)


class Running(ScratchTest):
    """What the program prints now."""

    def setUp(self):
        super().setUp()
        self.schemas = load()
        self.seen = collections.Counter()

    def holds(self, document, name, part=None):
        self.assertEqual(wrong(validator(self.schemas[name], part), document), "", name)
        self.seen[name] += 1

    def said(self, name, *args, code=0, **how):
        """The document of a command, which must be as its schema has it."""
        done = self.auth(args[0], "--json", *args[1:], **how)
        self.assertEqual(done.code, code, done)
        documents = list(objects(done.text + done.err.decode()))
        whole = [document for document in documents if "schema" in document]
        self.assertEqual([document["schema"] for document in whole], [name], done)
        self.holds(whole[0], name)
        return whole[0]

    def records(self, name, part, *args, **how):
        """The lines of a command with --jsonl."""
        done = self.auth(*args, "--jsonl", **how)
        lines = [json.loads(line) for line in done.text.splitlines()]
        self.assertTrue(lines, done)
        for line in lines:
            self.holds(line, name, part)
        return lines

    def login_of(self, email="ann@example.org"):
        return self.said("auth-cli.login/1", "login", email, "--password-stdin", stdin=PASSWORD.encode())

    def test_users_and_roles(self):
        self.said("auth-cli.db/1", "db", "init", "--test")
        self.said("auth-cli.role/1", "role", "create", "tester", "--description", "tests")
        self.said("auth-cli.user/1", "create", "ann@example.org", "--verified", "--password-stdin", "--role", "tester",
                  "--set", "team=red", "--username", "ann", stdin=PASSWORD.encode())
        self.said("auth-cli.user/1", "create", "bob@example.org", "--generate-password")
        self.said("auth-cli.user/1", "create", "eve@example.org", "--no-password", "--dry-run")
        self.said("auth-cli.user/1", "show", "ann@example.org")
        self.said("auth-cli.user/1", "update", "ann@example.org", "--name", "Ann", "--phone", "+4722000000")
        self.said("auth-cli.user/1", "disable", "bob@example.org", "--reason", "left")
        self.said("auth-cli.users/1", "enable", "bob@example.org", "ann@example.org")
        self.said("auth-cli.users/1", "list", "--limit", "1")
        self.records("auth-cli.users/1", "user_in_list", "list")
        self.said("auth-cli.count/1", "list", "--count")
        self.said("auth-cli.summary/1", "disable", "--where", "role=tester", "--max-affected", "9")
        self.said("auth-cli.summary/1", "enable", "--where", "role=tester", "--max-affected", "9")
        self.said("auth-cli.request/1", "verify", "bob@example.org", "--resend", env=self.later("+300s"))
        self.said("auth-cli.user/1", "verify", "bob@example.org", self.code_for("bob@example.org"),
                  env=self.later("+300s"))
        self.said("auth-cli.roles/1", "role", "list")
        self.records("auth-cli.roles/1", "role", "role", "list")
        self.said("auth-cli.user/1", "role", "grant", "bob@example.org", "tester")
        self.said("auth-cli.role/1", "role", "delete", "tester", *self.yes("role delete"))
        self.said("auth-cli.user/1", "delete", "bob@example.org", "--yes")
        self.said("auth-cli.user/1", "delete", "bob@example.org", "--yes", "--if-exists")
        self.said("auth-cli.error/1", "show", "bob@example.org", code=7)
        self.said("auth-cli.error/1", "lsit", code=2)
        self.said("auth-cli.explanation/1", "explain", "login", "ann@example.org")
        self.said("auth-cli.explanation/1", "explain", "login", "nobody@example.org")

    def yes(self, path):
        """--yes, if the command has it."""
        flags = self.ok("help", path, "--json").json()["flags"]
        return ["--yes"] if any("--yes" in flag["names"] for flag in flags) else []

    def test_logins_and_tokens(self):
        self.init()
        self.create("ann@example.org")
        self.login_of()
        self.said("auth-cli.user/1", "whoami")
        self.said("auth-cli.access/1", "token", "print")
        self.said("auth-cli.login/1", "token", "refresh")
        look = self.said("auth-cli.token/1", "token", "decode")
        self.assertEqual(look["status"], "valid")
        token = self.ok("token", "print").line
        self.said("auth-cli.token/1", "token", "verify", token)
        self.said("auth-cli.token/1", "token", "verify", token, "--jws-only")
        self.said("auth-cli.error/1", "token", "verify", token, "--aud", "elsewhere", code=6)
        self.said("auth-cli.error/1", "token", "verify", token, "--at", "+1d", code=5)
        changed = token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")
        many = f"{token}\n{changed}\n".encode()
        self.records("auth-cli.token/1", "record", "token", "verify", "-", stdin=many)
        self.said("auth-cli.summary/1", "token", "verify", "-", stdin=many, code=14)
        self.said("auth-cli.issued/1", "token", "issue", "ann@example.org", "--ttl", "1h")
        self.said("auth-cli.sessions/1", "session", "list")
        sessions = self.records("auth-cli.sessions/1", "session", "session", "list")
        self.said("auth-cli.sessions/1", "session", "revoke", sessions[-1]["id"])
        self.said("auth-cli.fixtures/1", "token", "fixtures", "kit", "--as", "ann@example.org", "--kit")
        self.holds(json.loads((self.home / "kit/manifest.json").read_text()), "auth-cli.fixtures/1")
        self.said("auth-cli.drill/1", "token", "drill", "--as", "ann@example.org", "--", scratch.binary(), "token",
                  "verify", "-")
        self.login_of()
        self.holds(json.loads((self.state / "default.session.json").read_text()), "auth-cli.session/1")
        self.said("auth-cli.revocation/1", "token", "revoke")
        self.login_of()
        self.said("auth-cli.logout/1", "logout")
        self.said("auth-cli.logout/1", "logout")
        self.said("auth-cli.error/1", "whoami", code=4)

    def test_keys(self):
        self.init()
        self.said("auth-cli.keys/1", "key", "list")
        self.records("auth-cli.keys/1", "key", "key", "list")
        self.said("auth-cli.key/1", "key", "create", "--alg", "EdDSA")
        self.said("auth-cli.key/1", "key", "create", "--alg", "HS256")
        self.said("auth-cli.key/1", "key", "rotate")
        self.said("auth-cli.pem/1", "key", "export", "--pem")
        self.ok("config", "set", "token.issuer", "https://id.example.org")
        self.said("auth-cli.discovery/1", "key", "export", "--discovery", "public")

    def test_mails_and_second_factors(self):
        self.init()
        self.ok("create", "ann@example.org", "--password-stdin", stdin=PASSWORD.encode())
        self.said("auth-cli.mails/1", "outbox", "list")
        self.records("auth-cli.mails/1", "mail", "outbox", "list")
        self.said("auth-cli.mail/1", "outbox", "show", "--latest")
        self.said("auth-cli.purge/1", "outbox", "purge", "--all")
        self.ok("verify", "ann@example.org", "--by-operator")
        self.said("auth-cli.totp/1", "mfa", "enroll", "ann@example.org")
        code = self.said("auth-cli.app_code/1", "mfa", "code", "ann@example.org", "--pending")["code"]
        self.said("auth-cli.recovery_codes/1", "mfa", "confirm", "ann@example.org", code)
        self.said("auth-cli.recovery_codes/1", "mfa", "recovery-codes", "ann@example.org")
        self.said("auth-cli.totp/1", "mfa", "export", "ann@example.org")
        self.said("auth-cli.user/1", "mfa", "disable", "ann@example.org", *self.yes("mfa disable"))

    def test_the_store(self):
        self.init()
        self.create("ann@example.org")
        self.said("auth-cli.db/1", "db", "status")
        self.said("auth-cli.migration/1", "db", "migrate")
        self.said("auth-cli.check/1", "db", "check")
        self.said("auth-cli.backup/1", "db", "backup", "backup.db")
        self.said("auth-cli.restore/1", "db", "restore", "backup.db", "--replace")
        self.said("auth-cli.copy/1", "db", "copy", "copy.db")
        self.said("auth-cli.rekey/1", "db", "rekey")
        self.said("auth-cli.rekey/1", "db", "rekey", "--finish")
        self.said("auth-cli.rekey/1", "db", "rekey", "--finish")
        self.said("auth-cli.hash/1", "hash", "explain", "-", stdin=b"$1$peersalt$E.MJg8oGzCfSXSAgFG5ff/")
        self.said("auth-cli.calibration/1", "hash", "calibrate", "--target", "20ms")
        found = self.auth("doctor", "--json")
        self.holds(found.json(), "auth-cli.doctor/1")
        for line in self.auth("doctor", "--jsonl").text.splitlines():
            self.holds(json.loads(line), "auth-cli.doctor/1", "finding")

    def test_the_audit_log(self):
        self.init()
        self.create("ann@example.org")
        self.said("auth-cli.audit/1", "audit", "list")
        rows = self.records("auth-cli.audit/1", "audit_row", "audit", "list")
        self.said("auth-cli.audit_head/1", "audit", "head")
        self.said("auth-cli.audit_check/1", "audit", "verify")
        note = self.said("auth-cli.audit_checkpoint/1", "audit", "checkpoint")["checkpoint"]
        self.said("auth-cli.audit_check/1", "audit", "verify", "--checkpoint", self.write("checkpoint.jws", note))
        proof = self.said("auth-cli.audit_proof/1", "audit", "prove", str(rows[0]["seq"]))
        keys = self.write("keys.json", self.ok("key", "export", "--jwks").out)
        self.said("auth-cli.audit_proven/1", "audit", "check-proof", "-", "--jwks", keys,
                  stdin=self.ok("audit", "prove", str(rows[0]["seq"])).out)
        self.assertEqual(proof["row"]["seq"], rows[0]["seq"])
        later = self.later("+2d")
        self.said("auth-cli.audit_archived/1", "audit", "archive", "old.jsonl", "--before", "-30d", env=later)
        self.said("auth-cli.audit_archived/1", "audit", "archive", "old.jsonl", "--before", "-1h", env=later)
        for line in (self.home / "old.jsonl").read_text().splitlines():
            self.holds(json.loads(line), "auth-cli.audit_archive/1")

    def test_batches(self):
        self.init()
        rows = b'{"email":"ann@example.org","name":"Ann"}\n{"email":"nobody"}\n'
        self.records("auth-cli.summary/1", "import_record", "import", "-", "--keep-going", stdin=rows)
        self.said("auth-cli.summary/1", "import", "-", "--on-conflict", "update", stdin=rows.splitlines()[0])
        self.said("auth-cli.export/1", "export", "people.csv")
        manifest = self.write("people.yaml", "owner: hr\nroles:\n  - name: tester\nusers:\n  - email: bob@example.org\n"
                                             "    roles: [tester]\n")
        self.said("auth-cli.plan/1", "apply", manifest)
        self.said("auth-cli.plan/1", "apply", manifest)
        self.said("auth-cli.seed/1", "seed", "--count", "3")

    def test_providers(self):
        self.init()
        self.create("ann@example.org")
        self.said("auth-cli.provider/1", "provider", "add", "corp", "--issuer", "https://id.example.org",
                  "--client-id", "1", "--offline")
        self.said("auth-cli.provider/1", "provider", "add", "ci", "--issuer", "https://ci.example.org", "--workload",
                  "--audience", "here", "--offline")
        self.said("auth-cli.providers/1", "provider", "list")
        self.records("auth-cli.providers/1", "provider", "provider", "list")
        self.said("auth-cli.workload_rule/1", "provider", "allow", "ci", "--user", "ann@example.org", "--claim",
                  "sub=job")
        self.said("auth-cli.workload_rules/1", "provider", "rules")
        self.records("auth-cli.workload_rules/1", "rule", "provider", "rules")
        self.said("auth-cli.provider/1", "provider", "delete", "corp")

    def test_cached_keys(self):
        key = RsaKey()
        issuer = Issuer(SHAPES["GitHub Actions"], key, key)
        self.addCleanup(issuer.stop)
        self.said("auth-cli.token/1", "token", "verify", issuer.token(), "--issuer", issuer.url, "--aud",
                  issuer.shape.audience)
        [entry] = (self.home / ".cache/auth-cli").glob("*.json")
        self.holds(json.loads(entry.read_text().split("\n", 1)[1]), "auth-cli.issuer_keys/1")

    def test_members_that_fields_may_name(self):
        """Each member that a command lists is in a schema that its manual page names."""
        def members(value):
            if isinstance(value, dict):
                yield from value["properties"] if isinstance(value.get("properties"), dict) else ()
                value = list(value.values())
            for each in value if isinstance(value, list) else ():
                yield from members(each)
        for command in self.ok("help", "--json").json()["commands"]:
            path = command["path"]
            page = (ROOT / f"man/commands/{path.replace(' ', '_')}.md").read_text(encoding="utf-8")
            named = re.findall(r"(?m)^schema: (.*)$", page.split("\n\n")[0])
            known = {member for name in ", ".join(named).split(", ") if name for member in members(self.schemas[name])}
            with self.subTest(path):
                # A list has the members of its records, and those of a change to one.
                self.assertLessEqual(set(command["fields"]) - {"changed"}, known | OTHER_FORMS.get(path, set()))

    def test_settings_and_help(self):
        self.init()
        self.said("auth-cli.settings/1", "config", "list")
        self.records("auth-cli.settings/1", "setting", "config", "list")
        self.said("auth-cli.setting/1", "config", "get", "session.idle")
        self.said("auth-cli.setting/1", "config", "set", "session.idle", "5m")
        self.said("auth-cli.setting/1", "config", "unset", "session.idle")
        self.said("auth-cli.version/1", "version")
        self.said("auth-cli.completion/1", "completion", "bash")
        tree = self.said("auth-cli.commands/1", "help")
        self.said("auth-cli.commands/1", "help", "flags")
        self.said("auth-cli.commands/1", "help", "exit-codes")
        self.said("auth-cli.commands/1", "help", "role")
        self.holds(self.ok("help", "login", "--json").json(), "auth-cli.commands/1")
        known = self.schemas["auth-cli.error/1"]["properties"]
        self.assertEqual([each["code"] for each in tree["exit_codes"]], known["code"]["enum"])
        self.assertEqual({each["exit"] for each in tree["exit_codes"]}, set(known["exit"]["enum"]))


class PrintedByHelp(ScratchTest):
    def test_each_is_printed(self):
        for path in FOLDER.iterdir():
            name = path.stem[::-1].replace("-", "/", 1)[::-1]
            self.assertEqual(self.ok("help", "schema", name).out, path.read_bytes())

    def test_all_are_listed(self):
        schemas = load()
        text = self.ok("help", "schema").text
        listed = re.findall(r"(?m)^  (auth-cli\.\S+)  +(\S.*)$", text)
        self.assertEqual(listed, [(name, schemas[name]["title"]) for name in sorted(schemas)])
        document = self.ok("help", "schema", "--json").json()
        self.assertEqual(document["schemas"], [{"name": name, "title": title} for name, title in listed])
        self.assertEqual(wrong(validator(schemas["auth-cli.commands/1"]), document), "")

    def test_with_json_each_is_the_same(self):
        name, schema = next(iter(load().items()))
        self.assertEqual(self.ok("help", "schema", name, "--json").json(), schema)

    def test_they_are_completed(self):
        offered = self.ok("__complete", "--", "help", "schema", "auth-cli.user").text.splitlines()[1:]
        self.assertEqual([line.split("\t")[0] for line in offered], ["auth-cli.user/1", "auth-cli.users/1"])

    def test_they_are_installed(self):
        share = pathlib.Path(scratch.binary()).resolve().parent.parent / "share/auth-cli"
        if not share.is_dir():
            self.skipTest("the program is not an installed one")
        self.assertEqual(sorted(os.listdir(share / "schemas")), sorted(path.name for path in FOLDER.iterdir()))


if __name__ == "__main__":
    scratch.main()
