"""The shapes of the API, as the published description shows them. Views are checked against them in tests."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from queue_server.hall.api.paths import TICKET_ID
from queue_server.hall.core.model import Channel, Need, Outcome, PriorityClass, Reach
from queue_server.hall.core.promises import Because
from queue_server.hall.core.reasons import Why
from queue_server.hall.core.reminders import WALK_MINUTES_MAX
from queue_server.kit.web.fields import Body, Id, Instant, Phone, ShortText

MATTERS_MAX = 10
PLACES_MAX = 1000
ScenarioId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}$")]


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
    likely_minutes: int  # Half of the calls come before.


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
    stopped: bool = False  # No numbers any more today: whoever took one now would not be served.


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
    offer: str  # Another one whenever the matters of the hall are others.
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


# ── Tickets ──────────────────────────────────────────────────────────────────────────────────────


class TicketRequest(Body):
    """Take a ticket: for a group, or for matters, which lead to their groups; `scenarios` as "M15.expired"."""

    group: Id | None = None
    matters: Annotated[list[Id], Field(min_length=1, max_length=MATTERS_MAX)] | None = None
    scenarios: Annotated[list[ScenarioId], Field(max_length=MATTERS_MAX)] = Field(default_factory=list)
    channel: Channel = Field(strict=False)
    priority_class: PriorityClass | None = Field(None, strict=False)
    needs: list[Annotated[Need, Field(strict=False)]] = Field(default_factory=list, max_length=len(Need))
    phone: Phone | None = None
    relative: bool = False  # Whether the phone is that of a relative, who is not in the hall.
    language: Literal["zh", "en"] = "zh"

    @model_validator(mode="after")
    def _one_way(self) -> "TicketRequest":
        if (self.group is None) == (self.matters is None):
            raise ValueError("give either a group or matters")
        if self.scenarios and self.matters is None:
            raise ValueError("scenarios belong to matters")
        if self.relative and self.phone is None:
            raise ValueError("a relative has a phone")
        return self


class PhoneCodeRequest(Body):
    """Send a code to a phone that is to hear of the ticket."""

    phone: Phone
    language: Literal["zh", "en"] = "zh"


class PhoneCodeSent(Shape):
    """The code is on its way: for how long it is good, and when another one may be asked for."""

    resend_seconds: int
    valid_seconds: int


class PhoneRequest(Body):
    """The code as it was read from the phone; `relative` when that is not with the citizen."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    relative: bool = False
    language: Literal["zh", "en"] = "zh"


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


class WindowName(Shape):
    """A window by name."""

    id: str
    label: Bilingual


class PromiseShape(Shape):
    """What the citizen was told at issue: the call comes between `low_at` and `high_at`."""

    made_at: datetime
    low_at: datetime
    high_at: datetime


class CauseShape(Shape):
    """What changed since: `was` and `now` are windows, minutes or people, as `because` says."""

    because: Because
    was: int
    now: int
    paused: list[WindowName]


class RevisionShape(Shape):
    """That it will be noticeably later or earlier than promised, and why."""

    later: bool
    causes: list[CauseShape]


class LaterLeg(Shape):
    """Where the visit leads afterwards, and the windows that serve it now."""

    id: str
    name: Bilingual
    windows: list[WindowName]


class CitizensRules(Shape):
    """The rules of the hall that a citizen may want to know."""

    call_grace_seconds: int
    return_within_seconds: int
    return_places: int
    returns_max: int
    defers_max: int
    defer_places_max: int
    green_head_start_seconds: int
    overtaken_max: int
    ordinary_guard_seconds: int
    green_in_a_row_max: int


class OutcomeLine(Shape):
    """How one matter left the window."""

    matter: str
    outcome: Outcome


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
    walk_minutes: int  # How long the way to the hall takes, as its holder has said.
    promise: PromiseShape | None
    revision: RevisionShape | None
    windows: list[str]
    likely: list[WindowName]  # The same windows by name, while one waits.
    later: list[LaterLeg]
    window: TicketWindow | None
    served_at: str | None = None
    called_at: datetime | None
    call_seq: int | None
    recalls: int
    acknowledged: bool
    followed: bool  # Whether a phone has opened the ticket's page.
    reach: Reach  # Whose phone hears of the call.
    in_wechat: bool  # Whether somebody hears of it in WeChat.
    grace_until: datetime | None
    priority_class: str | None
    issued_at: datetime
    ended_at: datetime | None = None
    serving_since: datetime | None
    hold_until: datetime | None
    hold_reason: str | None
    first_slot_at: datetime | None = None  # Not to be reached today: first when the hall opens then.
    return_until: datetime | None
    return_places: int
    defers_left: int
    returns_left: int
    rules: CitizensRules
    outcomes: list[OutcomeLine]
    can: Can


