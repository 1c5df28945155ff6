"""What happened to a ticket, line by line, for staff who are asked about it."""

from collections.abc import Iterable, Iterator, Mapping

from queue_server.hall.core import events as e
from queue_server.hall.core.model import Hall
from queue_server.hall.live.views.parts import View, name
from queue_server.hall.store.journal import Entry

Names = Mapping[str, str]

# What there is to say of something besides who did it, when and where. Mostly it does not apply.
NOTHING: View = dict.fromkeys(("group", "channel", "rule", "reason", "until", "priority_class", "proof_seen"))

LEAVES_THE_WINDOW = (
    e.CallUndone,
    e.TicketMissed,
    e.TicketTransferred,
    e.TicketReassigned,
    e.ServingCompleted,
)


def history(hall: Hall, story: Iterable[Entry], names: Names) -> list[View]:
    """The story of a ticket; `names` has those of staff, by id."""
    return list(lines(hall, story, names))


def lines(hall: Hall, story: Iterable[Entry], names: Names) -> Iterator[View]:
    """A line for each event, at the window where the ticket was just then."""
    window_id = None
    for entry in story:
        event = entry.event
        if isinstance(event, e.TicketCalled):
            window_id = event.window_id
        said = told(hall, event)
        if said is not None:
            what, more = said
            by = doer(entry.by, names)
            yield {
                "seq": entry.seq,
                "at": entry.at,
                "what": what,
                "by": by,
                "window": window_id,
                **NOTHING,
                **more,
            }
        if isinstance(event, LEAVES_THE_WINDOW):
            window_id = None


def told(hall: Hall, event: e.Event) -> tuple[str, View] | None:
    """What happened, and what there is to say of it; None for what was only sent or looked at."""
    match event:
        case e.TicketIssued():
            wish = {"channel": event.channel, "priority_class": event.priority_class}
            return "issued", {"group": group(hall, event.legs[0].group_id), **wish}
        case e.PromiseRevised():
            because = event.because[0] if event.because else None
            return "revised_later" if event.later else "revised_earlier", {"reason": because}
        case e.FirstSlotGiven():
            return "first_slot", {"until": event.opens_at}
        case e.TicketCalled():
            return "called", {"rule": event.rule, "reason": event.reason or None}
        case e.TicketRecalled():
            return "recalled", {}
        case e.CallUndone():
            return "undone", {"reason": event.reason or None}
        case e.CallAcknowledged():
            return "acknowledged", {}
        case e.TicketMissed():
            return "missed", {}
        case e.TicketRequeued():
            return "returned", {}
        case e.TicketDeferred():
            return "deferred", {}
        case e.ServingStarted():
            return "started", {}
        case e.TicketHeld():
            return "held", {"reason": event.reason, "until": event.until}
        case e.HoldReturned():
            return "back", {}
        case e.ServingResumed():
            return "resumed", {}
        case e.TicketTransferred():
            return "transferred", {"group": group(hall, event.group_id), "reason": event.reason}
        case e.TicketReassigned():
            return "reassigned", {}
        case e.ServingCompleted():
            return "completed", {"reason": event.overrun_reason or None}
        case e.PhoneBound():
            return "phone_bound", {}
        case e.WechatBound():
            return "wechat_bound", {}
        case e.ClassChanged():
            now = {"priority_class": event.priority_class, "proof_seen": event.proof_seen}
            return "class_changed", {"reason": event.reason, **now}
        case e.HelpTaken():
            return "fetched", {}
        case e.HelpReleased():
            return "left_to_others", {}
        case e.TicketCancelled():
            return "cancelled", {"reason": event.reason or None}
        case e.TicketExpired():
            return "expired", {"reason": event.reason}
        case _:
            return None


def group(hall: Hall, group_id: str) -> View | None:
    """A group by name; None if the hall has it no more."""
    found = hall.groups.get(group_id)
    return None if found is None else {"id": group_id, "name": name(found.name)}


def doer(by: str, names: Names) -> View:
    """Who did it."""
    role, _, account_id = by.partition(":")
    return {"role": role, "name": names.get(account_id)}


def staff_in(story: Iterable[Entry]) -> set[str]:
    """The ids of the staff who did something in a story."""
    return {account_id for entry in story if (account_id := entry.by.partition(":")[2])}
