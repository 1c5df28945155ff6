"""A repeated request has one effect, whatever happened in between."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from queue_server.settings import Settings

from .places import Answer, Client, Hall, Json, said_to, served

WISH: Json = {"group": "A", "channel": "kiosk"}


def takes(hall: Hall, key: str, wish: Json = WISH, client: Client | None = None) -> Answer:
    return (client or hall.server.anybody).ask("POST", f"{hall.at}/tickets", wish, key=key)


def test_a_repeat_gets_the_first_answer_byte_for_byte(hall: Hall) -> None:
    first = takes(hall, "k1")
    hall.takes()  # The world goes on, the answer does not.
    again = takes(hall, "k1")
    assert (again.status, again.body) == (201, first.body)


def test_a_repeat_changes_nothing(hall: Hall) -> None:
    takes(hall, "k1")
    seq = hall.seq()
    takes(hall, "k1")
    assert hall.seq() == seq


def test_without_a_key_every_request_is_a_new_one(hall: Hall) -> None:
    assert hall.takes().ticket["number"] != hall.takes().ticket["number"]


def test_a_key_with_another_body_is_refused(hall: Hall) -> None:
    takes(hall, "k1")
    answer = takes(hall, "k1", {"group": "B", "channel": "kiosk"})
    assert answer.said == (422, "idempotency_key_reused")


def test_a_refused_reuse_leaves_no_trace(hall: Hall) -> None:
    takes(hall, "k1")
    seq = hall.seq()
    takes(hall, "k1", {"group": "B", "channel": "kiosk"})
    assert hall.seq() == seq


def test_a_call_repeated_after_the_service_still_answers_with_the_call(hall: Hall) -> None:
    hall.takes()
    hall.takes()
    desk = hall.desk("w1").does("session")
    first = desk.asks("POST", "calls", key="k1")
    desk.does("start", "completion")
    assert desk.asks("POST", "calls", key="k1").body == first.body
    assert desk.sees()["ticket"] is None


def test_the_same_key_at_another_address_is_another_request(hall: Hall) -> None:
    hall.takes()
    desk = hall.desk("w1").does("session")
    assert desk.asks("POST", "calls", {}, key="k1").status == 201
    assert desk.asks("POST", "start", {}, key="k1").json["ticket"]["state"] == "serving"


def test_the_same_key_of_another_clerk_is_another_request(hall: Hall) -> None:
    hall.takes()
    guide, manager = hall.by("guide"), hall.by("manager")
    path = f"{hall.at}/tickets/{hall.takes().id}/priority-class"
    granted = {"priority_class": "ill", "reason": "seen", "proof_seen": True}
    assert guide.ask("POST", path, granted, key="k1").status == 200
    assert manager.ask("POST", path, granted, key="k1").said == (409, "nothing_to_do")


def test_a_refusal_is_not_remembered(hall: Hall) -> None:
    desk = hall.desk("w1").does("session")
    assert desk.asks("POST", "calls", key="k1").said == (409, "nobody_waiting")
    hall.takes()
    assert desk.asks("POST", "calls", key="k1").status == 201


@pytest.mark.parametrize(
    ("method", "deed", "body"), [("PUT", "pause", {"reason": "tea"}), ("DELETE", "session", None)]
)
def test_what_is_put_or_deleted_takes_a_key_as_well(
    hall: Hall, method: str, deed: str, body: Json | None
) -> None:
    desk = hall.desk("w1").does("session")
    sent = {} if body is None else {"body": body}
    first = desk.asks(method, deed, key="k1", **sent)
    again = desk.asks(method, deed, key="k1", **sent)
    assert (again.status, again.body) == (200, first.body)


def test_a_day_that_is_opened_twice_with_one_key_is_opened_once(hall: Hall) -> None:
    manager = hall.by("manager")
    manager.ask("DELETE", f"{hall.at}/day")
    first = manager.ask("POST", f"{hall.at}/day", key="k1")
    again = manager.ask("POST", f"{hall.at}/day", key="k1")
    assert (first.status, again.body) == (201, first.body)


def test_repeats_at_the_same_moment_have_one_effect(hall: Hall) -> None:
    seq = hall.seq()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: takes(hall, "k1", client=hall.server.client()), range(16)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert hall.seq() == seq + 1


# ── What a key may be ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", ["k", "~" * 255, "!#$%&'*+-.^_`|~", "1b671a64-40d5-491e-99b0-da01ff1f3341"])
def test_visible_ascii_of_any_length_up_to_255_is_a_key(hall: Hall, key: str) -> None:
    assert takes(hall, key).status == 201


@pytest.mark.parametrize(
    "key",
    ["", "k" * 256, "k" * 10_000, "with space", "tab\there", "ké", "票".encode().decode("latin-1")],
    ids=["empty", "256", "10000", "space", "tab", "latin", "utf-8"],
)
def test_anything_else_is_no_key(hall: Hall, key: str) -> None:
    seq = hall.seq()
    assert takes(hall, key).said == (400, "idempotency_key_invalid")
    assert hall.seq() == seq


def test_two_keys_are_none(hall: Hall) -> None:
    seq = hall.seq()
    head = f"POST {hall.at}/tickets HTTP/1.1\r\nHost: x\r\nContent-Length: 34\r\nContent-Type: application/json\r\n"
    keys = "Idempotency-Key: k1\r\nIdempotency-Key: k2\r\n"
    told = said_to(hall.server, f'{head}{keys}\r\n{{"group": "A", "channel": "kiosk"}}')
    assert told.startswith(b"HTTP/1.1 400")
    assert b"idempotency_key_invalid" in told
    assert hall.seq() == seq


# ── Another process, and another life ────────────────────────────────────────────────────────────


@pytest.fixture
def other(hall_settings: Settings, hall: Hall) -> Iterator[Hall]:
    """The same hall, as a server that knows nothing but the database shows it."""
    with served(hall_settings) as server:
        yield replace(hall, server=server)


def test_a_repeat_after_a_restart_gets_the_first_answer(hall: Hall, other: Hall) -> None:
    first = takes(hall, "k1")
    assert takes(other, "k1").body == first.body
    assert other.seq() == hall.seq()


def test_a_reuse_after_a_restart_is_refused(hall: Hall, other: Hall) -> None:
    takes(hall, "k1")
    assert takes(other, "k1", {"group": "B", "channel": "kiosk"}).said == (422, "idempotency_key_reused")


def test_a_refused_repeat_after_a_restart_is_recognised_as_one(hall: Hall, other: Hall) -> None:
    """The window is busy now: with the very call that is being repeated."""
    hall.takes()
    first = hall.desk("w1").does("session").asks("POST", "calls", key="k1")
    assert other.desk("w1").asks("POST", "calls", key="k1").body == first.body


def test_repeats_at_the_same_moment_on_two_servers_have_one_effect(hall: Hall, other: Hall) -> None:
    seq = hall.seq()
    with ThreadPoolExecutor(12) as pool:
        halls = [hall, other] * 6
        answers = list(pool.map(lambda each: takes(each, "k1", client=each.server.client()), halls))
    assert len({answer.body for answer in answers}) == 1
    assert hall.seq() == seq + 1
