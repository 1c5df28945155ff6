"""What citizens ask of a hall, and staff on their behalf."""

from datetime import datetime

from msgspec.structs import replace

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core import rejections as r
from queue_server.hall.core.model import Group, Hall, Reach, Ticket, TicketState, seconds_between
from queue_server.hall.core.order import ahead, ahead_of_newcomer, lane_for, place_behind
from queue_server.hall.core.outlook import Outlook
from queue_server.hall.core.promises import promised
from queue_server.hall.core.reminders import WALK_MINUTES_MAX, is_near, is_near_at_issue


def issue(hall: Hall, command: c.IssueTicket, now: datetime, outlook: Outlook | None = None) -> list[e.Event]:
    """A place at the end of the lane of the first leg."""
    for leg in command.legs:
        check_group_takes(hall, leg.group_id, now)
    group = hall.groups[command.legs[0].group_id]
    queue = hall.queues[group.id]
    if group.capacity is not None and queue.length >= group.capacity:
        raise r.GroupFull(group=group.id, waiting=queue.length)
    green = command.priority_class is not None
    people_ahead = ahead_of_newcomer(hall, group.id, now, green=green)
    promise = promised(hall, outlook, group.id, people_ahead, now, green=green)
    return [
        e.TicketIssued(
            at=now,
            number=next_number(hall, prefix_for(group, green=green)),
            legs=command.legs,
            channel=command.channel,
            link_hash=command.link_hash,
            priority_class=command.priority_class,
            needs=command.needs,
            language=command.language,
            near=is_near_at_issue(hall, group.id, people_ahead, promise),
            promise=promise,
            reach=command.reach,
        )
    ]


def follow(hall: Hall, command: c.FollowTicket, now: datetime) -> list[e.Event]:
    """The page of the ticket is open on a phone. Opening it again changes nothing."""
    ticket = ticket_at(hall, command.ticket_id)
    return [] if ticket.followed else [e.TicketFollowed(ticket.id, now)]


def choose_walk(
    hall: Hall, command: c.ChooseWalk, now: datetime, outlook: Outlook | None = None
) -> list[e.Event]:
    """How long the way to the hall takes. Whoever would have had to leave by now is reminded at once."""
    ticket = ticket_at(hall, command.ticket_id)
    if not 0 <= command.minutes <= WALK_MINUTES_MAX:
        raise r.WalkTooLong(minutes_max=WALK_MINUTES_MAX)
    if ticket.walk_minutes == command.minutes:
        return []
    chosen = e.WalkChosen(ticket.id, command.minutes, now)
    late = ticket.state is TicketState.WAITING and not ticket.near
    walking = replace(ticket, walk_minutes=command.minutes)
    if late and is_near(hall, walking, ahead(hall, ticket), now, outlook):
        return [chosen, e.TicketNear(ticket.id, now)]
    return [chosen]


def cancel(hall: Hall, command: c.CancelTicket, now: datetime) -> list[e.Event]:
    """The end of the ticket, unless somebody is serving it."""
    ticket = ticket_at(hall, command.ticket_id)
    if ticket.state in (TicketState.SERVING, TicketState.ON_HOLD):
        raise r.WrongTicketState(state=ticket.state)
    return [e.TicketCancelled(ticket.id, now)]


def void(hall: Hall, command: c.VoidTicket, now: datetime) -> list[e.Event]:
    """The same, by staff and with a reason."""
    ticket = ticket_at(hall, command.ticket_id)
    if not command.reason.strip():
        raise r.ReasonNeeded()
    if ticket.state in (TicketState.SERVING, TicketState.ON_HOLD):
        raise r.WrongTicketState(state=ticket.state)
    return [e.TicketCancelled(ticket.id, now, voided=True, reason=command.reason)]


def defer(hall: Hall, command: c.DeferTicket, now: datetime) -> list[e.Event]:
    """A place so many people further back in the same lane."""
    ticket = ticket_at(hall, command.ticket_id)
    if ticket.state is not TicketState.WAITING:
        raise r.WrongTicketState(state=ticket.state)
    if ticket.defers >= hall.rules.defers_max:
        raise r.DefersUsedUp(state=ticket.state, defers_max=hall.rules.defers_max)
    if not 1 <= command.places <= hall.rules.defer_places_max:
        raise r.TooManyPlaces(places_max=hall.rules.defer_places_max)
    if lane_for(hall, ticket)[-1] == ticket.id:
        raise r.NobodyBehind(state=ticket.state)
    place = place_behind(hall, ticket, command.places, hall.seq + 1)
    return [e.TicketDeferred(ticket.id, place, now)]