class DeferralPrice(Shape):
    """What letting so many people pass would come to."""

    places: int
    ahead: int
    estimate: EstimateShape | None
    defers_left: int  # How often one may after that.


class ReasonShape(Shape):
    """Why another number was called first. What does not apply is null."""

    number: str
    why: Why
    window: WindowName | None
    group: Named | None
    windows: int  # How many serve the group of that number now,
    issued_at: datetime | None
    called_at: datetime | None
    your_group: Named
    your_windows: int  # and how many that of the asker.
    your_issued_at: datetime


class MaterialLine(Shape):
    """Something to bring: `tolerable` may be handed in later, `exempt` need not be brought at all."""

    name: Bilingual
    tolerable: bool
    exempt: bool


class MatterToBring(Shape):
    """A matter of the ticket, and what to bring for it."""

    code: str
    name: Bilingual
    scenario: Bilingual | None
    materials: list[MaterialLine]


class Checklist(Shape):
    """What to bring, matter by matter."""

    matters: list[MatterToBring]


class NoBody(Body):
    """A deed that needs no more words."""


class DeferralRequest(Body):
    """Let so many people pass."""

    places: int = Field(3, ge=1, le=PLACES_MAX)


class WalkRequest(Body):
    """How many minutes the way to the hall takes."""

    minutes: int = Field(ge=0, le=WALK_MINUTES_MAX)


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
    overrun_reason: ShortText | None = None


class LossRequest(Body):
    """Take a window out of service."""

    reason: ShortText


class OpeningRequest(Body):
    """So many closed windows of a group are opened now."""

    group: Id
    windows: int = Field(ge=1, le=50)
    minutes: int | None = Field(None, ge=1, le=720)  # None: for the rest of the day.


class LeavingRequest(Body):
    """A window serves nobody, now or from an instant."""

    window: Id
    at: Instant | None = None
    minutes: int | None = Field(None, ge=1, le=720)  # A break; None: it closes.


class WhatIfRequest(Body):
    """What is tried out, all at once. Nothing of it changes the hall."""

    open: list[OpeningRequest] = Field(default_factory=list, max_length=20)
    leave: list[LeavingRequest] = Field(default_factory=list, max_length=50)
    green_head_start_seconds: int | None = Field(None, ge=0, le=86_400)


class WaitsShape(Shape):
    """How long some people wait from number to call. Null where so many are not called at all."""

    people: int
    p50_minutes: int | None
    p90_minutes: int | None


class GroupWaits(WaitsShape):
    """The same in one group."""

    id: str
    name: Bilingual


class OutcomeShape(Shape):
    """What comes of one play of the hall, over those who wait and those who come within the hour."""

    green: WaitsShape
    ordinary: WaitsShape
    groups: list[GroupWaits]
    overtaken: float  # By how many who came later somebody is passed, on average.
    busy_share: float | None
    spread: float | None
    unserved: int


class WhatIfView(Shape):
    """The hall as it goes on, and as it would."""

    seq: int
    as_of: datetime
    opened: list[str]
    before: OutcomeShape
    after: OutcomeShape


class ForgettingRequest(Body):
    """Have the hall forget what it has learned."""

    reason: ShortText


class ClerkLearned(Shape):
    """How long one clerk takes."""

    id: str
    name: str | None
    services: int
    minutes: float


class MatterNamed(Shape):
    """A matter by name."""

    code: str
    name: Bilingual


class MattersLearned(Shape):
    """How long some matters take that are done in one service."""

    matters: list[MatterNamed]
    services: int
    minutes: float
    clerks: list[ClerkLearned]


class GroupLearned(Shape):
    """What was learned of one group."""

    id: str
    name: Bilingual
    mean_minutes: float  # Of the last services.
    no_show: float
    matters: list[MattersLearned]


class PromisesLearned(Shape):
    """How first promises fared. Six in ten ranges should hold."""

    told: int
    inside: float | None
    off_minutes: float | None
    late_minutes: float | None
    width: float


