"""Who comes to a hall, for Locust: citizens with a phone, clerks at their windows, displays on the wall.

A run is given its hall by the environment:

    JINGHAO_LOAD_HALL     the hall's id
    JINGHAO_LOAD_CLERKS   a JSON file: {window: bearer token}

Latencies are reported by Locust under the names of the deeds (`issue`, `call`, …); what a display
sees is reported as `board age`: from the instant in the view to its arrival, on one clock.
"""

import json
import os
import queue
import random
import time
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import websocket
from locust import FastHttpUser, User, between, constant, events, task

API = "/api/v1"
HALL = os.environ.get("JINGHAO_LOAD_HALL", "h1")
POSITION_LOOKS_MAX = 40
SILENCE_SECONDS_MAX = 15.0

_free_windows: "queue.SimpleQueue[tuple[str, str]]" = queue.SimpleQueue()


@events.init.add_listener
def _hand_out_windows(environment: Any, **_: Any) -> None:
    """Every clerk gets a window of its own."""
    file = os.environ.get("JINGHAO_LOAD_CLERKS")
    if file:
        for clerk in json.loads(Path(file).read_text()).items():
            _free_windows.put(clerk)


class _Customer(FastHttpUser):
    """Somebody who speaks HTTP."""

    abstract = True

    def do(self, name: str, path: str, body: dict[str, Any] | None = None, token: str = "") -> dict[str, Any]:
        """One deed, under a key of its own. An empty answer means no."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        with self.client.post(
            f"{API}{path}", json=body or {}, headers=headers, name=name, catch_response=True
        ) as answer:
            if answer.status_code == 409:
                answer.success()  # The hall said no, quickly and clearly: that is an answer.
                return {}
            if not answer.ok:
                answer.failure(f"{answer.status_code}")
                return {}
            return dict(answer.json())

    def see(self, name: str, path: str) -> dict[str, Any]:
        """Look at something."""
        with self.client.get(f"{API}{path}", name=name, catch_response=True) as answer:
            if not answer.ok:
                answer.failure(f"{answer.status_code}")
                return {}
            return dict(answer.json())


class Citizen(_Customer):
    """Takes a ticket, looks at the phone now and then, sometimes goes home."""

    weight = 6
    wait_time = between(1, 4)

    def on_start(self) -> None:
        """Find out what the hall offers."""
        self.groups = [group["id"] for group in self.see("board", f"/halls/{HALL}").get("groups", [])] or [
            "A"
        ]

    @task
    def visit(self) -> None:
        """One visit, from the door to the window."""
        ticket = self.do(
            "issue", f"/halls/{HALL}/tickets", {"group": random.choice(self.groups), "channel": "wechat"}
        )
        link = ticket.get("link_token")
        for _ in range(POSITION_LOOKS_MAX if link else 0):
            time.sleep(random.uniform(0.5, 1.5))
            if random.random() < 0.002:
                self.do("cancel", f"/tickets/{link}/cancellation")
                return
            if self.see("position", f"/tickets/{link}").get("state") not in ("waiting", "called"):
                return


class Clerk(_Customer):
    """Calls, starts and completes, as fast as Locust's pause allows."""

    weight = 2
    wait_time = between(0.2, 0.8)

    def on_start(self) -> None:
        """Sit down at a window that is still free."""
        self.place, self.token = "", ""
        with suppress(queue.Empty):
            window, self.token = _free_windows.get_nowait()
            self.place = f"/halls/{HALL}/windows/{window}"
            self.do("sign in", f"{self.place}/session", {"take_over": True}, self.token)

    def on_stop(self) -> None:
        """Leave the window to somebody else."""
        if self.place:
            _free_windows.put((self.place.rpartition("/")[2], self.token))

    @task
    def serve(self) -> None:
        """One citizen."""
        if self.place and self.do("call", f"{self.place}/calls", {}, self.token):
            time.sleep(random.uniform(0.1, 0.3))
            self.do("start", f"{self.place}/start", {}, self.token)
            time.sleep(random.uniform(0.2, 0.6))
            self.do("complete", f"{self.place}/completion", {}, self.token)


class Display(User):
    """A screen that shows the board, over a WebSocket. It comes back when the line breaks."""

    weight = 2
    wait_time = constant(1)

    @task
    def watch(self) -> None:
        """Look until the line breaks or stays silent."""
        address = f"{self.host}/ws/halls/{HALL}/board".replace("http", "ws", 1)
        begun = time.perf_counter()
        try:
            socket = websocket.create_connection(address, timeout=SILENCE_SECONDS_MAX)
        except (OSError, websocket.WebSocketException) as error:
            self._tell("display connects", begun, 0, error)
            return
        self._tell("display connects", begun, 0, None)
        try:
            while True:
                frame = socket.recv()
                if not frame:
                    return
                self._note(frame)
        except (OSError, websocket.WebSocketException) as error:
            self._tell("display watches", time.perf_counter(), 0, error)
        finally:
            socket.close()

    def _note(self, frame: str | bytes) -> None:
        view = json.loads(frame)
        if view.get("type") == "board":
            age = datetime.now(UTC) - datetime.fromisoformat(view["as_of"])
            self._fire("board age", max(0.0, age.total_seconds() * 1000), len(frame), None)

    def _tell(self, name: str, begun: float, length: int, error: Exception | None) -> None:
        self._fire(name, (time.perf_counter() - begun) * 1000, length, error)

    def _fire(self, name: str, ms: float, length: int, error: Exception | None) -> None:
        self.environment.events.request.fire(
            request_type="WS",
            name=name,
            response_time=ms,
            response_length=length,
            exception=error,
            context={},
        )
