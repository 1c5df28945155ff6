"""Help across groups: a window's profile is widened while a group's wait breaks its target, and narrowed again.

A clerk who is trained for a group as a helper (`secondary`), or for when nobody else is there (`emergency`), does not
serve it on an ordinary day. When whoever takes a number now would wait past the group's target, the window that can
spare it most takes the group along: its people then wait in the same line as the window's own, by place. The help
ends when the group would hold half its target without it, or when the window's own people come off worse; but never
before `widened_seconds_min`, so that nobody is sent to and fro.
"""

from collections.abc import Iterator
from datetime import datetime

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core import rejections as r
from queue_server.hall.core.model import Hall, Widening, Window, seconds_between
from queue_server.hall.core.order import at_work_for, busy_share, is_there, own_groups, serves, windows_for

CALM_SHARE = 0.5  # Of the target: so far must the wait have fallen before a help ends.


def changes_due(hall: Hall, now: datetime) -> Iterator[c.WidenWindow | c.NarrowWindow]:
    """The helps that are over, or else the one that is needed most: after it everything looks different."""
    over = [
        c.NarrowWindow(window.id, each.group_id)
        for window in hall.windows.values()
        for each in window.widened
        if is_over(hall, window, each, now)
    ]
    yield from over or needed(hall, now)


def is_over(hall: Hall, window: Window, widening: Widening, now: datetime) -> bool:
    """Whether a help has lasted long enough and does more harm than good."""
    if seconds_between(widening.since, now) < hall.rules.widened_seconds_min:
        return False
    helped = strain(hall, widening.group_id, fewer=int(is_there(window)))
    own = max((strain(hall, group_id) for group_id in own_groups(window)), default=0.0)
    return helped < CALM_SHARE or own > max(1.0, strain(hall, widening.group_id))


def needed(hall: Hall, now: datetime) -> Iterator[c.WidenWindow]:
    """The help of the window that can spare it most, for the group that is worst off."""
    strained = [(strain(hall, group_id), group_id) for group_id in hall.groups]
    for how_much, group_id in sorted(strained, reverse=True):
        helper = helper_for(hall, group_id, now) if how_much > 1 else None
        if helper is not None:
            yield c.WidenWindow(helper.id, group_id)
            return


def helper_for(hall: Hall, group_id: str, now: datetime) -> Window | None:
    """Which window can spare its help: trained, there, and its own people stay within their target."""
    nobody = not windows_for(hall, group_id)
    able = [
        window
        for window in hall.windows.values()
        if is_there(window) and not window.green and not window.widened and group_id not in serves(window)
        if is_trained(window, group_id, in_emergency=nobody)
        if all(can_spare(hall, own_id) for own_id in own_groups(window))
    ]

    def cost(window: Window) -> tuple[bool, float, float, str]:
        own = max((strain(hall, own_id, fewer=1) for own_id in own_groups(window)), default=0.0)
        return not is_trained(window, group_id, in_emergency=False), own, busy_share(window, now), window.id

    return min(able, key=cost, default=None)


def is_trained(window: Window, group_id: str, *, in_emergency: bool) -> bool:
    """Whether the clerk may help a group: as a helper, or because nobody else is there."""
    assert window.session is not None
    clerk = window.session.clerk
    return group_id in clerk.secondary or (in_emergency and group_id in clerk.emergency)


def can_spare(hall: Hall, group_id: str) -> bool:
    """Whether a group does without one of its windows: within its target, or without one if nobody waits."""
    if hall.groups[group_id].target_seconds is None:
        return not hall.queues[group_id].length
    return strain(hall, group_id, fewer=1) <= 1


def strain(hall: Hall, group_id: str, *, fewer: int = 0) -> float:
    """The wait that somebody who comes now has to expect over the group's target; nothing if it has none."""
    target_seconds = hall.groups[group_id].target_seconds
    queue = hall.queues[group_id]
    if target_seconds is None or not queue.length:
        return 0.0
    windows = len(at_work_for(hall, group_id)) - fewer
    return queue.length * queue.mean_seconds / windows / target_seconds if windows > 0 else float("inf")


# ── Deeds ────────────────────────────────────────────────────────────────────────────────────────


def widen(hall: Hall, command: c.WidenWindow, now: datetime) -> list[e.Event]:
    """A window takes another group along."""
    check_due(hall, command, now)
    windows = len(at_work_for(hall, command.group_id))
    queue = hall.queues[command.group_id]
    wait_seconds = round(queue.length * queue.mean_seconds / windows) if windows else None
    target_seconds = hall.groups[command.group_id].target_seconds
    assert target_seconds is not None  # Or nothing would strain it.
    return [e.WindowWidened(command.window_id, command.group_id, wait_seconds, target_seconds, now)]


def narrow(hall: Hall, command: c.NarrowWindow, now: datetime) -> list[e.Event]:
    """A window serves its own groups again."""
    check_due(hall, command, now)
    return [e.WindowNarrowed(command.window_id, command.group_id, now)]


def check_due(hall: Hall, command: c.WidenWindow | c.NarrowWindow, now: datetime) -> None:
    """Raise unless the hall, as it is now, still asks for it."""
    if not hall.open or all(command != due for due in changes_due(hall, now)):
        raise r.NothingToDo()
