"""What has happened in a hall. Noun + participle; never refused, never renamed, fields only added.

An event carries what cannot be computed from the hall before it. No phone, name of a citizen or
identity number ever stands in one: only ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from queue_server.hall.core.model import (
    About,
    CallRule,
    Channel,
    Clerk,
    Group,
    Guide,
    Hours,
    Leg,
    Need,
    Outcome,
    Place,
    PriorityClass,
    Promise,
    Reach,
    Rules,
    Ticket,
    Window,
)


@dataclass(frozen=True, slots=True)
class DayOpened:
    """The books of a day were opened. A hall is rebuilt from the last of these."""

    at: datetime
    day: date
    about: About
    rules: Rules
    hours: tuple[Hours, ...]
    groups: tuple[Group, ...]
    windows: tuple[Window, ...]
    carried: tuple[Ticket, ...] = ()
    numbers: dict[str, int] = field(default_factory=dict)  # Not empty when the same day opens again.
    mean_seconds: dict[str, float] = field(default_factory=dict)
    next_opens_at: datetime | None = None
    version: int = 0  # Of the configuration it opened with.


@dataclass(frozen=True, slots=True)
class DayClosed:
    """The books of the day were closed."""

    at: datetime


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """Other rules are in force."""

    at: datetime
    rules: Rules


@dataclass(frozen=True, slots=True)
class ExperienceForgotten:
    """The hall forgot what it had learned of itself, because a manager said so; it begins with its defaults again."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class HallReconfigured:
    """The hall goes on as a new version of its configuration says. Who waits or is served stays."""

    at: datetime
    version: int
    about: About
    rules: Rules
    hours: tuple[Hours, ...]
    groups: tuple[Group, ...]
    windows: tuple[Window, ...]
    next_opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketIssued:
    """A citizen took a place. The ticket's id is this event's journal number."""

    at: datetime
    number: str
    legs: tuple[Leg, ...]
    channel: Channel
    link_hash: str
    priority_class: PriorityClass | None = None
    needs: tuple[Need, ...] = ()
    language: str = "zh"
    near: bool = False  # Already near when issued: the confirmation says so, no reminder follows.
    promise: Promise | None = None  # What the citizen was told; None if no window was open.
    reach: Reach = Reach.NONE


@dataclass(frozen=True, slots=True)
class TicketFollowed:
    """A phone has opened the ticket's page. Said once."""

    ticket_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class WalkChosen:
    """How long the citizen's way to the hall takes: the reminder comes so much earlier."""

    ticket_id: int
    minutes: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PromiseRevised:
    """The call is expected at another time than the citizen was told last, for these reasons."""

    ticket_id: int
    promise: Promise
    later: bool
    because: tuple[str, ...]  # The most telling first: `Because` in `promises.py`.
    at: datetime


@dataclass(frozen=True, slots=True)
class FirstSlotGiven:
    """The citizen will not be reached today: the number stays valid and is first when the hall opens again."""

    ticket_id: int
    opens_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class IssuingStopped:
    """No more numbers for a group today: whoever took one now would not be served any more."""

    group_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IssuingResumed:
    """The line moved faster than expected: numbers are issued again."""

    group_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketNear:
    """It is nearly this citizen's turn. Said once."""

    ticket_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketCalled:
    """A citizen was called to a window, by this rule."""

    ticket_id: int
    window_id: str
    at: datetime
    rule: CallRule
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TicketRecalled:
    """The call was repeated."""

    ticket_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CallUndone:
    """The call was taken back; the citizen keeps the place."""

    ticket_id: int
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CallAcknowledged:
    """The citizen is on the way."""

    ticket_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ServingStarted:
    """The citizen arrived and is being served."""

    ticket_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketMissed:
    """A called citizen did not come in time."""

    ticket_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketRequeued:
    """A citizen who had missed the call came back, a few places behind."""

    ticket_id: int
    place: Place
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketHeld:
    """The service was interrupted; the window is free meanwhile."""

    ticket_id: int
    reason: str
    until: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class HoldReturned:
    """The citizen is back for the window that holds the service."""

    ticket_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ServingResumed:
    """The interrupted service goes on."""

    ticket_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketTransferred:
    """The citizen was sent on to another group and keeps the time of issue."""

    ticket_id: int
    group_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketReassigned:
    """The window was lost during the service; the citizen is first in line again."""

    ticket_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ServingCompleted:
    """A service was finished. With a later leg the citizen waits for that one, by time of issue."""

    ticket_id: int
    outcomes: dict[str, Outcome]
    at: datetime
    overrun_reason: str = ""
    target_seconds: int = 0  # What it should have taken at most, as the catalogue said then; 0 for no target.


