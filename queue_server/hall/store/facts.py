"""Report rows about tickets, written with their events: when a ticket is issued, at each call, when it ends.

They are a function of the journal: `rebuild` derives them again, and a test proves the rows equal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from queue_server.hall.core import events as e
from queue_server.hall.core.evolve import replay, stopped
from queue_server.hall.core.help import why_fetched
from queue_server.hall.core.model import CallRule, Hall, Place, Ticket, TicketState, seconds_between
from queue_server.hall.core.reasons import Called, Calling, call_made
from queue_server.kit.database import Insert, Transaction
from queue_server.kit.sql import Row

ISSUED = Insert(
    "facts_issued",
    (
        ("hall_id", "text"),
        ("ticket_id", "bigint"),
        ("day", "date"),
        ("number", "text"),
        ("group_id", "text"),
        ("matters", "text"),
        ("channel", "text"),
        ("priority_class", "text"),
        ("issued_at", "timestamptz"),
        ("link_hash", "text"),
    ),
)

ENDED = Insert(
    "facts_ended",
    (
        ("hall_id", "text"),
        ("ticket_id", "bigint"),
        ("day", "date"),
        ("number", "text"),
        ("group_id", "text"),
        ("state", "text"),
        ("reason", "text"),
        ("priority_class", "text"),
        ("issued_at", "timestamptz"),
        ("first_called_at", "timestamptz"),
        ("started_at", "timestamptz"),
        ("ended_at", "timestamptz"),
        ("window_id", "text"),
        ("clerk_id", "text"),
        ("wait_seconds", "real"),
        ("service_seconds", "real"),
        ("hold_seconds", "real"),
        ("hops", "int"),
        ("returns", "int"),
        ("due_at", "timestamptz"),
        ("helped_at", "timestamptz"),
        ("helper_id", "text"),
    ),
)

CALLED = Insert(
    "facts_called",
    (
        ("hall_id", "text"),
        ("seq", "bigint"),
        ("ticket_id", "bigint"),
        ("day", "date"),
        ("number", "text"),
        ("group_id", "text"),
        ("window_id", "text"),
        ("clerk_id", "text"),
        ("rule", "text"),
        ("reason", "text"),
        ("undone", "boolean"),
        ("green", "boolean"),
        ("serves", "text"),
        ("cannot", "text"),
        ("anchor", "bigint"),
        ("turn", "bigint"),
        ("returns", "int"),
        ("defers", "int"),
        ("issued_at", "timestamptz"),
        ("called_at", "timestamptz"),
    ),
)

TABLES = (ISSUED, CALLED, ENDED)

_AGAIN = {
    statement: Insert(statement.table, statement.columns, on_conflict="ON CONFLICT DO NOTHING")
    for statement in TABLES
}

Ending = e.ServingCompleted | e.TicketCancelled | e.TicketExpired
Counted = e.TicketIssued | Calling | Ending
COUNTED = Counted.__args__

Fact = tuple[Insert, tuple[object, ...]]


def facts_of(hall: Hall, events: Sequence[e.Event]) -> list[Fact]:
    """The rows for what happens next in a hall."""
    facts: list[Fact] = []
    at = 0  # Up to which event the hall has come: it only follows where a row needs to know.
    for index, event in enumerate(events):
        if isinstance(event, COUNTED):
            hall = replay(hall, events[at:index])
            at = index
            facts += fact_of(hall, event)
    return facts


def fact_of(hall: Hall, event: Counted) -> list[Fact]:
    """The row of one event, if it makes one."""
    if isinstance(event, e.TicketIssued):
        return [(ISSUED, issued_row(hall, event))]
    if isinstance(event, Calling):
        return [(CALLED, called_row(hall, call_made(hall, event)))]
    ticket = hall.tickets[event.ticket_id]
    if isinstance(event, e.ServingCompleted) and ticket.later_legs:
        return []  # The visit goes on.
    return [(ENDED, ended_row(hall, ticket, event))]


def issued_row(hall: Hall, event: e.TicketIssued) -> tuple[object, ...]:
    """A ticket at its issue."""
    assert hall.day is not None
    return (
        hall.id,
        hall.seq + 1,
        hall.day.isoformat(),
        event.number,
        event.legs[0].group_id,
        ",".join(code for leg in event.legs for code in leg.matters),
        event.channel.value,
        None if event.priority_class is None else event.priority_class.value,
        event.at.isoformat(),
        event.link_hash,
    )


def called_row(hall: Hall, call: Called) -> tuple[object, ...]:
    """A call, or that one was taken back."""
    assert hall.day is not None
    return (
        hall.id,
        call.seq,
        call.ticket_id,
        hall.day.isoformat(),
        call.number,
        call.group_id,
        call.window_id,
        call.clerk_id,
        call.rule.value,
        call.reason,
        call.undone,
        call.green,
        ",".join(call.serves),
        ",".join(call.cannot),
        call.place.anchor,
        call.place.turn,
        call.returns,
        call.defers,
        call.issued_at.isoformat(),
        call.called_at.isoformat(),
    )


def ended_row(hall: Hall, ticket: Ticket, event: Ending) -> tuple[object, ...]:
    """A ticket at its end, with its whole story in figures."""
    assert hall.day is not None
    ticket = stopped(ticket, event.at)
    match event:
        case e.ServingCompleted():
            state, reason = TicketState.COMPLETED, ""
        case e.TicketCancelled():
            state, reason = TicketState.CANCELLED, "void" if event.voided else "cancelled"
        case e.TicketExpired():
            state, reason = TicketState.EXPIRED, event.reason
        case _:
            assert_never(event)
    called_at = ticket.first_called_at
    return (
        hall.id,
        ticket.id,
        hall.day.isoformat(),
        ticket.number,
        ticket.group_id,
        state.value,
        reason,
        None if ticket.priority_class is None else ticket.priority_class.value,
        ticket.issued_at.isoformat(),
        instant(called_at),
        instant(ticket.started_at),
        event.at.isoformat(),
        ticket.window_id,
        ticket.clerk_id,
        None if called_at is None else seconds_between(ticket.issued_at, called_at),
        ticket.service_seconds,
        ticket.hold_seconds,
        ticket.hops,
        ticket.returns,
        instant(ticket.due_at if ticket.helper is not None or why_fetched(ticket) else None),
        instant(ticket.helped_at),
        None if ticket.helper is None else ticket.helper.id,
    )


def instant(at: datetime | None) -> str | None:
    """An instant as the database reads it."""
    return None if at is None else at.isoformat()


def record(tx: Transaction, facts: Iterable[Fact]) -> None:
    """Write the rows, in the transaction of their events."""
    for statement, row in facts:
        tx.insert(statement, row)


def record_again(tx: Transaction, facts: Iterable[Fact]) -> None:
    """Write the rows of a journal that others go on writing to: what they have just written stands."""
    for statement, row in facts:
        tx.insert(_AGAIN[statement], row)


def forget(tx: Transaction, hall_id: str) -> None:
    """Delete the rows of a hall, to derive them again."""
    for statement in TABLES:
        tx.execute(f"DELETE FROM {statement.table} WHERE hall_id = :hall_id", hall_id=hall_id)  # noqa: S608 - our own name.


# ── Finding a ticket ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket as the facts know it, ended or not."""

    hall_id: str
    ticket_id: int
    day: date
    number: str
    group_id: str
    matters: tuple[str, ...]
    priority_class: str | None
    issued_at: datetime
    state: str | None  # None while it is open: the hall knows.
    reason: str
    ended_at: datetime | None
    window_id: str | None


