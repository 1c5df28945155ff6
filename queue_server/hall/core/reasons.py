"""Why somebody else was called first: the true answer, read off the rule by which it happened.

Every call leaves a line (`Called`): who, by which rule, from which place in line, and what the window could
serve just then. Comparing it with where the asker stands gives the one reason that decided, most telling
first: a reason that the asker can see with open eyes (the window does not do this) before one about places.
Of a priority class it says that the law puts somebody first, and never which law or why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from queue_server.hall.core import events as e
from queue_server.hall.core.model import CallRule, Hall, Place, Ticket, TicketState
from queue_server.hall.core.order import serves


class Why(StrEnum):
    """Why another number was called first, or that it was not."""

    OWN_NUMBER = "own_number"  # The number asked about is the asker's.
    NOT_BEFORE = "not_before"  # It was not called before the asker at all.
    BEFORE_YOUR_ISSUE = "before_your_issue"  # It was called before the asker took a number.
    BACK_FROM_HOLD = "back_from_hold"  # It went on with a service that had begun earlier.
    PICKED = "picked"  # A clerk chose it, with a reason on record.
    OTHER_WINDOWS = "other_windows"  # That window does not serve the asker's group.
    OTHER_SKILLS = "other_skills"  # Whoever sat there is not trained for one of the asker's matters.
    BY_LAW = "by_law"  # The law puts it first.
    ORDINARY_TURN = "ordinary_turn"  # The asker goes first by law, but others had waited too long.
    WAITED_LONGER = "waited_longer"  # The same, and the other one came earlier even so.
    OVERTAKEN = "overtaken"  # The same, and too many had gone before the other one already.
    EARLIER_ISSUE = "earlier_issue"  # It was taken earlier.
    KEPT_ISSUE = "kept_issue"  # The same, and it came from another window.
    YOU_RETURNED = "you_returned"  # The asker had missed a call and came back behind some others.
    YOU_DEFERRED = "you_deferred"  # The asker had let others pass.
    IT_RETURNED = "it_returned"  # It had missed a call, and came back to a place before the asker's.
    YOU_AWAY = "you_away"  # The asker was not in that line just then: called, served or elsewhere.


@dataclass(frozen=True, slots=True)
class Called:
    """One call, as it was: the line that the facts keep of it."""

    seq: int
    ticket_id: int
    number: str
    group_id: str
    window_id: str
    clerk_id: str
    rule: CallRule
    reason: str
    undone: bool  # This line takes the call before it back.
    green: bool
    serves: tuple[str, ...]  # The groups the window served with the clerk it had,
    cannot: tuple[str, ...]  # and the matters that clerk is not trained for.
    place: Place
    returns: int
    defers: int
    issued_at: datetime
    called_at: datetime
    moved: bool = False  # To another group than that of its issue.


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands who asks. `called_seq` is that of their own call; None while they wait."""

    ticket_id: int
    group_id: str
    matters: tuple[str, ...]
    place: Place
    green: bool
    returns: int
    defers: int
    called_seq: int | None = None


# ── The answer ───────────────────────────────────────────────────────────────────────────────────


def why_before(mine: Standing, other_id: int, theirs: Iterable[Called]) -> tuple[Why, Called | None]:
    """Why another ticket was called first, and by which of its calls: the last one before the asker's own.

    That is the one that people saw. `theirs` is every line there is of the other ticket.
    """
    if other_id == mine.ticket_id:
        return Why.OWN_NUMBER, None
    before = [
        call for call in standing_calls(theirs) if mine.called_seq is None or call.seq < mine.called_seq
    ]
    if not before:
        return Why.NOT_BEFORE, None
    call = before[-1]
    return reason_of(mine, call), call


def reason_of(mine: Standing, call: Called) -> Why:
    """Why this call went to another number and not to the asker."""
    if call.seq < mine.ticket_id:  # A ticket's id is the journal number of its issue.
        return Why.BEFORE_YOUR_ISSUE
    if call.rule is CallRule.BACK_FROM_HOLD:
        return Why.BACK_FROM_HOLD
    if call.rule is CallRule.PICKED:
        return Why.PICKED
    if mine.group_id not in call.serves:
        return Why.OTHER_WINDOWS
    if not set(call.cannot).isdisjoint(mine.matters):
        return Why.OTHER_SKILLS
    if call.green and not mine.green:
        return Why.BY_LAW
    if mine.green and call.rule is CallRule.ORDINARY_GUARD:
        return Why.ORDINARY_TURN
    if mine.green and call.rule in BEFORE_THE_GREEN_LANE and call.ticket_id < mine.ticket_id:
        return BEFORE_THE_GREEN_LANE[call.rule]
    return reason_of_places(mine, call)


