"""A service that PyJWT with Flask or python-jose guards: right at /right, and with one mistake at the
path that names it. Arguments: the library, and what it trusts as JSON. Prints its port."""
import base64
import json
import pathlib
import sys
import warnings

import flask
from werkzeug.serving import WSGIRequestHandler, make_server

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import jose.exceptions
    import jose.jwt
    import jwt
    import seed_check

LIBRARY, CONFIG = sys.argv[1], json.loads(sys.argv[2])
ISSUER, AUDIENCE = CONFIG["issuer"], CONFIG["audience"]
SECRET = CONFIG.get("secret")  # of python-jose alone, as services have it that share one
MISTAKES = ["right", "no_audience", "no_expiry", "alg_from_header", "kid_path", "shared_secret", "seed"]
app = flask.Flask(__name__)


class Refused(Exception):
    """What a service of care finds where its library does not look."""


def check_header(header):
    if "crit" in header or str(header.get("typ")).lower() not in ("at+jwt", "application/at+jwt"):
        raise Refused(header)


def public_der():
    lines = CONFIG["pem"].splitlines()
    return base64.b64decode("".join(line for line in lines if not line.startswith("-")))


def key_file(header):
    return (pathlib.Path(CONFIG["directory"]) / header["kid"]).read_text()


def algorithms_for(mistake, header, right):
    if mistake == "alg_from_header":
        return [header.get("alg")]
    return [right, "HS256"] if mistake in ("kid_path", "shared_secret") else [right]


def pyjwt_key(mistake, header):
    if mistake == "kid_path":
        return key_file(header)
    if header.get("alg") == "HS256" and mistake in ("alg_from_header", "shared_secret"):
        return public_der()  # as PEM it is refused
    if header.get("alg") == "none" and mistake == "alg_from_header":
        return None
    found = [key for key in CONFIG["jwks"]["keys"] if key["kid"] == header.get("kid")]
    if not found:
        raise Refused("kid")
    return jwt.PyJWK(found[0]).key


def by_pyjwt(token, mistake):
    header = jwt.get_unverified_header(token)
    check_header(header)
    jwt.decode(token, pyjwt_key(mistake, header),
               algorithms=algorithms_for(mistake, header, "ES256"), audience=AUDIENCE, issuer=ISSUER,
               options={"require": ["exp", "iss"], "verify_aud": mistake != "no_audience",
                        "verify_exp": mistake != "no_expiry"})


def jose_key(mistake, header):
    if mistake == "kid_path" and "kid" in header:
        return key_file(header)
    return SECRET


def by_python_jose(token, mistake):
    if mistake == "seed":
        return seed_check.verify_access_token(token, SECRET, Refused("seed"))
    header = jose.jwt.get_unverified_header(token)
    check_header(header)
    if mistake == "shared_secret":  # the only one of these with a key pair
        key = public_der() if header.get("alg") == "HS256" else CONFIG["pem"]
        algorithms = ["ES256", "HS256"]
    else:
        key, algorithms = jose_key(mistake, header), algorithms_for(mistake, header, "HS256")
    # What it requires it checks, too.
    expiry, audience = mistake != "no_expiry", mistake != "no_audience"
    rules = {"require_iss": True, "require_exp": expiry, "verify_exp": expiry,
             "require_aud": audience, "verify_aud": audience}
    return jose.jwt.decode(token, key, algorithms=algorithms, audience=AUDIENCE, issuer=ISSUER,
                           options=rules)


VERIFY = {"PyJWT": by_pyjwt, "python-jose": by_python_jose}[LIBRARY]


@app.get("/<mistake>")
def ask(mistake):
    token = flask.request.headers.get("Authorization", "").removeprefix("Bearer ")
    try:
        if mistake not in MISTAKES:
            raise Refused(mistake)
        VERIFY(token, mistake)
    except (Refused, jwt.PyJWTError, jose.exceptions.JOSEError, OSError):
        return "", 401
    return "", 200


class Silent(WSGIRequestHandler):
    def log(self, *_):
        pass


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    print(server.port, flush=True)
    server.serve_forever()
