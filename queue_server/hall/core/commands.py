"""What people and clocks may ask of a hall. Verb + noun; any of them may be refused.

`by` names who asks, as the audit shows it: `citizen`, `clerk:c09`, `guide:g01`, `manager:m01`, `system`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from queue_server.hall.core.model import (
    About,
    Channel,
    Clerk,
    Group,
    Guide,
    Hours,
    Leg,
    Need,
    Outcome,
    PriorityClass,
    Reach,
    Rules,
    Window,
)

SYSTEM = "system"
CITIZEN = "citizen"


# ── Citizens, and staff on their behalf ──────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class IssueTicket:
    """Take a place in a queue. The first leg is queued for now, the later ones follow by themselves."""

    legs: tuple[Leg, ...]
    channel: Channel
    link_hash: str  # Digest of the secret in the citizen's link; the secret itself is never written.
    priority_class: PriorityClass | None = None
    needs: tuple[Need, ...] = ()
    language: str = "zh"
    reach: Reach = Reach.NONE
    by: str = CITIZEN


@dataclass(frozen=True, slots=True)
class FollowTicket:
    """Open the ticket's page on a phone: from now on the page tells its holder."""

    ticket_id: int
    by: str = CITIZEN


@dataclass(frozen=True, slots=True)
class ChooseWalk:
    """Say how long the way to the hall takes, so that the reminder comes so much earlier."""

    ticket_id: int
    minutes: int
    by: str = CITIZEN


@dataclass(frozen=True, slots=True)
class CancelTicket:
    """Give up the place."""

    ticket_id: int
    by: str = CITIZEN


@dataclass(frozen=True, slots=True)
class VoidTicket:
    """Take a ticket out of the queue, by staff and with a reason."""

    ticket_id: int
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class DeferTicket:
    """Let a number of people pass."""

    ticket_id: int
    places: int
    by: str = CITIZEN


@dataclass(frozen=True, slots=True)
class ReturnTicket:
    """Come back: after a missed call, or to the window that holds the service."""

    ticket_id: int
    by: str = CITIZEN


@dataclass(frozen=True, slots=True)
class AcknowledgeCall:
    """Say "I am coming"."""

    ticket_id: int
    by: str = CITIZEN


@dataclass(frozen=True, slots=True)
class BindPhone:
    """Have a phone hear of the ticket, after a code was read from it."""

    ticket_id: int
    reach: Reach
    by: str = CITIZEN


@dataclass(frozen=True, slots=True)
class BindWechat:
    """Have whoever opened the ticket's page in WeChat hear of it there."""

    ticket_id: int
    reach: Reach
    by: str = CITIZEN


@dataclass(frozen=True, slots=True)
class ChangeClass:
    """Grant or take away a priority class. No copy of a proof is kept, only that it was seen."""

    ticket_id: int
    priority_class: PriorityClass | None
    reason: str
    proof_seen: bool
    by: str


# ── Guides in the hall ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AskGuide:
    """Have a guide fetch somebody whose phone was told of the call and who has not answered."""

    ticket_id: int
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class TakeHelp:
    """Say "I go" for somebody who is to be fetched."""

    ticket_id: int
    guide: Guide
    by: str


@dataclass(frozen=True, slots=True)
class ReleaseHelp:
    """Leave the errand to others. Whose errand it is not may not; a manager (None) may for everybody."""

    ticket_id: int
    guide_id: str | None
    by: str


