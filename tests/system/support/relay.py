"""A relay before a PostgreSQL server: it adds a delay, counts round trips and cuts connections.

    python3 -m tests.system.support.relay [--count] LISTEN TARGET DELAY_MS

LISTEN and TARGET are paths of Unix sockets or HOST:PORT; port 0 chooses one. A round trip takes DELAY_MS
longer, half of it on each way. Prints one line when it listens, and with --count the round trips of each
connection when it ends.
"""
import argparse
import collections
import contextlib
import dataclasses
import os
import pathlib
import select
import shutil
import socket
import tempfile
import threading
import time

CHUNK = 1 << 18
BACKLOG = 8 << 20  # bytes under way in one direction before the relay stops reading
TERMINATE = b"X\0\0\0\4"  # nobody waits for an answer to it
ENCRYPTION_REQUESTS = (80877103, 80877104)
CLIENT, SERVER = "client", "server"


@dataclasses.dataclass
class Cut:
    """Ends a connection at message `number` of `sender`, counted from 1. With `after` that message still
    arrives. Only the first `times` connections that come so far are cut."""
    sender: str
    number: int
    after: bool = False
    times: int = 1


class Messages:
    """The protocol messages that one side sends, each as a whole."""

    def __init__(self, sender):
        self.count, self.rest = 0, b""
        self.untyped = sender == CLIENT  # start-up packets have a length and no type
        self.asked_for_encryption = False
        self.answers = 0  # of one byte, to requests for encryption

    def take(self, data):
        self.rest += data
        while (size := self.size_of_next()) and len(self.rest) >= size:
            message, self.rest = self.rest[:size], self.rest[size:]
            if self.untyped:
                self.asked_for_encryption = int.from_bytes(message[4:8], "big") in ENCRYPTION_REQUESTS
                self.untyped = self.asked_for_encryption
            self.count += 1
            yield message

    def size_of_next(self):
        if self.answers and self.rest:
            self.answers -= 1
            return 1
        head = 0 if self.untyped else 1
        return head + int.from_bytes(self.rest[head:head + 4], "big") if len(self.rest) >= head + 4 else None


class Way:
    """One direction of one connection."""

    def __init__(self, connection, sender, source, target):
        self.connection, self.sender = connection, sender
        self.source, self.target = source, target
        self.messages = Messages(sender)
        self.waiting = bytearray()  # is due, and the target does not take it yet
        self.under_way = 0
        self.held_up = False  # waits for the target, or for less to be under way
        self.ended = False    # the source has ended
        self.over = False     # and its end has arrived
        self.interest = 0     # in events of the source


class Connection:
    def __init__(self, client, server):
        self.up = Way(self, CLIENT, client, server)
        self.down = Way(self, SERVER, server, client)
        self.round_trips = 0
        self.answered = True  # the client has heard something since it last spoke
        self.cut = False


