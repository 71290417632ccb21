"""Issuers of tokens on the loopback interface: what the well-known ones publish and sign, in the shapes of
their public descriptions, with keys made here."""
import base64
import dataclasses
import datetime
import json
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
import jwt

from tests.system.support.identity_provider import unpadded
from tests.system.support.loopback import Server


class RsaKey:
    def __init__(self):
        self.private = rsa.generate_private_key(65537, 2048)

    def public(self, kid, **more):
        numbers = self.private.public_key().public_numbers()
        return {"kty": "RSA", "kid": kid, "n": unpadded(numbers.n.to_bytes(256, "big")),
                "e": "AQAB"} | more

    def certificate(self):
        """As "x5c" holds it."""
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tokens of a test")])
        now = datetime.datetime.now(datetime.timezone.utc)
        made = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
                .public_key(self.private.public_key()).serial_number(7)
                .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
                .sign(self.private, hashes.SHA256()))
        return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()

    def sign(self, claims, header):
        return jwt.encode(claims, self.private, algorithm="RS256", headers=header)


@dataclasses.dataclass
class Shape:
    """What one issuer publishes and signs. BASE in any text is the server's address."""
    path: str                 # of the issuer, below BASE
    jwks_path: str
    jwk: dict                 # of each key, in addition to kty, kid, n and e
    header: dict              # of tokens, in addition to alg and kid
    claims: dict
    audience: str = "reports"
    says_audience: bool = True
    metadata: dict = dataclasses.field(default_factory=dict)
    cache_control: str = ""
    with_certificate: bool = False
    more_keys: int = 1


LOGIN = {"authorization_endpoint": "BASE/authorize", "token_endpoint": "BASE/token",
         "userinfo_endpoint": "BASE/userinfo", "response_types_supported": ["code"]}
RS256 = {"use": "sig", "alg": "RS256"}

SHAPES = {
    "GitHub Actions": Shape(
        "", "/.well-known/jwks", RS256, {"typ": "JWT", "x5t": "c2hvcnQgcHJpbnQ"},
        {"sub": "repo:acme/app:ref:refs/heads/main", "repository": "acme/app", "ref": "refs/heads/main",
         "sha": "0f" * 20, "run_id": "4711", "run_attempt": "1", "environment": "production"},
        metadata={"response_types_supported": ["id_token"], "scopes_supported": ["openid"]}),
    "GitLab": Shape(
        "", "/oauth/discovery/keys", RS256, {"typ": "JWT"},
        {"sub": "project_path:acme/app:ref_type:branch:ref:main", "project_path": "acme/app",
         "namespace_id": "72", "pipeline_id": "574", "ref_protected": "true", "jti": "fe9a-1"},
        metadata=LOGIN, cache_control="max-age=0, private, must-revalidate"),
    "Kubernetes": Shape(
        "", "/openid/v1/jwks", RS256, {"typ": None},
        {"sub": "system:serviceaccount:shop:billing", "aud": ["reports", "BASE"],
         "kubernetes.io": {"namespace": "shop", "pod": {"name": "billing-0", "uid": "5be7-1"},
                           "serviceaccount": {"name": "billing", "uid": "8d1f-2"}}},
        metadata={"response_types_supported": ["id_token"], "subject_types_supported": ["public"]},
        cache_control="public, max-age=3600", more_keys=0),
    "Google": Shape(
        "", "/oauth2/v3/certs", RS256, {"typ": "JWT"},
        {"sub": "110169484474386276334", "azp": "1234.apps.example", "email": "ann@example.org",
         "email_verified": True, "hd": "example.org", "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q"},
        metadata=LOGIN, cache_control="public, max-age=21598, must-revalidate, no-transform"),
    "Entra": Shape(
        "/8f0c-tenant/v2.0", "/8f0c-tenant/discovery/v2.0/keys",
        {"use": "sig", "issuer": "BASE/{tenantid}/v2.0", "cloud_instance_name": "BASE"}, {"typ": "JWT"},
        {"sub": "AAAAAIkzqFVrSaSaFHy782bbtaQ", "oid": "690222be-1", "tid": "8f0c-tenant", "ver": "2.0",
         "azpacr": "0", "uti": "l5Bqxz", "aio": "E2ZgYBAQ"},
        metadata=LOGIN | {"tenant_region_scope": None}, with_certificate=True, more_keys=3),
    "Okta": Shape(
        "/oauth2/default", "/oauth2/default/v1/keys", RS256, {"typ": None},
        {"sub": "ann@example.org", "ver": 1, "cid": "0oabucvyc", "uid": "00uc1-2", "scp": ["openid"],
         "auth_time": 1700000000}, audience="api://default", metadata=LOGIN,
        cache_control="max-age=5184000, must-revalidate", more_keys=0),
    "Auth0": Shape(
        "/", "/.well-known/jwks.json", RS256, {"typ": "at+jwt"},
        {"sub": "client@clients", "azp": "client", "gty": "client-credentials", "scope": "read"},
        audience="https://api.example/", metadata=LOGIN, with_certificate=True,
        cache_control="public, max-age=15, stale-while-revalidate=15, stale-if-error=86400"),
    "Cognito": Shape(
        "/eu-west-1_Ab12Cd34", "/eu-west-1_Ab12Cd34/.well-known/jwks.json", RS256, {"typ": None},
        {"sub": "aaaa-bbbb", "token_use": "access", "client_id": "57cbishk4j24pabc1234567890",
         "event_id": "64f5-1", "scope": "aws.cognito.signin.user.admin", "username": "ann"},
        says_audience=False, metadata=LOGIN),
    "Apple": Shape(
        "", "/auth/keys", RS256, {"typ": None},
        {"sub": "001234.ab12.0456", "c_hash": "LDktKdoQak3Pk0cnXxCltA", "email_verified": "true",
         "is_private_email": "true", "nonce_supported": True}, audience="org.example.app",
        metadata=LOGIN | {"revocation_endpoint": "BASE/revoke"}, more_keys=2),
}


