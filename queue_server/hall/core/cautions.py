"""What a hall on paper may be and had better not: it can be saved, and whoever saves it is told what it means.

Who is trained for what is kept beside the paper and changes without it, so a group that no clerk covers is no fault
of the paper: a new group has to be saved before anybody can be trained for it. Faults are in `paper.py`.
"""

from collections.abc import Iterator, Sequence

from queue_server.hall.core.model import Clerk, Group, Name, Window
from queue_server.hall.core.order import best_known
from queue_server.hall.core.paper import Configuration


def cautions(paper: Configuration, clerks: Sequence[Clerk]) -> list[Name]:
    """Everything that is unwise about a hall on paper with these people to work in it."""
    return [
        *(caution for group in paper.groups for caution in group_cautions(paper, group, clerks)),
        *rule_cautions(paper),
    ]


def group_cautions(paper: Configuration, group: Group, clerks: Sequence[Clerk]) -> Iterator[Name]:
    """Why people would wait for nobody, and a target that one service breaks."""
    windows = [window for window in paper.windows if group.id in window.group_ids]
    trained = [clerk for clerk in clerks if clerk.group_ids is None or group.id in clerk.group_ids]
    if windows and not trained:
        yield Name(
            f"没有工作人员具备窗口组 {group.id} 的资格，取了号也无人办理。",
            f"Nobody is trained for the group {group.id}: whoever takes a number would wait for nobody.",
        )
    elif windows and not any(may_open(paper, window, clerk) for window in windows for clerk in trained):
        yield Name(
            f"规则要求窗口人员能办全部业务，而没有人能这样开设窗口组 {group.id} 的窗口。",
            f"A rule asks clerks for everything a window does, and nobody can open a window of the group "
            f"{group.id} so.",
        )
    elif windows and group.target_seconds is None and not is_somebodys_own(group, windows, trained):
        yield Name(
            f"窗口组 {group.id} 只有协办或应急人员，又没有等候目标，不会有窗口去帮忙。",
            f"Only helpers are trained for the group {group.id}, and without a target of the wait no window is ever "
            "sent to help.",
        )
    if group.target_seconds is not None and group.target_seconds < group.mean_seconds:
        yield Name(
            f"窗口组 {group.id} 的等候目标短于一次办理，只有一个窗口时一人等候就算超时。",
            f"The target of the group {group.id} is shorter than one service: with one window, one person who waits "
            "breaks it.",
        )


def may_open(paper: Configuration, window: Window, clerk: Clerk) -> bool:
    """Whether the rule on skills lets this clerk open this window."""
    if not paper.rules.skill_gap_blocks or clerk.group_ids is None:
        return True
    any_matter = {group.id for group in paper.groups if group.undifferentiated}
    return any_matter.intersection(window.group_ids).issubset(clerk.group_ids)


def is_somebodys_own(group: Group, windows: Sequence[Window], clerks: Sequence[Clerk]) -> bool:
    """Whether somebody at some window would serve the group without being sent to help."""
    return any(group.id in best_known(window.group_ids, clerk) for window in windows for clerk in clerks)


def rule_cautions(paper: Configuration) -> Iterator[Name]:
    """Rules that switch something off which people rely on."""
    if not paper.rules.near_ahead and not paper.rules.near_seconds:
        yield Name(
            "快到号提醒已全部关闭。", "Nobody is told that their turn is near: both rules for it are zero."
        )