@dataclass(frozen=True, slots=True)
class TicketCancelled:
    """The citizen gave up the place, or staff voided it with a reason."""

    ticket_id: int
    at: datetime
    voided: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TicketDeferred:
    """The citizen let others pass."""

    ticket_id: int
    place: Place
    at: datetime


@dataclass(frozen=True, slots=True)
class PhoneBound:
    """Somebody has read a code from a phone, which hears of the ticket from now on."""

    ticket_id: int
    reach: Reach
    at: datetime


@dataclass(frozen=True, slots=True)
class WechatBound:
    """Whoever opened the ticket's page in WeChat hears of it there from now on, before any phone."""

    ticket_id: int
    reach: Reach
    at: datetime


@dataclass(frozen=True, slots=True)
class ClassChanged:
    """A priority class was granted or taken away. The number stays."""

    ticket_id: int
    priority_class: PriorityClass | None
    reason: str
    proof_seen: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class GuideAsked:
    """Nobody answered the call by phone: a guide is to fetch the citizen."""

    ticket_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class HelpTaken:
    """A guide goes to fetch the citizen."""

    ticket_id: int
    guide: Guide
    at: datetime


@dataclass(frozen=True, slots=True)
class HelpReleased:
    """The guide left the errand to others."""

    ticket_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketExpired:
    """The ticket ended without a service: `closed`, `missed_twice`, `missed` or `hold_limit`."""

    ticket_id: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WindowOpened:
    """A clerk signed in, or another console took the window over."""

    window_id: str
    clerk: Clerk
    console: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WindowPaused:
    """A window serves nobody for a while."""

    window_id: str
    reason: str
    until: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class WindowResumed:
    """The pause is over."""

    window_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WindowAbsent:
    """The console of a window has not been heard of."""

    window_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WindowPresent:
    """The console of an absent window is back."""

    window_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WindowClosed:
    """The clerk signed out, or the window was lost (with a reason)."""

    window_id: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RegroupPlanned:
    """A window will serve other groups from an instant."""

    window_id: str
    group_ids: tuple[str, ...]
    effective_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class WindowRegrouped:
    """A window serves other groups."""

    window_id: str
    group_ids: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class WindowWidened:
    """A window helps another group, because whoever came would have waited past its target there."""

    window_id: str
    group_id: str
    wait_seconds: int | None  # As expected then; None if nobody served the group at all.
    target_seconds: int
    at: datetime


@dataclass(frozen=True, slots=True)
class WindowNarrowed:
    """The help is over; the window serves its own groups again."""

    window_id: str
    group_id: str
    at: datetime


Event = (
    DayOpened | DayClosed | RulesChanged | HallReconfigured | ExperienceForgotten
    | TicketIssued | TicketFollowed | WalkChosen | PromiseRevised | FirstSlotGiven | TicketNear
    | TicketCalled | TicketRecalled | CallUndone
    | CallAcknowledged
    | ServingStarted | TicketMissed | TicketRequeued | TicketHeld | HoldReturned | ServingResumed
    | TicketTransferred | TicketReassigned | ServingCompleted | TicketCancelled | TicketDeferred
    | PhoneBound | WechatBound | ClassChanged | GuideAsked | HelpTaken | HelpReleased | TicketExpired
    | WindowOpened | WindowPaused | WindowResumed | WindowAbsent | WindowPresent | WindowClosed
    | IssuingStopped | IssuingResumed | RegroupPlanned | WindowRegrouped | WindowWidened | WindowNarrowed
)  # fmt: skip

EVENTS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in Event.__args__}
"""Every event by the name it has in the journal."""