def come_back(hall: Hall, command: c.ReturnTicket, now: datetime) -> list[e.Event]:
    """Back in line after a missed call, or back at the window that holds the service."""
    ticket = ticket_at(hall, command.ticket_id)
    if ticket.state is TicketState.ON_HOLD:
        return [] if ticket.back_from_hold else [e.HoldReturned(ticket.id, now)]
    if ticket.state is not TicketState.MISSED or ticket.missed_at is None:
        raise r.WrongTicketState(state=ticket.state)
    if ticket.returns >= hall.rules.returns_max:
        raise r.ReturnsUsedUp(state=ticket.state, returns_max=hall.rules.returns_max)
    if seconds_between(ticket.missed_at, now) > hall.rules.return_within_seconds:
        raise r.ReturnTooLate(state=ticket.state, minutes=hall.rules.return_within_seconds // 60)
    place = place_behind(hall, ticket, hall.rules.return_places, hall.seq + 1)
    return [e.TicketRequeued(ticket.id, place, now)]


def acknowledge(hall: Hall, command: c.AcknowledgeCall, now: datetime) -> list[e.Event]:
    """On the way. Saying it twice changes nothing."""
    ticket = ticket_at(hall, command.ticket_id)
    if ticket.state is not TicketState.CALLED:
        raise r.WrongTicketState(state=ticket.state)
    return [] if ticket.acknowledged else [e.CallAcknowledged(ticket.id, now)]


def bind_phone(hall: Hall, command: c.BindPhone, now: datetime) -> list[e.Event]:
    """A phone that hears of the ticket, in place of the one before."""
    return [e.PhoneBound(ticket_at(hall, command.ticket_id).id, command.reach, now)]


def bind_wechat(hall: Hall, command: c.BindWechat, now: datetime) -> list[e.Event]:
    """Somebody in WeChat who hears of the ticket. A phone that does already goes on hearing of it."""
    ticket = ticket_at(hall, command.ticket_id)
    reach = command.reach if ticket.reach is Reach.NONE else ticket.reach
    return [e.WechatBound(ticket.id, reach, now)]


def change_class(hall: Hall, command: c.ChangeClass, now: datetime) -> list[e.Event]:
    """The other lane at the same place, under the same number."""
    ticket = ticket_at(hall, command.ticket_id)
    if not command.reason.strip():
        raise r.ReasonNeeded()
    confirmed = command.proof_seen and not ticket.proof_seen  # What was the citizen's own word until now.
    if ticket.priority_class is command.priority_class and not (ticket.green and confirmed):
        raise r.NothingToDo(state=ticket.state)
    return [e.ClassChanged(ticket.id, command.priority_class, command.reason, command.proof_seen, now)]


# ── What they share ──────────────────────────────────────────────────────────────────────────────


def ticket_at(hall: Hall, ticket_id: int) -> Ticket:
    """An open ticket. What is not in the hall any more has ended: who asks was shown it once."""
    ticket = hall.tickets.get(ticket_id)
    if ticket is None:
        raise r.TicketEnded()
    return ticket


def check_group_takes(hall: Hall, group_id: str, now: datetime) -> None:
    """Raise unless a group issues tickets now."""
    if group_id not in hall.groups:
        raise r.HallClosed() if hall.day is None else r.GroupUnknown(group=group_id)
    if not hall.open:
        raise r.HallClosed(opens_at=hall.next_opens_at)
    if hall.queues[group_id].stopped_at is not None:
        raise r.NotToday(group=group_id, opens_at=hall.next_opens_at)
    if not takes_tickets(hall, group_id, now):
        raise r.GroupClosed(group=group_id, opens_at=next_opening(hall, group_id, now))
    if all(group_id not in window.group_ids for window in hall.windows.values()):
        raise r.NoWindowForGroup(group=group_id)


def takes_tickets(hall: Hall, group_id: str, now: datetime) -> bool:
    """Whether tickets for a group are issued at this instant."""
    return is_open_for(hall, group_id, now) and hall.queues[group_id].stopped_at is None


def is_open_for(hall: Hall, group_id: str, now: datetime) -> bool:
    """Whether this is an hour at which they are issued on an ordinary day."""
    return hall.open and any(
        opening.opens_at <= now < opening.closes_at
        for opening in hall.hours
        if opening.group_ids is None or group_id in opening.group_ids
    )


def next_opening(hall: Hall, group_id: str, now: datetime) -> datetime | None:
    """When tickets for a group will be issued again, if that is known."""
    later_today = (
        opening.opens_at
        for opening in hall.hours
        if opening.opens_at > now and (opening.group_ids is None or group_id in opening.group_ids)
    )
    return min(later_today, default=hall.next_opens_at)


def prefix_for(group: Group, *, green: bool) -> str:
    """The letters in front of the number."""
    return group.green_prefix if green and group.green_prefix is not None else group.prefix


def next_number(hall: Hall, prefix: str) -> str:
    """The number after the last one of the day, past those that people from yesterday still hold."""
    last = hall.numbers.get(prefix, 0)
    while True:
        last += 1
        number = f"{prefix}{last:0{hall.rules.number_width}d}"
        if number not in hall.carried_numbers:
            return number
