"""What the server counts about itself, and what it says of its health."""

import re
import timeit
from collections.abc import Callable

import pytest

from queue_server.kit import metrics

from .places import Hall, Server, eventually

CHEAP_SECONDS = 5e-6
TRIES = 5  # The fastest of them is what it costs; the others are what else the machine did.


def figure(server: Server, name: str, **labels: str) -> float:
    """What a counter says now."""
    for line in server.anybody.ask("GET", "/metrics").body.decode().splitlines():
        found = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if (
            found
            and found[1] == name
            and all(f'{key}="{value}"' in (found[2] or "") for key, value in labels.items())
        ):
            return float(found[3])
    return 0.0


def test_tickets_are_counted_by_hall_group_and_channel(hall: Hall) -> None:
    for channel in ("kiosk", "web", "web"):
        hall.takes("B", channel=channel)
    counted = figure(hall.server, "jinghao_tickets_issued_total", hall=hall.id, group="B", channel="web")
    assert counted == 2


def test_a_repeated_request_is_counted_once(hall: Hall) -> None:
    for _ in range(3):
        hall.server.anybody.ask("POST", f"{hall.at}/tickets", {"group": "A", "channel": "web"}, key="k1")
    assert figure(hall.server, "jinghao_tickets_issued_total", hall=hall.id, group="A", channel="web") == 1


@pytest.mark.parametrize(
    ("before", "result"), [(["session"], "empty"), ([], "conflict"), (["session", "someone"], "ok")]
)
def test_calls_are_counted_by_what_became_of_them(hall: Hall, before: list[str], result: str) -> None:
    desk = hall.desk("w1")
    if "session" in before:
        desk.does("session")
    if "someone" in before:
        hall.takes()
    counted = figure(hall.server, "jinghao_calls_total", result=result)
    desk.asks("POST", "calls")
    assert figure(hall.server, "jinghao_calls_total", result=result) == counted + 1


def test_messages_that_nobody_sends_are_counted_as_late(hall: Hall) -> None:
    hall.takes("A", phone="19900000042")  # No worker runs beside this server.
    assert figure(hall.server, "jinghao_messages_late", channel="sms") >= 1
    assert figure(hall.server, "jinghao_messages_late_seconds", channel="sms") > 0


@pytest.mark.parametrize(("command", "outcome"), [("IssueTicket", "ok"), ("CallNext", "window_not_open")])
def test_commands_are_timed_by_what_came_of_them(hall: Hall, command: str, outcome: str) -> None:
    name = "jinghao_command_duration_seconds_count"
    counted = figure(hall.server, name, command=command, outcome=outcome)
    hall.takes()
    hall.desk("w1").asks("POST", "calls")
    assert figure(hall.server, name, command=command, outcome=outcome) == counted + 1


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda hall: hall.server.anybody.ask("GET", "/api/v1/halls/h9"), "hall_unknown"),
        (lambda hall: hall.server.anybody.ask("POST", f"{hall.at}/tickets", raw=b"{"), "malformed_json"),
        (lambda hall: hall.server.anybody.ask("POST", f"{hall.at}/tickets", {}), "invalid_request"),
        (lambda hall: hall.desk("w1", "nobody").asks("GET"), "sign_in_needed"),
    ],
    ids=["rejected", "limited", "invalid", "not signed in"],
)
def test_refused_requests_are_counted_by_code(hall: Hall, ask: Callable[[Hall], object], code: str) -> None:
    name = "jinghao_requests_rejected_total"
    counted = figure(hall.server, name, code=code)
    ask(hall)
    assert figure(hall.server, name, code=code) == counted + 1


@pytest.mark.parametrize("kind", ["board", "screen", "console", "ticket"])
def test_sockets_are_counted_while_they_are_open(hall: Hall, kind: str) -> None:
    paths = {
        "board": f"/ws/halls/{hall.id}/board",
        "screen": f"/ws/halls/{hall.id}/windows/w1?screen",
        "console": f"/ws/halls/{hall.id}/windows/w1",
        "ticket": f"/ws/tickets/{hall.takes().ticket['link_token']}",
    }

    def counted() -> float:
        return figure(hall.server, "jinghao_ws_connections", kind=kind)

    before = counted()
    with hall.server.socket(paths[kind], token=hall.clerks["w1"]) as screen:
        screen.view()
        assert eventually(lambda: counted() == before + 1, 2)
    assert eventually(lambda: counted() == before, 3)


def test_no_label_names_a_person_a_ticket_or_a_link(hall: Hall) -> None:
    anna = hall.takes(phone="13800138000")
    told = hall.server.anybody.ask("GET", "/metrics").body.decode()
    own = "\n".join(line for line in told.splitlines() if line.startswith("jinghao_"))
    for secret in (str(anna.ticket["link_token"]), "13800138000", hall.clerks["w1"]):
        assert secret not in own
    labels = set(re.findall(r'[{,](\w+)="', own))
    assert labels == {"hall", "group", "channel", "result", "command", "outcome", "le", "kind", "code"}


def test_counting_a_request_costs_next_to_nothing() -> None:
    def request() -> None:
        metrics.tickets_issued("h1", "A", "kiosk").inc()
        metrics.command_seconds("IssueTicket", "ok").observe(0.004)

    times = 2000
    assert min(timeit.repeat(request, number=times, repeat=TRIES)) / times < CHEAP_SECONDS


# ── Health ───────────────────────────────────────────────────────────────────────────────────────


def test_a_server_that_lives_says_so(hall_server: Server) -> None:
    assert hall_server.anybody.ask("GET", "/livez").json == {"status": "ok"}


def test_a_server_that_can_work_says_so(hall_server: Server) -> None:
    assert eventually(lambda: hall_server.house.bus.connected, 3)
    assert hall_server.anybody.ask("GET", "/readyz").json == {"status": "ok", "degraded": []}


def test_however_many_ask_for_its_health_the_database_is_asked_once_a_second(hall_server: Server) -> None:
    assert all(hall_server.anybody.ask("GET", "/readyz").seconds < 0.5 for _ in range(50))


def test_what_watches_over_the_server_is_no_part_of_its_published_api(hall_server: Server) -> None:
    paths = hall_server.anybody.ask("GET", "/api/v1/openapi.json").json["paths"]
    assert not [path for path in paths if path in ("/livez", "/readyz", "/metrics")]
