"""Whatever anybody sends: no failure, no hang, no echo, and no trace of what was refused.

Every entry of `tests/data/bad_inputs` goes through every operation, at every place where it could stand.
"""

import json
import socket
import time
from contextlib import closing
from typing import Any

import pytest

from queue_server.people.core import Role

from .corpus import Sweep, body_of, entries, nothing_or
from .operations import Operation, leaves, replaced
from .places import Hall, Server, eventually, said_to
from .test_openapi import OPERATIONS

PLACE = "@here@"
WITH_BODY = [each for each in OPERATIONS.values() if each.body is not None]
WITH_FIELDS = [each for each in WITH_BODY if each.body]
WITH_NAMES = [each for each in OPERATIONS.values() if each.names]
RULES_TRIED = ("near_ahead", "carry_over_waiting")  # The others are read in the same way.
CONFIGURATION_TRIED = (  # So are the other ids, names, colours and metres.
    ("version",), ("note",), ("configuration",), ("configuration", "about", "name", "zh"),
    ("configuration", "about", "timezone"), ("configuration", "about", "plan", "width"),
    ("configuration", "hours", "weekly", "mon", 0, "opens"), ("configuration", "hours", "exceptions", 0, "day"),
    ("configuration", "groups", 0, "id"), ("configuration", "groups", 0, "prefix"),
    ("configuration", "groups", 0, "capacity"), ("configuration", "windows", 0, "group_ids"),
    ("configuration", "devices", 0, "printer"), ("configuration", "notices", 0, "from_at"),
    ("configuration", "notices", 0, "text", "en"), ("configuration", "look", "seal"),
    ("configuration", "look", "accent"), ("configuration", "look", "logo"),
)  # fmt: skip
PASSWORDS_TRIED = 12  # Each costs a whole password check.


def by_id(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=lambda each: each.id)


@pytest.fixture
def sweep(hall: Hall) -> Sweep:
    """Many requests of somebody who may ask for everything, at a hall where somebody waits and is served."""
    hall.takes()
    hall.takes()
    hall.desk("w1", token := hall.new_account(Role.MANAGER)).does("session", "calls", "start")
    return Sweep(hall, hall.server.client(token))


def address(operation: Operation, sweep: Sweep) -> str:
    anna = sweep.hall.takes()
    link = str(anna.ticket["link_token"])
    account_id = f"{sweep.hall.id}-w2"
    return operation.at(hall_id=sweep.hall.id, ticket_id=anna.id, link_token=link, account_id=account_id)


def tried(operation: Operation) -> list[tuple[Any, ...]]:
    """Where in its body we try what could stand there."""
    places = leaves(operation.body)
    if operation.id == "halls_change_rules":
        return [at for at in places if at[0] in RULES_TRIED]
    if operation.id in ("configurations_save", "configurations_preview"):
        return [at for at in places if at in CONFIGURATION_TRIED]
    return places


def check(sweep: Sweep, refused_min: float = 0.5) -> None:
    sweep.client.close()
    assert not sweep.faults, f"{len(sweep.faults)} of {sweep.answers}:\n" + "\n".join(sweep.faults[:10])
    assert sweep.refused >= sweep.answers * refused_min, "bad input is hardly ever refused"


