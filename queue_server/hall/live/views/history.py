"""What happened to a ticket, line by line, for staff who are asked about it."""

from collections.abc import Iterable, Iterator, Mapping

from queue_server.hall.core import events as e
from queue_server.hall.core.model import Hall
from queue_server.hall.live.views.parts import View, name
from queue_server.hall.store.journal import Entry

WHAT: Mapping[type[e.Event], str] = {
    e.TicketIssued: "issued",
    e.TicketCalled: "called",
    e.TicketRecalled: "recalled",
    e.CallUndone: "undone",
    e.CallAcknowledged: "acknowledged",
    e.ServingStarted: "started",
    e.TicketMissed: "missed",
    e.TicketRequeued: "returned",
    e.TicketHeld: "held",
    e.HoldReturned: "back",
    e.ServingResumed: "resumed",
    e.TicketTransferred: "transferred",
    e.TicketReassigned: "reassigned",
    e.ServingCompleted: "completed",
    e.TicketCancelled: "cancelled",
    e.TicketDeferred: "deferred",
    e.ClassChanged: "class_changed",
    e.TicketExpired: "expired",
}
"""The events that concern people. That a reminder was sent is not among them."""

Names = Mapping[str, str]


def history(hall: Hall, story: Iterable[Entry], names: Names) -> list[View]:
    """The story of a ticket; `names` has those of staff, by id."""
    return list(lines(hall, story, names))


def lines(hall: Hall, story: Iterable[Entry], names: Names) -> Iterator[View]:
    """One line for each event, at the window where the ticket was just then."""
    window_id = None
    for entry in story:
        event = entry.event
        if isinstance(event, e.TicketCalled):
            window_id = event.window_id
        what = WHAT.get(type(event))
        if what is not None:
            yield {
                "seq": entry.seq,
                "at": entry.at,
                "what": what,
                "by": doer(entry.by, names),
                "window": window_id,
                **details(hall, event),
            }
        if isinstance(event, LEAVES_THE_WINDOW):
            window_id = None


LEAVES_THE_WINDOW = (
    e.CallUndone,
    e.TicketMissed,
    e.TicketTransferred,
    e.TicketReassigned,
    e.ServingCompleted,
)


def details(hall: Hall, event: e.Event) -> View:
    """What there is to say besides; None for what does not apply."""
    group_id = (
        event.legs[0].group_id if isinstance(event, e.TicketIssued) else getattr(event, "group_id", None)
    )
    group = hall.groups.get(group_id) if group_id is not None else None
    return {
        "group": None if group is None else {"id": group.id, "name": name(group.name)},
        "channel": getattr(event, "channel", None),
        "rule": getattr(event, "rule", None),
        "reason": getattr(event, "reason", "") or getattr(event, "overrun_reason", "") or None,
        "until": getattr(event, "until", None),
        "priority_class": getattr(event, "priority_class", None),
        "proof_seen": getattr(event, "proof_seen", None),
    }


def doer(by: str, names: Names) -> View:
    """Who did it."""
    role, _, account_id = by.partition(":")
    return {"role": role, "name": names.get(account_id)}


def staff_in(story: Iterable[Entry]) -> set[str]:
    """The ids of the staff who did something in a story."""
    return {account_id for entry in story if (account_id := entry.by.partition(":")[2])}
