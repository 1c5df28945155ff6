"""A document: the paper or licence that came of a decision, and everything that may be done with it.

    made → in_transfer → at_desk → filed → ready → delivered
             ↓    ↑         ↓        ready → mailed → delivered
          disputed          returned_for_fix ↑   ↓
             ↓                    ↓          └ (it came back)
            made                 made
    made → delivered            at once, as an electronic result

At every moment somebody holds it, and each line of its history says who does from then on. A second person
checks it, field by field, before anybody is told that it is ready: never the one who has filed it. A pick-up
code leads to it; handing it over takes the proof of who one is, and a signature. Nobody is named here: whose
it is stands with the case.
"""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from queue_server.calendar.core import YearNotPublished, add_workdays
from queue_server.cases.core.model import Actor, By, Case, Stage, When
from queue_server.cases.core.rejections import CaseElsewhere
from queue_server.cases.core.stages import by, check_finishes
from queue_server.issuance.core.rejections import (
    AgentUnchecked,
    DocumentElsewhere,
    FieldsUnchecked,
    FilerChecks,
    NumberMissing,
    SignatureMissing,
    SignatureTooLarge,
    SignatureUnfit,
)

Field = Literal["name", "number", "matter", "scope", "dates"]
FIELDS: Final[tuple[Field, ...]] = ("name", "number", "matter", "scope", "dates")
FIX_DAYS: Final = 2  # Working days within which a department corrects what it got wrong.
PICKUP_DIGITS: Final = 8
SIGNATURE_CHARACTERS_MAX: Final = 24_000  # Some forty seconds of writing.
SIGNATURE_POINTS_MIN: Final = 8  # A dot is no signature.
STROKES: Final = re.compile(r"(?:M[0-9]{1,4} [0-9]{1,4}(?:L[0-9]{1,4} [0-9]{1,4})+)+")


class State(StrEnum):
    """How far a document has come."""

    MADE = "made"  # The department has it.
    IN_TRANSFER = "in_transfer"
    DISPUTED = "disputed"  # It stands on a manifest and was not in the bundle.
    AT_DESK = "at_desk"
    FILED = "filed"
    RETURNED_FOR_FIX = "returned_for_fix"
    READY = "ready"
    MAILED = "mailed"
    DELIVERED = "delivered"


class Keeper(StrEnum):
    """Who holds a document."""

    DEPARTMENT = "department"
    MESSENGER = "messenger"  # Between the department and the desk, on a manifest.
    NOBODY_KNOWS = "nobody_knows"
    DESK = "desk"
    COURIER = "courier"
    CITIZEN = "citizen"


class Way(StrEnum):
    """How a document reached whom it is for."""

    DESK = "desk"
    AGENT = "agent"
    MAIL = "mail"
    ELECTRONIC = "electronic"


class Payer(StrEnum):
    """Who pays the post."""

    HALL = "hall"
    RECIPIENT = "recipient"


class Mailing(Struct, frozen=True):
    """On which way a document is by post. Where to stands elsewhere, sealed."""

    by: By
    carrier: str
    waybill: str
    payer: Payer
    proof: str  # The digest of the picture that shows it was posted.


class Document(Struct, frozen=True, kw_only=True):
    """What came of one case."""

    hall_id: str
    id: int = 0
    version: int = 1  # The number of its newest line of history.
    case_id: int
    receipt_no: str
    matter_zh: str
    matter_en: str
    department_zh: str
    department_en: str
    approved: bool
    state: State = State.MADE
    number: str  # Of the licence or letter itself.
    scope: str = ""  # What it allows, in the words printed on it.
    issued_on: date
    valid_until: date | None = None
    made: By
    manifest_id: int | None = None
    arrived_at: datetime | None = None  # At the desk: from here on the check is awaited.
    place: str | None = None  # The shelf or box.
    filed: By | None = None
    checked: By | None = None
    wrong: tuple[Field, ...] = ()
    note: str = ""
    fix_by: date | None = None
    pickup: str | None = None
    ready_id: int | None = None  # Its line on the list of what can be collected.
    mailing: Mailing | None = None
    delivered: By | None = None
    way: Way | None = None


