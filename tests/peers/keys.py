"""Keys for the Python peers, made with python3-cryptography."""
import base64
import secrets

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

ALGORITHMS = ["ES256", "RS256", "PS256", "HS256", "EdDSA"]


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def fresh_key(alg):
    """A private key of that algorithm; bytes where it is a shared secret."""
    if alg == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if alg in ("RS256", "PS256"):
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if alg == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return secrets.token_bytes(48)


def private_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


def public_der(key):
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_pem(key):
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def public_jwk(public_key, alg, kid):
    """With the members of RFC 7518 and RFC 8037."""
    numbers = getattr(public_key, "public_numbers", lambda: None)()

    def integer(value, size):
        return base64url(value.to_bytes(size, "big"))

    if alg == "ES256":
        kind = {"kty": "EC", "crv": "P-256", "x": integer(numbers.x, 32), "y": integer(numbers.y, 32)}
    elif alg == "EdDSA":
        raw = public_key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        kind = {"kty": "OKP", "crv": "Ed25519", "x": base64url(raw)}
    else:
        kind = {"kty": "RSA", "n": integer(numbers.n, public_key.key_size // 8), "e": "AQAB"}
    return {**kind, "alg": alg, "kid": kid}


def secret_jwk(secret):
    return {"kty": "oct", "k": base64url(secret)}