BEFORE_THE_GREEN_LANE = {CallRule.WAITED_LONGER: Why.WAITED_LONGER, CallRule.OVERTAKEN: Why.OVERTAKEN}


def reason_of_places(mine: Standing, call: Called) -> Why:
    """The same for two in one line: whose place came first, and how it came to be there."""
    if call.ticket_id < mine.ticket_id and call.place < mine.place:
        return Why.KEPT_ISSUE if call.moved else Why.EARLIER_ISSUE
    if call.place < mine.place and mine.place == Place(mine.ticket_id):
        return Why.IT_RETURNED
    if call.place < mine.place and moved_by(mine.place) < call.seq:
        return Why.YOU_RETURNED if mine.returns else Why.YOU_DEFERRED
    return Why.BY_LAW if call.rule is CallRule.GREEN_CHANNEL else Why.YOU_AWAY


def moved_by(place: Place) -> int:
    """The journal number of the move that led to a place behind somebody else."""
    return place.turn or place.anchor


# ── What is compared ─────────────────────────────────────────────────────────────────────────────


def standing_calls(lines: Iterable[Called]) -> list[Called]:
    """The calls of one ticket that were not taken back, in order."""
    calls: list[Called] = []
    for line in sorted(lines, key=lambda line: line.seq):
        if not line.undone:
            calls.append(line)
        elif calls:
            calls.pop()
    return calls


def standing(ticket: Ticket, own_calls: Iterable[Called]) -> Standing:
    """Where somebody with an open ticket stands. Who waits has not been called, this time."""
    calls = standing_calls(own_calls)
    waits = ticket.state is TicketState.WAITING or not calls
    return Standing(
        ticket.id,
        ticket.group_id,
        ticket.matters,
        ticket.place,
        ticket.green,
        ticket.returns,
        ticket.defers,
        None if waits else calls[-1].seq,
    )


def stood(own_calls: Iterable[Called], matters: tuple[str, ...]) -> Standing | None:
    """Where somebody stood whose ticket has ended: as at the last call. None for whoever was never called."""
    calls = standing_calls(own_calls)
    if not calls:
        return None
    last = calls[-1]
    return Standing(
        last.ticket_id,
        last.group_id,
        matters,
        last.place,
        last.green,
        last.returns,
        last.defers,
        last.seq,
    )


Calling = e.TicketCalled | e.ServingResumed | e.CallUndone


def call_made(hall: Hall, event: Calling) -> Called:
    """The line for what is about to happen in a hall. Going on with a held service counts: people see it."""
    ticket = hall.tickets[event.ticket_id]
    window_id = event.window_id if isinstance(event, e.TicketCalled) else ticket.window_id
    assert window_id is not None
    window = hall.windows[window_id]
    assert window.session is not None  # Nobody is called to, or in hand at, a closed window.
    return Called(
        seq=hall.seq + 1,
        ticket_id=ticket.id,
        number=ticket.number,
        group_id=ticket.group_id,
        window_id=window.id,
        clerk_id=window.session.clerk.id,
        rule=rule_of(event, ticket),
        reason=event.reason if isinstance(event, e.TicketCalled) else "",
        undone=isinstance(event, e.CallUndone),
        green=ticket.green,
        serves=serves(window),
        cannot=window.session.clerk.cannot,
        place=ticket.place,
        returns=ticket.returns,
        defers=ticket.defers,
        issued_at=ticket.issued_at,
        called_at=event.at,
    )


def rule_of(event: Calling, ticket: Ticket) -> CallRule:
    """By which rule it happens; a call that is taken back keeps its own."""
    if isinstance(event, e.TicketCalled):
        return event.rule
    if isinstance(event, e.ServingResumed):
        return CallRule.BACK_FROM_HOLD
    return ticket.call_rule or CallRule.TURN
