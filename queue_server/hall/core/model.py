"""A hall as a value: its rules, groups, windows, and the tickets that are still open.

Everything here is frozen (`msgspec` structs: ordinary values that are quick to copy with a change). A hall
changes only by `evolve(hall, event)`, and a ticket leaves the value when it ends: its story stays in the
journal and in the facts.

Instants are UTC (`…_at`), durations seconds (`…_seconds`).
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from immutables import Map
from msgspec import Struct, field

from queue_server.hall.core.lanes import Lane


class TicketState(StrEnum):
    """Where a ticket stands in its life (domain brief, 5.1). The last three end it."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    ON_HOLD = "on_hold"
    MISSED = "missed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Channel(StrEnum):
    """How the ticket was taken."""

    KIOSK = "kiosk"
    WEB = "web"
    WECHAT = "wechat"
    SMS = "sms"
    STAFF = "staff"
    APPOINTMENT = "appointment"


class PriorityClass(StrEnum):
    """Why somebody is entitled to the green channel. It is never for sale."""

    ELDERLY = "elderly"
    FRAIL = "frail"
    ILL = "ill"
    DISABLED = "disabled"
    PREGNANT = "pregnant"
    VETERAN = "veteran"


class Need(StrEnum):
    """What somebody needs to be served with dignity; never shown on a public screen."""

    VOICE = "voice"
    WHEELCHAIR = "wheelchair"
    SIGN_LANGUAGE = "sign_language"
    GUIDE = "guide"


class Reach(StrEnum):
    """Whose phone hears of the call. The number itself is never in the hall."""

    NONE = "none"
    OWN = "own"
    RELATIVE = "relative"


class Outcome(StrEnum):
    """How one matter left the window."""

    DONE = "done"
    ACCEPTED = "accepted"
    SUPPLEMENT = "supplement"
    REFUSED = "refused"
    REFERRED = "referred"


class CallRule(StrEnum):
    """Why this ticket was called and no other: the true answer to "why was 018 before me?"."""

    BACK_FROM_HOLD = "back_from_hold"  # Returned to the window that had put the service on hold.
    GREEN_CHANNEL = "green_channel"  # A priority class goes first: it counts as having come earlier.
    ORDINARY_GUARD = "ordinary_guard"  # Waited past the guard while green tickets were called in a row.
    WAITED_LONGER = "waited_longer"  # Came before the green ticket even with that one's head start.
    OVERTAKEN = "overtaken"  # As many people who came later went before as may at most.
    TURN = "turn"  # Earliest place among those this window can serve.
    PICKED = "picked"  # Chosen by hand, with a reason.


class Place(Struct, frozen=True, order=True, gc=False):
    """Where a ticket stands in its lane: by journal numbers, never by what some process's clock said.

    A fresh ticket stands at `(its id, 0)`. Who comes back or lets others pass stands right behind
    somebody else: at that person's anchor, with `turn` the number of the event.
    """

    anchor: int
    turn: int = 0


class Leg(Struct, frozen=True, gc=False):
    """The part of a visit that one group can serve."""

    group_id: str
    matters: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()  # Which variant of a matter, as "M15.expired": at most one each.


class Promise(Struct, frozen=True, gc=False):
    """What a citizen was told at issue: from when to when the call may come, and what that was reckoned from."""

    made_at: datetime
    low_at: datetime
    high_at: datetime
    ahead: int
    windows: int  # How many were at work for the group.
    mean_seconds: float  # How long a service of the group took on average.
    likely_at: datetime | None = (
        None  # None: a first range by rule of thumb, not by playing the hall forward.
    )
    width: float = 1.0  # By how much the range was widened, because of how earlier ones fared.


class Guide(Struct, frozen=True, gc=False):
    """Somebody of the staff who walks through the hall and fetches people."""

    id: str
    name: str