@by_id(WITH_FIELDS)
def test_strange_text_is_refused_or_taken_without_a_trace(sweep: Sweep, operation: Operation) -> None:
    path = address(operation, sweep)
    texts = entries("strings.json")
    if operation.id == "sessions_sign_in":
        texts = texts[:: len(texts) // PASSWORDS_TRIED]
    for at in tried(operation):
        for text in texts:
            sweep.ask(operation, path, body=replaced(operation.body, at, text))
    check(sweep)


@by_id(WITH_FIELDS)
def test_strange_numbers_are_refused_or_taken_without_a_trace(sweep: Sweep, operation: Operation) -> None:
    path = address(operation, sweep)
    for at in tried(operation):
        whole = json.dumps(replaced(operation.body, at, PLACE))
        for number in entries("numbers.json"):
            raw = number["raw"] if isinstance(number, dict) and "raw" in number else json.dumps(number)
            sweep.ask(operation, path, raw=whole.replace(f'"{PLACE}"', raw).encode())
    check(sweep)


@by_id([OPERATIONS["windows_regroup"], OPERATIONS["windows_pause"]])
def test_strange_dates_are_refused_or_taken_without_a_trace(sweep: Sweep, operation: Operation) -> None:
    path = address(operation, sweep)
    for date in entries("dates.json"):
        sweep.ask(operation, path, body={**(operation.body or {}), "effective_at": date})
    check(sweep)


@by_id(WITH_BODY)
def test_strange_bodies_are_refused_or_taken_without_a_trace(sweep: Sweep, operation: Operation) -> None:
    path = address(operation, sweep)
    for entry in entries("json.json"):
        sweep.ask(operation, path, raw=body_of(entry))
    check(sweep)


@by_id(WITH_NAMES)
def test_strange_addresses_lead_nowhere(sweep: Sweep, operation: Operation) -> None:
    body: dict[str, Any] = {} if operation.body is None else {"body": operation.body}
    names = {
        "hall_id": sweep.hall.id,
        "ticket_id": "1",
        "link_token": "A" * 22,
        "account_id": f"{sweep.hall.id}-w2",
    }
    for name in operation.names:
        for text in entries("ids.json"):
            sweep.ask(operation, operation.at(**{**names, name: text}), **body)
    if operation.id not in (
        "tickets_follow",
        "halls_look",
        "matters_matters",
        "displays_look",
        "issuance_ready",
    ):
        check(sweep, 0.95)
    else:
        check(sweep)


@by_id([OPERATIONS["halls_look"], OPERATIONS["tickets_issue"], OPERATIONS["calls_recall"]])
def test_strange_headers_are_refused_or_ignored_without_a_trace(sweep: Sweep, operation: Operation) -> None:
    path = address(operation, sweep)
    for name, value in entries("headers.json"):
        sweep.ask(operation, path, body=nothing_or(operation.body), headers={name: value})
    check(sweep, 0.0)


@by_id(WITH_BODY)
def test_nobody_sets_what_is_not_theirs_to_set(sweep: Sweep, operation: Operation) -> None:
    path = address(operation, sweep)
    for name in ("role", "hall_id", "status", "state", "seq", "id", "number", "by", "console", "__proto__"):
        sweep.ask(operation, path, body={**(operation.body or {}), name: "1"})
    check(sweep, 1.0)


@by_id([each for each in OPERATIONS.values() if each.method == "GET"])
def test_strange_queries_are_refused_or_ignored(sweep: Sweep, operation: Operation) -> None:
    path = address(operation, sweep)
    for query in ("?", "?&&&", "?q=%00", "?q=%FF", "?q=" + "x" * 5000, "?q[]=1", "?q=1&q=2", "?lang=<script>",
                  "?q=%27%3B--", "?after=-1", "?__proto__[a]=b", "?q=(a%2B)%2B$", "?q=%E7%A5%A8"):  # fmt: skip
        sweep.ask(operation, path + query)
    check(sweep, 0.0)


# ── Words for some of it ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b'{"group": "A", "channel": "kiosk"', 400, "malformed_json"),
        (b'{"group": false, "channel": "kiosk"}', 422, "invalid_request"),
        (b'{"group": "A", "channel": "kiosk", "vip": true}', 422, "invalid_request"),
        (b'{"group": "A", "matters": ["M01"], "channel": "kiosk"}', 422, "invalid_request"),
        (b'{"group": "A", "channel": "kiosk", "phone": "\\u0000"}', 400, "unreadable_text"),
        (b'{"group": "A", "channel": "kiosk", "phone": "\xff"}', 400, "malformed_json"),
        (b'{"group": "' + b"A" * 70_000 + b'"}', 413, "too_large"),
        (b'{"group": "Z", "channel": "kiosk"}', 404, "group_unknown"),
    ],
)
def test_bad_input_gets_its_clear_answer(hall: Hall, sent: bytes, status: int, code: str) -> None:
    answer = hall.server.anybody.ask("POST", f"{hall.at}/tickets", raw=sent)
    assert answer.said == (status, code)


def test_a_refusal_says_which_field_is_wrong_in_both_languages(hall: Hall) -> None:
    answer = hall.server.anybody.ask("POST", f"{hall.at}/tickets", {"group": 7, "channel": "kiosk"})
    assert answer.json["errors"] == [
        {"where": "body.group", "message": "This must be text.", "message_zh": "此项须为文字。"}
    ]


def test_other_digits_are_no_id(hall: Hall) -> None:
    for text in ("٣", "３", "03", "+3", "3.0"):
        answer = hall.desk("w1").asks("POST", "resume", {"ticket": text})
        assert answer.said == (422, "invalid_request")


