"""A case, as a value.

    case        what one applicant asks for: one matter, in one scenario
    item        one material of its checklist, and how it stands
    point       one thing a reviewer judges, by a method, against a standard
    gap         an item that is missing or cannot be used
    debt        a gap that somebody has promised to fill; the result waits for it

A case keeps the matter and the checklist as they were when it was opened. Whatever the catalogue says
tomorrow, nobody is asked for more than they were told. Whose case it is stands nowhere in it: name and
number are sealed, in rows of their own.
"""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct


class Stage(StrEnum):
    """How far a case has come."""

    DRAFT = "draft"
    RECEIVED = "received"
    NOTIFIED = "notified"
    ACCEPTED = "accepted"
    IN_REVIEW = "in_review"
    DECIDED = "decided"
    RESULT_READY = "result_ready"
    CLOSED = "closed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    IN_CHAIN = "in_chain"  # A master: its members are being worked on.
    WAITING = "waiting"  # A member: what it builds on has not been decided.
    DROPPED = "dropped"  # A member whose ground was not granted.


class Mark(StrEnum):
    """How a material stands."""

    PRESENT = "present"  # It was brought.
    LICENCE = "licence"  # An e-licence or another office's data stands in for it.
    VERIFIED = "verified"  # Somebody looked it up.
    HELD = "held"  # The hall has it from before, and does not ask twice.
    TO_CHECK = "to_check"  # The window will ask the office that knows. Nobody brings a paper.
    MISSING = "missing"
    DEFECTIVE = "defective"  # It was brought, and cannot be used as it is.


class Channel(StrEnum):
    """How a case came."""

    WINDOW = "window"  # Whoever applies stood there, with a ticket.
    AGENT = "agent"
    MAIL = "mail"


class Entruster(StrEnum):
    """Who has entrusted an agent with a case."""

    APPLICANT = "applicant"
    FAMILY = "family"
    GUARDIAN = "guardian"


class PhoneOf(StrEnum):
    """Whose phone hears of a case that has no ticket."""

    APPLICANT = "applicant"
    AGENT = "agent"


class Form(StrEnum):
    """What was handed in."""

    ORIGINAL = "original"
    COPY = "copy"
    ELECTRONIC = "electronic"


class Fault(StrEnum):
    """Why a material cannot be used."""

    EXPIRED = "expired"
    ILLEGIBLE = "illegible"
    UNSIGNED = "unsigned"
    UNSEALED = "unsealed"
    INCOMPLETE = "incomplete"
    MISMATCH = "mismatch"


class RefusalReason(StrEnum):
    """Why an application is not accepted. There are no other reasons."""

    NOT_COMPETENT = "not_competent"  # Another office decides on it.
    NOT_ELIGIBLE = "not_eligible"
    NOT_REQUIRED = "not_required"  # Nobody needs this permit.
    NOT_SUPPLEMENTED = "not_supplemented"


class PauseReason(StrEnum):
    """Why the clock of a case may stand still."""

    SUPPLEMENT = "supplement"
    SITE_VISIT = "site_visit"
    TECHNICAL_REVIEW = "technical_review"
    HEARING = "hearing"
    HIGHER_LEVEL = "higher_level"


SATISFIED = frozenset({Mark.PRESENT, Mark.LICENCE, Mark.VERIFIED, Mark.HELD})
GAPS = frozenset({Mark.MISSING, Mark.DEFECTIVE})
ENDED = frozenset({Stage.CLOSED, Stage.REFUSED, Stage.WITHDRAWN, Stage.TERMINATED, Stage.DROPPED})
# Accepted and not yet decided: its clock runs, but for what waits for others.
UNDER_WAY = frozenset({Stage.ACCEPTED, Stage.IN_REVIEW, Stage.IN_CHAIN, Stage.WAITING})


class Actor(Struct, frozen=True):
    """Somebody of the staff, and what they may finish."""

    id: str
    name: str
    mentor: str | None = None  # The name of whoever finishes what a trainee prepares.
    manager: bool = False
    reviewer: bool = False
    departments: tuple[
        str, ...
    ] = ()  # Whose tasks a certificate lets them decide; none: nobody wrote it down.
    lapsed: str | None = None  # Their certificate has expired: who stands in.
    covers: tuple[str, ...] = ()  # Those for whom they stand in, by account.


class When(Struct, frozen=True):
    """An instant, and the day it belongs to where the hall stands."""

    at: datetime
    on: date


class By(Struct, frozen=True):
    """Who did something, and when."""

    id: str
    name: str
    at: datetime
    on: date


class Subject(Struct, frozen=True):
    """The matter of a case, as it was when the case was opened."""

    code: str
    name_zh: str
    name_en: str
    department_zh: str
    department_en: str
    immediate: bool  # Decided in the same service.
    limit_days: int  # Working days within which a decision is promised.
    scenario: str | None = None
    scenario_zh: str = ""
    scenario_en: str = ""


class Item(Struct, frozen=True):
    """One material of a checklist."""

    name_zh: str
    name_en: str
    tolerable: bool = False
    exempt: bool = False
    mark: Mark | None = None  # None: nobody has looked yet.
    fault: Fault | None = None
    note: str = ""
    form: Form = Form.ORIGINAL
    pages: int = 1


class Notice(Struct, frozen=True):
    """Everything that is missing, told at once."""

    by: By
    due_on: date
    gaps: tuple[Item, ...]
    approved_by: By | None = None  # Of a second notice.