class Ticket(Struct, frozen=True, gc=False):
    """One citizen's place in the hall, from the printed slip to the last signature."""

    id: int  # The journal number of its issue: unique in the hall for ever.
    number: str
    group_id: str
    matters: tuple[str, ...]
    channel: Channel
    issued_at: datetime
    place: Place
    scenarios: tuple[str, ...] = ()
    later_legs: tuple[Leg, ...] = ()
    priority_class: PriorityClass | None = None
    proof_seen: bool = False  # Of the class; until then it is the citizen's own word.
    needs: tuple[Need, ...] = ()
    language: str = "zh"
    state: TicketState = TicketState.WAITING
    near: bool = False
    window_id: str | None = None
    clerk_id: str | None = None
    first_called_at: datetime | None = None
    called_at: datetime | None = None
    recalled_at: datetime | None = None
    call_rule: CallRule | None = None  # By which rule it was called last.
    call_seq: int = 0
    recalls: int = 0
    acknowledged: bool = False
    started_at: datetime | None = None
    serving_since: datetime | None = None
    service_seconds: float = 0.0  # Completed stretches of service, holds excluded.
    held_at: datetime | None = None
    hold_until: datetime | None = None
    hold_reason: str = ""
    hold_seconds: float = 0.0
    back_from_hold: bool = False
    missed_at: datetime | None = None
    returns: int = 0
    defers: int = 0
    stands_since: datetime | None = None  # Behind somebody else: since when that one's wait counts.
    hops: int = 0
    promise: Promise | None = None  # The first one, kept; None if no window was open, or on a later leg.
    first_slot_at: datetime | None = (
        None  # Not to be reached on the day of issue: first when the hall opens then.
    )
    told: Promise | None = None  # The last one, if it is not the first any more.
    reach: Reach = Reach.NONE
    in_wechat: bool = False  # Whether somebody hears of it in WeChat, however it was taken.
    followed: bool = False  # Whether a phone has opened the ticket's page.
    walk_minutes: int = 0  # How long the citizen's way to the hall takes, by their own word.
    guide_asked: bool = False  # Nobody has answered this call by phone.
    due_at: datetime | None = None  # Since when it is nearly, or already, the citizen's turn this time.
    helper: Guide | None = None  # Who has said "I go" to fetch the citizen,
    helped_at: datetime | None = None  # and when.

    @property
    def green(self) -> bool:
        """Whether the ticket is entitled to the green channel."""
        return self.priority_class is not None

    @property
    def waits_since(self) -> datetime:
        """Since when its wait counts in line: its issue, or that of whoever it was put behind."""
        return self.stands_since or self.issued_at


class Rules(Struct, frozen=True, gc=False):
    """The hall's rules. They enter the hall as an event, so yesterday can be replayed under them."""

    number_width: int = 3
    near_ahead: int = 3
    near_seconds: int = 600
    recalls_max: int = 2
    recall_gap_seconds: int = 60
    call_grace_seconds: int = 180
    undo_seconds: int = 30
    return_within_seconds: int = 1800
    return_places: int = 3
    returns_max: int = 1
    hold_limit_seconds: int = 3600
    hops_max: int = 3
    defers_max: int = 2
    defer_places_max: int = 20
    green_head_start_seconds: int = 7200  # So much earlier than they did green tickets count as taken.
    overtaken_max: int = 10  # Nobody is passed by more people who came later, in whatever lane.
    green_in_a_row_max: int = 2
    ordinary_guard_seconds: int = 1800
    widened_seconds_min: int = 600  # So long a window helps another group at least, once it does.
    extension_seconds: int = 3600
    open_before_seconds: int = 3600
    carry_over_waiting: bool = False
    skill_gap_blocks: bool = False
    presence_required: bool = (
        False  # Whether a phone must have scanned a screen of the hall to take a ticket.
    )
    words_from_afar: bool = True  # Whether 取号 by short message or in WeChat is possible all the same.
    account_code: bool = (
        False  # Whether the screens show the official account's code, where there is an account.
    )
    phone_code_required: bool = False  # Whether a phone that somebody brings must be proven by a code.
    wechat_binding: bool = (
        False  # Whether a ticket's page opened in WeChat offers messages there, where there is an account.
    )
    tickets_per_person_max: int = 2  # Open ones, of all services; of each service one.
    misses_itself: bool = True  # Whether the clock marks a called ticket as missed when its grace is over.