# ── Clerks at their window ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SignIn:
    """Open a window with a clerk. A second console must say `take_over`."""

    window_id: str
    clerk: Clerk
    console: str
    take_over: bool = False
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class SignOut:
    """Close the window."""

    window_id: str
    console: str
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class PauseWindow:
    """Serve nobody for a while, with a reason and the expected end."""

    window_id: str
    console: str
    reason: str
    until: datetime | None = None
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class ResumeWindow:
    """End the pause."""

    window_id: str
    console: str
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class CallNext:
    """Call whoever is next for this window, or one ticket by hand and with a reason."""

    window_id: str
    console: str
    ticket_id: int | None = None
    reason: str = ""
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class RecallTicket:
    """Repeat the call."""

    window_id: str
    console: str
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class UndoCall:
    """Take back a call made by mistake."""

    window_id: str
    console: str
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class StartServing:
    """The citizen has arrived."""

    window_id: str
    console: str
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class MissTicket:
    """Nobody came. The clock asks this too, without a console."""

    window_id: str
    console: str | None = None
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class HoldTicket:
    """Put the service on hold; the citizen returns to this window."""

    window_id: str
    console: str
    reason: str
    seconds: int | None = None
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class ResumeTicket:
    """Go on with a service that was on hold at this window."""

    window_id: str
    console: str
    ticket_id: int
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class TransferTicket:
    """Send the citizen on to another group without queueing again."""

    window_id: str
    console: str
    group_id: str
    reason: str
    ticket_id: int | None = None  # A held ticket may be handed over too; None is the one at the window.
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class CompleteServing:
    """Finish, with an outcome for each matter."""

    window_id: str
    console: str
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    overrun_reason: str = ""  # Why it took longer than its matters should.
    target_minutes: Mapping[str, int] = field(default_factory=dict)  # By matter, as the catalogue says now.
    by: str = SYSTEM


# ── Managers ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class OpenDay:
    """Open the books of a day under its rules."""

    day: date
    about: About
    rules: Rules
    hours: tuple[Hours, ...]
    groups: tuple[Group, ...]
    windows: tuple[Window, ...]
    next_opens_at: datetime | None = None
    version: int = 0
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class CloseDay:
    """Close the books: who still waits gets an apology and the next opening."""

    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class ChangeRules:
    """Put other rules into force from now on."""

    rules: Rules
    by: str


@dataclass(frozen=True, slots=True)
class ForgetExperience:
    """Have the hall forget what it has learned of itself, with a reason."""

    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Reconfigure:
    """Let the hall go on, from this moment, as a new version of its configuration says."""

    version: int
    about: About
    rules: Rules
    hours: tuple[Hours, ...]
    groups: tuple[Group, ...]
    windows: tuple[Window, ...]
    next_opens_at: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class RegroupWindow:
    """Let a window serve other groups, now or from an instant. A running service finishes first."""

    window_id: str
    group_ids: tuple[str, ...]
    effective_at: datetime | None = None
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class WidenWindow:
    """Let a window help another group, whose people would wait past the target (the clock's own)."""

    window_id: str
    group_id: str
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class NarrowWindow:
    """End such a help (the clock's own)."""

    window_id: str
    group_id: str
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class LoseWindow:
    """Take a window out of service: its people are reassigned, first in line."""

    window_id: str
    reason: str
    by: str = SYSTEM


# ── The clock ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class MarkAbsent:
    """The console of a window has not been heard of."""

    window_id: str
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class MarkPresent:
    """The console of an absent window is back."""

    window_id: str
    console: str
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class RevisePromises:
    """Tell those who wait what is expected now, where it differs from what they were told last."""

    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class StopIssuing:
    """Issue no more numbers for a group whose last people would not be served today."""

    group_id: str
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class ResumeIssuing:
    """Issue numbers for a group again."""

    group_id: str
    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class GiveFirstSlots:
    """Tell those who will not be called today that they are first on the next day."""

    by: str = SYSTEM


@dataclass(frozen=True, slots=True)
class ExpireHold:
    """A citizen did not return to the window within the hold limit."""

    ticket_id: int
    by: str = SYSTEM


Command = (
    IssueTicket | FollowTicket | ChooseWalk | CancelTicket | VoidTicket | DeferTicket | ReturnTicket | AcknowledgeCall
    | BindPhone | BindWechat | ChangeClass | AskGuide | TakeHelp | ReleaseHelp
    | SignIn | SignOut | PauseWindow | ResumeWindow
    | CallNext | RecallTicket | UndoCall | StartServing | MissTicket
    | HoldTicket | ResumeTicket | TransferTicket | CompleteServing
    | OpenDay | CloseDay | ChangeRules | ForgetExperience | Reconfigure
    | RegroupWindow | LoseWindow | WidenWindow | NarrowWindow
    | MarkAbsent | MarkPresent | ExpireHold | RevisePromises | StopIssuing | ResumeIssuing | GiveFirstSlots
)  # fmt: skip
