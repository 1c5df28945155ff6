"""Screens, phones and consoles over WebSocket: whole views, news at once, and nobody who spoils it for others."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from queue_server.hall.api import live
from queue_server.people.core import Role

from .places import Answer, Hall, Json, Screen, Server, eventually

UNWELCOME = 1008
TOO_BIG = 1009
BINARY = 1003
SOON_SECONDS = 1.0
PASSING = ("as_of",)  # What is different at every look.


def board_of(hall: Hall, **more: object) -> Screen:
    return hall.server.socket(f"/ws/halls/{hall.id}/board", **more)  # type: ignore[arg-type]


def window_of(hall: Hall, window_id: str = "w1", **more: object) -> Screen:
    return hall.server.socket(f"/ws/halls/{hall.id}/windows/{window_id}", **more)  # type: ignore[arg-type]


def ticket_of(hall: Hall, link: object) -> Screen:
    return hall.server.socket(f"/ws/tickets/{link}")


def lasting(view: Json) -> Json:
    return {name: value for name, value in view.items() if name not in PASSING}


# ── Whole views ──────────────────────────────────────────────────────────────────────────────────


def test_the_first_view_of_a_board_is_what_a_get_answers(hall: Hall) -> None:
    hall.takes()
    with board_of(hall) as screen:
        assert lasting(screen.view()) == lasting(hall.board())


def test_the_first_view_of_a_ticket_is_what_a_get_answers(hall: Hall) -> None:
    anna = hall.takes()
    with ticket_of(hall, anna.ticket["link_token"]) as phone:
        assert lasting(phone.view()) == lasting(anna.sees())


def test_a_ticket_that_has_ended_is_shown_as_ended(hall: Hall) -> None:
    anna = hall.takes()
    anna.asks("cancellation")
    with ticket_of(hall, anna.ticket["link_token"]) as phone:
        assert phone.view()["state"] == "cancelled"


def test_the_first_view_of_a_console_is_what_a_get_answers(hall: Hall) -> None:
    desk = hall.desk("w1").does("session")
    with window_of(hall, token=desk.token) as console:
        assert lasting(console.view()) == lasting(desk.sees())


def test_every_later_view_is_whole_as_well(hall: Hall) -> None:
    with board_of(hall) as screen:
        screen.view()
        hall.takes()
        view = screen.view_where(lambda view: view["groups"][0]["waiting"] == 1)
        assert lasting(view) == lasting(hall.board())


def test_a_console_is_told_what_only_its_clerk_may_know(hall: Hall) -> None:
    hall.takes(priority_class="pregnant")
    desk = hall.desk("w1").does("session")
    with window_of(hall, token=desk.token) as console:
        assert console.view()["waiting"]["next"][0]["priority_class"] == "pregnant"


@pytest.mark.parametrize("token", ["", "made up", "elsewhere", "screen"])
def test_whoever_is_not_staff_of_the_hall_sees_the_screen_of_a_window(
    hall: Hall, hall_server: Server, token: str
) -> None:
    tokens = {"elsewhere": Hall.made(hall_server).clerks["w1"], "screen": hall.clerks["w1"]}
    path = f"/ws/halls/{hall.id}/windows/w1" + ("?screen" if token == "screen" else "")
    hall.takes(priority_class="pregnant")
    with hall_server.socket(path, token=tokens.get(token, token) or None) as screen:
        view = screen.view()
        assert view.keys().isdisjoint({"waiting", "ticket", "held", "today"})
        assert "pregnant" not in json.dumps(view)


def test_a_console_may_sign_in_with_the_cookie_of_its_page(hall: Hall) -> None:
    headers = {"cookie": f"session={hall.clerks['w1']}", "origin": hall.server.base}
    with window_of(hall, headers=headers) as console:
        assert "waiting" in console.view()


# ── News ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_call_reaches_board_window_console_and_phone_within_a_second(hall: Hall) -> None:
    anna = hall.takes()
    desk = hall.desk("w1").does("session")
    with (
        board_of(hall) as board,
        window_of(hall) as screen,
        window_of(hall, token=desk.token) as console,
        ticket_of(hall, anna.ticket["link_token"]) as phone,
    ):
        for each in (board, screen, console, phone):
            each.view()
        until = time.monotonic() + SOON_SECONDS
        desk.does("calls")
        number = anna.ticket["number"]
        for each, shows in (
            (board, lambda view: view["calls"] and view["calls"][0]["number"] == number),
            (screen, lambda view: view["window"]["number"] == number),
            (console, lambda view: view["ticket"] and view["ticket"]["number"] == number),
            (phone, lambda view: view["window"] and view["window"]["id"] == "w1"),
        ):
            each.view_where(shows, until - time.monotonic())


def test_a_take_over_is_seen_on_both_consoles_within_a_second(hall: Hall) -> None:
    first, second = hall.desk("w1").does("session"), hall.desk("w1", hall.new_account(Role.CLERK))
    with window_of(hall, token=first.token) as old, window_of(hall, token=second.token) as new:
        plate = old.view()["window"]["clerk"]["staff_no"]
        new.view()
        until = time.monotonic() + SOON_SECONDS
        assert second.asks("POST", "session", {"take_over": True}).status == 201
        for console in (old, new):
            console.view_where(
                lambda view: view["window"]["clerk"]["staff_no"] != plate, until - time.monotonic()
            )


def test_whoever_comes_in_during_a_burst_ends_with_the_newest_view(hall: Hall) -> None:
    with board_of(hall) as other:  # So that the hall is being told already.
        other.view()
        for _ in range(10):
            with window_of(hall, token=hall.clerks["w1"]) as console:
                hall.takes()
                seq = hall.seq()
                assert eventually(lambda: console.view(1.5)["seq"] >= seq, SOON_SECONDS + 0.5)  # noqa: B023


def test_a_silent_socket_beats(hall: Hall) -> None:
    with board_of(hall) as screen:
        seq = screen.view()["seq"]
        with contextlib.suppress(TimeoutError):
            screen.view(1.2)
        assert len(screen.beats) >= 2
        assert {(beat["seq"], beat["epoch"]) for beat in screen.beats} == {(seq, hall.board()["epoch"])}


# ── Resuming ─────────────────────────────────────────────────────────────────────────────────────

RESUMING = ["epoch={epoch}&seq={seq}", "epoch={epoch}&seq=0", "epoch=other&seq={seq}", "seq=-1", "seq=1e400",
            "epoch={epoch}&seq=9223372036854775808", "epoch=&seq=", "seq=%D9%A3", "epoch=%3Cscript%3E"]  # fmt: skip


@pytest.mark.parametrize("query", RESUMING)
def test_whoever_comes_back_gets_the_whole_view_whatever_they_have_seen(hall: Hall, query: str) -> None:
    board = hall.board()
    with hall.server.socket(f"/ws/halls/{hall.id}/board?{query.format(**board)}") as screen:
        assert lasting(screen.view()) == lasting(board)


def test_a_hall_keeps_its_epoch(hall: Hall) -> None:
    with board_of(hall) as screen, board_of(hall) as other:
        assert screen.view()["epoch"] == other.view()["epoch"]


# ── Who may come in ──────────────────────────────────────────────────────────────────────────────


def denied(hall: Hall, path: str, **headers: str) -> Answer:
    """What a handshake is answered with that does not become a socket."""
    with pytest.raises(InvalidStatus) as refused:
        hall.server.socket(path, headers=headers)
    response = refused.value.response
    told = {name.lower(): value for name, value in response.headers.raw_items()}
    return Answer(response.status_code, told, bytes(response.body or b""), 0.0)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/ws/halls/h9/board", "hall_unknown"),
        ("/ws/halls/{hall}/windows/w9", "window_unknown"),
        ("/ws/halls/h9/windows/w1", "hall_unknown"),
        ("/ws/tickets/AAAAAAAAAAAAAAAAAAAAAA", "ticket_unknown"),
        ("/ws/tickets/17", "ticket_unknown"),
        ("/ws/tickets/%F0%9F%8E%AB", "ticket_unknown"),
    ],
)
def test_what_does_not_exist_is_not_found_at_the_handshake(hall: Hall, path: str, code: str) -> None:
    answer = denied(hall, path.format(hall=hall.id))
    assert answer.said == (404, code)


@pytest.mark.parametrize(
    "origin",
    ["https://elsewhere.example", "null", "http://127.0.0.1", "http://127.0.0.1.evil.example:{port}", "file://",
     "http://127.0.0.1:{port}.evil.example", "http://evil.example/127.0.0.1:{port}", "ftp://127.0.0.1:{port}", ""],
)  # fmt: skip
def test_a_page_of_another_site_gets_no_socket(hall: Hall, origin: str) -> None:
    answer = denied(hall, f"/ws/halls/{hall.id}/board", origin=origin.format(port=hall.server.port))
    assert answer.status == 403


def test_a_page_of_our_own_gets_its_socket(hall: Hall) -> None:
    with board_of(hall, headers={"origin": hall.server.base}) as screen:
        assert screen.view()["type"] == "board"


# ── Who has to leave ─────────────────────────────────────────────────────────────────────────────


def test_a_flood_of_messages_closes_the_socket(hall: Hall) -> None:
    with board_of(hall) as screen:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(130):
                screen.connection.send('{"type": "beat"}')
        assert screen.close_code(3) == UNWELCOME


@pytest.mark.parametrize(
    ("message", "code"), [(b"\x00\x01", BINARY), ("x" * 17_000, TOO_BIG), ("票" * 6_000, TOO_BIG)]
)
def test_what_no_page_of_ours_sends_closes_the_socket(hall: Hall, message: str | bytes, code: int) -> None:
    with board_of(hall) as screen:
        screen.connection.send(message)
        assert screen.close_code(3) == code


@pytest.mark.parametrize(
    "message", ["", "{", "null", '{"type": "subscribe", "hall": "h2"}', "\u202e", "0" * 16_000]
)
def test_a_message_without_meaning_changes_nothing(hall: Hall, message: str) -> None:
    with board_of(hall) as screen:
        seq = screen.view()["seq"]
        screen.connection.send(message)
        hall.takes()
        assert screen.view_where(lambda view: view["seq"] > seq)["hall"]["id"] == hall.id


def test_the_console_of_a_clerk_who_signed_out_is_closed_within_five_seconds(hall: Hall) -> None:
    token = hall.new_account(Role.CLERK)
    with window_of(hall, token=token) as console:
        assert "waiting" in console.view()
        assert hall.server.client(token).ask("DELETE", "/api/v1/sessions/current").status == 204
        assert console.close_code(5) == UNWELCOME


def test_the_console_of_a_clerk_who_was_disabled_is_closed_within_five_seconds(hall: Hall) -> None:
    people = hall.server.house.people
    with window_of(hall, token=hall.clerks["w1"]) as console:
        console.view()
        hall.server.do(people.sign_out_everywhere(f"{hall.id}-w1"))
        assert console.close_code(5) == UNWELCOME


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server looks after its consoles ten times a second."""
    monkeypatch.setattr(live, "STAFF_LOOK_SECONDS", 0.1)