class Move(Struct, frozen=True):
    """A document after a deed, and what its history says of it."""

    document: Document
    name: str
    actor: Actor
    details: dict[str, object] = {}


# ── In the department ────────────────────────────────────────────────────────────────────────────


def make(
    case: Case, actor: Actor, now: When, number: str, scope: str, issued_on: date, valid_until: date | None
) -> Document:
    """The document of a case that was decided."""
    if case.stage is not Stage.DECIDED or case.decision is None:
        raise CaseElsewhere(stage=case.stage)
    check_number(number)
    return Document(
        hall_id=case.hall_id,
        case_id=case.id,
        receipt_no=case.receipt_no or "",
        matter_zh=case.subject.name_zh,
        matter_en=case.subject.name_en,
        department_zh=case.subject.department_zh,
        department_en=case.subject.department_en,
        approved=case.decision.approved,
        number=number,
        scope=scope,
        issued_on=issued_on,
        valid_until=valid_until,
        made=by(actor, now),
    )


def fix(
    document: Document, actor: Actor, number: str, scope: str, issued_on: date, valid_until: date | None
) -> Move:
    """Print it anew, with what was wrong put right."""
    check_state(document, State.RETURNED_FOR_FIX)
    check_number(number)
    after = replace(
        document,
        state=State.MADE,
        number=number,
        scope=scope,
        issued_on=issued_on,
        valid_until=valid_until,
        wrong=(),
        note="",
        fix_by=None,
    )
    return move(after, "fixed", actor, Keeper.DEPARTMENT)


def send(document: Document, actor: Actor, manifest_id: int) -> Move:
    """Give it away on a manifest; what was missing goes again on the same one."""
    check_state(document, State.MADE, State.DISPUTED)
    after = replace(document, state=State.IN_TRANSFER, manifest_id=manifest_id)
    return move(after, "sent", actor, Keeper.MESSENGER, manifest=manifest_id)


def keep_back(document: Document, actor: Actor) -> Move:
    """It never left the department, and leaves the manifest."""
    check_state(document, State.DISPUTED)
    after = replace(document, state=State.MADE, manifest_id=None)
    return move(after, "kept_back", actor, Keeper.DEPARTMENT)


# ── At the desk ──────────────────────────────────────────────────────────────────────────────────


def receive(document: Document, actor: Actor, now: When) -> Move:
    """It was in the bundle."""
    check_state(document, State.IN_TRANSFER)
    after = replace(document, state=State.AT_DESK, arrived_at=now.at, filed=None, checked=None, place=None)
    return move(after, "received", actor, Keeper.DESK)


def miss(document: Document, actor: Actor) -> Move:
    """It stands on the manifest and was not in the bundle."""
    check_state(document, State.IN_TRANSFER)
    return move(replace(document, state=State.DISPUTED), "missed", actor, Keeper.NOBODY_KNOWS)


def file(document: Document, actor: Actor, now: When, place: str) -> Move:
    """Put it where it is found again."""
    check_state(document, State.AT_DESK)
    after = replace(document, state=State.FILED, filed=by(actor, now), place=place)
    return move(after, "filed", actor, Keeper.DESK, place=place)


def check(
    document: Document, actor: Actor, now: When, right: dict[Field, bool], note: str, pickup: str
) -> Move:
    """Compare it with the case, field by field. What is wrong goes back; what is right can be collected."""
    check_state(document, State.FILED)
    check_finishes(actor)
    if document.filed is not None and document.filed.id == actor.id:
        raise FilerChecks
    if set(right) != set(FIELDS):
        raise FieldsUnchecked(count=len(set(FIELDS) - set(right)))
    wrong = tuple(field for field in FIELDS if not right[field])
    after = replace(document, checked=by(actor, now))
    if not wrong:
        after = replace(after, state=State.READY, pickup=pickup)
        return move(after, "ready", actor, Keeper.DESK)
    after = replace(
        after,
        state=State.RETURNED_FOR_FIX,
        wrong=wrong,
        note=note,
        fix_by=fix_day(now.on),
        manifest_id=None,
        place=None,
    )
    return move(after, "returned_for_fix", actor, Keeper.DEPARTMENT, wrong=wrong, note=note or None)


