"""Servers, halls and the people in them, as outsiders meet them: over HTTP and WebSocket.

with served(settings) as server:          a real server on a port of its own, in a thread
    hall = Hall.made(server)              a hall with a clerk at each window, a guide, a manager
    anna = hall.takes("A")                a citizen's ticket
    hall.desk("w1").asks("POST", "calls") a deed at a window
"""

import asyncio
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI
from websockets.sync.client import ClientConnection, connect

from queue_server.hall.access import House
from queue_server.kit.database import Transaction
from queue_server.main import create_app
from queue_server.people.core import Account, Role
from queue_server.settings import Settings

T = TypeVar("T")
Json = dict[str, Any]

OPENING = datetime(2026, 11, 23, 1, tzinfo=UTC)  # A Monday, nine o'clock in Shanghai.
READY_SECONDS_MAX = 20
NOTHING = object()  # No body at all, which is not the same as null.
_numbers = itertools.count(1)


class Answer:
    """What came back."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes, seconds: float) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.seconds = seconds

    @property
    def json(self) -> Json:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of the problem, or nothing if there is none."""
        return self.json["code"] if self.status >= 400 else ""

    @property
    def said(self) -> tuple[int, str]:
        return self.status, self.code

    def __repr__(self) -> str:
        return f"<{self.status} {self.body[:300]!r}>"


class Client:
    """Somebody with one connection, and perhaps a token."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self.port = port
        self.token = token
        self._connection: HTTPConnection | None = None

    def ask(
        self,
        method: str,
        path: str,
        body: object = NOTHING,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """Ask once. `body` is sent as JSON, `raw` as it is."""
        sent = {} if self.token is None else {"authorization": f"Bearer {self.token}"}
        if key is not None:
            sent["idempotency-key"] = key
        content = raw
        if body is not NOTHING:
            content = json.dumps(body).encode()
        if content is not None:
            sent["content-type"] = "application/json"
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        began = time.monotonic()
        try:
            return self._answer(method, path, content, sent, began)
        except (HTTPException, OSError):
            if self._connection is None:
                raise
            self.close()  # An idle connection may have been closed meanwhile.
            return self._answer(method, path, content, sent, began)

    def _answer(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str], began: float
    ) -> Answer:
        fresh = self._connection is None
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            self._connection.request(method, path, content, headers)
            answer = self._connection.getresponse()
            body = answer.read()
        except (HTTPException, OSError):
            if fresh:
                self.close()
            raise
        if answer.will_close:
            self.close()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, told, body, time.monotonic() - began)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


# ── Servers ──────────────────────────────────────────────────────────────────────────────────────


class Server:
    """A server that runs in a thread, with its own event loop."""

    def __init__(self, settings: Settings, *, port: int = 0) -> None:
        self.settings = settings
        self.app: FastAPI = create_app(settings)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            self.app, loop="uvloop", http="httptools", ws="websockets-sansio", ws_max_size=65_536,
            ws_per_message_deflate=False, log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._serve, name="server")
        self.anybody = Client(self.port)

    def start(self) -> None:
        self._thread.start()
        assert eventually(lambda: self._server.started or not self._thread.is_alive(), READY_SECONDS_MAX)
        assert self._server.started, "the server did not start"

    def stop(self) -> None:
        self.anybody.close()
        self._server.should_exit = True
        self._thread.join(READY_SECONDS_MAX)
        self._socket.close()
        assert not self._thread.is_alive(), "the server did not stop"

    @property
    def runs(self) -> bool:
        return self._thread.is_alive()

    def _serve(self) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            await self._server.serve(sockets=[self._socket])

        with asyncio.Runner(loop_factory=self._server.config.get_loop_factory()) as runner:
            runner.run(main())

    @property
    def house(self) -> House:
        return self.app.state.house

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something inside the server, for which there is no address."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(15)

    def client(self, token: str | None = None) -> Client:
        return Client(self.port, token)

    def time_passes(self, seconds: float) -> None:
        """Drive the clock, and do what is due."""
        now = self.house.clock() + timedelta(seconds=seconds)
        answer = self.anybody.ask("PUT", "/api/v1/rehearsal/clock", {"now": now.isoformat()})
        assert answer.status == 200, answer

    def socket(self, path: str, *, token: str | None = None, **more: Any) -> "Screen":
        """A WebSocket."""
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        return Screen(
            connect(
                f"ws://127.0.0.1:{self.port}{path}",
                additional_headers=headers,
                compression=None,
                open_timeout=5,
                close_timeout=0.5,
                proxy=None,
                legacy=True,  # We close it ourselves.
                **more,
            )
        )


@contextmanager
def served(settings: Settings) -> Iterator[Server]:
    """A server for the length of a block."""
    server = Server(settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Screen:
    """Whoever looks at a WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.beats: list[Json] = []

    def view(self, seconds: float = 3.0) -> Json:
        """The next view; beats are put aside."""
        return self.view_where(lambda _: True, seconds)

    def view_where(self, true: Callable[[Json], bool], seconds: float = 3.0) -> Json:
        """The next view of which this is true. TimeoutError when none comes in time."""
        until = time.monotonic() + seconds
        while True:
            message = json.loads(self.connection.recv(timeout=max(0.0, until - time.monotonic())))
            if message["type"] == "beat":
                self.beats.append(message)
            elif true(message):
                return message

    def close_code(self, seconds: float) -> int | None:
        """With which code the server closes, within so many seconds; None if it does not."""
        return self.connection.close_code if eventually(self._is_closed, seconds, pause=0.05) else None

    def _is_closed(self) -> bool:
        return self.connection.close_code is not None

    def __enter__(self) -> "Screen":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()


