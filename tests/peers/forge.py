"""Compact JWS of any bytes whatsoever, signed rightly or wrongly."""
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

from tests.peers.keys import base64url

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def as_bytes(part):
    return part if isinstance(part, bytes) else json.dumps(part).encode()


def signing_input(header, payload):
    """Of JSON values, or of bytes as they are."""
    return f"{base64url(as_bytes(header))}.{base64url(as_bytes(payload))}"


def signature(alg, key, data):
    if alg == "HS256":
        return hmac.new(key, data, hashlib.sha256).digest()
    if alg == "ES256":
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return raw_ecdsa(r, s)
    if alg == "EdDSA":
        return key.sign(data)
    scheme = padding.PKCS1v15() if alg == "RS256" else padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    return key.sign(data, scheme, hashes.SHA256())


def raw_ecdsa(r, s, size=32):
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def joined(signed, signature_bytes):
    return f"{signed}.{base64url(signature_bytes)}"


def token(header, payload, alg, key):
    signed = signing_input(header, payload)
    return joined(signed, signature(alg, key, signed.encode()))