class Issuer:
    """Serves one shape; a test may change what it answers."""

    def __init__(self, shape, key, other):
        self.shape, self.key, self.other = shape, key, other
        self.kid = "signing-1"
        self.asked = []        # paths
        self.jwks_status = 200
        self.headers = {"Cache-Control": shape.cache_control} if shape.cache_control else {}
        self.slow = 0          # seconds that the key set takes
        self.lock = threading.Lock()
        self.server = Server(self.answer)
        self.base = f"http://{self.server.address}"
        self.url = self.base + shape.path

    def stop(self):
        self.server.stop()

    def based(self, value):
        return json.loads(json.dumps(value).replace("BASE", self.base))

    def discovery(self):
        return self.based({"issuer": self.url, "jwks_uri": "BASE" + self.shape.jwks_path,
                           "id_token_signing_alg_values_supported": ["RS256"]} | self.shape.metadata)

    def keys(self):
        published = [self.other.public(f"older-{number}", **self.shape.jwk)
                     for number in range(self.shape.more_keys)]
        signing = self.key.public(self.kid, **self.shape.jwk)
        if self.shape.with_certificate:
            signing |= {"x5t": "c2hvcnQgcHJpbnQ", "x5c": [self.key.certificate()]}
        return self.based({"keys": [*published, signing]})

    def answer(self, path, _):
        with self.lock:
            self.asked.append(path)
        if path == self.shape.path.rstrip("/") + "/.well-known/openid-configuration":
            return 200, {"Content-Type": "application/json"}, json.dumps(self.discovery()).encode()
        if path == self.shape.jwks_path:
            time.sleep(self.slow)
            return self.jwks_status, self.headers, json.dumps(self.keys()).encode()
        return 404, {}, b"nothing here"

    def fetches(self):
        """How often the key set was asked for."""
        with self.lock:
            return self.asked.count(self.shape.jwks_path)

    def token(self, *, key=None, kid=None, life=24 * 3600, **more):
        now = int(time.time())
        claims = {"iss": self.url, "iat": now, "exp": now + life} | self.based(self.shape.claims)
        if self.shape.says_audience:
            claims.setdefault("aud", self.shape.audience)
        return (key or self.key).sign(claims | more, {"kid": kid or self.kid} | self.shape.header)