@pytest.mark.parametrize(
    "instant", ["2026-11-23T09:00:00", "2026-11-23", 1764000000, "0001-01-01T00:00:00+14:00"]
)
def test_an_instant_without_a_zone_or_a_place_in_the_calendar_is_refused(hall: Hall, instant: object) -> None:
    body = {"groups": ["A"], "effective_at": instant}
    answer = hall.by("manager").ask("PUT", f"{hall.at}/windows/w2/groups", body)
    assert answer.said == (422, "invalid_request")


def test_the_one_who_is_refused_for_the_form_is_told_the_same_whoever_they_are(hall: Hall) -> None:
    """Nobody learns from the order of our checks what they may not know."""
    answer = hall.server.anybody.ask("POST", f"{hall.at}/windows/w1/session", {})
    assert answer.said == (401, "sign_in_needed")


# ── Raw bytes ────────────────────────────────────────────────────────────────────────────────────

HEAD = "POST /api/v1/halls/{hall}/tickets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
WISH = '{"group": "A", "channel": "kiosk"}'
RAW = {
    "two lengths": HEAD + "Content-Length: 34\r\nContent-Length: 2\r\n\r\n" + WISH,
    "a length and chunks": HEAD + "Content-Length: 34\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a negative length": HEAD + "Content-Length: -1\r\n\r\n" + WISH,
    "a length in words": HEAD + "Content-Length: many\r\n\r\n" + WISH,
    "a length with a sign": HEAD + "Content-Length: +34\r\n\r\n" + WISH,
    "a huge length": HEAD + "Content-Length: 99999999999\r\n\r\n" + WISH,
    "a chunk with a bad length": HEAD + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
    "an encoding of its own": HEAD + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a header without a colon": HEAD + "Nonsense\r\n\r\n",
    "a header with a NUL": HEAD + "X-A: \x00\r\n\r\n",
    "a folded header": HEAD + "X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n",
    "no method": " / HTTP/1.1\r\nHost: x\r\n\r\n",
    "an old protocol": "GET / HTTP/0.9\r\n\r\n",
    "another protocol": "\x16\x03\x01\x02\x00\x01\x00",
    "a start of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an address of 70 KiB": "GET /" + "a" * 70_000 + " HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header of 70 KiB": "GET /livez HTTP/1.1\r\nHost: x\r\nX-A: " + "a" * 70_000 + "\r\n\r\n",
    "ten thousand headers": "GET /livez HTTP/1.1\r\nHost: x\r\n" + "X-A: b\r\n" * 10_000 + "\r\n",
    "two hosts": "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "an absolute address": "GET http://elsewhere.example/metrics HTTP/1.1\r\nHost: x\r\n\r\n",
    "a proxy's request": "CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a trace": "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown method": "BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("what", RAW)
def test_broken_http_is_refused_without_a_trace(hall: Hall, what: str) -> None:
    seq = hall.seq()
    first = said_to(hall.server, RAW[what].replace("{hall}", hall.id))
    assert not first.startswith(b"HTTP/1.1 5")
    assert hall.server.anybody.ask("GET", "/livez").status == 200
    assert hall.seq() == seq


def test_a_request_cut_off_in_the_middle_has_no_effect(hall: Hall) -> None:
    seq = hall.seq()
    whole = f"{HEAD.replace('{hall}', hall.id)}Content-Length: {len(WISH)}\r\n\r\n{WISH}"
    for end in range(0, len(whole), 9):
        said_to(hall.server, whole[:end])
    assert hall.seq() == seq


def test_a_body_that_trickles_in_holds_up_nobody(hall: Hall) -> None:
    with socket.create_connection(("127.0.0.1", hall.server.port)) as slow:
        slow.sendall(f"{HEAD.replace('{hall}', hall.id)}Content-Length: {len(WISH)}\r\n\r\n{{".encode())
        began = time.monotonic()
        hall.takes()
        assert time.monotonic() - began < 1


# ── Frames ───────────────────────────────────────────────────────────────────────────────────────


def handshake(hall: Hall) -> socket.socket:
    raw = socket.create_connection(("127.0.0.1", hall.server.port), timeout=2)
    lines = [f"GET /ws/halls/{hall.id}/board HTTP/1.1", f"Host: 127.0.0.1:{hall.server.port}",
             "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]  # fmt: skip
    raw.sendall("\r\n".join(lines).encode())
    assert raw.recv(12) == b"HTTP/1.1 101"
    return raw


def bytes_of(entry: dict[str, Any]) -> bytes:
    sent = entry["text"].encode() if "text" in entry else bytes.fromhex(entry["hex"])
    if "then" in entry:
        return sent + bytes.fromhex(entry["then"]) * entry["times"]
    return sent * entry.get("times", 1) + b"\0" * entry.get("pad", 0)


@pytest.mark.parametrize("entry", entries("frames.json"), ids=lambda each: each["name"])
def test_a_broken_frame_closes_its_own_socket_and_no_other(hall: Hall, entry: dict[str, Any]) -> None:
    with hall.server.socket(f"/ws/halls/{hall.id}/board") as screen, closing(handshake(hall)) as raw:
        seq = screen.view()["seq"]
        raw.sendall(bytes_of(entry))
        assert ends(raw), "the socket stays open"
        hall.takes()
        screen.view_where(lambda view: view["seq"] > seq)


@pytest.mark.parametrize("entry", entries("pushy_frames.json"), ids=lambda each: each["name"])
def test_a_pushy_socket_holds_up_no_other(hall: Hall, entry: dict[str, Any]) -> None:
    with hall.server.socket(f"/ws/halls/{hall.id}/board") as screen, closing(handshake(hall)) as raw:
        seq = screen.view()["seq"]
        raw.sendall(bytes_of(entry))
        hall.takes()
        screen.view_where(lambda view: view["seq"] > seq, 1.0)


def ends(raw: socket.socket) -> bool:
    """Whether the server hangs up soon."""

    def is_over() -> bool:
        try:
            return raw.recv(65_536) == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    return eventually(is_over, 3)


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────


def hours_until(server: Server, minutes: int) -> dict[str, Any]:
    """Opening hours of every day which end so many minutes from now."""
    now = server.house.clock()
    closes = (now.hour * 60 + now.minute + minutes) % (24 * 60)
    spans = [["00:00", f"{closes // 60:02}:{closes % 60:02}"]]
    return {"weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), spans)}


def seconds_until_closing(hall: Hall) -> float:
    state = hall.server.do(hall.server.house.queues.halls.current(hall.id))
    return (state.hours[0].closes_at - hall.server.house.clock()).total_seconds()


@pytest.fixture
def short_day(hall_server: Server) -> Hall:
    """A hall that closes its doors in five minutes."""
    return Hall.made(hall_server, timezone="UTC", hours=hours_until(hall_server, 5))


def test_one_second_before_closing_a_ticket_is_issued(short_day: Hall) -> None:
    short_day.server.time_passes(seconds_until_closing(short_day) - 1)
    assert short_day.takes().ticket["state"] == "waiting"


@pytest.mark.parametrize("seconds", [0, 1])
def test_from_the_closing_second_on_no_ticket_is_issued(short_day: Hall, seconds: int) -> None:
    short_day.takes()  # Somebody is still there, so the books stay open.
    short_day.server.time_passes(seconds_until_closing(short_day) + seconds)
    answer = short_day.server.anybody.ask(
        "POST", f"{short_day.at}/tickets", {"group": "A", "channel": "kiosk"}
    )
    assert answer.said == (409, "group_closed")


def test_whoever_came_in_time_is_called_after_closing(short_day: Hall) -> None:
    anna = short_day.takes()
    desk = short_day.desk("w1").does("session")
    short_day.server.time_passes(seconds_until_closing(short_day) + 1)
    desk.does("calls")
    assert anna.sees()["state"] == "called"


def test_the_clock_of_a_rehearsal_does_not_go_back(hall_server: Server) -> None:
    answer = hall_server.anybody.ask("PUT", "/api/v1/rehearsal/clock", {"now": "2020-01-01T00:00:00Z"})
    assert answer.said == (409, "clock_goes_forward")


@pytest.mark.parametrize("body", [{"now": "2126-01-01T00:00:00"}, {"now": 1}, {"now": "soon"}, {}])
def test_the_clock_of_a_rehearsal_takes_instants_only(hall_server: Server, body: object) -> None:
    answer = hall_server.anybody.ask("PUT", "/api/v1/rehearsal/clock", body)
    assert answer.said == (422, "invalid_request")


def test_a_great_many_tickets_in_one_queue_are_all_in_order(hall: Hall) -> None:
    numbers = [str(hall.takes().ticket["number"]) for _ in range(300)]
    assert numbers == [f"A{number:03}" for number in range(1, 301)]
