"""An OpenLDAP server for tests, on a socket in a directory of its own."""
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.parse

SUFFIX = "dc=example,dc=org"
PEOPLE = f"ou=people,{SUFFIX}"
ROOT = f"cn=root,{SUFFIX}"
ROOT_PASSWORD = "only-in-this-directory"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
STARTS_WITHIN = 20  # seconds
INVALID_CREDENTIALS = 49  # RFC 4511 section 4.1.9
CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload argon2
database mdb
suffix "{suffix}"
rootdn "{root}"
rootpw {password}
directory {directory}
"""
BASE = f"""\
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people
"""


class DirectoryServer:
    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="auth-cli-slapd-"))
        configuration = self.directory / "slapd.conf"
        configuration.write_text(CONFIGURATION.format(
            suffix=SUFFIX, root=ROOT, password=ROOT_PASSWORD, directory=self.directory))
        self.url = "ldapi://" + urllib.parse.quote(str(self.directory / "socket"), safe="")
        self.process = subprocess.Popen(
            ["slapd", "-d", "0", "-f", str(configuration), "-h", self.url], env=ENVIRONMENT,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait()
        self.add(BASE)

    def wait(self):
        end = time.monotonic() + STARTS_WITHIN
        while self.binds(ROOT, ROOT_PASSWORD) != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError("slapd does not start")
            time.sleep(0.1)

    def run(self, program, dn, password, *more, text=""):
        words = self.directory / "password"
        words.write_text(password)
        return subprocess.run([program, "-x", "-H", self.url, "-D", dn, "-y", str(words), *more],
                              input=text, capture_output=True, text=True, env=ENVIRONMENT, check=False)

    def add(self, ldif):
        done = self.run("ldapadd", ROOT, ROOT_PASSWORD, text=ldif)
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    def binds(self, dn, password):
        """0, or the server's result code."""
        return self.run("ldapwhoami", dn, password).returncode

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.directory)
