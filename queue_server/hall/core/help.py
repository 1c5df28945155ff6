"""Who is to be fetched by a guide, because no screen and no phone will do.

A task is nothing that is kept: it is read off the hall. It begins when the turn of somebody who needs a guide
is near or has come. It ends when the citizen has arrived (the service starts), has missed the call, or has no
ticket any more. Somebody who opens the ticket's page after all need not be fetched, unless a guide has gone
already: whoever goes (`HelpTaken`) keeps the task to its end, or leaves it to others (`HelpReleased`).
"""

from datetime import datetime

from msgspec import Struct

from queue_server.hall.core.model import Hall, PriorityClass, Reach, Ticket, TicketState

NOT_BY_PHONE = (
    PriorityClass.ELDERLY,
    PriorityClass.DISABLED,
)  # A relative who hears of it does not bring them.


class HelpTask(Struct, frozen=True, gc=False):
    """Somebody who is to be fetched, since when, and why."""

    ticket: Ticket
    since: datetime
    why: tuple[str, ...]  # `no_phone`, `relative`, or needs.

    @property
    def called(self) -> bool:
        """Whether a window waits for the citizen already."""
        return self.ticket.state is TicketState.CALLED


def tasks(hall: Hall) -> list[HelpTask]:
    """Everybody who is to be fetched, the most urgent first: called before near, then whoever waits longest."""
    found = (task for ticket in hall.tickets.values() if (task := task_of(ticket)) is not None)
    return sorted(
        found, key=lambda task: (not task.called, task.ticket.called_at or task.since, task.ticket.id)
    )


def task_of(ticket: Ticket) -> HelpTask | None:
    """The task that a ticket is, or None."""
    if ticket.due_at is None or ticket.state not in (TicketState.WAITING, TicketState.CALLED):
        return None
    why = why_fetched(ticket)
    return HelpTask(ticket, ticket.due_at, why) if why or ticket.helper is not None else None


def why_fetched(ticket: Ticket) -> tuple[str, ...]:
    """Why a guide is needed; empty for whoever finds the way alone."""
    return (*phone_reasons(ticket), *(str(need) for need in ticket.needs))


def phone_reasons(ticket: Ticket) -> tuple[str, ...]:
    """What stands between the citizen and a phone that tells."""
    if ticket.guide_asked:
        return ("no_phone",)  # There is one, and nobody answers it.
    if ticket.reach is Reach.RELATIVE and (ticket.priority_class in NOT_BY_PHONE or not ticket.followed):
        return ("relative",)
    if ticket.reach is Reach.NONE and not ticket.followed:
        return ("no_phone",)
    return ()