class Approval(Struct, frozen=True):
    """A manager's leave for a second notice."""

    by: By
    reason: str


class Promise(Struct, frozen=True):
    """What an applicant has signed: to supply what may come later, by a day."""

    signed_at: datetime
    due_on: date
    places: tuple[int, ...]  # Of the items in the checklist.


class Pause(Struct, frozen=True):
    """A time that does not count."""

    by: By
    reason: PauseReason
    note: str
    from_on: date
    until_on: date | None = None  # The day on which the clock runs again.


class Refusal(Struct, frozen=True):
    """Why an application was not accepted."""

    by: By
    reason: RefusalReason
    note: str


class Decision(Struct, frozen=True):
    """What was decided, and why."""

    by: By
    approved: bool
    note: str = ""


class Lack(Struct, frozen=True):
    """A material that a task cannot use."""

    place: int  # In the checklist.
    fault: Fault
    note: str = ""


class Opinion(Struct, frozen=True):
    """What a department says in the end."""

    by: By
    agreed: bool
    note: str = ""


class Task(Struct, frozen=True):
    """The part of one department in a case that another leads."""

    department_zh: str
    department_en: str
    limit_days: int
    reviewer: By | None = None
    lacks: tuple[Lack, ...] = ()
    opinion: Opinion | None = None


class Member(Struct, frozen=True):
    """One matter of a chain, as its master keeps it."""

    subject: Subject
    after: tuple[str, ...]  # The matters that have to be granted before it begins.
    needs: tuple[Item, ...]
    given: tuple[str, ...]  # What it gets from the results of those before it.


class Part(Struct, frozen=True):
    """Of which whole a case is a member."""

    master_id: int
    receipt_no: str  # The one number its citizen knows.
    after: tuple[str, ...]
    given: tuple[str, ...]


class Entrustment(Struct, frozen=True):
    """Somebody's word that an agent may hand in a case for them, and bring the result."""

    by: By  # The agent, who has seen the signed paper.
    entruster: Entruster
    phone_of: PhoneOf | None = None
    delivered: By | None = None  # Every paper was checked and signed for.


class WayBack(StrEnum):
    """How whoever sent a case by post wants its result."""

    DESK = "desk"
    MAIL = "mail"


class Parcel(Struct, frozen=True):
    """Papers that came by post."""

    by: By  # Who has opened it.
    carrier: str
    waybill: str
    posted_on: date  # What is in the post in time, has come in time.


class Point(Struct, frozen=True):
    """One thing a reviewer judges before deciding, and how it was judged."""

    item_zh: str
    item_en: str
    method_zh: str
    method_en: str
    standard_zh: str
    standard_en: str
    passed: bool | None = None  # None: nobody has judged it yet.
    note: str = ""


class Question(Struct, frozen=True):
    """What a window asks the department of the matter, and what somebody there answers."""

    text: str
    asked: By
    answer: str = ""
    answered: By | None = None


class Citation(Struct, frozen=True):
    """What a clerk went by: a version of a knowledge entry, or an answer to a question of this case."""

    by: By
    title_zh: str
    title_en: str = ""
    entry: int | None = None
    entry_version: int | None = None
    question: int | None = None  # Its place among those of the case.


class Case(Struct, frozen=True, kw_only=True):
    """What one applicant asks for, from the first paper to the result."""

    hall_id: str
    code: str  # What the citizen asks by. Nobody can guess one.
    id: int = 0
    version: int = 1  # The number of its newest line of history.
    stage: Stage = Stage.DRAFT
    subject: Subject
    channel: Channel = Channel.WINDOW
    ticket_id: int | None = None  # Of a case that came to a window, and of no other.
    number: str | None = None
    window_id: str | None = None
    entrustment: Entrustment | None = None
    parcels: tuple[Parcel, ...] = ()
    way_back: WayBack | None = None  # Of a case that came by post.
    items: tuple[Item, ...] = ()
    opened: By
    has_applicant: bool = False
    receipt_no: str | None = None
    received: By | None = None
    notices: tuple[Notice, ...] = ()
    second_notice: Approval | None = None
    accepted: By | None = None
    counted_from: date | None = None  # The day of acceptance. The limit begins after it.
    promise: Promise | None = None
    refusal: Refusal | None = None
    reviewer: By | None = None
    points: tuple[Point, ...] = ()  # As they were when the review began.
    questions: tuple[Question, ...] = ()
    citations: tuple[Citation, ...] = ()
    pauses: tuple[Pause, ...] = ()
    decision: Decision | None = None
    ready: By | None = None
    pickup: str | None = None  # What the citizen says at the issuing desk.
    waybill: str | None = None  # While the result is on its way by post.
    closed: By | None = None
    way: str | None = None  # How the result reached its citizen.
    result_no: str | None = None  # What is printed on it.
    members: tuple[Member, ...] = ()  # Of a chain. It is then the master of their cases.
    part: Part | None = None
    tasks: tuple[Task, ...] = ()  # Of the departments that have a say beside the one that leads.
    wanted: tuple[int, ...] = ()  # What the one notice of all tasks asks for and has not come, by place.


class Step(Struct, frozen=True):
    """A case after a deed, and what its history says of it."""

    case: Case
    name: str
    actor: Actor
    details: dict[str, object] = {}