# ── Halls ────────────────────────────────────────────────────────────────────────────────────────

GROUPS = [
    {"id": "A", "prefix": "A", "name": "General", "green_prefix": "L"},
    {"id": "B", "prefix": "B", "name": "Tax"},
    {"id": "F", "prefix": "F", "name": "Full soon", "capacity": 1},
]
WINDOWS = [
    {"id": "w1", "groups": ["A"]},
    {"id": "w2", "groups": ["A", "B"]},
    {"id": "w3", "groups": ["B", "F"]},
]

RULES = {"misses_itself": False}  # The tests say themselves when somebody has not come.


@dataclass
class Hall:
    """A hall with its people."""

    server: Server
    id: str
    clerks: dict[str, str]
    tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    def made(cls, server: Server, **more: object) -> "Hall":
        """A hall that is always open, unless it says otherwise."""
        hall_id = f"t{next(_numbers)}"
        definition = {"id": hall_id, "groups": GROUPS, "windows": WINDOWS, "rules": RULES, **more}
        answer = server.anybody.ask("POST", "/api/v1/rehearsal/halls", definition)
        assert answer.status == 201, answer
        return cls(server, hall_id, answer.json["tokens"])

    def pull_down(self) -> None:
        """Take the hall off the list, so that the clock need not look after the halls of every test."""

        def unit(tx: Transaction) -> None:
            tx.execute("DELETE FROM experience WHERE hall_id = :id", id=self.id)
            tx.execute("DELETE FROM configurations WHERE hall_id = :id", id=self.id)
            tx.execute("DELETE FROM halls WHERE id = :id", id=self.id)

        self.server.do(self.server.house.database.write(unit))

    @property
    def at(self) -> str:
        return f"/api/v1/halls/{self.id}"

    def token(self, role: Role | str) -> str:
        """The token of the hall's guide, manager, … A role with a `+` has no hall of its own."""
        if role not in self.tokens:
            plain = str(role).removesuffix("+")
            self.tokens[role] = self.new_account(Role(plain), everywhere=str(role).endswith("+"))
        return self.tokens[role]

    def new_account(self, role: Role, *, everywhere: bool = False, **more: Any) -> str:
        """The token of somebody new."""
        name = f"{role}-{next(_numbers)}"
        account = Account(
            id=f"{self.id}-{name}",
            hall_id=None if everywhere else self.id,
            login=f"{self.id}-{name}",
            display_name=name,
            staff_no=name,
            role=role,
            **more,
        )
        skills = {group["id"]: "primary" for group in GROUPS}
        people = self.server.house.people
        self.server.do(people.put_account(account, skills=skills, by="test"))  # type: ignore[arg-type]
        return self.server.do(people.admit(account)).token

    def by(self, role: Role | str | None) -> Client:
        """A client of the guide, the manager, …, or of nobody."""
        return self.server.client(None if role is None else self.token(role))

    def desk(self, window_id: str, token: str | None = None) -> "Desk":
        return Desk(self, window_id, token or self.clerks[window_id])

    def takes(self, group: str = "A", **more: object) -> "Citizen":
        """A citizen who takes a ticket."""
        answer = self.server.anybody.ask(
            "POST", f"{self.at}/tickets", {"group": group, "channel": "kiosk", **more}
        )
        assert answer.status == 201, answer
        return Citizen(self, answer.json)

    def board(self) -> Json:
        return self.server.anybody.ask("GET", self.at).json

    def seq(self) -> int:
        """The newest number in the journal."""
        return self.board()["seq"]


@dataclass
class Citizen:
    """Somebody with a ticket."""

    hall: Hall
    ticket: Json

    @property
    def at(self) -> str:
        return f"/api/v1/tickets/{self.ticket['link_token']}"

    @property
    def id(self) -> str:
        return self.ticket["id"]

    def sees(self) -> Json:
        return self.hall.server.anybody.ask("GET", self.at).json

    def asks(self, deed: str, body: object = NOTHING, **more: Any) -> Answer:
        return self.hall.server.anybody.ask("POST", f"{self.at}/{deed}", body, **more)


class Desk:
    """A window, and whoever sits there."""

    def __init__(self, hall: Hall, window_id: str, token: str) -> None:
        self.hall = hall
        self.at = f"{hall.at}/windows/{window_id}"
        self.token = token
        self.client = hall.server.client(token)

    def asks(self, method: str, deed: str = "", body: object = NOTHING, **more: Any) -> Answer:
        return self.client.ask(method, f"{self.at}/{deed}" if deed else self.at, body, **more)

    def does(self, *deeds: str) -> "Desk":
        """One deed after the other, each of which must succeed."""
        for deed in deeds:
            answer = self.asks("POST", deed, BODIES.get(deed, NOTHING))
            assert answer.status < 300, (deed, answer)
        return self

    def sees(self) -> Json:
        return self.asks("GET").json


BODIES: dict[str, Json] = {
    "hold": {"reason": "fetches a copy"},
    "transfer": {"group": "B", "reason": "belongs there"},
}


def eventually(true: Callable[[], object], seconds: float, *, pause: float = 0.01) -> bool:
    """Whether it becomes true in time."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(pause)
    return True


def said_to(server: Server, sent: str) -> bytes:
    """What the server answers to these bytes until it hangs up, or for half a second."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=0.5) as raw:
        told = b""
        try:
            raw.sendall(sent.encode("latin-1"))
            raw.shutdown(socket.SHUT_WR)
            while more := raw.recv(65_536):
                told += more
        except OSError:
            pass
        return told
