"""The shapes of the API, as the published description shows them. Views are checked against them in tests."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from queue_server.hall.api.paths import TICKET_ID
from queue_server.hall.core.model import Channel, Need, Outcome, PriorityClass
from queue_server.kit.web.fields import Body, Id, Instant, Phone, ShortText

MATTERS_MAX = 10


class Shape(BaseModel):
    """An answer."""

    model_config = ConfigDict(extra="forbid")


class Bilingual(Shape):
    """What people read."""

    zh: str
    en: str


class EstimateShape(Shape):
    """A range of minutes until the call."""

    low_minutes: int
    high_minutes: int


class HallShape(Shape):
    """Which hall."""

    id: str
    name: Bilingual
    timezone: str


class BoardHall(HallShape):
    """Which hall, and whether it is open."""

    open: bool
    day: date | None
    next_opens_at: datetime | None
    general_group: str | None


class HallLine(HallShape):
    """One hall in the list of halls."""

    open: bool
    day: date | None


class HallList(Shape):
    """Every hall of the installation."""

    halls: list[HallLine]


class Stamped(Shape):
    """A view: the newest `seq` of the same `epoch` wins."""

    epoch: str
    seq: int
    as_of: datetime


class BoardGroup(Shape):
    """One group's queue."""

    id: str
    name: Bilingual
    prefix: str
    green_prefix: str | None
    zone: str | None
    open: bool
    waiting: int
    estimate: EstimateShape | None
    windows: list[str]
    next: list[str]


class NamePlate(Shape):
    """Who serves at a window."""

    name: str
    staff_no: str
    trainee: bool
    mentor: str | None = None


WindowStateName = Literal["closed", "ready", "calling", "serving", "paused", "absent"]


class BoardWindow(Shape):
    """One window."""

    id: str
    name: str
    label: Bilingual
    zone: str | None
    groups: list[str]
    green: bool
    state: WindowStateName
    number: str | None
    clerk: NamePlate | None
    paused_until: datetime | None


class ZoneShape(Shape):
    """A part of the hall. `color` names one of the zone colours of the looks; empty for none."""

    id: str
    name: Bilingual
    color: str


class CallShape(Shape):
    """A recent call; `seq` is new with every repetition."""

    seq: int
    number: str
    window: str
    zone: str | None
    at: datetime
    recall: int
    state: str


class PaceShape(Shape):
    """How many people were called in the last minutes."""

    called: int
    minutes: int


class Board(Stamped):
    """What everybody in the hall may see. `version` is that of the configuration it runs on."""

    type: Literal["board"]
    version: int
    pace: PaceShape
    hall: BoardHall
    groups: list[BoardGroup]
    windows: list[BoardWindow]
    zones: list[ZoneShape]
    calls: list[CallShape]
    missed: list[str]


class SpotShape(Shape):
    """A point of the floor plan, in metres from the upper left corner."""

    x: float
    y: float


class AreaShape(SpotShape):
    """A rectangle of the floor plan, in metres."""

    width: float
    height: float


class PlanSize(Shape):
    """The size of the floor plan, and where people wait and come in."""

    width: float
    height: float
    waiting: SpotShape
    entrance: SpotShape


class PlanZone(ZoneShape):
    """A zone on the floor plan."""

    area: AreaShape | None


class PlanWindow(Shape):
    """A window on the floor plan."""

    id: str
    label: Bilingual
    zone: str | None
    spot: SpotShape | None


class PlanShape(Stamped):
    """The floor plan of a hall, if somebody has drawn one."""

    type: Literal["plan"]
    version: int
    plan: PlanSize | None
    zones: list[PlanZone]
    windows: list[PlanWindow]


class DeviceName(Shape):
    """Which device."""

    id: str
    name: Bilingual


class LayoutShape(Shape):
    """Which panels a display shows, in the order in which they stand."""

    id: str
    name: Bilingual
    panels: list[str]


class NoticeShape(Shape):
    """A sentence for the screens, from one instant to another (null: no limit)."""

    id: str
    kind: Literal["notice", "etiquette"]
    text: Bilingual
    from_at: datetime | None
    until_at: datetime | None