_FIND = """
    SELECT i.hall_id, i.ticket_id, i.day, i.number, i.group_id, i.matters, i.priority_class, i.issued_at,
           e.state, e.reason, e.ended_at, e.window_id
    FROM facts_issued i
    LEFT JOIN facts_ended e USING (hall_id, ticket_id)
"""


def by_link(tx: Transaction, link_hash: str) -> Found | None:
    """The ticket of a citizen's link."""
    return found(tx.one(_FIND + "WHERE i.link_hash = :link_hash", link_hash=link_hash))


def by_id(tx: Transaction, hall_id: str, ticket_id: int) -> Found | None:
    """A ticket of a hall."""
    where = "WHERE i.hall_id = :hall_id AND i.ticket_id = :ticket_id"
    return found(tx.one(_FIND + where, hall_id=hall_id, ticket_id=ticket_id))


def found(row: Row | None) -> Found | None:
    """A row as a value."""
    if row is None:
        return None
    return Found(
        **{
            **row,
            "matters": tuple(filter(None, row["matters"].split(","))),
            "reason": row["reason"] or "",
        }
    )


# ── Counting ─────────────────────────────────────────────────────────────────────────────────────

_TIMES_ASKED = """
    SELECT code, count(*) AS times
    FROM facts_issued, unnest(string_to_array(matters, ',')) AS code
    WHERE hall_id = :hall_id AND day >= :since
    GROUP BY code
"""


