"""Services that a token drill is tried on, each in a process of its own."""
import contextlib
import json
import pathlib
import socket
import subprocess
import time

from tests.peers.peers import node_environment

ROOT = pathlib.Path(__file__).resolve().parents[3]
SERVICES = ROOT / "tests/peers/services"

HAPROXY = """
global
    log stderr local0 emerg
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
"""
# What HAProxy's jwt_verify looks at is the signature alone; the rest is the configuration's.
GUARD = """
frontend {name}
    bind 127.0.0.1:{port}
    http-request set-var(txn.alg) http_auth_bearer,jwt_header_query('$.alg')
    http-request set-var(txn.typ) http_auth_bearer,jwt_header_query('$.typ'),lower
    http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
    http-request set-var(txn.nbf) http_auth_bearer,jwt_payload_query('$.nbf','int')
    http-request set-var(txn.now) date()
    {checks}
    http-request return status 200
"""
CHECKS = {
    "alg_from_header": "{{ var(txn.alg) -m str ES256 }}",
    "kid": "{{ http_auth_bearer,jwt_header_query('$.kid') -m str {kid} }}",
    "signature": "{{ http_auth_bearer,jwt_verify(txn.alg,\"{pem}\") 1 }}",
    "type": "{{ var(txn.typ) -m str at+jwt application/at+jwt }}",
    "crit": "!{{ http_auth_bearer,jwt_header_query('$.crit[0]') -m found }}",
    "issuer": "{{ http_auth_bearer,jwt_payload_query('$.iss') -m str {issuer} }}",
    "no_audience": "{{ http_auth_bearer,jwt_payload_query('$.aud') -m str {audience} }} || "
                   "{{ http_auth_bearer,jwt_payload_query('$.aud[1]') -m str {audience} }}",
    "no_expiry": "{{ var(txn.exp),sub(txn.now) -m int gt 0 }}",
    "not_before": "!{{ var(txn.nbf),sub(txn.now) -m int gt 0 }}",
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for_port(port):
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on port {port}")


@contextlib.contextmanager
def running(command, **how):
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **how) as process:
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def library_service(library, config):
    """The URL, to which the name of a mistake is added, of a service that the library guards."""
    if library in ("jose", "jsonwebtoken"):
        command, env = ["node", str(SERVICES / "npm_service.cjs")], node_environment()
    else:
        command, env = ["/usr/bin/python3", str(SERVICES / "python_service.py")], None
    with running([*command, library, json.dumps(config)], env=env) as process:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/"


@contextlib.contextmanager
def haproxy_service(directory, config, mistakes):
    """The URL of a right HAProxy, and of one for each mistake: a check that is left out."""
    text, urls = HAPROXY, {}
    for mistake in ("right", *mistakes):
        port = free_port()
        checks = [check.format(**config) for name, check in CHECKS.items() if name != mistake]
        text += GUARD.format(name=mistake, port=port, checks="\n    ".join(
            f"http-request deny deny_status 401 unless {check}" for check in checks))
        urls[mistake] = f"http://127.0.0.1:{port}/"
    path = pathlib.Path(directory) / "haproxy.cfg"
    path.write_text(text)
    with running(["haproxy", "-db", "-f", str(path)]):
        for url in urls.values():
            wait_for_port(int(url.rsplit(":", 1)[1].rstrip("/")))
        yield urls