class LookShape(Shape):
    """What makes the pages of a hall its own. An empty `accent` or `logo`: as everywhere."""

    seal: str
    accent: str
    logo: str


class DisplayShape(Shape):
    """What a display shows. `arrows` are directions by window, seen from where it stands."""

    type: Literal["display"]
    version: int
    as_of: datetime
    hall: HallShape
    device: DeviceName | None
    layout: LayoutShape
    zone: str | None
    window: str | None
    accessible: bool
    spot: SpotShape | None
    arrows: dict[str, str]
    notices: list[NoticeShape]
    look: LookShape


# ── Tickets ──────────────────────────────────────────────────────────────────────────────────────


class TicketRequest(Body):
    """Take a ticket: for a group, or for matters, which lead to their groups."""

    group: Id | None = None
    matters: Annotated[list[Id], Field(min_length=1, max_length=MATTERS_MAX)] | None = None
    channel: Channel = Field(strict=False)
    priority_class: PriorityClass | None = Field(None, strict=False)
    needs: list[Annotated[Need, Field(strict=False)]] = Field(default_factory=list, max_length=len(Need))
    phone: Phone | None = None
    language: Literal["zh", "en"] = "zh"

    @model_validator(mode="after")
    def _one_way(self) -> "TicketRequest":
        if (self.group is None) == (self.matters is None):
            raise ValueError("give either a group or matters")
        return self


class IssuedTicket(Shape):
    """A fresh ticket. The link token is told here and never again."""

    id: str
    number: str
    link_token: str
    link: str
    hall: str
    group: str
    state: str
    ahead: int
    estimate: EstimateShape | None
    near: bool
    windows: list[str]
    issued_at: datetime


class Named(Shape):
    """Something with an id and a name."""

    id: str
    name: Bilingual | None


class TicketWindow(Shape):
    """Where to go."""

    id: str
    label: Bilingual
    zone: ZoneShape | None
    direction: str | None  # Of the arrow, for somebody who waits in the middle of the hall.


class Can(Shape):
    """What the citizen may do now."""

    cancel: bool
    defer: bool
    return_: bool = Field(alias="return")
    acknowledge: bool


class TicketView(Stamped):
    """A ticket as its holder sees it."""

    type: Literal["ticket"]
    hall: HallShape
    id: str
    number: str
    state: str
    reason: str | None
    group: Named
    matters: list[str]
    later_groups: list[str]
    ahead: int | None
    estimate: EstimateShape | None
    near: bool
    windows: list[str]
    window: TicketWindow | None
    served_at: str | None = None
    called_at: datetime | None
    call_seq: int | None
    recalls: int
    acknowledged: bool
    grace_until: datetime | None
    priority_class: str | None
    issued_at: datetime
    ended_at: datetime | None = None
    serving_since: datetime | None
    hold_until: datetime | None
    hold_reason: str | None
    return_until: datetime | None
    return_places: int
    defers_left: int
    can: Can


class NoBody(Body):
    """A deed that needs no more words."""


class DeferralRequest(Body):
    """Let so many people pass."""

    places: int = Field(3, ge=1, le=1000)


class VoidRequest(Body):
    """Take a ticket out of the queue."""

    reason: ShortText


class VoidedTicket(Shape):
    """A ticket that staff took out of the queue."""

    id: str
    state: Literal["cancelled"]
    reason: Literal["void"]
    seq: int


class ClassRequest(Body):
    """Grant or take away a priority class."""

    priority_class: PriorityClass | None = Field(strict=False)
    reason: ShortText
    proof_seen: bool


# ── Windows ──────────────────────────────────────────────────────────────────────────────────────


class SessionRequest(Body):
    """Sign in at a window."""

    take_over: bool = False


class PauseRequest(Body):
    """Pause a window."""

    reason: ShortText
    minutes: int | None = Field(None, ge=1, le=480)


class CallRequest(Body):
    """Call the next, or one by hand."""

    ticket: str | None = Field(None, pattern=TICKET_ID)
    reason: ShortText | None = None


class HoldRequest(Body):
    """Put the service on hold."""

    reason: ShortText
    minutes: int | None = Field(None, ge=1, le=1440)


class ResumeRequest(Body):
    """Go on with a held service."""

    ticket: str = Field(pattern=TICKET_ID)