class ExperienceView(Shape):
    """What a hall has learned of itself, of days that are over. Older days count less."""

    since: date | None
    until: date | None
    groups: list[GroupLearned]
    way_seconds: int
    between_seconds: int
    promises: PromisesLearned


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
    taken_over_at: datetime | None
    taken_from: str


class ConsoleWindow(BoardWindow):
    """A window as its clerk sees it."""

    session: WindowSession | None = None
    pause: WindowPause | None = None


class MaterialView(Shape):
    """Something to bring: `tolerable` may be handed in later, `exempt` need not be brought at all."""

    name: Bilingual
    tolerable: bool
    exempt: bool


class MatterLine(Shape):
    """One matter of a ticket, in the case that was chosen, with what to bring."""

    code: str
    name: Bilingual
    scenario: Bilingual | None
    target_minutes: int | None
    materials: list[MaterialView]


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
    proof_seen: bool
    needs: list[str]
    language: str
    call_rule: str | None
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
    group: str
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
    needs: list[str]
    language: str
    transferred: bool
    returned: bool


class NextLine(Shape):
    """Whom the next press calls, by which rule, and what for."""

    id: str
    number: str
    rule: str
    matters: list[Bilingual]


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
    """The day of the clerk who is signed in, in figures."""

    served: int
    mean_service_seconds: float | None
    mean_wait_seconds: float | None
    longest_seconds: float | None
    targeted: int
    over_target: int


class Helping(Shape):
    """A group that the window helps for a while: the expected wait and the target that were the reason."""

    group: str
    name: Bilingual
    since: datetime
    wait_seconds: int | None
    target_seconds: int


class EndedCertificate(Shape):
    """A group or a matter for which the clerk's certificate has ended: nobody is called for it."""

    id: str
    name: Bilingual
    ended_on: date


class WindowView(Stamped):
    """A window as its clerk sees it."""

    type: Literal["window"]
    hall: HallShape
    window: ConsoleWindow
    calls: list[WindowCall]
    helping: list[Helping]
    turn: WindowName | None
    ended_certificates: list[EndedCertificate]
    gaps: list[str]
    ticket: WindowTicket | None
    held: list[HeldLine]
    next: NextLine | None
    waiting: WaitingShape
    groups: list[ConsoleGroup]
    today: Today


# ── The history of a ticket ──────────────────────────────────────────────────────────────────────


class Doer(Shape):
    """Who did it: citizen, clerk, guide, manager, admin or system; staff by name."""

    role: str
    name: str | None


class HistoryLine(Shape):
    """One thing that happened to a ticket. What does not apply is null."""

    seq: int
    at: datetime
    what: str
    by: Doer
    window: str | None
    group: Named | None
    channel: str | None
    rule: str | None
    reason: str | None
    until: datetime | None
    priority_class: str | None
    proof_seen: bool | None


class History(Shape):
    """What happened to a ticket, in order."""

    id: str
    number: str
    history: list[HistoryLine]


class MessageLine(Shape):
    """One message to one person by one channel: what it says, and what came of it. No phone stands here."""

    id: str
    ticket: str
    number: str
    kind: str
    channel: str
    state: Literal[
        "queued", "sending", "retry_wait", "sent", "delivered", "fallback", "suppressed", "abandoned"
    ]
    reason: str
    attempts: int
    provider: str
    cost: float
    put_at: datetime
    sent_at: datetime | None
    text: str


class TicketMessages(Shape):
    """What the holder of a ticket was told, the newest first: which step of the ladder worked."""

    id: str
    messages: list[MessageLine]


class MessageTotal(Shape):
    """How many messages of a channel came to what, and what they cost."""

    channel: str
    state: str
    messages: int
    cost: float


class MessageList(Shape):
    """The messages of a hall, the newest first, and the sums of the last day. `before` asks for older ones."""

    messages: list[MessageLine]
    totals: list[MessageTotal]
    before: str | None


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
    green_head_start_seconds: int | None = Field(None, ge=0, le=28_800)
    overtaken_max: int | None = Field(None, ge=1, le=99)
    green_in_a_row_max: int | None = Field(None, ge=1, le=20)
    ordinary_guard_seconds: int | None = Field(None, ge=0, le=28_800)
    widened_seconds_min: int | None = Field(None, ge=60, le=14_400)
    extension_seconds: int | None = Field(None, ge=0, le=28_800)
    open_before_seconds: int | None = Field(None, ge=0, le=14_400)
    number_width: int | None = Field(None, ge=2, le=5)
    carry_over_waiting: bool | None = None
    skill_gap_blocks: bool | None = None
    presence_required: bool | None = None
    words_from_afar: bool | None = None
    account_code: bool | None = None
    phone_code_required: bool | None = None
    wechat_binding: bool | None = None
    tickets_per_person_max: int | None = Field(None, ge=1, le=20)
    misses_itself: bool | None = None


