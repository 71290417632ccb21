"""Mail servers on the loopback interface, for one test each: a real one, and some that misbehave."""
import email
import email.policy
import pathlib
import socket
import ssl
import subprocess
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

USER, PASSWORD = "mailer", "quartz-otter-lantern"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificate(directory, name, *alternatives):
    """A certificate that vouches for itself, and its key: (certificate, key)."""
    path = pathlib.Path(directory)
    made = path / f"{name}.pem", path / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", f"/CN={name}", "-out", made[0], "-keyout", made[1],
                    "-addext", "subjectAltName=" + ",".join(alternatives)],
                   check=True, capture_output=True)
    return made


def context(made):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*made)
    return tls


class Inbox:
    """What an SMTP server took; what it says to each RCPT and DATA is popped from `replies`."""

    def __init__(self):
        self.taken = []  # (envelope from, [envelope to], message)
        self.raw = []
        self.rcpt_replies = []
        self.data_replies = []
        self.offered = 0
        self.authenticated = []
        self.hold = None  # an Event to wait for before a message is taken
        self.arrived = threading.Condition()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if self.rcpt_replies and (reply := self.rcpt_replies.pop(0)):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        with self.arrived:
            self.offered += 1
            self.arrived.notify_all()
        if self.hold:
            await server.loop.run_in_executor(None, self.hold.wait, 60)
        reply = self.data_replies.pop(0) if self.data_replies else None
        if reply and reply != "drop":
            return reply
        with self.arrived:
            self.raw.append(envelope.content)
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, message))
            self.authenticated.append(session.authenticated)
            self.arrived.notify_all()
        if reply == "drop":
            server.transport.abort()
        return "250 2.0.0 taken"

    def wait_for(self, count, seconds=30):
        """The messages, once there are so many."""
        with self.arrived:
            if not self.arrived.wait_for(lambda: len(self.taken) >= count, seconds):
                raise AssertionError(f"{len(self.taken)} of {count} messages arrived")
        return [message for _, _, message in self.taken]


def authenticator(_server, _session, _envelope, _mechanism, data):
    good = data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=good)


class Server:
    """aiosmtpd on a port of its own."""

    def __init__(self, made=None, implicit=False, login=False):
        self.inbox = Inbox()
        more = {}
        if login:
            more = {"authenticator": authenticator, "auth_required": True}
        if made and not implicit:
            more |= {"tls_context": context(made), "require_starttls": True}
        while True:
            self.port = free_port()
            try:
                self.controller = Controller(
                    self.inbox, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=False,
                    ssl_context=context(made) if implicit else None,
                    auth_require_tls=not implicit, **more)
                self.controller.start()
                break
            except OSError:  # another test took the port
                continue

    def stop(self):
        self.controller.stop()


class Scripted:
    """Says a line, and the answers one after the other to whatever lines come; then it stays silent, or hangs up."""

    def __init__(self, *lines, hang_up=False):
        self.lines = lines
        self.hang_up = hang_up
        self.heard = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer):
        with peer, peer.makefile("rb") as stream:
            for line in self.lines:
                peer.sendall(line.encode() + b"\r\n")
                if self.hang_up and line is self.lines[-1]:
                    return
                self.hear(stream, until_dot=line.startswith("354"))
            while stream.readline():
                pass

    def hear(self, stream, until_dot):
        while line := stream.readline():
            self.heard.append(line)
            if not until_dot or line == b".\r\n":
                return

    def stop(self):
        self.socket.close()