class TransferRequest(Body):
    """Send the citizen on."""

    group: Id
    reason: ShortText
    ticket: str | None = Field(None, pattern=TICKET_ID)


class CompletionRequest(Body):
    """Finish. A matter that is not named is done."""

    outcomes: dict[Id, Annotated[Outcome, Field(strict=False)]] = Field(default_factory=dict)


class LossRequest(Body):
    """Take a window out of service."""

    reason: ShortText


class GroupsRequest(Body):
    """Let a window serve other groups."""

    groups: Annotated[list[Id], Field(max_length=50)]
    effective_at: Instant | None = None


class WindowPause(Shape):
    """The pause of a window."""

    reason: str
    since: datetime
    until: datetime | None


class WindowSession(Shape):
    """The session of a window."""

    clerk: NamePlate
    since: datetime
    console: str


class ConsoleWindow(BoardWindow):
    """A window as its clerk sees it."""

    session: WindowSession | None = None
    pause: WindowPause | None = None


class MatterLine(Shape):
    """One matter of a ticket."""

    code: str
    name: Bilingual
    target_minutes: int | None


class WindowTicket(Shape):
    """The ticket at the window."""

    id: str
    number: str
    state: str
    group: str
    matters: list[MatterLine]
    later_groups: list[str]
    channel: str
    priority_class: str | None
    needs: list[str]
    language: str
    issued_at: datetime
    called_at: datetime | None
    started_at: datetime | None
    serving_since: datetime | None
    service_seconds: float
    recalls: int
    recalls_max: int
    recall_from: datetime | None
    grace_until: datetime | None
    undo_until: datetime | None
    hold_seconds: float
    wait_seconds: float
    hops: int
    acknowledged: bool


class HeldLine(Shape):
    """A service on hold."""

    id: str
    number: str
    since: datetime | None
    until: datetime | None
    reason: str
    back: bool


class WaitingLine(Shape):
    """Somebody who waits."""

    id: str
    number: str
    group: str
    wait_seconds: float
    priority_class: str | None
    transferred: bool


class WaitingShape(Shape):
    """Who waits for this window."""

    total: int
    next: list[WaitingLine]


class ConsoleGroup(Shape):
    """A group of the window."""

    id: str
    name: Bilingual
    waiting: int = 0


class WindowCall(Shape):
    """The last call of a window."""

    seq: int
    number: str
    at: datetime
    recall: int
    state: str


class Today(Shape):
    """The clerk's own figures of this session."""

    served: int
    mean_service_seconds: float | None
    mean_wait_seconds: float | None


class WindowView(Stamped):
    """A window as its clerk sees it."""

    type: Literal["window"]
    hall: HallShape
    window: ConsoleWindow
    calls: list[WindowCall]
    gaps: list[str]
    ticket: WindowTicket | None
    held: list[HeldLine]
    waiting: WaitingShape
    groups: list[ConsoleGroup]
    today: Today


class RulesRequest(Body):
    """Rules to change; what is not named stays."""

    near_ahead: int | None = Field(None, ge=0, le=50)
    near_seconds: int | None = Field(None, ge=0, le=7200)
    recalls_max: int | None = Field(None, ge=0, le=10)
    recall_gap_seconds: int | None = Field(None, ge=1, le=600)
    call_grace_seconds: int | None = Field(None, ge=10, le=3600)
    undo_seconds: int | None = Field(None, ge=0, le=300)
    return_within_seconds: int | None = Field(None, ge=0, le=28_800)
    return_places: int | None = Field(None, ge=0, le=50)
    returns_max: int | None = Field(None, ge=0, le=10)
    hold_limit_seconds: int | None = Field(None, ge=60, le=28_800)
    hops_max: int | None = Field(None, ge=0, le=20)
    defers_max: int | None = Field(None, ge=0, le=20)
    defer_places_max: int | None = Field(None, ge=1, le=100)
    green_in_a_row_max: int | None = Field(None, ge=1, le=20)
    ordinary_guard_seconds: int | None = Field(None, ge=0, le=28_800)
    extension_seconds: int | None = Field(None, ge=0, le=28_800)
    carry_over_waiting: bool | None = None
    misses_itself: bool | None = None
