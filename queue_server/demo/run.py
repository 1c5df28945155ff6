"""The demonstration: a server on a fast clock, and beside it a day of citizens and clerks.

The server, the worker and the people are processes of their own, as in a real hall; the people use the
HTTP API like everybody. When the day has closed its books the next one begins, on a server that starts
anew, and the screens find back by themselves.
"""

import argparse
import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import psycopg

from queue_server import embedded
from queue_server.calendar.core import sessions_on
from queue_server.demo.definition import H1, H2, Definition, read
from queue_server.demo.documents import put_documents
from queue_server.demo.seed import seed
from queue_server.kit import log
from queue_server.kit.clock import SystemClock
from queue_server.settings import Settings

READY_SECONDS_MAX: Final = 30.0
LOOK_SECONDS: Final = 0.5
BEFORE_OPENING: Final = timedelta(minutes=10)
FREE_LOGIN: Final = "c11"  # This clerk is you: the window stays free for whoever looks at the demonstration.
FREE_WINDOW: Final = "11"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the demonstration listens and keeps its things."""

    host: str
    port: int
    data: Path

    @property
    def base(self) -> str:
        """The address of the server, as one can follow it from here."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host
        return f"http://{host}:{self.port}"


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Play until Ctrl-C."""
    place = Place(args.host, args.port, settings.data)
    log.configure(human=True, level=logging.WARNING)
    if is_taken(place):
        print(f"jinghao: port {place.port} is in use. Choose another one with --port.", file=sys.stderr)
        return 1
    definition = read(H1)
    print("jinghao: Furnishing the demonstration hall", file=sys.stderr, flush=True)
    logins = asyncio.run(seed(settings, [definition, read(H2)], place.data / "demo-logins.json"))
    asyncio.run(put_documents(settings, definition, SystemClock()))
    clerks = place.data / "demo-clerks.json"
    with os.fdopen(os.open(clerks, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump({login: word for login, word in logins.items() if login != FREE_LOGIN}, out)
    day, told = next_day(definition, settings.database_url), False
    while True:
        with ExitStack() as stack:
            server = stack.enter_context(served(place, definition, day, args.speed))
            wait_until_ready(place, server)
            if not told:
                told = True
                tell(place, definition, logins, args.speed)
            stack.enter_context(
                embedded.child(worker_argv(), env=worker_env(), log=place.data / "worker.log")
            )
            people = stack.enter_context(
                embedded.child(people_argv(place, clerks, args.speed), log=place.data / "day.log")
            )
            watch_the_day(place, definition, day, server, people)
        day = following_day(definition, day)
        print(f"jinghao: A new day begins: {day}", file=sys.stderr, flush=True)


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────


def next_day(definition: Definition, database_url: str) -> date:
    """The day to play: today or the first open day after it, and always after the last one played."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT max((body->>'day')::date) FROM journal WHERE hall_id = %s AND name = 'DayOpened'",
            (definition.hall.id,),
        ).fetchone()
    today = datetime.now(ZoneInfo(definition.hall.timezone)).date()
    last = row[0] if row is not None else None
    return following_day(definition, max(today - timedelta(days=1), last or date.min))


def following_day(definition: Definition, day: date) -> date:
    """The next day on which the whole hall is open."""
    while True:
        day += timedelta(days=1)
        sessions = sessions_on(definition.opening_hours(), day, definition.hall.timezone)
        if any(session.groups is None for session in sessions):
            return day


def opens_at(definition: Definition, day: date) -> datetime:
    """When the hall opens on a day."""
    return sessions_on(definition.opening_hours(), day, definition.hall.timezone)[0].opens_at


def watch_the_day(
    place: Place,
    definition: Definition,
    day: date,
    server: subprocess.Popen[bytes],
    people: subprocess.Popen[bytes],
) -> None:
    """Wait until the books are closed, saying each hour how it goes."""
    told = ""
    while True:
        time.sleep(LOOK_SECONDS)
        if server.poll() is not None:
            raise embedded.EmbeddedError(f"The server has stopped. Its log is {place.data / 'server.log'}.")
        if people.poll() is not None:
            raise embedded.EmbeddedError(f"The day has stopped. Its log is {place.data / 'day.log'}.")
        board = look(place, f"/api/v1/halls/{definition.hall.id}")
        if board is None:
            continue
        at = datetime.fromisoformat(board["as_of"]).astimezone(ZoneInfo(definition.hall.timezone))
        waiting = sum(group["waiting"] for group in board["groups"])
        serving = sum(window["state"] == "serving" for window in board["windows"])
        line = f"{day} {at:%H}:00  {waiting} waiting, {serving} being served"
        if line[:16] != told[:16]:
            told = line
            print(f"jinghao: {line}", file=sys.stderr, flush=True)
        if board["hall"]["day"] == day.isoformat() and not board["hall"]["open"]:
            print(f"jinghao: {day} has closed its books.", file=sys.stderr, flush=True)
            return