class Name(Struct, frozen=True, gc=False):
    """What people read, in both languages of the hall."""

    zh: str
    en: str


class Spot(Struct, frozen=True, gc=False):
    """A point of the floor plan, in metres from its upper left corner."""

    x: float
    y: float


class Area(Struct, frozen=True, gc=False):
    """A rectangle of the floor plan, in metres: its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float


class Plan(Struct, frozen=True, gc=False):
    """The floor plan of a hall, in metres. People wait at `waiting` and come in at `entrance`."""

    width: float
    height: float
    waiting: Spot
    entrance: Spot


class Zone(Struct, frozen=True, gc=False):
    """A part of the hall, used to find the way."""

    id: str
    name: Name
    color: str = ""  # One of the zone colours of the token file, by name; empty for none.
    area: Area | None = None


class About(Struct, frozen=True, gc=False):
    """What a hall is called, where it is on the clock, and its zones."""

    name: Name
    timezone: str
    zones: tuple[Zone, ...] = ()
    general_group_id: str | None = None  # General business: takes every matter that nobody mapped.
    plan: Plan | None = None


class Hours(Struct, frozen=True, gc=False):
    """One opening of the day. `group_ids` None means the whole hall."""

    opens_at: datetime
    closes_at: datetime
    group_ids: tuple[str, ...] | None = None
    kind: str = "normal"


class Group(Struct, frozen=True, gc=False):
    """A pool of windows that share one queue."""

    id: str
    name: Name
    prefix: str
    green_prefix: str | None = None
    zone_id: str | None = None
    capacity: int | None = None  # Most people waiting at once; None for no limit.
    mean_seconds: float = 600.0  # Expected service time until the hall has measured its own.
    undifferentiated: bool = False
    matters: tuple[str, ...] = ()
    kind: str = "comprehensive"  # Or professional, issuance, consultation.
    target_seconds: int | None = None  # Beyond this nobody should wait: then others help. None for no target.


class Clerk(Struct, frozen=True, gc=False):
    """Who sits at a window: the name plate, and what this person may serve."""

    id: str
    name: str
    staff_no: str
    group_ids: tuple[str, ...] | None = None  # None: every group of the window.
    cannot: tuple[str, ...] = ()  # Matters of those groups this person is not trained for.
    mentor_id: str | None = None  # Set for a trainee.
    secondary: tuple[str, ...] = ()  # Of the groups those this person serves only as a helper,
    emergency: tuple[str, ...] = ()  # and those only when nobody else is there.


class Pause(Struct, frozen=True, gc=False):
    """Why a window serves nobody for a while, and until when."""

    reason: str
    since: datetime
    until: datetime | None


class Tally(Struct, frozen=True, gc=False):
    """What a clerk has served: how many, how long it took, and how much of it beyond its target."""

    served: int = 0
    service_seconds: float = 0.0
    wait_seconds: float = 0.0
    longest_seconds: float = 0.0
    targeted: int = 0  # How many of them had a target at all.
    over_target: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.served + other.served,
            self.service_seconds + other.service_seconds,
            self.wait_seconds + other.wait_seconds,
            max(self.longest_seconds, other.longest_seconds),
            self.targeted + other.targeted,
            self.over_target + other.over_target,
        )


class Session(Struct, frozen=True, gc=False):
    """A clerk's signed-in period at a window, held by one console."""

    clerk: Clerk
    console: str
    since: datetime
    pause: Pause | None = None
    absent_since: datetime | None = None
    served: int = 0
    service_seconds: float = 0.0
    wait_seconds: float = 0.0
    longest_seconds: float = 0.0
    targeted: int = 0
    over_target: int = 0
    busy_seconds: float = 0.0  # With somebody called or served, up to the last one who left;
    busy_since: datetime | None = None  # since when with the one who is here now;
    free_since: datetime | None = None  # or since when with nobody.
    paused_seconds: float = 0.0  # In pauses that are over.
    taken_over_at: datetime | None = None  # When this console took the window over,
    taken_from: str = ""  # and from whom: the clerk who was signed in at the other console.

    @property
    def tally(self) -> Tally:
        """What was served in this session."""
        return Tally(
            self.served,
            self.service_seconds,
            self.wait_seconds,
            self.longest_seconds,
            self.targeted,
            self.over_target,
        )