def times_asked(tx: Transaction, hall_id: str, since: date) -> dict[str, int]:
    """How often each matter was taken since a day, by code."""
    return {row["code"]: row["times"] for row in tx.all(_TIMES_ASKED, hall_id=hall_id, since=since)}


def came_since(tx: Transaction, hall_id: str, since: datetime) -> dict[tuple[str, bool], int]:
    """How many people took a number since then, by group and green channel."""
    rows = tx.all(
        """
        SELECT group_id, priority_class IS NOT NULL AS green, count(*) AS people
        FROM facts_issued
        WHERE hall_id = :hall_id AND day >= (:since)::timestamptz::date - 1 AND issued_at > :since
        GROUP BY 1, 2
        """,
        hall_id=hall_id,
        since=since,
    )
    return {(row["group_id"], row["green"]): row["people"] for row in rows}


# ── Finding calls ────────────────────────────────────────────────────────────────────────────────

_CALLS = """
    SELECT c.seq, c.ticket_id, c.number, c.group_id, c.window_id, c.clerk_id, c.rule, c.reason, c.undone, c.green,
           c.serves, c.cannot, c.anchor, c.turn, c.returns, c.defers, c.issued_at, c.called_at,
           c.group_id <> i.group_id AS moved
    FROM facts_called c
    JOIN facts_issued i USING (hall_id, ticket_id)
"""


def calls_of(tx: Transaction, hall_id: str, ticket_id: int) -> list[Called]:
    """Every call of a ticket, and every one that was taken back, in order."""
    where = "WHERE c.hall_id = :hall_id AND c.ticket_id = :ticket_id ORDER BY c.seq"
    return [called(row) for row in tx.all(_CALLS + where, hall_id=hall_id, ticket_id=ticket_id)]


def ticket_with_number(tx: Transaction, hall_id: str, day: date, number: str) -> int | None:
    """Whose number it is on this day; somebody carried over is known by the call. None if nobody has it."""
    row = tx.one(
        """
        SELECT ticket_id FROM facts_issued WHERE hall_id = :hall_id AND day = :day AND number = :number
        UNION
        SELECT ticket_id FROM facts_called WHERE hall_id = :hall_id AND day = :day AND number = :number
        """,
        hall_id=hall_id,
        day=day,
        number=number,
    )
    return None if row is None else int(row["ticket_id"])


def called(row: Row) -> Called:
    """A row as a value."""
    place = Place(row.pop("anchor"), row.pop("turn"))
    lists = {name: tuple(filter(None, row[name].split(","))) for name in ("serves", "cannot")}
    return Called(**{**row, **lists, "rule": CallRule(row["rule"]), "place": place})
