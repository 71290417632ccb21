import warnings

from tests.peers import keys
from tests.peers.library import Library

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import jose.jwk
    import jose.jwt


def sign(claims, alg, key, header):
    private = key if alg == "HS256" else keys.private_pem(key)
    return jose.jwt.encode(claims, private, algorithm=alg, headers=header)


def verify(token, job):
    key = job["key"]
    trusted = keys.from_base64url(key["secret"]) if "secret" in key else key.get("jwks") or key["pem"]
    return jose.jwt.decode(token, trusted, algorithms=[job["alg"]], issuer=job["issuer"],
                           audience=job["audience"], options={"require_exp": True})


def publish(key, alg, _):
    material = key if alg == "HS256" else keys.public_pem(key)
    return {"jwk": jose.jwk.construct(material, alg).to_dict()}


answer = Library(sign, verify, publish).answer
