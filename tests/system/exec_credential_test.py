"""The token for Kubernetes clients: the shape of the answer, and a real kubectl that brings it along."""
import base64
import datetime
import ipaddress
import json
import re
import shutil
import subprocess
import time

import jsonschema
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.system.support import scratch
from tests.system.support.loopback import Server
from tests.system.support.scratch import DATA, ScratchTest

EMAIL = "ann@example.org"
GROUP = "client.authentication.k8s.io"
PLUGIN = ["token", "print", "--as", "exec-credential"]


def exec_info(version):
    """What a client tells its plugin."""
    return json.dumps({"apiVersion": f"{GROUP}/{version}", "kind": "ExecCredential",
                       "spec": {"interactive": False}})


def self_signed():
    """A key and a certificate for 127.0.0.1, as one PEM; and the certificate alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.utcnow()
    alternatives = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=1))
                   .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
                   .add_extension(alternatives, critical=False)
                   .sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                               serialization.NoEncryption())
    return secret + certificate, certificate


class ExecCredential(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.create(EMAIL)
        self.assertEqual(self.login(EMAIL).code, 0)

    def credential(self, **env):
        document = self.ok(*PLUGIN, env=env).json()
        schema = json.loads((DATA / "exec_credential.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft7Validator.check_schema(schema)
        jsonschema.validate(document, schema)
        return document

    def test_the_shape_and_the_end(self):
        document = self.credential()
        self.assertEqual(document["apiVersion"], f"{GROUP}/v1")
        token = document["status"]["token"]
        self.ok("token", "verify", token)
        part = token.split(".")[1]
        end = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["exp"]
        stamp = datetime.datetime.fromisoformat(document["status"]["expirationTimestamp"].replace("Z", "+00:00"))
        self.assertEqual(int(stamp.timestamp()), end)
        self.assertGreater(end, time.time())

    def test_the_version_that_the_client_asks_for(self):
        for version in ("v1", "v1beta1"):
            document = self.credential(KUBERNETES_EXEC_INFO=exec_info(version))
            self.assertEqual(document["apiVersion"], f"{GROUP}/{version}")

    def test_a_version_that_is_not_known_is_refused(self):
        for info in (exec_info("v7"), "{", "[]", '{"kind": "ExecCredential"}'):
            with self.subTest(info):
                done = self.auth(*PLUGIN, env={"KUBERNETES_EXEC_INFO": info})
                self.assertNotIn(done.code, (0, 1), done)
                self.assertEqual(done.out, b"", done)

    def test_without_a_login(self):
        self.ok("logout")
        done = self.fails(4, *PLUGIN)
        self.assertEqual(done.out, b"", done)

    # kubectl

    def versions(self):
        """The API versions that this kubectl speaks; v1 since 1.22."""
        said = subprocess.run(["kubectl", "version", "--client", "-o", "json"], capture_output=True,
                              env=self.environment(), check=True, text=True).stdout
        minor = int(re.match(r"\d+", json.loads(said)["clientVersion"]["minor"])[0])
        return ["v1beta1", "v1"] if minor >= 22 else ["v1beta1"]

    def kubeconfig(self, server, certificate, version):
        plugin = {"apiVersion": f"{GROUP}/{version}", "command": scratch.binary(), "args": PLUGIN}
        if version == "v1":
            plugin["interactiveMode"] = "Never"
        return self.write(f"kubeconfig-{version}", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "clusters": [{"name": "here", "cluster": {
                "server": f"https://{server.address}",
                "certificate-authority-data": base64.b64encode(certificate).decode()}}],
            "users": [{"name": "me", "user": {"exec": plugin}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
        }))

    def test_kubectl_brings_the_token(self):
        self.assertTrue(shutil.which("kubectl"), "install kubernetes-client: scripts/packages --install test")
        both, certificate = self_signed()
        subject = self.ok("show", EMAIL, "--field", "id").line

        def answer(path, authorization):
            if path != "/whoami" or not (authorization or "").startswith("Bearer "):
                return 401, {}, b""
            done = self.auth("token", "verify", authorization.removeprefix("Bearer "), "--json")
            return (200, {}, done.json()["claims"]["sub"].encode()) if done.code == 0 else (401, {}, b"")

        server = Server(answer, self.write("server.pem", both))
        self.addCleanup(server.stop)
        for version in self.versions():
            config = self.kubeconfig(server, certificate, version)
            done = subprocess.run(["kubectl", "--kubeconfig", config, "get", "--raw", "/whoami"], cwd=self.home,
                                  capture_output=True, text=True, env=self.environment(), check=False,
                                  timeout=scratch.TIME_LIMIT)
            self.assertEqual((done.returncode, done.stdout), (0, subject), done.stderr)


if __name__ == "__main__":
    scratch.main()