@pytest.mark.usefixtures("looks_often")
def test_a_clerk_who_stays_signed_in_keeps_the_console(hall: Hall) -> None:
    with window_of(hall, token=hall.clerks["w1"]) as console:
        assert console.close_code(0.5) is None


@pytest.mark.usefixtures("looks_often")
def test_the_console_of_a_busy_hall_is_not_taken_for_absent(hall: Hall) -> None:
    """Where something is always shown there is never a beat, and the console is there all the same."""
    desk = hall.desk("w1").does("session")

    def last_heard_of() -> float:
        beats = hall.server.house.presence._beats
        return max((at for who, at in dict(beats).items() if who.startswith(f"{hall.id}:w1:")), default=0.0)

    with window_of(hall, token=desk.token):
        assert eventually(last_heard_of, 2)
        first = last_heard_of()
        assert eventually(lambda: hall.takes() and last_heard_of() > first, 2)


# ── Who does not read ────────────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def deaf(hall: Hall) -> Iterator[socket.socket]:
    """Somebody who opens a socket and never reads what comes."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.connect(("127.0.0.1", hall.server.port))
        lines = [f"GET /ws/halls/{hall.id}/board HTTP/1.1", f"Host: 127.0.0.1:{hall.server.port}",
                 "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]  # fmt: skip
        sock.sendall("\r\n".join(lines).encode())
        yield sock


def test_screens_that_do_not_read_hold_up_nobody_else(hall: Hall) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(deaf(hall))
        screen = stack.enter_context(board_of(hall))
        screen.view()
        for _ in range(15):
            began = time.monotonic()
            hall.takes()
            seq = hall.seq()
            screen.view_where(lambda view: view["seq"] >= seq, SOON_SECONDS)  # noqa: B023
            assert time.monotonic() - began < SOON_SECONDS


def test_the_same_clerk_may_look_from_many_sockets(hall: Hall) -> None:
    with contextlib.ExitStack() as stack:
        screens = [stack.enter_context(window_of(hall, token=hall.clerks["w1"])) for _ in range(10)]
        hall.desk("w1").does("session")
        for screen in screens:
            screen.view_where(lambda view: view["window"]["state"] == "ready")


def test_a_socket_that_was_left_is_forgotten(hall: Hall) -> None:
    rooms = hall.server.house.watch._rooms
    with board_of(hall) as screen:
        screen.view()
        assert hall.id in rooms
    assert eventually(lambda: hall.id not in rooms, 4)
