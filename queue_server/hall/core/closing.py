"""Honest about the end of the day: who cannot be served any more is told in time, and is first when it opens again.

Whoever waits at closing is served for `Rules.extension_seconds` more; after that nobody is called. When even a number
taken now would probably be called later than that, its group issues no more. Whoever waits and will almost surely not
be called (four in five) gets a first slot: the number stays valid, and stands first on the next day. Should the line
move faster than expected, they are called today all the same, and numbers are issued again.

Only in the last `LAST_HOURS`: earlier nobody knows how many windows there will be.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core import rejections as r
from queue_server.hall.core.model import Hall, TicketState
from queue_server.hall.core.order import everyone_waiting
from queue_server.hall.core.outlook import Outlook, expected_call, newcomer_call

LAST_HOURS = timedelta(hours=2)
CALM = timedelta(minutes=5)  # So much room there must be again before numbers are issued again.
SLOTS_AT_ONCE = 100

Asked = c.StopIssuing | c.ResumeIssuing | c.GiveFirstSlots


def last_call_at(hall: Hall, group_id: str) -> datetime | None:
    """When the last person of a group can be called today."""
    closes = (each.closes_at for each in hall.hours if each.group_ids is None or group_id in each.group_ids)
    closes_at = max(closes, default=None)
    return None if closes_at is None else closes_at + timedelta(seconds=hall.rules.extension_seconds)


def is_late(hall: Hall, group_id: str, now: datetime) -> bool:
    """Whether the end of the day is near enough to speak of it."""
    last_at = last_call_at(hall, group_id)
    return last_at is not None and last_at - LAST_HOURS <= now


def changes_due(hall: Hall, now: datetime, outlook: Outlook | None) -> Iterator[Asked]:
    """What the clock asks for: groups to stop or to resume, and first slots to give."""
    for group_id, queue in hall.queues.items():
        if queue.stopped_at is None and out_of_reach(hall, group_id, now, outlook):
            yield c.StopIssuing(group_id)
        if queue.stopped_at is not None and within_reach(hall, group_id, now, outlook):
            yield c.ResumeIssuing(group_id)
    if next(first_slots(hall, now, outlook), None) is not None:
        yield c.GiveFirstSlots()


def out_of_reach(hall: Hall, group_id: str, now: datetime, outlook: Outlook | None) -> bool:
    """Whether somebody who takes a number now will probably not be called today."""
    last_at, people = last_call_at(hall, group_id), hall.queues[group_id].length
    if last_at is None or not is_late(hall, group_id, now):
        return False
    call = newcomer_call(hall, outlook, group_id, people, now)
    return call is not None and call.likely_at > last_at


def within_reach(hall: Hall, group_id: str, now: datetime, outlook: Outlook | None) -> bool:
    """Whether somebody who takes a number now will almost surely be called today after all."""
    last_at, people = last_call_at(hall, group_id), hall.queues[group_id].length
    call = newcomer_call(hall, outlook, group_id, people, now)
    return last_at is not None and call is not None and call.high_at <= last_at - CALM


def first_slots(hall: Hall, now: datetime, outlook: Outlook | None) -> Iterator[int]:
    """Who waits in vain, as far as anybody can say, and has not been told."""
    if hall.rules.carry_over_waiting or hall.next_opens_at is None:
        return  # They keep their places anyway; or nobody knows when there will be a next day.
    for ticket_id in everyone_waiting(hall):
        ticket = hall.tickets[ticket_id]
        last_at = last_call_at(hall, ticket.group_id)
        if ticket.first_slot_at is not None or last_at is None or not is_late(hall, ticket.group_id, now):
            continue
        call = expected_call(hall, outlook, ticket, now)
        if call is not None and call.low_at > last_at:
            yield ticket_id


# ── Deeds ────────────────────────────────────────────────────────────────────────────────────────


def stop_issuing(hall: Hall, command: c.StopIssuing, now: datetime, outlook: Outlook | None) -> list[e.Event]:
    """Issue no more numbers for a group today."""
    queue = hall.queues.get(command.group_id)
    if (
        queue is None
        or queue.stopped_at is not None
        or not out_of_reach(hall, command.group_id, now, outlook)
    ):
        raise r.NothingToDo()
    return [e.IssuingStopped(command.group_id, now)]


def resume_issuing(
    hall: Hall, command: c.ResumeIssuing, now: datetime, outlook: Outlook | None
) -> list[e.Event]:
    """Issue numbers again."""
    queue = hall.queues.get(command.group_id)
    if queue is None or queue.stopped_at is None or not within_reach(hall, command.group_id, now, outlook):
        raise r.NothingToDo()
    return [e.IssuingResumed(command.group_id, now)]


def give_first_slots(hall: Hall, now: datetime, outlook: Outlook | None) -> list[e.Event]:
    """Tell those who will not be called today that they are first on the next day."""
    opens_at = hall.next_opens_at
    slots = islice(first_slots(hall, now, outlook), SLOTS_AT_ONCE)
    events: list[e.Event] = [
        e.FirstSlotGiven(ticket_id, opens_at, now) for ticket_id in slots if opens_at is not None
    ]
    if not events:
        raise r.NothingToDo()
    return events


def keeps_place(hall: Hall, ticket_id: int) -> bool:
    """Whether somebody who waits when the day closes goes over into the next one."""
    ticket = hall.tickets[ticket_id]
    return ticket.state is TicketState.WAITING and (
        hall.rules.carry_over_waiting or ticket.first_slot_at is not None
    )
