"""docs/postgresql.md: its commands run on a server, its settings are accepted, and what it names exists."""
import os
import re
import subprocess

from tests.system.support import postgres_server, scratch
from tests.system.support.pooler import Pooler
from tests.system.support.scratch import ROOT, ScratchTest

PAGE = (ROOT / "docs/postgresql.md").read_text(encoding="utf-8")
# The commands of this section need a file to move: tests/system/postgres_test.py runs them.
MOVE = "## Move an existing database\n"


def blocks(language):
    before, move, rest = PAGE.partition(MOVE)
    assert move, MOVE
    text = before + rest[rest.index("\n## "):]
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


class Page(ScratchTest):
    def setUp(self):
        super().setUp()
        self.server = postgres_server.saved(scratch.postgres_directory())

    def test_its_commands_run(self):
        script, changed = re.subn("'postgresql://[^']*'", f"'{self.url}'", "".join(blocks("sh")))
        self.assertEqual(changed, 1)
        done = subprocess.run(["/bin/sh", "-exc", script], cwd=ROOT, check=False, capture_output=True, text=True,
                              env=self.environment(AUTH_CLI_DB="", PATH=os.path.dirname(scratch.binary())
                                                   + ":/usr/bin:/bin"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_its_pooler_starts(self):
        self.init()
        text, changed = re.subn(r"^users = host=db.example port=5432 dbname=users", "* = {target}", blocks("ini")[0],
                                flags=re.M)
        self.assertEqual(changed, 1)
        text, changed = re.subn("^auth_file = .*", "auth_file = {directory}/users", text, flags=re.M)
        self.assertEqual(changed, 1)
        pooler = Pooler(self.server, passwords=True, databases=text)
        pooler.start()
        self.addCleanup(pooler.remove)
        self.addCleanup(pooler.stop)
        words = self.write("pass", f"*:*:*:*:{self.server.password}\n")
        self.ok("db", "status", "--db", f"{pooler.tcp_url(self.home.name)}?passfile={words}")

    def test_its_servers_settings_exist(self):
        settings = re.findall(r"^(\w+) = '?(.*?)'?$", blocks("ini")[-1], re.M)
        self.assertGreater(len(settings), 3)
        for name, value in settings:
            self.server.sql("postgres", f"BEGIN; DO $$ BEGIN ASSERT EXISTS (SELECT 1 FROM pg_settings WHERE name = "
                                        f"'{name}' AND (enumvals IS NULL OR '{value}' = ANY (enumvals))); END $$;")

    def test_its_links_lead_somewhere(self):
        heads = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-")
                 for head in re.findall(r"^## (.*)$", PAGE, re.M)}
        for link in re.findall(r"\]\(([^)]*)\)", PAGE):
            if link.startswith("#"):
                self.assertIn(link[1:], heads)
            elif "://" not in link:
                self.assertTrue((ROOT / "docs" / link).exists(), link)

    def test_doctors_findings_are_its_own(self):
        source = (ROOT / "src/core/upkeep/server_check.cpp").read_text(encoding="utf-8")
        made = set(re.findall(r'add\(\s*\{"(\w+)"', source))
        table = re.search(r"^\| code \|.*?\n\n", PAGE, re.M | re.S)[0]
        cells = "".join(re.findall(r"^\|([^|]*)\|", table, re.M))
        self.assertEqual(set(re.findall(r"`(\w+)`", cells)), made)


if __name__ == "__main__":
    scratch.main()
