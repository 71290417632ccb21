"""Manifests in earnest: several at once, killed ones, and YAML that is meant to hurt."""
import collections
import json
import os
import signal
import subprocess
import time

from tests.system.support import scratch
from tests.system.support.scratch import PASSWORD, ScratchTest

SIDE_BY_SIDE = 8


class Apply(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()

    def manifest(self, name, **content):
        return self.write(name, json.dumps(content))

    def test_many_at_once_make_one_state(self):
        path = self.manifest("users.json", roles=[{"name": "editor"}], users=[
            {"email": f"user{i}@example.org", "roles": ["editor"], "verified": True,
             "credentials": {"generate": f"made/{i}"}} for i in range(5)])
        runs = self.at_once(SIDE_BY_SIDE, "apply", path, "--prune", "--json")
        self.assertEqual([run.code for run in runs], [0] * SIDE_BY_SIDE, runs[0])
        changed = collections.Counter(run.json()["changed"] for run in runs)
        self.assertEqual(changed, {True: 1, False: SIDE_BY_SIDE - 1})
        self.assertEqual(sorted(os.listdir(self.home / "made")), [str(i) for i in range(5)])
        for i in range(5):
            self.ok("login", f"user{i}@example.org", "--password-file", f"made/{i}")
            self.assertEqual((self.home / f"made/{i}").stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.ok("list", "--count").line, "5")
        self.ok("audit", "verify")
        self.ok("db", "check")

    def test_two_manifests_of_one_owner_leave_what_the_last_one_says(self):
        one = self.manifest("one.json", users=[{"email": "ann@example.org", "name": "One"},
                                               {"email": "one@example.org"}])
        two = self.manifest("two.json", users=[{"email": "ann@example.org", "name": "Two"},
                                               {"email": "two@example.org"}])
        for _ in range(3):
            runs = [subprocess.Popen([scratch.binary(), "apply", path, "--prune", "-q"],
                                     cwd=self.home, env=self.environment(),
                                     stdout=subprocess.DEVNULL) for path in (one, two)]
            self.assertEqual([run.wait(60) for run in runs], [0, 0])
            name = self.ok("show", "ann@example.org", "--field", "name").line
            emails = self.ok("list", "--field", "email").line.split()
            self.assertEqual(emails, ["ann@example.org", f"{name.lower()}@example.org"])

    def test_killed_at_any_time_the_next_run_ends_it(self):
        path = self.manifest("users.json", users=[
            {"email": f"user{i}@example.org", "verified": True,
             "credentials": {"generate": f"made/{i}"}} for i in range(20)])
        for milliseconds in range(2, 42, 4):
            run = subprocess.Popen([scratch.binary(), "apply", path, "-q"], cwd=self.home,
                                   env=self.environment(), stdout=subprocess.DEVNULL)
            time.sleep(milliseconds / 1000)
            run.send_signal(signal.SIGKILL)
            run.wait(60)
            self.assertIn(self.ok("list", "--count").line, {"0", "20"})
        self.ok("apply", path)
        self.assertEqual(self.ok("apply", path, "--field", "changed").line, "false")
        for i in range(20):
            self.ok("login", f"user{i}@example.org", "--password-file", f"made/{i}")

    def test_yaml_and_json_mean_the_same(self):
        password = self.write("password.txt", PASSWORD)
        self.write("users.json", json.dumps({"users": [
            {"email": "ann@example.org", "name": "no", "phone": "0123", "national_id": "1e3",
             "address": "a: b", "attributes": {"x": "12:30:45", "y": "~x", "z": "0x1F"},
             "verified": True, "credentials": {"password_file": password}}]}))
        self.write("users.yaml", f"""%YAML 1.2
---
# A comment.
users:
- email: &ann ann@example.org
  name: no
  phone: 0123
  national_id: !!str 1e3
  address: "a: b"
  attributes: {{x: 12:30:45, y: ~x, z: 0x1F}}
  verified: true
  credentials:
    password_file: >-
      {password}
...
""")
        self.ok("apply", "users.json")
        self.assertEqual(self.ok("apply", "users.yaml", "--field", "changed").line, "false")

    def test_hostile_yaml_is_refused_quickly(self):
        laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
            f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
        for content, said in [
                (laughs, "more than 64 MiB"),
                ("users: " + "[" * 100_000, "malformed"),
                ("users: " + "[" * 100 + "]" * 100, "nests more than 16"),
                ("users: &a [*a]", "alias"),
                ("users: *a", "malformed"),
                ("a: &a " + "x" * 100_000 + "\nb: [" + "*a, " * 50_000 + "]", "more than 64 MiB"),
                ("? [a, b]\n: c\n", "key"),
                ("? {a: b}\n: c\n", "key"),
                ("~: c\n", "key"),
                ("users: !!python/object:os.system []", "tags"),
                ("owner: !!binary aGk=", "tags"),
                ("users: []\n---\nusers: []\n", "second document"),
                ("owner: a\nowner: b\n", "stands twice"),
                ("users: [{email: a@example.org, email: b@example.org}]", "stands twice"),
                ("<<: {owner: a}\n", "not known"),
                ("users:\n\t- email: a\n", "line 2"),
                ("users: [", "line 1"),
                ("", "must be a mapping"),
                ("- a\n", "must be a mapping"),
                (b"owner: \xff\n", "UTF-8"),
                (b"\x00o\x00w", "UTF-8"),
                ("owner: a\n".encode("utf-16"), "UTF-8"),
                ("users: [{email: a@example.org, name: \"a\\u001b[31m\"}]", "users[0].name"),
                ("users: [{email: a@example.org, verified: yes}]", "true or false"),
                ("users: [{email: a@example.org, verified: \"true\"}]", "true or false"),
                ("users: [{email: a@example.org, verified: True}]", "true or false")]:
            with self.subTest(content[:40]):
                self.write("bad.yaml", content)
                done = self.fails(2, "apply", "bad.yaml")
                self.assertIn(said, done.err.decode())
                self.assertEqual(done.out, b"")
        self.assertEqual(self.ok("list", "--count").line, "0")


if __name__ == "__main__":
    scratch.main()
