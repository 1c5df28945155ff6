"""The table of contents of the hall: which deed answers which request.

`decide` is pure. The time, ids, secrets and what is expected come in; events come out, or a rejection is raised. Every
answer ends with the reminders that it causes, so that "it is nearly your turn" is said at the first
moment at which it is true, and said once.
"""

from datetime import datetime
from typing import assert_never

from queue_server.hall.core import citizens, clerks, closing, guides, managers, timers, widening
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.evolve import evolve
from queue_server.hall.core.model import Hall
from queue_server.hall.core.outlook import Outlook
from queue_server.hall.core.reminders import newly_near


def decide(
    hall: Hall, command: c.Command, now: datetime, outlook: Outlook | None = None
) -> tuple[list[e.Event], Hall]:
    """What happens when somebody asks this now, and the hall after it. Raises a rejection instead."""
    events = answer(hall, command, now, outlook)
    after = hall
    for event in events:
        after = evolve(after, event)
    for ticket_id in newly_near(after, groups_moved(hall, after), now, outlook):
        reminder = e.TicketNear(ticket_id, now)
        events.append(reminder)
        after = evolve(after, reminder)
    return events, after


def answer(hall: Hall, command: c.Command, now: datetime, outlook: Outlook | None) -> list[e.Event]:
    """The events of the deed itself."""
    match command:
        case c.IssueTicket():
            return citizens.issue(hall, command, now, outlook)
        case c.FollowTicket():
            return citizens.follow(hall, command, now)
        case c.ChooseWalk():
            return citizens.choose_walk(hall, command, now, outlook)
        case c.CancelTicket():
            return citizens.cancel(hall, command, now)
        case c.DeferTicket():
            return citizens.defer(hall, command, now)
        case c.ReturnTicket():
            return citizens.come_back(hall, command, now)
        case c.AcknowledgeCall():
            return citizens.acknowledge(hall, command, now)
        case c.VoidTicket():
            return citizens.void(hall, command, now)
        case c.BindPhone():
            return citizens.bind_phone(hall, command, now)
        case c.BindWechat():
            return citizens.bind_wechat(hall, command, now)
        case c.ChangeClass():
            return citizens.change_class(hall, command, now)

        case c.AskGuide():
            return guides.ask(hall, command, now)
        case c.TakeHelp():
            return guides.take_help(hall, command, now)
        case c.ReleaseHelp():
            return guides.release_help(hall, command, now)

        case c.SignIn():
            return clerks.sign_in(hall, command, now)
        case c.SignOut():
            return clerks.sign_out(hall, command, now)
        case c.PauseWindow():
            return clerks.pause(hall, command, now)
        case c.ResumeWindow():
            return clerks.resume(hall, command, now)
        case c.CallNext():
            return clerks.call_next(hall, command, now)
        case c.RecallTicket():
            return clerks.recall(hall, command, now)
        case c.UndoCall():
            return clerks.undo(hall, command, now)
        case c.StartServing():
            return clerks.start(hall, command, now)
        case c.MissTicket():
            return clerks.miss(hall, command, now)
        case c.HoldTicket():
            return clerks.hold(hall, command, now)
        case c.ResumeTicket():
            return clerks.resume_ticket(hall, command, now)
        case c.TransferTicket():
            return clerks.transfer(hall, command, now)
        case c.CompleteServing():
            return clerks.complete(hall, command, now)

        case c.OpenDay():
            return managers.open_day(hall, command, now)
        case c.CloseDay():
            return managers.close_day(hall, command, now)
        case c.ChangeRules():
            return managers.change_rules(hall, command, now)
        case c.ForgetExperience():
            return managers.forget_experience(hall, command, now)
        case c.Reconfigure():
            return managers.reconfigure(hall, command, now)
        case c.RegroupWindow():
            return managers.regroup(hall, command, now)
        case c.LoseWindow():
            return managers.lose_window(hall, command, now)

        case c.WidenWindow():
            return widening.widen(hall, command, now)
        case c.NarrowWindow():
            return widening.narrow(hall, command, now)

        case c.MarkAbsent():
            return timers.mark_absent(hall, command, now)
        case c.MarkPresent():
            return timers.mark_present(hall, command, now)
        case c.ExpireHold():
            return timers.expire_hold(hall, command, now)
        case c.StopIssuing():
            return closing.stop_issuing(hall, command, now, outlook)
        case c.ResumeIssuing():
            return closing.resume_issuing(hall, command, now, outlook)
        case c.GiveFirstSlots():
            return closing.give_first_slots(hall, now, outlook)
        case c.RevisePromises():
            return timers.revise_promises(hall, now, outlook)
        case _:
            assert_never(command)


def groups_moved(before: Hall, after: Hall) -> list[str]:
    """The groups in whose line somebody may have come nearer."""
    if before.windows is not after.windows and before.queues is after.queues:
        # A window opened or closed: everybody's time may have changed.
        sessions_changed = any(
            before.windows[key].session is not window.session
            for key, window in after.windows.items()
            if key in before.windows
        )
        return list(after.queues) if sessions_changed else []
    return [key for key, queue in after.queues.items() if before.queues.get(key) is not queue]
