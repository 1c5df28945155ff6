"""What the server counts, for Prometheus. A few, and each costs about a microsecond.

Labels are short lists that we wrote ourselves: never a ticket, a person, an address or anything a client
sent. Children are looked up once and kept, because the library's own look-up costs more than the counting.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

# A command is one commit, so these reach from the fastest disk to the deadline of a commit.
BUCKETS_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

_TICKETS_ISSUED = Counter(
    "jinghao_tickets_issued_total", "Tickets taken, by hall, group and channel.", ["hall", "group", "channel"]
)
_CALLS = Counter("jinghao_calls_total", "What became of the wish to call somebody.", ["result"])
_COMMAND_SECONDS = Histogram(
    "jinghao_command_duration_seconds",
    "From the decision to the durable answer, by command; the outcome is ok or the code of the refusal.",
    ["command", "outcome"],
    buckets=BUCKETS_SECONDS,
)
_CONNECTIONS = Gauge("jinghao_ws_connections", "Open WebSockets, by kind.", ["kind"])
_REJECTED = Counter(
    "jinghao_requests_rejected_total", "Requests answered with a problem, by its code.", ["code"]
)
_MESSAGES_LATE = Gauge(
    "jinghao_messages_late", "Messages that are due and not yet sent, by channel.", ["channel"]
)
_MESSAGES_LATE_SECONDS = Gauge(
    "jinghao_messages_late_seconds", "For how long the oldest of them has been due, by channel.", ["channel"]
)


@cache
def tickets_issued(hall: str, group: str, channel: str) -> Counter:
    """Tickets taken at one door."""
    return _TICKETS_ISSUED.labels(hall, group, channel)


@cache
def calls(result: str) -> Counter:
    """Wishes to call somebody: `ok`, `empty` (nobody waits), `conflict` (not now) or `error`."""
    return _CALLS.labels(result)


@cache
def command_seconds(command: str, outcome: str) -> Histogram:
    """How long one kind of command took, by what came of it."""
    return _COMMAND_SECONDS.labels(command, outcome)


@cache
def connections(kind: str) -> Gauge:
    """WebSockets that are open now: `board`, `screen`, `console` or `ticket`."""
    return _CONNECTIONS.labels(kind)


@cache
def rejected(code: str) -> Counter:
    """Requests that were answered with this problem."""
    return _REJECTED.labels(code)


def messages_late(backlogs: Iterable[tuple[str, int, float]]) -> None:
    """Set how many messages are late and for how many seconds the oldest is, by channel; of others nothing."""
    _MESSAGES_LATE.clear()
    _MESSAGES_LATE_SECONDS.clear()
    for channel, messages, seconds in backlogs:
        _MESSAGES_LATE.labels(channel).set(messages)
        _MESSAGES_LATE_SECONDS.labels(channel).set(seconds)
