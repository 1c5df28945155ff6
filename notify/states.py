"""The life of a message (domain brief, 5.6), as pure functions.

     queued ──> sending ──> sent ──> delivered
        │          │ busy      └──> fallback        a receipt says that it failed
        │          v
        │      retry_wait ──> sending … ──> fallback ──> (the next channel, queued) … abandoned
        └──> suppressed

* A message is only sent while it is worth something. Whether it still is, is asked in the transaction that
  takes it out of the queue, and in no other place.
* `busy` (a timeout, 429, 5xx, nonsense) may pass: it is tried again, a few times, with longer and longer
  pauses. `refused` does not pass: the next channel is taken at once.
* Nobody knows what became of a message whose sender died while sending. It is sent again when the lease
  ends, once; then it counts as sent, and the next rung is taken. So nobody hears the same thing three times.
* Receipts come late, twice and in any order. `delivered` is the last word, `failed` only the last but one,
  so every order of the same receipts ends in the same state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, assert_never

from notify.messages import Priority

URGENT_PAUSES_SECONDS: Final = (
    2.0,
    5.0,
)  # Three attempts within fifteen seconds, each of which may take three.
PAUSES_SECONDS: Final = (5.0, 15.0, 60.0, 300.0, 900.0)
BEGUN_MAX: Final = 2
DEATHS_MAX: Final = 5  # Whatever more have died of, even before they began to send it, is set aside.


class State(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    RETRY_WAIT = "retry_wait"
    SENT = "sent"
    DELIVERED = "delivered"
    FALLBACK = "fallback"
    SUPPRESSED = "suppressed"
    ABANDONED = "abandoned"


Verdict = Literal["delivered", "failed"]
"""What a receipt says."""


# ── What an attempt came to ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken it over. `parts` is how many short messages it pays for.

    `consent` is the template whose one-time subscription this has used up.
    """

    reference: str
    parts: int = 1
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Busy:
    """Not now. It may work later, or with another provider."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Not this message to this person by this channel, however often it is tried."""

    reason: str


Outcome = Accepted | Busy | Refused


@dataclass(frozen=True, slots=True)
class Step:
    """The next state, why, and how long until something is due there."""

    state: State
    reason: str = ""
    wait_seconds: float | None = None


# ── Before it is sent ────────────────────────────────────────────────────────────────────────────


def before_sending(
    *,
    age_seconds: float,
    keep_seconds: int,
    withdrawn: bool,
    opted_out: bool,
    known: bool,
    attempts: int,
    begun: int = 0,
    later_channels: Sequence[str] = (),
) -> Step | None:
    """Why a message that was just taken out of the queue is not sent after all, or None to send it.

    Whoever wants no messages gets none, but a rung that is no message (a guide) is still there for them.
    """
    if withdrawn:
        return Step(State.SUPPRESSED, "withdrawn")
    if age_seconds >= keep_seconds:
        return Step(State.SUPPRESSED, "stale")
    if not known:
        return Step(State.FALLBACK if later_channels else State.SUPPRESSED, "forgotten")
    if opted_out:
        return Step(State.FALLBACK if later_channels else State.SUPPRESSED, "opted_out")
    if begun >= BEGUN_MAX:
        return given_up("outcome_unknown", later_channels)
    if attempts > DEATHS_MAX + len(PAUSES_SECONDS):
        return Step(State.ABANDONED, "set_aside")
    return None


# ── After an attempt ─────────────────────────────────────────────────────────────────────────────


def after_attempt(
    outcome: Outcome,
    *,
    priority: Priority,
    attempts: int,
    age_seconds: float,
    keep_seconds: int,
    later_channels: Sequence[str],
    climb_seconds: float | None = None,
) -> Step:
    """Where a message goes from `sending`."""
    match outcome:
        case Accepted():
            return Step(State.SENT, wait_seconds=climb_seconds if later_channels else None)
        case Refused(reason):
            return given_up(reason, later_channels)
        case Busy(reason):
            pauses = URGENT_PAUSES_SECONDS if priority.urgent else PAUSES_SECONDS
            if attempts > len(pauses):
                return given_up(reason, later_channels)
            if age_seconds + pauses[attempts - 1] >= keep_seconds:
                return given_up(reason, later_channels)
            return Step(State.RETRY_WAIT, reason, pauses[attempts - 1])
        case _:
            assert_never(outcome)


def given_up(reason: str, later_channels: Sequence[str]) -> Step:
    """The end of this rung: to the next one if there is one."""
    return Step(State.FALLBACK if later_channels else State.ABANDONED, reason)


# ── Receipts ─────────────────────────────────────────────────────────────────────────────────────


def after_receipt(state: State, verdict: Verdict, later_channels: Sequence[str]) -> State:
    """Where a receipt takes a message; receipts about messages that were never sent change nothing.

    >>> after_receipt(State.SENT, "delivered", ()), after_receipt(State.DELIVERED, "failed", ())
    (<State.DELIVERED: 'delivered'>, <State.DELIVERED: 'delivered'>)
    """
    if verdict == "delivered":
        heard_of = (State.SENT, State.FALLBACK, State.ABANDONED)
        return State.DELIVERED if state in heard_of else state
    return given_up("failed", later_channels).state if state is State.SENT else state
