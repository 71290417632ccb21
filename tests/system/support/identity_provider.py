"""Identity providers on the loopback interface, and the browsers of people who log in there: a real
provider (oidc-provider), and one that answers as badly as a test wants."""
import base64
import hashlib
import html.parser
import http.cookiejar
import http.server
import json
import pathlib
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from cryptography.hazmat.primitives.asymmetric import ec
import jwt

ROOT = pathlib.Path(__file__).resolve().parents[3]
SECRET = "violet-abacus-secret"


class RealProvider:
    """oidc-provider in a process of its own. It forgets everything but its accounts at a restart,
    which also gives it new keys."""

    def __init__(self, accounts):
        device = "urn:ietf:params:oauth:grant-type:device_code"
        common = {"application_type": "native", "redirect_uris": ["http://127.0.0.1/callback"],
                  "grant_types": ["authorization_code", device], "response_types": ["code"]}
        self.options = {"accounts": accounts, "port": 0, "clients": [
            {**common, "client_id": "public", "token_endpoint_auth_method": "none"},
            {**common, "client_id": "by-es256", "token_endpoint_auth_method": "none",
             "id_token_signed_response_alg": "ES256"},
            {**common, "client_id": "basic", "client_secret": SECRET},
        ]}
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["node", str(ROOT / "tests/peers/oidc_provider.mjs"), json.dumps(self.options)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if line.startswith("listening "):
                self.options["port"] = int(line.split()[1])
                break
        else:
            raise RuntimeError("oidc-provider did not start")
        self.issuer = f"http://127.0.0.1:{self.options['port']}"

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def rotate(self):
        self.stop()
        self.start()


class Form(html.parser.HTMLParser):
    """The first form of a page, and its links."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields, self.links = None, {}, []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "form" and self.action is None:
            self.action = found.get("action")
        elif tag == "input" and "name" in found:
            self.fields.setdefault(found["name"], found.get("value", ""))
        elif tag == "a" and "href" in found:
            self.links.append(found["href"])


class Browser:
    """A person with cookies who fills in whatever form comes."""

    def __init__(self):
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar, urllib.request.ProxyHandler({}))

    def open(self, url, form=None):
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        with self.opener.open(url, data, timeout=20) as answer:
            self.url = answer.geturl()
            return answer.read().decode()

    def sign_in_device(self, url, code, name, abort=False):
        """The same with the code that a device shows."""
        form = Form(self.open(url))
        page = self.open(urllib.parse.urljoin(self.url, form.action), form.fields | {"user_code": code})
        return self.sign_in(None, name, abort, page)

    def sign_in(self, url, name, abort=False, page=None):
        """Goes through the provider's pages to their end; the last page."""
        page = page or self.open(url)
        for _ in range(10):
            form = Form(page)
            if form.action is None:
                return page
            if abort and any("abort" in link for link in form.links):
                [link] = [link for link in form.links if "abort" in link]
                return self.open(urllib.parse.urljoin(self.url, link))
            if "login" in form.fields:
                form.fields |= {"login": name, "password": "any"}
            page = self.open(urllib.parse.urljoin(self.url, form.action), form.fields)
        raise RuntimeError("the pages never end")


def fetch(url, method="GET", headers=None):
    """(status, headers, text) of a request without a browser."""
    request = urllib.request.Request(url, method=method, headers=headers or {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


def unpadded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SigningKey:
    """P-256, and the public half as providers publish it."""

    def __init__(self, kid):
        self.kid = kid
        self.private = ec.generate_private_key(ec.SECP256R1())
        numbers = self.private.public_key().public_numbers()
        self.public = {"kty": "EC", "crv": "P-256", "x": unpadded(numbers.x.to_bytes(32, "big")),
                       "y": unpadded(numbers.y.to_bytes(32, "big")), "kid": kid, "alg": "ES256",
                       "use": "sig"}


def half_hash(token):
    return unpadded(hashlib.sha256(token.encode()).digest()[:16])


class StrangeProvider:
    """Behaves, unless a test says otherwise by its attributes."""

    CODE, ACCESS_TOKEN, DEVICE_CODE = "s3cret-code-value", "s3cret-access-token", "s3cret-device-code"

    def __init__(self):
        self.key = SigningKey("first")
        self.published = [self.key.public]  # or a list of lists, one for each time they are fetched
        self.claims = {}       # beside or in place of the right ones; None takes one away
        self.sign = self.sign_well
        self.metadata = {}
        self.answers = {}      # path: (status, content type, body), or a function that gives it
        self.delays = {}       # path: seconds
        self.access_token = self.ACCESS_TOKEN
        self.email = {"email": "ann@example.org", "email_verified": True}
        self.userinfo = {"sub": "ann-1"}
        self.polls = []        # of the device before its token: error codes, or (status, body)
        self.moved_to = "/elsewhere"  # where redirects lead: below the issuer, or anywhere
        self.requests = []     # (method, path, form, headers)
        self.targets = []      # (method, path, query, headers)
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
                path, query = urllib.parse.urlsplit(self.path)[2:4]
                provider.targets.append((self.command, path, query, dict(self.headers)))
                provider.requests.append((self.command, path, form, dict(self.headers)))
                time.sleep(provider.delays.get(path, 0))
                status, kind, body = provider.answer(path, form)
                body = body if isinstance(body, bytes) else body.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if 300 <= status < 400:
                    self.send_header("Location", urllib.parse.urljoin(provider.issuer, provider.moved_to))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass  # whoever asked has gone

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path, form):
        if path in self.answers:
            answer = self.answers[path]
            return answer() if callable(answer) else answer
        name = {"/.well-known/openid-configuration": "discovery"}.get(path, path[1:])
        made = getattr(self, "say_" + name, None)
        if made is None:
            return 404, "text/plain", "nothing here"
        answer = made(form)
        return answer if isinstance(answer, tuple) else (200, "application/json", json.dumps(answer))

    def say_discovery(self, _):
        document = {"issuer": self.issuer, "token_endpoint": self.issuer + "/token",
                    "authorization_endpoint": self.issuer + "/authorize",
                    "jwks_uri": self.issuer + "/jwks", "userinfo_endpoint": self.issuer + "/userinfo",
                    "device_authorization_endpoint": self.issuer + "/device"} | self.metadata
        return {name: value for name, value in document.items() if value is not None}

    def say_jwks(self, _):
        if self.published and isinstance(self.published[0], list):
            keys = self.published.pop(0) if len(self.published) > 1 else self.published[0]
        else:
            keys = self.published
        return {"keys": keys}

    def say_userinfo(self, _):
        return self.userinfo

    def say_device(self, _):
        return {"device_code": self.DEVICE_CODE, "user_code": "WDJB-MJHT", "interval": 1,
                "expires_in": 60, "verification_uri": self.issuer + "/activate"}

    def say_token(self, form):
        if "device_code" in form and self.polls:
            poll = self.polls.pop(0)
            status, body = poll if isinstance(poll, tuple) else (400, {"error": poll})
            return status, "application/json", json.dumps(body)
        claims = {"iss": self.issuer, "sub": "ann-1", "aud": "client", "exp": int(time.time()) + 300,
                  "iat": int(time.time()), "nonce": self.nonce if "device_code" not in form else None,
                  "at_hash": half_hash(self.access_token), **self.email} | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        return {"access_token": self.access_token, "token_type": "Bearer",
                "id_token": self.sign(claims)}

    def sign_well(self, claims, header=None):
        return jwt.encode(claims, self.key.private, algorithm="ES256", headers={"kid": self.key.kid} | (header or {}))

    def paths(self):
        return [path for _, path, _, _ in self.requests]


class Waiting:
    """What a login that waits wants the browser to do."""

    def __init__(self, url):
        self.url = url
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        self.query = query
        self.redirect, self.state, self.nonce = query["redirect_uri"], query["state"], query["nonce"]
        self.port = urllib.parse.urlsplit(self.redirect).port

    def callback(self, **parameters):
        return self.redirect + "?" + urllib.parse.urlencode(parameters)

    def right(self, **more):
        return self.callback(code=StrangeProvider.CODE, state=self.state, **more)