class Relay:
    """Runs in a thread of its own between `with` and its end. An address is a path or (host, port)."""

    def __init__(self, target, delay_ms=0, listen=None, cut=None, ended=None):
        self.target, self.delay, self.cut = target, delay_ms / 2000, cut
        self.ended = ended or (lambda connection: None)
        self.connections = []  # all that ever were, in their order
        self.cuts = 0
        self.own_folder = None
        if listen is None:
            self.own_folder = tempfile.mkdtemp(prefix="auth-cli-relay-")
            os.chmod(self.own_folder, 0o755)
            listen = self.own_folder + "/.s.PGSQL.5432"
        self.listener = socket.socket(socket.AF_UNIX if isinstance(listen, str) else socket.AF_INET)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(listen)
        if isinstance(listen, str):
            os.chmod(listen, 0o777)
        self.listener.listen(1000)
        self.listener.setblocking(False)
        self.address = self.listener.getsockname()
        self.poll = select.epoll()
        self.due = collections.deque()  # (when, way, bytes or None for the end), in order of time
        self.ways = {}  # by the descriptor of the source
        self.stopped, self.thread = threading.Event(), None

    def __enter__(self):
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()
        for way in list(self.ways.values()):
            self.drop(way.connection)
        self.listener.close()
        self.poll.close()
        if self.own_folder:
            shutil.rmtree(self.own_folder)
        elif isinstance(self.address, str):
            os.unlink(self.address)

    def url(self, database, role="postgres", **parameters):
        more = "".join(f"&{name}={value}" for name, value in parameters.items())
        if isinstance(self.address, str):
            path = pathlib.Path(self.address)
            return f"postgresql://{role}@/{database}?host={path.parent}&port={path.suffix[1:]}{more}"
        host, port = self.address
        return f"postgresql://{role}@{host}:{port}/{database}" + more.replace("&", "?", 1)

    def round_trips(self):
        return sum(connection.round_trips for connection in self.connections)

    def run(self):
        self.poll.register(self.listener, select.EPOLLIN)
        while not self.stopped.is_set():
            wait = min(0.2, self.due[0][0] - time.monotonic()) if self.due else 0.2
            # epoll alone rounds up to whole milliseconds.
            if wait > 0:
                select.select([self.poll], [], [], wait)
            for descriptor, events in self.poll.poll(0):
                self.meet(descriptor, events)
            now = time.monotonic()
            while self.due and self.due[0][0] <= now:
                _, way, data = self.due.popleft()
                self.arrive(way, data)

    def meet(self, descriptor, events):
        if descriptor == self.listener.fileno():
            self.accept()
        elif way := self.ways.get(descriptor):
            if events & ~select.EPOLLIN and way.interest & select.EPOLLOUT:
                self.flush(self.other(way))
            if way.interest & select.EPOLLIN and events & ~select.EPOLLOUT:
                self.read(way)

    def accept(self):
        with contextlib.suppress(BlockingIOError):
            client, _ = self.listener.accept()
            server = socket.socket(socket.AF_UNIX if isinstance(self.target, str) else socket.AF_INET)
            try:
                server.connect(self.target)
            except OSError:
                client.close()
                return
            for each in (client, server):
                if each.family == socket.AF_INET:
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                each.setblocking(False)
            connection = Connection(client, server)
            self.connections.append(connection)
            for way in (connection.up, connection.down):
                self.ways[way.source.fileno()] = way
                self.watch(way)

    @staticmethod
    def other(way):
        connection = way.connection
        return connection.down if way is connection.up else connection.up

    def watch(self, way):
        """Asks for what can be done with the source of the way, which is the target of the other."""
        if self.ways.get(way.source.fileno()) is not way:
            return
        gone = way.ended or (way.connection.cut and way.sender == CLIENT)
        interest = ((select.EPOLLIN if not gone and way.under_way < BACKLOG else 0)
                    | (select.EPOLLOUT if self.other(way).waiting else 0))
        if interest == way.interest:
            return
        if not interest:  # a closed socket would be reported again and again
            self.poll.unregister(way.source)
        elif not way.interest:
            self.poll.register(way.source, interest)
        else:
            self.poll.modify(way.source, interest)
        way.interest = interest

    def read(self, way):
        try:
            data = way.source.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            if way.connection.cut:
                self.drop(way.connection)
                return
            way.ended = True
            self.watch(way)
            self.send(way, None)
            return
        if way.connection.cut:
            return  # nobody is there to hear it
        if way.sender == CLIENT and way.connection.answered and data != TERMINATE:
            way.connection.round_trips += 1
            way.connection.answered = False
        if self.cut:
            self.send_until_cut(way, data)
        else:
            self.send(way, data)

    def send_until_cut(self, way, data):
        cut, passed = self.cut, b""
        for message in way.messages.take(data):
            if way.messages.asked_for_encryption:
                way.connection.down.messages.answers += 1
                way.messages.asked_for_encryption = False
            here = (way.sender == cut.sender and way.messages.count == cut.number and self.cuts < cut.times)
            if not here or cut.after:
                passed += message
            if here:
                self.cuts += 1
                way.connection.cut = True
                break
        if passed:
            self.send(way, passed)
        if way.connection.cut:
            self.watch(way.connection.up)
            for each in (way.connection.up, way.connection.down):
                self.send(each, None)

    def send(self, way, data):
        way.under_way += len(data or b"")
        if self.delay:
            self.due.append((time.monotonic() + self.delay, way, data))
            if way.under_way >= BACKLOG and not way.held_up:
                way.held_up = True
                self.watch(way)
        else:
            self.arrive(way, data)

    def arrive(self, way, data):
        if way.over:
            return
        if data is None:
            way.over = True
            if not way.waiting:
                self.finish(way)
            return
        if way.sender == SERVER:
            way.connection.answered = True
        way.waiting += data
        self.flush(way)

    def flush(self, way):
        try:
            sent = way.target.send(way.waiting)
            del way.waiting[:sent]
            way.under_way -= sent
        except BlockingIOError:
            pass
        except OSError:
            self.drop(way.connection)
            return
        held_up = bool(way.waiting) or way.under_way >= BACKLOG
        if held_up or way.held_up:
            way.held_up = held_up
            self.watch(self.other(way))
            self.watch(way)
        if way.over and not way.waiting:
            self.finish(way)

    def finish(self, way):
        """What the source sent has arrived, and so does its end. A server whose client was cut off works on until
        it has seen that end."""
        cut = way.connection.cut
        with contextlib.suppress(OSError):
            way.target.shutdown(socket.SHUT_RDWR if cut and way.sender == SERVER else socket.SHUT_WR)
        if self.other(way).over and not self.other(way).waiting and not cut:
            self.drop(way.connection)

    def drop(self, connection):
        if self.ways.get(connection.up.source.fileno()) is not connection.up:
            return
        for way in (connection.up, connection.down):
            way.over = True
            way.waiting.clear()
            del self.ways[way.source.fileno()]
            if way.interest:
                self.poll.unregister(way.source)
        for way in (connection.up, connection.down):
            way.source.close()
        self.ended(connection)


def address_of(text):
    """A path, or HOST:PORT."""
    if "/" in text:
        return text
    host, port = text.rsplit(":", 1)
    return host, int(port)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", action="store_true")
    parser.add_argument("listen", type=address_of)
    parser.add_argument("target", type=address_of)
    parser.add_argument("delay_ms", type=float)
    options = parser.parse_args()

    def ended(connection):
        if options.count:
            print(f"round trips: {connection.round_trips}", flush=True)
    relay = Relay(options.target, options.delay_ms, options.listen, ended=ended)
    where = relay.address if isinstance(relay.address, str) else "{}:{}".format(*relay.address)
    print(f"listening on {where}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        relay.run()


if __name__ == "__main__":
    main()
