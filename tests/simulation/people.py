"""Who comes to a simulated hall, and what they ask: mostly what makes sense, sometimes anything at all.

They look at the hall as it is and then take their time, so that much of what made sense has passed by when
the request arrives. Each has luck of its own, so that one more request of somebody does not change the
day of everybody else.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from msgspec.structs import replace

from queue_server.hall.core import commands as c
from queue_server.hall.core.help import tasks
from queue_server.hall.core.model import (
    Channel,
    Clerk,
    Guide,
    Hall,
    Leg,
    Need,
    Outcome,
    PriorityClass,
    Reach,
    TicketState,
)

Ask = Callable[[Hall, datetime, Random], c.Command]
MATTERS = ("M1", "M2", "M3")


def citizen(hall: Hall, now: datetime, luck: Random) -> c.Command:
    """Takes tickets, and does with them what one can do on a phone."""
    known = list(hall.tickets.values())
    if luck.random() < 0.5 or not known:
        return c.IssueTicket(
            legs=tuple(
                Leg(luck.choice("AB"), tuple(luck.sample(MATTERS, luck.randint(0, 2))))
                for _ in range(luck.choice((1, 1, 1, 2)))
            ),
            channel=luck.choice(list(Channel)),
            link_hash=luck.randbytes(16).hex(),
            priority_class=luck.choice((None, None, None, None, *PriorityClass)),
            needs=luck.choice(((), (), (Need.VOICE,))),
            reach=luck.choice((Reach.OWN, Reach.OWN, *Reach)),
        )
    ticket = luck.choice(known)
    likely: dict[TicketState, list[c.Command]] = {
        TicketState.WAITING: [
            c.DeferTicket(ticket.id, luck.randint(1, 4)),
            c.CancelTicket(ticket.id),
            c.FollowTicket(ticket.id),
            c.ChooseWalk(ticket.id, luck.choice((0, 5, 20, 60))),
            c.BindPhone(ticket.id, luck.choice((Reach.OWN, Reach.RELATIVE))),
            c.BindWechat(ticket.id, luck.choice((Reach.OWN, Reach.RELATIVE))),
            c.ChangeClass(
                ticket.id, luck.choice((None, PriorityClass.ILL)), "seen at the desk", True, by="guide:g1"
            ),
        ],
        TicketState.CALLED: [
            c.AcknowledgeCall(ticket.id),
            c.AcknowledgeCall(ticket.id),
            c.CancelTicket(ticket.id),
        ],
        TicketState.MISSED: [c.ReturnTicket(ticket.id)],
        TicketState.ON_HOLD: [c.ReturnTicket(ticket.id)],
        TicketState.SERVING: [c.VoidTicket(ticket.id, "left the hall", by="guide:g1")],
    }
    if luck.random() < 0.1:
        return c.VoidTicket(luck.randint(1, hall.seq + 2), "left the hall", by="guide:g1")
    return luck.choice(likely[ticket.state])


def guide(guide_id: str) -> Ask:
    """Fetches people, thinks better of it, and says that they come; two may go for one."""
    who = Guide(guide_id, f"Guide {guide_id}")

    def ask(hall: Hall, now: datetime, luck: Random) -> c.Command:
        by = f"guide:{guide_id}"
        errands = [task.ticket for task in tasks(hall)] or list(hall.tickets.values())
        ticket_id = luck.choice(errands).id if errands else 0
        return luck.choice(
            (
                c.TakeHelp(ticket_id, who, by),
                c.TakeHelp(ticket_id, who, by),
                c.AskGuide(ticket_id),
                c.ReleaseHelp(ticket_id, luck.choice((guide_id, guide_id, None)), by),
                c.AcknowledgeCall(ticket_id, by),
            )
        )

    return ask


def clerk(window_id: str, name: str, console: str) -> Ask:
    """Somebody at a window, who may help with tax; two consoles may fight over one."""
    who = Clerk(name, name, name, group_ids=("A", "B"), secondary=("B",))

    def ask(hall: Hall, now: datetime, luck: Random) -> c.Command:
        window = hall.windows.get(window_id)
        session = None if window is None else window.session
        if window is None or session is None or session.console != console:
            return c.SignIn(window_id, who, console, take_over=luck.random() < 0.3)
        if luck.random() < 0.06:
            return luck.choice(
                (
                    c.SignIn(window_id, who, console),
                    c.SignOut(window_id, console),
                    c.PauseWindow(window_id, console, "整理材料", now + timedelta(minutes=10)),
                    c.CompleteServing(window_id, console),
                    c.StartServing(window_id, console),
                )
            )
        if session.pause is not None:
            return c.ResumeWindow(window_id, console)
        ticket = None if window.ticket_id is None else hall.tickets[window.ticket_id]
        if ticket is None:
            if window.held and luck.random() < 0.3:
                return c.ResumeTicket(window_id, console, luck.choice(window.held))
            if luck.random() < 0.1 and window.group_ids and hall.queues[window.group_ids[0]].fair:
                picked = luck.choice(tuple(hall.queues[window.group_ids[0]].fair))
                return c.CallNext(window_id, console, picked, "asked by the manager")
            return c.CallNext(window_id, console)
        if ticket.state is TicketState.CALLED:
            return luck.choice(
                (
                    c.StartServing(window_id, console),
                    c.StartServing(window_id, console),
                    c.StartServing(window_id, console),
                    c.RecallTicket(window_id, console),
                    c.UndoCall(window_id, console),
                    c.MissTicket(window_id, console),
                )
            )
        return luck.choice(
            (
                c.CompleteServing(window_id, console, dict.fromkeys(ticket.matters[:1], Outcome.SUPPLEMENT)),
                c.CompleteServing(window_id, console),
                c.CompleteServing(window_id, console),
                c.HoldTicket(window_id, console, "复印", luck.choice((60, 600))),
                c.TransferTicket(window_id, console, luck.choice("AB"), "needs another window"),
            )
        )

    return ask


def manager(hall: Hall, now: datetime, luck: Random) -> c.Command:
    """Changes rules and windows in the middle of the day."""
    window = luck.choice(list(hall.windows.values())) if hall.windows else None
    window_id = "w1" if window is None else window.id
    later = now + timedelta(minutes=luck.randint(1, 20)) if luck.random() < 0.5 else None
    return luck.choice(
        (
            c.ChangeRules(rules(luck), by="manager:m1"),
            c.RegroupWindow(window_id, luck.choice((("A",), ("B",), ("A", "B"))), later, by="manager:m1"),
            c.RegroupWindow(window_id, ("A", "B"), by="manager:m1"),
            c.ForgetExperience("moved", by="manager:m1"),
            c.LoseWindow(window_id, "power cut", by="manager:m1"),
            laid_out_anew(hall, luck),
            c.CloseDay(by="manager:m1")
            if luck.random() < 0.1
            else c.CancelTicket(luck.randint(1, hall.seq + 1)),
        )
    )


def laid_out_anew(hall: Hall, luck: Random) -> c.Reconfigure:
    """The hall with its windows serving something else."""
    return c.Reconfigure(
        version=hall.version + 1,
        about=hall.about,
        rules=hall.rules,
        hours=hall.hours,
        groups=tuple(hall.groups.values()),
        windows=tuple(
            replace(window, group_ids=luck.choice((tuple(hall.groups)[:1], tuple(hall.groups))))
            for window in hall.windows.values()
        ),
        next_opens_at=hall.next_opens_at,
        by="manager:m1",
    )


def rules(luck: Random) -> c.Rules:
    """Some rules or other."""
    return c.Rules(
        call_grace_seconds=luck.choice((30, 180)),
        recall_gap_seconds=luck.choice((0, 60)),
        recalls_max=luck.choice((1, 2)),
        returns_max=luck.choice((0, 1, 2)),
        return_places=luck.choice((0, 1, 3)),
        defers_max=luck.choice((1, 5)),
        hold_limit_seconds=3600,
        hops_max=luck.choice((1, 3)),
        widened_seconds_min=luck.choice((60, 600)),
        green_head_start_seconds=luck.choice((0, 120, 3600)),
        overtaken_max=luck.choice((1, 3, 10)),
        green_in_a_row_max=luck.choice((1, 2)),
        ordinary_guard_seconds=luck.choice((60, 1800)),
        carry_over_waiting=luck.random() < 0.5,
        misses_itself=luck.random() < 0.7,
    )
