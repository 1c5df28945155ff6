"""What is asked and answered about guides and delegations."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from queue_server.catalogue.core.guides import Form, Source
from queue_server.catalogue.core.lint import Weight
from queue_server.kit.web.fields import Body, Day, Id, LongText, ShortText, fit_lines

TEXT_CHARACTERS_MAX: Final = 2000
LISTED_MAX: Final = 60
DAYS_MAX: Final = 999


def fit_or_empty(text: str) -> str:
    """A text that may be missing."""
    return fit_lines(text) if text.strip() else ""


def fit_link(link: str) -> str:
    """An address where something can be downloaded, here or elsewhere; empty for none."""
    link = link.strip()
    if link and (not link.isprintable() or " " in link or not link.startswith(("https://", "http://", "/"))):
        raise PydanticCustomError("text_unfit", "unfit")
    return link


def fit_phone(text: str) -> str:
    """A telephone number as people write it: digits, spaces, dashes, and an extension."""
    text = text.strip()
    if text and not all(character in "0123456789 +-()转x、,/" for character in text):
        raise PydanticCustomError("phone_unknown", "unknown")
    return text


Text = Annotated[str, StringConstraints(max_length=TEXT_CHARACTERS_MAX), AfterValidator(fit_or_empty)]
Link = Annotated[str, StringConstraints(max_length=500), AfterValidator(fit_link)]
Telephone = Annotated[str, StringConstraints(max_length=60), AfterValidator(fit_phone)]
Days = Annotated[int, Field(ge=0, le=DAYS_MAX)]
Listed = Field(max_length=LISTED_MAX)


class WordsBody(Body):
    """A text in both languages; an empty one is missing."""

    zh: Text = ""
    en: Text = ""


class OptionBody(Body):
    """One answer to a question."""

    code: Id
    text: WordsBody


class QuestionBody(Body):
    """What is asked to find the scenario somebody is in."""

    code: Id
    text: WordsBody
    options: Annotated[list[OptionBody], Listed]


class ScenarioBody(Body):
    """A scenario, and the answers that lead to it. A question that is not named may be answered anyhow."""

    code: Id
    name: WordsBody
    when: Annotated[dict[Id, Annotated[list[Id], Listed]], Listed]
    group: Id | None = None


class MaterialBody(Body):
    """A material, and how one gets it."""

    name: WordsBody
    source: Source = ""
    source_note: WordsBody = WordsBody()
    form: Form = "original"
    copies: int = Field(ge=0, le=99, default=1)
    filled_in: bool = False
    blank: Link = ""
    sample: Link = ""
    tolerable: bool = False
    exempt: bool = False
    only: list[Id] = Field(default_factory=list, max_length=LISTED_MAX)


class StepBody(Body):
    """A step of the way, from which the flow chart is drawn."""

    name: WordsBody
    who: WordsBody = WordsBody()
    days: Days | None = None


class GuideBody(Body):
    """All of a guide, in the order in which it is read."""

    conditions: WordsBody = WordsBody()
    questions: list[QuestionBody] = Field(default_factory=list, max_length=12)
    scenarios: list[ScenarioBody] = Field(default_factory=list, max_length=LISTED_MAX)
    materials: list[MaterialBody] = Field(default_factory=list, max_length=LISTED_MAX)
    steps: list[StepBody] = Field(default_factory=list, max_length=20)
    process: WordsBody = WordsBody()
    statutory_days: Days | None = None
    committed_days: Days | None = None
    place: WordsBody = WordsBody()
    hours: WordsBody = WordsBody()
    phone: Telephone = ""
    complaints: Telephone = ""
    charged: bool = False
    fee: WordsBody = WordsBody()
    fee_basis: WordsBody = WordsBody()
    result: WordsBody = WordsBody()
    result_is_document: bool = True
    result_sample: Link = ""
    basis: WordsBody = WordsBody()
    visits: int = Field(ge=0, le=20, default=1)
    visits_because: WordsBody = WordsBody()


class ChangeRequest(Body):
    """The guide as it should be, on the version that was seen."""

    version: int = Field(ge=0)
    guide: GuideBody


class SuggestionRequest(ChangeRequest):
    """The same, and why."""

    reason: LongText


class DraftRequest(Body):
    """A draft on the revision that was seen, 0 for a new one. `hand_in` asks for its review."""

    revision: int = Field(ge=0)
    guide: GuideBody
    hand_in: bool = False


class PublicationRequest(Body):
    """The revision of the draft that was reviewed."""

    revision: int = Field(ge=1)


class RestorationRequest(Body):
    """Which earlier version should count again, on the version that was seen."""

    version: int = Field(ge=0)
    earlier: int = Field(ge=1)


class LetterRequest(Body):
    """Until when a department lets the hall accept a matter, and who can renew it."""

    ends_on: Day
    ask: ShortText


class RenewalRequest(Body):
    """Until when the letter should count, and why."""

    ends_on: Day
    reason: LongText


class RenewalDecision(Body):
    """What the reform office says to a renewal."""

    approved: bool


# ── Answered ─────────────────────────────────────────────────────────────────────────────────────


class Shape(BaseModel):
    """An answer."""

    model_config = ConfigDict(extra="forbid")


class Bilingual(Shape):
    """A name in both languages."""

    zh: str
    en: str


class MatterShape(Shape):
    """The matter a guide is for."""

    code: str
    name: Bilingual
    department: Bilingual
    kind: str
    active: bool


class PublicGuide(Shape):
    """The guide that everybody goes by. Version 0: what the catalogue knows before one was published."""

    matter: MatterShape
    version: int
    guide: GuideBody


class FindingShape(Shape):
    """Something that is wrong with a guide, and where."""

    code: str
    at: str
    weight: Weight
    facts: dict[str, Any]


class DraftShape(Shape):
    """A draft, and who saved it last."""

    revision: int
    in_review: bool
    guide: GuideBody
    changed_at: datetime
    changed_by: str
    changed_by_name: str
    findings: list[FindingShape]
    changes: list[str]


class GuideShape(PublicGuide):
    """A guide as its editors see it. `changes` of the draft are the elements that differ from what is published."""

    findings: list[FindingShape]
    draft: DraftShape | None


class GuideLine(Shape):
    """A guide in the list of all."""

    matter: MatterShape
    version: int
    published_at: datetime | None
    findings: int
    draft: Literal["", "draft", "in_review"]
    suggestions: int


class GuideList(Shape):
    """Every guide of a hall, in its order."""

    guides: list[GuideLine]


class VersionLine(Shape):
    """One version of a guide, who edited and who published it."""

    version: int
    published_at: datetime
    published_by: str
    edited_by: str
    note: str


class SuggestionShape(Shape):
    """What a department would like to see changed: the elements as they were and as they should be."""

    id: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    made_at: datetime
    made_by_name: str
    state: Literal["open", "accepted", "declined"]
    version: int | None


class Past(Shape):
    """The history of a guide, the newest first."""

    versions: list[VersionLine]
    suggestions: list[SuggestionShape]


class RenewalShape(Shape):
    """A renewal that was asked for and waits for approval."""

    ends_on: date
    reason: str
    asked_by_name: str


class LetterShape(Shape):
    """A letter by which a department lets the hall accept a matter."""

    matter: str
    name: Bilingual
    department: Bilingual
    ends_on: date
    days_left: int
    standing: Literal["ended", "soon", "valid"]
    ask: str
    renewal: RenewalShape | None


class Letters(Shape):
    """Every letter of a hall, those that end first before the others."""

    delegations: list[LetterShape]


class LetterWritten(Shape):
    """A letter as it was written down, or a renewal as it was asked for or settled."""

    matter: str
    ends_on: date