# ── Processes ────────────────────────────────────────────────────────────────────────────────────


def served(
    place: Place, definition: Definition, day: date, speed: float
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """The server, on a clock that starts shortly before the hall opens."""
    start = (opens_at(definition, day) - BEFORE_OPENING).astimezone(UTC)
    env = {
        **os.environ,
        "JINGHAO_CLOCK": "accelerated",
        "JINGHAO_CLOCK_SPEED": str(speed),
        "JINGHAO_CLOCK_START": start.isoformat(),
        "JINGHAO_PUBLIC_BASE_URL": place.base,
    }
    argv = [sys.executable, "-m", "queue_server", "serve", "--host", place.host, "--port", str(place.port)]
    return embedded.child(argv, env=env, log=place.data / "server.log")


def worker_argv() -> list[str]:
    """How the worker is started."""
    return [sys.executable, "-m", "queue_server", "worker"]


def worker_env() -> dict[str, str]:
    """Whatever the environment says, invented people are never sent a message: it stands in the log.

    Messages to one person keep no distance, because half a minute is a quarter of an hour in this hall.
    """
    return {**os.environ, "JINGHAO_SMS_PROVIDERS": '["console"]', "JINGHAO_MESSAGE_GAP_SECONDS": "0"}


def people_argv(place: Place, clerks: Path, speed: float) -> list[str]:
    """How the people of the day are started."""
    return [
        sys.executable, "-m", "load_tests.day", str(H1),
        "--base", place.base, "--clerks", str(clerks), "--speed", str(speed), "--verbose",
    ]  # fmt: skip


def wait_until_ready(place: Place, server: subprocess.Popen[bytes]) -> None:
    """Until the server answers; its log says why it does not."""
    deadline = time.monotonic() + READY_SECONDS_MAX
    while look(place, "/readyz") is None:
        if server.poll() is not None or time.monotonic() > deadline:
            raise embedded.EmbeddedError(f"The server did not start. Its log is {place.data / 'server.log'}.")
        time.sleep(0.1)


def look(place: Place, path: str) -> dict[str, Any] | None:
    """What the server says, or None while it does not answer."""
    try:
        with urllib.request.urlopen(place.base + path, timeout=2) as answer:
            return dict(json.load(answer))
    except (OSError, urllib.error.URLError, ValueError):
        return None


def is_taken(place: Place) -> bool:
    """Whether somebody else listens there."""
    with socket.socket(socket.AF_INET6 if ":" in place.host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.host, place.port))
        except OSError:
            return True
    return False


# ── What is said ─────────────────────────────────────────────────────────────────────────────────


def tell(place: Place, definition: Definition, logins: dict[str, str], speed: float) -> None:
    """The address of every page, and a sign-in."""
    hall = definition.hall.id
    guide = next(each for each in definition.staff if each.role == "guide" and each.login.startswith("g"))
    manager = next(each for each in definition.staff if each.role == "manager")
    print(
        f"""
静号 Jinghao is open: {definition.hall.name.zh} / {definition.hall.name.en}, at {speed:g} times the speed.

  all pages              {place.base}/
  lobby display  大厅屏  {place.base}/displays/{hall}/lobby
  window display 窗口屏  {place.base}/displays/{hall}/windows/08
  kiosk          自助机  {place.base}/kiosk/{hall}
  phone          手机    take a ticket at the kiosk page and follow its QR code
  clerk console  窗口台  {place.base}/clerk/{hall}/{FREE_WINDOW}
                         sign in as {FREE_LOGIN}, password {logins[FREE_LOGIN]}
  guide desk     导办台  {place.base}/guide/{hall}
                         sign in as {guide.login}, password {logins[guide.login]}
  overview       总览    {place.base}/overview/{hall}
                         sign in as {manager.login}, password {logins[manager.login]}
  API description        {place.base}/api/v1/openapi.json

Everybody here is invented. Ctrl-C stops everything; the data stay in {place.data}.
""",
        flush=True,
    )
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform == "darwin":
        webbrowser.open(f"{place.base}/")
