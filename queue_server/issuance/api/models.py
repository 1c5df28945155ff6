"""What is asked and answered about documents."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from queue_server.cases.api.models import ByShape, SubjectShape
from queue_server.hall.api.models import Bilingual, Shape
from queue_server.issuance.core.documents import Field as Compared
from queue_server.issuance.core.documents import Keeper, Payer, State, Way
from queue_server.issuance.core.manifests import DOCUMENTS_MAX, ManifestState
from queue_server.kit.web.fields import Body, Day, ShortText

ItemId = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,14}$")]
ItemIds = Annotated[list[ItemId], Field(max_length=DOCUMENTS_MAX)]
IdentityKind = Literal["resident", "firm", "permit"]
SIGNATURE_SENT_MAX = 48_000  # More than is kept, so that a long signature gets a sentence and not a shrug.
PROOF_SENT_MAX = 64_000


# ── Asked ────────────────────────────────────────────────────────────────────────────────────────


class PrintedRequest(Body):
    """What is printed on a document."""

    number: Annotated[str, Field(min_length=1, max_length=60)]
    scope: ShortText | None = None
    issued_on: Day
    valid_until: Day | None = None


class MakingRequest(PrintedRequest):
    """The document of a decided case. An electronic one has reached its citizen at once."""

    case: ItemId
    electronic: bool = False


class DocumentOnVersion(Body):
    """A deed on the version of the document that whoever asks has seen."""

    version: int = Field(ge=1, le=2**31 - 1)


class FixRequest(PrintedRequest):
    """The same document, put right."""

    version: int = Field(ge=1, le=2**31 - 1)


class BundleRequest(Body):
    """What is handed over to the desk together."""

    documents: Annotated[list[ItemId], Field(min_length=1, max_length=DOCUMENTS_MAX)]


class CountRequest(Body):
    """What was found in a bundle."""

    version: int = Field(ge=1, le=2**31 - 1)
    found: ItemIds


class CorrectionRequest(Body):
    """Of what was missing: what is on its way now, and what has never left."""

    version: int = Field(ge=1, le=2**31 - 1)
    again: ItemIds
    kept: ItemIds


class FilingRequest(DocumentOnVersion):
    """On which shelf, in which box."""

    place: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9一-鿿-]+$")]


class CheckRequest(DocumentOnVersion):
    """Field by field: is it right?"""

    right: dict[Compared, bool]
    note: ShortText | None = None


class MailingRequest(DocumentOnVersion):
    """Given to the post. `proof` is the picture of the receipt, in base64."""

    carrier: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9 一-鿿-]+$")]
    waybill: Annotated[str, Field(min_length=6, max_length=30, pattern=r"^[A-Za-z0-9-]+$")]
    payer: Payer = Field(strict=False)
    address: ShortText
    proof: Annotated[str, Field(max_length=PROOF_SENT_MAX)]


class ArrivalRequest(DocumentOnVersion):
    """What became of the post: it arrived, or came back to a place at the desk, and why."""

    arrived: bool
    place: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9一-鿿-]+$")] | None = None
    reason: ShortText | None = None


class AgentRequest(Body):
    """Who collects for somebody else, and by which paper. All of it is sealed."""

    kind: IdentityKind
    name: ShortText
    number: Annotated[str, Field(min_length=1, max_length=40)]
    entrustment: Annotated[str, Field(max_length=100)]


class DeliveryRequest(Body):
    """What is handed over. `kind` and `tail` are read from the proof of identity, `signature` is drawn."""

    code: Annotated[str, Field(min_length=1, max_length=24)]
    documents: Annotated[list[ItemId], Field(min_length=1, max_length=DOCUMENTS_MAX)]
    kind: IdentityKind | None = None
    tail: Annotated[str, Field(max_length=4)] = ""
    looked_at: ItemIds = Field([])
    agent: AgentRequest | None = None
    signature: Annotated[str, Field(max_length=SIGNATURE_SENT_MAX)] = ""


# ── Answered ─────────────────────────────────────────────────────────────────────────────────────


class MadeFromShape(Shape):
    """A decided case whose document is awaited."""

    case: str
    receipt: str | None
    subject: SubjectShape
    approved: bool
    decided: ByShape | None


class DocumentShape(Shape):
    """A document, without whose it is."""

    id: str
    version: int
    case: str
    receipt: str
    matter: Bilingual
    department: Bilingual
    approved: bool
    state: State
    number: str
    scope: str
    issued_on: date
    valid_until: date | None
    manifest: str | None
    arrived_at: datetime | None
    place: str | None
    filed: ByShape | None
    checked: ByShape | None
    wrong: list[Compared]
    note: str
    fix_by: date | None
    pickup: str | None
    waybill: str | None
    way: Way | None
    delivered: ByShape | None


class ManifestShape(Shape):
    """A bundle. `open` is what nobody has found yet."""

    id: str
    code: str
    version: int
    state: ManifestState
    documents: list[str]
    open: list[str]
    sent: ByShape
    received: ByShape | None


class DeskShape(Shape):
    """Everything that has not reached its citizen."""

    to_make: list[MadeFromShape]
    documents: list[DocumentShape]
    manifests: list[ManifestShape]


class OwnerShape(Shape):
    """Whose document it is, for whoever compares it; of the number only the end."""

    kind: IdentityKind
    name: str
    number: str


class CustodyLine(Shape):
    """One line of a document's history, and who holds it from then on."""

    version: int
    at: datetime
    name: str
    by: str
    keeper: Keeper
    details: dict[str, Any]


class WholeDocument(Shape):
    """A document with whose it is, and everywhere it has been."""

    document: DocumentShape
    applicant: OwnerShape | None
    lines: list[CustodyLine]


class FoundShape(Shape):
    """What lies ready for one applicant."""

    name: str
    kind: IdentityKind
    documents: list[DocumentShape]


class DeliveryShape(Shape):
    """What was handed over, under which number its receipt is kept."""

    id: str
    documents: list[DocumentShape]