def fix_day(today: date) -> date | None:
    """Until when it is to be corrected; None in a year whose holidays nobody knows."""
    try:
        return add_workdays(today, FIX_DAYS)
    except YearNotPublished:
        return None


# ── To whom it is for ────────────────────────────────────────────────────────────────────────────


def deliver(document: Document, actor: Actor, now: When, way: Way) -> Move:
    """They have it."""
    check_state(document, *FROM[way])
    check_finishes(actor)
    after = replace(document, state=State.DELIVERED, delivered=by(actor, now), way=way, place=None)
    return move(after, "delivered", actor, Keeper.CITIZEN, way=way)


FROM: Final = {
    Way.DESK: (State.READY,),
    Way.AGENT: (State.READY,),
    Way.MAIL: (State.MAILED,),
    Way.ELECTRONIC: (State.MADE,),
}


def mail(document: Document, actor: Actor, mailing: Mailing) -> Move:
    """Give it to the post, with a number to follow and a picture to prove it."""
    check_state(document, State.READY)
    check_finishes(actor)
    after = replace(document, state=State.MAILED, mailing=mailing, place=None)
    told = {"carrier": mailing.carrier, "waybill": mailing.waybill, "payer": mailing.payer}
    return move(after, "mailed", actor, Keeper.COURIER, **told)


def come_back(document: Document, actor: Actor, place: str, reason: str) -> Move:
    """The post has brought it back: it can be collected again."""
    check_state(document, State.MAILED)
    after = replace(document, state=State.READY, place=place)
    return move(after, "came_back", actor, Keeper.DESK, reason=reason, place=place)


def check_signature(strokes: str) -> None:
    """Refuse what is no signature: nothing, something else, or far too much of it."""
    if not strokes:
        raise SignatureMissing
    if len(strokes) > SIGNATURE_CHARACTERS_MAX:
        raise SignatureTooLarge
    if not STROKES.fullmatch(strokes):
        raise SignatureUnfit
    if strokes.count("L") + strokes.count("M") < SIGNATURE_POINTS_MIN:
        raise SignatureMissing


def check_items(handed: list[int], looked_at: list[int], *, agent: bool) -> None:
    """Refuse to give an agent what was not looked at together, piece by piece."""
    if agent and set(handed) != set(looked_at):
        raise AgentUnchecked(count=len(set(handed) - set(looked_at)))


def spelled_pickup(code: str) -> str:
    """A pick-up code as one reads it aloud.

    >>> spelled_pickup("38420197")
    '3842 0197'
    """
    return f"{code[:4]} {code[4:]}"


def read_pickup(written: str) -> str | None:
    """The pick-up code that somebody typed or scanned, or nothing if it cannot be one.

    >>> read_pickup(" 3842-0197 "), read_pickup("3842")
    ('38420197', None)
    """
    code = re.sub(r"[\s-]", "", written)
    return code if re.fullmatch(rf"[0-9]{{{PICKUP_DIGITS}}}", code) else None


# ── Guards ───────────────────────────────────────────────────────────────────────────────────────


def check_state(document: Document, *states: State) -> None:
    """Refuse a deed that does not belong to the state of the document."""
    if document.state not in states:
        raise DocumentElsewhere(state=document.state)


def check_number(number: str) -> None:
    """Refuse a document that bears no number: nobody could ask for it again."""
    if not number:
        raise NumberMissing


def move(document: Document, name: str, actor: Actor, keeper: Keeper, **details: object) -> Move:
    """The document after a deed, with its next line of history."""
    told = {key: value for key, value in details.items() if value is not None}
    return Move(replace(document, version=document.version + 1), name, actor, {"keeper": keeper, **told})
