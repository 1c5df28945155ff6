"""The life of a message: what may follow what."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.messages import Priority
from notify.states import (
    URGENT_PAUSES_SECONDS,
    Accepted,
    Busy,
    Outcome,
    Refused,
    State,
    Step,
    Verdict,
    after_attempt,
    after_receipt,
    before_sending,
)

FRESH: dict[str, Any] = {
    "age_seconds": 0.5,
    "keep_seconds": 90,
    "withdrawn": False,
    "opted_out": False,
    "known": True,
    "attempts": 1,
}


def attempt(outcome: Outcome, attempts: int = 1, age: float = 0.0, later: tuple[str, ...] = ()) -> Step:
    return after_attempt(
        outcome,
        priority=Priority.CALL,
        attempts=attempts,
        age_seconds=age,
        keep_seconds=90,
        later_channels=later,
        climb_seconds=20,
    )


def test_a_fresh_message_is_sent() -> None:
    assert before_sending(**FRESH) is None


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        ({"age_seconds": 90.0}, "stale"),
        ({"withdrawn": True}, "withdrawn"),
        ({"opted_out": True}, "opted_out"),
        ({"known": False}, "forgotten"),
    ],
)
def test_what_is_no_longer_true_or_wanted_is_not_sent(world: dict[str, Any], reason: str) -> None:
    assert before_sending(**{**FRESH, **world}) == Step(State.SUPPRESSED, reason)


def test_what_senders_keep_dying_of_is_set_aside() -> None:
    assert before_sending(**{**FRESH, "attempts": 100}) == Step(State.ABANDONED, "set_aside")


def test_a_call_is_tried_three_times_and_then_goes_another_way() -> None:
    steps = [attempt(Busy("http_500"), attempts, later=("screens",)) for attempts in (1, 2, 3)]
    assert steps == [
        Step(State.RETRY_WAIT, "http_500", 2.0),
        Step(State.RETRY_WAIT, "http_500", 5.0),
        Step(State.FALLBACK, "http_500"),
    ]


def test_whoever_refuses_is_not_asked_again() -> None:
    assert attempt(Refused("43101"), later=("sms",)) == Step(State.FALLBACK, "43101")
    assert attempt(Refused("21610")) == Step(State.ABANDONED, "21610")


def test_a_message_that_is_out_climbs_only_if_there_is_a_rung_above() -> None:
    assert attempt(Accepted("x"), later=("sms",)).wait_seconds == 20
    assert attempt(Accepted("x")).wait_seconds is None


@given(
    st.sampled_from([Accepted("x"), Busy("b"), Refused("r")]),
    st.integers(1, 20),
    st.floats(0, 200),
    st.sampled_from([(), ("sms",), ("sms", "screens")]),
)
def test_nothing_waits_beyond_its_worth_and_every_rung_ends(
    outcome: Outcome, attempts: int, age: float, later: tuple[str, ...]
) -> None:
    step = attempt(outcome, attempts, age, later)
    assert step.state in {State.SENT, State.RETRY_WAIT, State.FALLBACK, State.ABANDONED}
    if step.state is State.RETRY_WAIT:
        assert step.wait_seconds is not None
        assert age + step.wait_seconds < 90
        assert attempts <= len(URGENT_PAUSES_SECONDS)
    if step.state is State.FALLBACK:
        assert later


@given(st.lists(st.sampled_from(["delivered", "failed"]), max_size=4), st.sampled_from([(), ("sms",)]))
def test_the_same_receipts_in_any_order_end_the_same(receipts: list[Verdict], later: tuple[str, ...]) -> None:
    ends = set()
    for order in itertools.permutations(receipts):
        state = State.SENT
        for verdict in order:
            state = after_receipt(state, verdict, later)
        ends.add(state)
    assert len(ends) == 1


@pytest.mark.parametrize("state", [State.QUEUED, State.SENDING, State.RETRY_WAIT, State.SUPPRESSED])
def test_receipts_about_what_was_never_sent_change_nothing(state: State) -> None:
    assert after_receipt(state, "delivered", ()) is state
    assert after_receipt(state, "failed", ("sms",)) is state
