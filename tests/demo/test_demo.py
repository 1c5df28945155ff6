"""What a stranger sees who types one command."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

MOVES_SECONDS_MAX = 60
STOPS_SECONDS_MAX = 60
HERE = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def demo_argv(*options: str) -> list[str]:
    """The verb as the launcher runs it."""
    return [sys.executable, "-m", "queue_server", "demo", *options]


class Demo:
    """The demonstration as a process, with what it has said so far."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.said = data.parent / f"said-{self.port}.txt"
        self.process = subprocess.Popen(
            demo_argv("--port", str(self.port), "--speed", "120", "--data", str(data)),
            cwd=HERE,
            stdout=self.said.open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait_until_it_moves(self, *, after: str = "") -> dict[str, Any]:
        """The board, once somebody is being served on a later day than `after`."""

        def moves() -> dict[str, Any] | None:
            assert self.process.poll() is None, self.said.read_text()
            board = self.board()
            if board is None or (board["hall"]["day"] or "") <= after:
                return None
            return board if any(w["state"] == "serving" for w in board["windows"]) else None

        return eventually(moves, MOVES_SECONDS_MAX)

    def board(self) -> dict[str, Any] | None:
        """What the lobby shows, or None while nobody answers."""
        try:
            return json.loads(self.get("/api/v1/halls/h1"))
        except (OSError, urllib.error.URLError):
            return None

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return bytes(answer.read())

    def processes(self) -> list[psutil.Process]:
        """Everything that works on this data folder."""
        found = []
        for process in psutil.process_iter(["cmdline", "environ"]):
            words = " ".join(process.info["cmdline"] or [])
            if str(self.data) in words or f"--port {self.port}" in words:
                found.append(process)
        return found


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a demo") / "var"


@pytest.fixture
def demo(data: Path) -> Iterator[Demo]:
    """A demonstration that is gone after the test, whatever happened in it."""
    own = Demo(data)
    yield own
    own.process.kill()
    own.process.wait()
    eventually(lambda: not own.processes() or None, STOPS_SECONDS_MAX)


def eventually(look: Callable[[], Any], seconds_max: float) -> Any:
    """What `look` answers as soon as it is not None."""
    deadline = time.monotonic() + seconds_max
    while (seen := look()) is None:
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.1)
    return seen


def test_one_command_opens_a_hall_in_which_people_are_served_and_names_every_page(demo: Demo) -> None:
    board = demo.wait_until_it_moves()
    assert board["hall"]["open"]
    said = demo.said.read_text()
    addresses = re.findall(rf"http://127\.0\.0\.1:{demo.port}(/\S*)", said)
    assert {"/", "/displays/h1/lobby", "/kiosk/h1", "/clerk/h1/11"} <= set(addresses)
    for address in addresses:
        assert demo.get(address), address
    assert re.search(r"sign in as c11, password \S{12,}", said)


def test_ctrl_c_stops_everything_and_the_next_start_opens_the_next_day(demo: Demo) -> None:
    first_day = demo.wait_until_it_moves()["hall"]["day"]
    demo.process.send_signal(signal.SIGINT)
    demo.process.wait(STOPS_SECONDS_MAX)
    assert demo.processes() == []
    again = Demo(demo.data)
    try:
        assert again.wait_until_it_moves(after=first_day)["hall"]["open"]
    finally:
        again.process.send_signal(signal.SIGINT)
        again.process.wait(STOPS_SECONDS_MAX)


def test_no_process_is_left_behind_when_the_demonstration_is_killed(demo: Demo) -> None:
    demo.wait_until_it_moves()
    assert len(demo.processes()) > 3
    demo.process.kill()
    eventually(lambda: not demo.processes() or None, STOPS_SECONDS_MAX)


def test_a_port_in_use_is_said_plainly(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            demo_argv("--port", str(taken.getsockname()[1]), "--data", str(tmp_path / "var")),
            cwd=HERE,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert "is in use" in done.stderr
