"""The database goes away, or Redis does: what still works, what is refused at once, and how soon all is well."""

import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from queue_server import embedded
from queue_server.migrations import migrate
from queue_server.settings import Settings

from .places import OPENING, Citizen, Hall, Screen, Server, eventually, served

AT_ONCE_SECONDS = 1.0
RECOVERY_SECONDS = 5.0
POLLED_SECONDS = 1.5


class Mortal:
    """A PostgreSQL and a Valkey of these tests' own, which may be shot."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services = embedded.start(folder)  # Durable: nothing that was acknowledged may be lost.
        migrate(self.services.database_url)

    def shoot_postgres(self) -> None:
        """What `pg_ctl stop -m immediate` does: no farewell."""
        pid = int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        address = self.folder / "run" / ".s.PGSQL.5432"
        assert eventually(lambda: not accepts(address), 10)

    def shoot_valkey(self) -> None:
        pid = int((self.folder / "valkey.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not accepts(self.folder / "run" / "valkey.sock"), 10)

    def raise_again(self) -> None:
        url = self.services.database_url
        self.services.stop()
        self.services = embedded.start(self.folder)
        assert self.services.database_url == url

    def settings(self, **more: object) -> Settings:
        return Settings(
            database_url=self.services.database_url,
            redis_url=self.services.redis_url,
            data=self.folder,
            clock="driven",
            clock_start=OPENING,
            heartbeat_seconds=0.4,
            **more,  # type: ignore[arg-type]
        )


def accepts(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(address)) == 0


@pytest.fixture(scope="module")
def mortal() -> Iterator[Mortal]:
    folder = Path(tempfile.mkdtemp(prefix="jinghao-mortal-"))
    folder.chmod(0o755)
    mortal = Mortal(folder)
    try:
        yield mortal
    finally:
        mortal.services.stop()
        shutil.rmtree(folder, ignore_errors=True)


# ── Without PostgreSQL ───────────────────────────────────────────────────────────────────────────


@dataclass
class Scene:
    """A hall, two people in it, and a screen that somebody looks at."""

    hall: Hall
    anna: Citizen
    clara: Citizen
    screen: Screen


@pytest.fixture(scope="module")
def bereft(mortal: Mortal, redis_url_of_all: str) -> Iterator[Scene]:
    """A hall whose database has just gone, while people wait, are called and look at screens."""
    with served(mortal.settings().model_copy(update={"redis_url": redis_url_of_all})) as server:
        hall = Hall.made(server)
        anna, clara = hall.takes(), hall.takes()
        anna.sees()
        hall.token("manager")
        hall.desk("w1").does("session", "calls")
        with server.socket(f"/ws/halls/{hall.id}/board") as screen:
            hall.board()
            mortal.shoot_postgres()
            yield Scene(hall, anna, clara, screen)
        mortal.raise_again()


@pytest.fixture(scope="module")
def redis_url_of_all(services: embedded.Services) -> str:
    return services.redis_url


@pytest.mark.parametrize("deed", ["takes", "calls", "cancellation", "session", "day", "password"])
def test_without_a_database_every_deed_is_put_off_at_once(bereft: Scene, deed: str) -> None:
    desk, anybody = bereft.hall.desk("w1"), bereft.hall.server.anybody
    match deed:
        case "takes":
            answer = anybody.ask(
                "POST", f"{bereft.hall.at}/tickets", {"group": "A", "channel": "kiosk"}, key="k1"
            )
        case "cancellation":
            answer = bereft.anna.asks("cancellation")
        case "session":
            answer = bereft.hall.desk("w2").asks("POST", "session")
        case "day":
            answer = bereft.hall.by("manager").ask("DELETE", f"{bereft.hall.at}/day")
        case "password":
            answer = anybody.ask("POST", "/api/v1/sessions", {"login": "a", "password": "b"})
        case _:
            answer = desk.asks("POST", deed)
    assert answer.said == (503, "try_again"), answer
    assert answer.headers["retry-after"] == "1"
    assert answer.seconds < AT_ONCE_SECONDS


def test_without_a_database_the_board_is_shown_from_memory(bereft: Scene) -> None:
    board = bereft.hall.board()
    assert board["calls"][0]["number"] == bereft.anna.ticket["number"]


def test_without_a_database_the_last_known_board_says_how_old_it_is(bereft: Scene) -> None:
    first = bereft.hall.board()["as_of"]
    time.sleep(0.05)
    assert bereft.hall.board()["as_of"] == first


def test_without_a_database_a_ticket_that_was_looked_at_is_shown_from_memory(bereft: Scene) -> None:
    assert bereft.anna.sees()["state"] == "called"


def test_without_a_database_a_new_screen_is_told_what_is_known(bereft: Scene) -> None:
    with bereft.hall.server.socket(f"/ws/halls/{bereft.hall.id}/board") as screen:
        assert screen.view()["calls"]


def test_without_a_database_an_open_screen_stays_open(bereft: Scene) -> None:
    assert bereft.screen.close_code(0.3) is None


@pytest.mark.parametrize(
    "path", ["/", "/displays/{hall}/lobby", "/kiosk/{hall}", "/sign-in", "/static/js/live.js"]
)
def test_without_a_database_pages_still_open(bereft: Scene, path: str) -> None:
    assert bereft.hall.server.anybody.ask("GET", path.format(hall=bereft.hall.id)).status == 200


def test_without_a_database_the_process_lives_and_is_not_restarted(bereft: Scene) -> None:
    answer = bereft.hall.server.anybody.ask("GET", "/livez")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


def test_without_a_database_the_process_is_not_ready(bereft: Scene) -> None:
    answer = bereft.hall.server.anybody.ask("GET", "/readyz")
    assert (answer.status, answer.json) == (503, {"status": "no database"})
    assert answer.seconds < AT_ONCE_SECONDS


def test_without_a_database_the_metrics_are_told(bereft: Scene) -> None:
    assert bereft.hall.server.anybody.ask("GET", "/metrics").status == 200


def test_when_the_database_is_back_everything_goes_on_within_five_seconds(
    mortal: Mortal, bereft: Scene
) -> None:
    clara = bereft.clara
    mortal.raise_again()
    began = time.monotonic()
    assert eventually(lambda: clara.asks("cancellation").status == 200, RECOVERY_SECONDS, pause=0.05)
    assert eventually(lambda: bereft.hall.server.anybody.ask("GET", "/readyz").status == 200, 2, pause=0.05)
    number = str(bereft.hall.takes().ticket["number"])
    bereft.screen.view_where(lambda view: number in view["groups"][0]["next"], RECOVERY_SECONDS)
    assert time.monotonic() - began < RECOVERY_SECONDS


def test_what_was_acknowledged_before_is_still_there_after(bereft: Scene) -> None:
    assert bereft.anna.sees()["state"] == "called"


def test_a_deed_that_was_put_off_can_be_asked_again_with_its_key(bereft: Scene) -> None:
    answers = [
        bereft.hall.server.anybody.ask(
            "POST", f"{bereft.hall.at}/tickets", {"group": "A", "channel": "kiosk"}, key="k1"
        )
        for _ in range(2)
    ]
    assert answers[0].status == 201
    assert answers[0].body == answers[1].body


# ── Without Redis ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def pair(mortal: Mortal) -> Iterator[tuple[Hall, Hall]]:
    """One hall as two servers serve it, whose Redis has just gone."""
    with ExitStack() as stack:
        first: Server = stack.enter_context(served(mortal.settings()))
        second: Server = stack.enter_context(served(mortal.settings()))
        assert eventually(lambda: first.house.bus.connected and second.house.bus.connected, 5)
        hall = Hall.made(first)
        hall.desk("w1").does("session")
        mortal.shoot_valkey()
        yield hall, replace(hall, server=second)


def test_without_redis_a_call_reaches_the_board_of_another_server_in_time(pair: tuple[Hall, Hall]) -> None:
    here, there = pair
    number = here.takes().ticket["number"]
    with there.server.socket(f"/ws/halls/{there.id}/board") as board:
        board.view()
        began = time.monotonic()
        here.desk("w1").does("calls")
        board.view_where(
            lambda view: view["calls"] and view["calls"][0]["number"] == number, POLLED_SECONDS + 1
        )
        assert time.monotonic() - began < POLLED_SECONDS
    here.desk("w1").does("start", "completion")


def test_without_redis_a_ticket_from_one_server_is_called_on_the_other(pair: tuple[Hall, Hall]) -> None:
    here, there = pair
    number = here.takes().ticket["number"]
    assert there.desk("w1").asks("POST", "calls").json["ticket"]["number"] == number
    here.desk("w1").does("start", "completion")


def test_without_redis_a_whole_day_of_deeds_is_done_at_once(pair: tuple[Hall, Hall]) -> None:
    here, _ = pair
    desk = here.desk("w2")
    here.takes("B")
    deeds = [("POST", "session", {}), ("PUT", "pause", {"reason": "tea"}), ("DELETE", "pause", None),
             ("POST", "calls", {}), ("POST", "start", {}), ("POST", "completion", {})]  # fmt: skip
    for method, deed, body in deeds:
        answer = desk.asks(method, deed, **({} if body is None else {"body": body}))
        assert answer.status < 300, (deed, answer)
        assert answer.seconds < AT_ONCE_SECONDS, (deed, answer.seconds)


def test_without_redis_a_console_gets_its_first_view_at_once(pair: tuple[Hall, Hall]) -> None:
    here, _ = pair
    began = time.monotonic()
    with here.server.socket(f"/ws/halls/{here.id}/windows/w1", token=here.clerks["w1"]) as console:
        console.view()
        assert time.monotonic() - began < AT_ONCE_SECONDS


def test_without_redis_a_heartbeat_is_taken_at_once(pair: tuple[Hall, Hall]) -> None:
    here, _ = pair
    answer = here.desk("w1").asks("POST", "heartbeat")
    assert (answer.status, answer.seconds < AT_ONCE_SECONDS) == (204, True)


def test_without_redis_the_clock_still_does_what_is_due(pair: tuple[Hall, Hall]) -> None:
    here, _ = pair
    began = time.monotonic()
    here.server.time_passes(1)
    assert time.monotonic() - began < AT_ONCE_SECONDS


def test_without_redis_a_server_is_ready_and_says_what_it_misses(pair: tuple[Hall, Hall]) -> None:
    here, _ = pair
    path = "/readyz"
    assert eventually(
        lambda: here.server.anybody.ask("GET", path).json["degraded"] == ["redis"], 8, pause=0.1
    )
    assert here.server.anybody.ask("GET", path).status == 200


def test_without_redis_no_phone_is_sent_a_code_too_many_whichever_server_is_asked(
    pair: tuple[Hall, Hall],
) -> None:
    here, there = pair
    anna = here.takes()
    asked = [
        server.anybody.ask("POST", f"{anna.at}/phone-codes", {"phone": "+8619900000077"}).said
        for server in (there.server, here.server, there.server)
    ]
    assert asked == [(202, ""), (429, "too_many_phone_codes"), (429, "too_many_phone_codes")]