class Widening(Struct, frozen=True, gc=False):
    """A group that a window serves besides its own for a while, and why: the expected wait and the target then."""

    group_id: str
    since: datetime
    wait_seconds: int | None  # None: nobody served the group at all.
    target_seconds: int


class Window(Struct, frozen=True, gc=False):
    """One numbered desk where one clerk serves one person at a time."""

    id: str
    name: Name
    group_ids: tuple[str, ...]
    zone_id: str | None = None
    green: bool = False
    spot: Spot | None = None  # Where it stands on the floor plan.
    accessible: bool = False  # May speak to somebody who asked for a voice, and to nobody else.
    kind: str = "comprehensive"  # Or professional, green, issuance, consultation.
    session: Session | None = None
    ticket_id: int | None = None
    held: tuple[int, ...] = ()
    next_group_ids: tuple[str, ...] | None = None
    regroup_at: datetime | None = None
    widened: tuple[Widening, ...] = ()


class Queue(Struct, frozen=True, gc=False):
    """Who waits for one group, each lane sorted by place."""

    green: Lane = Lane()
    fair: Lane = Lane()
    green_in_a_row: int = 0
    passed_by: tuple[
        Place, ...
    ] = ()  # Those called past somebody who still waits in the fair lane, by place.
    mean_seconds: float = 600.0  # Learned from the services of the day.
    stopped_at: datetime | None = (
        None  # Since when no numbers are issued, because nobody else can be served today.
    )

    @property
    def length(self) -> int:
        """How many people wait."""
        return len(self.green) + len(self.fair)


class Call(Struct, frozen=True, gc=False):
    """A recent call, as screens list it. `seq` is the journal number of its last (re)call."""

    seq: int
    ticket_id: int
    number: str
    window_id: str
    at: datetime
    recall: int
    state: TicketState
    rule: CallRule | None = None


RECENT_CALLS_MAX = 12
PACE_MINUTES = 15


class Hall(Struct, frozen=True, gc=False):
    """A hall as of one journal number."""

    id: str
    seq: int = 0
    version: int = 0  # Of the configuration this hall runs on.
    day: date | None = None
    open: bool = False
    about: About = About(Name("", ""), "UTC")
    rules: Rules = Rules()
    hours: tuple[Hours, ...] = ()
    next_opens_at: datetime | None = None  # The first opening after this day, for the refusal at the door.
    groups: Mapping[str, Group] = field(default_factory=dict)  # In the hall's own order, as the windows are.
    windows: Mapping[str, Window] = field(default_factory=dict)
    queues: Mapping[str, Queue] = field(default_factory=dict)
    tickets: Map[int, Ticket] = field(
        default_factory=Map
    )  # Thousands, so a map that shares what did not change.
    numbers: Mapping[str, int] = field(default_factory=dict)  # The last number given, by prefix.
    carried_numbers: frozenset[str] = frozenset()
    calls: tuple[Call, ...] = ()
    worked: Mapping[str, Tally] = field(default_factory=dict)  # Of sessions that are over today, by clerk.
    anew_from: int = 0  # The journal number at which the hall forgot what it had learned, if it was today.
    called_lately: tuple[datetime, ...] = ()  # When people were called in the last `PACE_MINUTES`, in order.


def seconds_between(earlier: datetime, later: datetime) -> float:
    """A duration, never negative: a clock that stepped back does not give anyone a negative wait."""
    return max(0.0, (later - earlier).total_seconds())