# ── Guides ───────────────────────────────────────────────────────────────────────────────────────


class DeskHall(HallShape):
    """Which hall, for whoever takes tickets for others in it."""

    open: bool
    general_group: str | None


class HelperShape(Shape):
    """Who goes to fetch somebody."""

    id: str
    name: str


class HelpTaskShape(Shape):
    """Somebody who is to be fetched, and why: `no_phone`, `relative`, or needs."""

    id: str
    number: str
    group: Named
    state: Literal["waiting", "called"]
    since: datetime
    called_at: datetime | None
    window: TicketWindow | None
    ahead: int | None
    why: list[str]
    priority_class: str | None
    language: str
    acknowledged: bool
    helper: HelperShape | None
    helped_at: datetime | None


class GuideCan(Shape):
    """What a guide may do about a ticket now."""

    return_: bool = Field(alias="return")
    acknowledge: bool
    void: bool


class PersonShape(Shape):
    """An open ticket as guides see it."""

    id: str
    number: str
    group: Named
    state: str
    issued_at: datetime
    ahead: int | None
    window: TicketWindow | None
    priority_class: str | None
    proof_seen: bool
    needs: list[str]
    reach: Literal["none", "own", "relative"]
    followed: bool
    missed_at: datetime | None
    return_until: datetime | None
    can: GuideCan


class LabelledWindow(Shape):
    """A window by name."""

    id: str
    label: Bilingual


class GuideView(Stamped):
    """The floor guides' desk. `missed` may still come back, the newest first."""

    type: Literal["guide"]
    hall: DeskHall
    tasks_total: int
    tasks: list[HelpTaskShape]
    missed: list[PersonShape]
    groups: list[BoardGroup]
    windows: list[LabelledWindow]
    waiting: int


class FoundTickets(Stamped):
    """Open tickets with these characters in their number."""

    type: Literal["found"]
    tickets: list[PersonShape]


# ── Managers ─────────────────────────────────────────────────────────────────────────────────────


class OverviewHall(HallShape):
    """Which hall, and its day."""

    open: bool
    day: date | None
    next_opens_at: datetime | None


class OverviewGroup(Shape):
    """One group: its line now, and its day so far."""

    id: str
    name: Bilingual
    zone: str | None
    open: bool
    waiting: int
    green: int
    waits_since: datetime | None
    estimate: EstimateShape | None
    windows: list[str]
    issued: int
    served: int
    missed: int
    no_shows: int
    spread: float | None


class OverviewTicket(Shape):
    """Whom a window has called or serves."""

    id: str
    number: str
    called_at: datetime | None
    serving_since: datetime | None
    service_seconds: float
    target_minutes: int | None


class OverviewWindow(BoardWindow):
    """One window: what it does and since when, whom it serves, how busy it was."""

    serves: list[str]
    since: datetime | None
    pause: str | None
    ticket: OverviewTicket | None
    held: int
    served: int
    busy_share: float | None
    next_groups: list[str] | None
    regroup_at: datetime | None


class TicketCounts(Shape):
    """How many tickets are where now, and what became of the others today."""

    waiting: int
    called: int
    serving: int
    on_hold: int
    missed: int
    issued: int
    served: int
    no_shows: int
    cancelled: int


class HalfHourShape(Shape):
    """How many came and how many services were finished in thirty minutes."""

    at: datetime
    issued: int
    served: int


class HelpCounts(Shape):
    """How guides keep up: who is called and nobody goes for them, and how quickly somebody went so far."""

    open: int
    taken: int
    response_seconds: int | None


class AttentionLine(Shape):
    """Something that needs somebody."""

    kind: Literal["absent", "help", "unserved", "pause", "wait"]
    number: str | None
    window: str | None
    group: str | None
    since: datetime


class OverviewView(Stamped):
    """The hall at a glance."""

    type: Literal["overview"]
    hall: OverviewHall
    groups: list[OverviewGroup]
    windows: list[OverviewWindow]
    tickets: TicketCounts
    half_hours: list[HalfHourShape]
    help: HelpCounts
    attention: list[AttentionLine]
