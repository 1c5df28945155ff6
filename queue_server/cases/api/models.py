"""What is asked and answered about cases."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from queue_server.cases.core.model import (
    Channel,
    Entruster,
    Fault,
    Form,
    Mark,
    PauseReason,
    PhoneOf,
    RefusalReason,
    Stage,
    WayBack,
)
from queue_server.hall.api.models import Bilingual, Shape
from queue_server.kit.web.fields import Body, Day, Id, LongText, Phone, ShortText, fit_lines

PAGES_MAX = 999
PLACES_MAX = 100
POINTS_MAX = 40
QUESTION_CHARACTERS_MAX = 500
ENTRY_ID = r"^[1-9][0-9]{0,14}$"

FiledMark = Literal["present", "licence", "to_check", "missing"]  # Whoever files verifies nothing.
Place = Annotated[int, Field(ge=0, lt=PLACES_MAX)]
Waybill = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{6,40}$")]
QuestionText = Annotated[
    str, StringConstraints(max_length=QUESTION_CHARACTERS_MAX), AfterValidator(fit_lines)
]


# ── Asked ────────────────────────────────────────────────────────────────────────────────────────


class OpeningRequest(Body):
    """Open the case for one matter of a ticket in service."""

    ticket: str = Field(pattern=r"^[1-9][0-9]{0,14}$")
    matter: Id


class OnVersion(Body):
    """A deed on the version of the case that whoever asks has seen."""

    version: int = Field(ge=1, le=2**31 - 1)


class ScenarioRequest(OnVersion):
    """Which scenario it is."""

    scenario: Id


class ApplicantRequest(OnVersion):
    """Who applies. Name and number are sealed."""

    kind: Literal["resident", "firm", "permit"]
    name: ShortText
    number: Annotated[str, Field(min_length=1, max_length=40)]


class MarkRequest(OnVersion):
    """How one material stands; `null` takes a mark back. A defective one says what is wrong."""

    mark: Mark | None = Field(strict=False)
    fault: Fault | None = Field(None, strict=False)
    note: ShortText | None = None
    form: Form | None = Field(None, strict=False)
    pages: int | None = Field(None, ge=1, le=PAGES_MAX)


class AcceptanceRequest(OnVersion):
    """Accept. With gaps: the applicant has signed to supply them by this day."""

    supply_on: Day | None = None


class RefusalRequest(OnVersion):
    """Do not accept, and why."""

    reason: RefusalReason = Field(strict=False)
    note: LongText


class ReasonRequest(OnVersion):
    """A deed with its reason."""

    reason: ShortText


class PauseRequest(OnVersion):
    """Let the clock stand still."""

    reason: PauseReason = Field(strict=False)
    note: ShortText | None = None


class DecisionRequest(OnVersion):
    """Approve or deny. `handed_over`: of an immediate matter, the applicant has the result."""

    approved: bool
    note: LongText | None = None
    handed_over: bool = False


class PointRequest(OnVersion):
    """Whether a review point is met; `null` takes a judgement back. One that is not met has a comment."""

    passed: bool | None
    note: ShortText | None = None


class CitationRequest(OnVersion):
    """What one went by: a knowledge entry in the version that was read."""

    entry: str = Field(pattern=ENTRY_ID)
    entry_version: int = Field(ge=1, le=2**31 - 1)


class QuestionRequest(Body):
    """What the window asks the department, or what it answers. Whatever has happened to the case meanwhile."""

    text: QuestionText


class PointWritten(Body):
    """One thing a reviewer judges."""

    item_zh: ShortText
    item_en: ShortText
    method_zh: ShortText
    method_en: ShortText
    standard_zh: ShortText
    standard_en: ShortText


class PointsRequest(Body):
    """Everything a reviewer of a matter judges, in order."""

    points: list[PointWritten] = Field(max_length=POINTS_MAX)


class OpinionRequest(OnVersion):
    """What a department says in the end. Whoever does not agree says why."""

    agreed: bool
    note: LongText | None = None


class LackRequest(OnVersion):
    """A material, by its place in the checklist, that a department cannot use."""

    material: int = Field(ge=0, le=99)
    fault: Fault = Field(strict=False)
    note: ShortText | None = None


class ApplicantFields(Body):
    """Who applies. Name and number are sealed."""

    kind: Literal["resident", "firm", "permit"]
    name: ShortText
    number: Annotated[str, Field(min_length=1, max_length=40)]


class ContactFields(Body):
    """The phone that hears of a case without a ticket, by the consent of whoever owns it."""

    phone: Phone
    of: PhoneOf = Field(PhoneOf.APPLICANT, strict=False)
    language: Literal["zh", "en"] = "zh"
    consent: Literal[True]


class EntrustmentRequest(Body):
    """Hand in a case for somebody. `marks` follow the checklist; `null` leaves a material as it stands."""

    matter: Id
    scenario: Id | None = None
    applicant: ApplicantFields
    entruster: Entruster = Field(strict=False)
    paper_seen: Literal[True]  # The agent has seen the signed entrustment.
    marks: list[FiledMark | None] = Field(max_length=PLACES_MAX)
    contact: ContactFields | None = None


class ParcelFields(Body):
    """What stands on a parcel. The postmark counts."""

    carrier: ShortText
    waybill: Waybill
    posted_on: Day


class MailRequest(Body):
    """Open the case of a parcel, and note how its result is wanted."""

    matter: Id
    scenario: Id | None = None
    applicant: ApplicantFields
    parcel: ParcelFields
    way_back: WayBack = Field(strict=False)
    contact: ContactFields | None = None


class ParcelRequest(OnVersion):
    """Another parcel for a case that is there."""

    parcel: ParcelFields


class DeliveryRequest(OnVersion):
    """Deliver a result: the places of the papers that came back and of those the hall keeps."""

    returned: list[Place] = Field(max_length=PLACES_MAX)
    kept: list[Place] = Field(max_length=PLACES_MAX)
    signed: Literal[True]  # By whoever it is for.


# ── Answered ─────────────────────────────────────────────────────────────────────────────────────


class ByShape(Shape):
    """Who did something, and when."""

    name: str
    at: datetime


class SubjectShape(Shape):
    """The matter of a case, as it was when the case was opened."""

    matter: str
    name: Bilingual
    department: Bilingual
    scenario: str | None
    scenario_name: Bilingual | None
    immediate: bool
    limit_days: int


class ItemShape(Shape):
    """One material of the checklist."""

    place: int
    name: Bilingual
    tolerable: bool
    exempt: bool
    mark: Mark | None
    fault: Fault | None
    note: str
    form: Form
    pages: int


class NoticeShape(Shape):
    """A one-time notice."""

    by: ByShape
    due_on: date
    gaps: list[Bilingual]
    approved_by: ByShape | None


class PromiseShape(Shape):
    """What was promised, and what of it has not come."""

    due_on: date
    owed: list[Bilingual]


class RefusalShape(Shape):
    """Why an application was not accepted."""

    by: ByShape
    reason: RefusalReason
    note: str


class PauseShape(Shape):
    """A time that does not count."""

    reason: PauseReason
    note: str
    from_on: date
    until_on: date | None


class PointShape(Shape):
    """One thing a reviewer judges, and how it was judged."""

    place: int
    item: Bilingual
    method: Bilingual
    standard: Bilingual
    passed: bool | None
    note: str


class ReviewPoints(Shape):
    """What reviewers of a matter judge."""

    matter: str
    points: list[PointShape]


class QuestionShape(Shape):
    """A question from the window. `minutes`: between question and answer."""

    place: int
    text: str
    asked: ByShape
    answer: str
    answered: ByShape | None
    minutes: float | None


class CitationShape(Shape):
    """What a clerk went by: an entry in a version, or the answer to a question of the case."""

    by: ByShape
    title: Bilingual
    entry: str | None
    entry_version: int | None
    question: int | None


class AskedShape(QuestionShape):
    """A question that waits for an answer, with the case it is about."""

    case: str
    number: str
    window: str | None
    subject: SubjectShape
    waits_minutes: int


class AskedList(Shape):
    """What windows ask, the oldest first."""

    questions: list[AskedShape]


class DecisionShape(Shape):
    """What was decided."""

    by: ByShape
    approved: bool
    note: str


class DueShape(Shape):
    """Until when it is to be decided. `unknown_year`: the holidays of that year have not been published."""

    on: date | None
    left_days: int | None
    unknown_year: int | None
    color: Literal["calm", "soon", "late", "paused"]


class MemberShape(Shape):
    """One matter of a chain, and the matters it waits for."""

    matter: str
    name: Bilingual
    department: Bilingual
    limit_days: int
    after: list[str]


class WholeShape(Shape):
    """The case of the chain of which a case is a member."""

    id: str
    receipt: str


class OpinionShape(Shape):
    """What a department says in the end."""

    by: ByShape
    agreed: bool
    note: str


class LackShape(Shape):
    """A material that a task cannot use."""

    place: int
    fault: Fault
    note: str


class TaskShape(Shape):
    """The part of one department in a case that another leads."""

    place: int
    department: Bilingual
    limit_days: int
    due: DueShape | None
    reviewer: ByShape | None
    lacks: list[LackShape]
    opinion: OpinionShape | None


class EntrustmentShape(Shape):
    """Who brings a case and its result, and by whose word."""

    by: ByShape
    entruster: Entruster
    phone_of: PhoneOf | None
    delivered: ByShape | None


class ParcelShape(Shape):
    """Papers that came by post."""

    by: ByShape
    carrier: str
    waybill: str
    posted_on: date


class CaseShape(Shape):
    """A case, as staff see it."""

    id: str
    version: int
    code: str
    stage: Stage
    subject: SubjectShape
    channel: Channel
    ticket: str | None
    number: str | None
    window: str | None
    entrustment: EntrustmentShape | None
    parcels: list[ParcelShape]
    way_back: WayBack | None
    visits: int
    items: list[ItemShape]
    has_applicant: bool
    receipt: str | None
    opened: ByShape
    received: ByShape | None
    notices: list[NoticeShape]
    second_notice_approved: bool
    accepted: ByShape | None
    promise: PromiseShape | None
    supply_by: date | None
    refusal: RefusalShape | None
    reviewer: ByShape | None
    points: list[PointShape]
    questions: list[QuestionShape]
    citations: list[CitationShape]
    pauses: list[PauseShape]
    decision: DecisionShape | None
    closed: ByShape | None
    due: DueShape | None
    members: list[MemberShape]
    part_of: WholeShape | None
    tasks: list[TaskShape]
    wanted: list[int]


class CaseList(Shape):
    """Cases, as staff see them."""

    cases: list[CaseShape]


class EntrustedCase(Shape):
    """A case that an agent has brought, who it is for, and the code by which the result is collected."""

    case: CaseShape
    applicant: str
    pickup: str | None


class EntrustedCases(Shape):
    """The cases of one agent."""

    cases: list[EntrustedCase]


class ApplicantShape(Shape):
    """Who applies; of the number only the end."""

    kind: Literal["resident", "firm", "permit"]
    name: str
    number: str


class LineShape(Shape):
    """One line of a history."""

    version: int
    at: datetime
    name: str
    by: str
    details: dict[str, Any]


class CaseHistory(Shape):
    """Everything that happened to a case, the oldest first."""

    id: str
    lines: list[LineShape]


class OwnCase(Shape):
    """A case, as the citizen with the ticket's link may know it."""

    code: str
    matter: Bilingual
    stage: Stage
    receipt: str | None
    due_on: date | None
    immediate: bool


class OwnCases(Shape):
    """The cases of a ticket."""

    cases: list[OwnCase]


class ChainScenario(Shape):
    """A scenario of a chain."""

    code: str
    name: Bilingual


class ChainShape(Shape):
    """Matters that are applied for together, within how many working days all is done, and in which scenarios."""

    code: str
    name: Bilingual
    department: Bilingual
    limit_days: int
    members: list[MemberShape]
    scenarios: list[ChainScenario]


class Chains(Shape):
    """Every chain of a hall."""

    chains: list[ChainShape]


class WaitingTask(Shape):
    """A task that waits for a department, and the case it belongs to."""

    case: str
    receipt: str | None
    subject: SubjectShape
    task: TaskShape


class Tasks(Shape):
    """What waits for the departments of a reviewer."""

    departments: list[str]  # Their Chinese names; none: no certificate was written down.
    tasks: list[WaitingTask]
