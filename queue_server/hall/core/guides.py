"""What guides ask of a hall: who goes to fetch whom."""

from datetime import datetime

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core import rejections as r
from queue_server.hall.core.citizens import ticket_at
from queue_server.hall.core.help import task_of
from queue_server.hall.core.model import Hall, TicketState


def ask(hall: Hall, command: c.AskGuide, now: datetime) -> list[e.Event]:
    """The last rung of the ladder, for a call that nobody has answered."""
    ticket = ticket_at(hall, command.ticket_id)
    if ticket.state is not TicketState.CALLED or ticket.acknowledged:
        raise r.WrongTicketState(state=ticket.state)
    return [] if ticket.guide_asked else [e.GuideAsked(ticket.id, now)]


def take_help(hall: Hall, command: c.TakeHelp, now: datetime) -> list[e.Event]:
    """One guide goes, and no second one. Saying it twice changes nothing."""
    ticket = ticket_at(hall, command.ticket_id)
    if task_of(ticket) is None:
        raise r.NobodyToFetch(state=ticket.state)
    if ticket.helper is None:
        return [e.HelpTaken(ticket.id, command.guide, now)]
    if ticket.helper.id != command.guide.id:
        raise r.SomebodyGoes(state=ticket.state, guide=ticket.helper.name)
    return []


def release_help(hall: Hall, command: c.ReleaseHelp, now: datetime) -> list[e.Event]:
    """Whoever went leaves it to others."""
    ticket = ticket_at(hall, command.ticket_id)
    if ticket.helper is None or task_of(ticket) is None:
        return []
    if command.guide_id not in (None, ticket.helper.id):
        raise r.NotYourErrand(state=ticket.state)
    return [e.HelpReleased(ticket.id, now)]
