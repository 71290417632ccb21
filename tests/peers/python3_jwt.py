import jwt

from tests.peers import keys
from tests.peers.library import Library


def sign(claims, alg, key, header):
    return jwt.encode(claims, key, algorithm=alg, headers=header)


def verify(token, job):
    key = job["key"]
    if "secret" in key:
        trusted = keys.from_base64url(key["secret"])
    elif "pem" in key:
        trusted = key["pem"]
    else:
        trusted = jwt.PyJWKSet.from_dict(key["jwks"])[jwt.get_unverified_header(token)["kid"]].key
    return jwt.decode(token, trusted, algorithms=[job["alg"]], issuer=job["issuer"],
                      audience=job["audience"], options={"require": ["exp"]})


def publish(key, alg, _):
    return {"jwk": keys.secret_jwk(key)} if alg == "HS256" else {"pem": keys.public_pem(key)}


answer = Library(sign, verify, publish).answer
