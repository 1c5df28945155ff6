"""Documents over HTTP: the department hands over, the desk counts, files, checks and hands out."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response, status

from queue_server.cases.access import access_cases
from queue_server.cases.core.model import When
from queue_server.hall.access import Person, house_of
from queue_server.hall.api.answers import answered, asker_of, replied
from queue_server.hall.api.paths import HallId
from queue_server.issuance.access import access_desk, documents_of
from queue_server.issuance.actions.documents import Agent, Collection, Deed
from queue_server.issuance.api.models import (
    ArrivalRequest,
    BundleRequest,
    CheckRequest,
    CorrectionRequest,
    CountRequest,
    DeliveryRequest,
    DeliveryShape,
    DeskShape,
    DocumentShape,
    FilingRequest,
    FixRequest,
    FoundShape,
    MailingRequest,
    MakingRequest,
    ManifestShape,
    WholeDocument,
)
from queue_server.issuance.core import documents as core
from queue_server.issuance.core.documents import Document, Move, Way
from queue_server.issuance.core.manifests import Manifest
from queue_server.issuance.live.documents import (
    desk_view,
    document_view,
    found_view,
    manifest_view,
    whole_view,
)
from queue_server.kit.database import Transaction
from queue_server.kit.requests import Answer
from queue_server.kit.web.keys import key_of
from queue_server.kit.web.openapi import STAFF_ONLY

ITEM_ID = r"^[1-9][0-9]{0,14}$"
DocumentId = Annotated[str, Path(pattern=ITEM_ID, description="The id of a document.")]
ManifestId = Annotated[str, Path(pattern=ITEM_ID, description="The id of a manifest.")]
PickupCode = Annotated[str, Path(max_length=24, description="The code of the message, or of the receipt.")]

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["issuance"], responses=STAFF_ONLY)


# ── Looking ──────────────────────────────────────────────────────────────────────────────────────


@router.get("/documents", response_model=DeskShape)
async def find(hall_id: HallId, request: Request) -> Response:
    """Everything that has not reached its citizen: to be made, on its way, at the desk, in the post."""
    await access_cases(request, hall_id)
    return answered(desk_view(*await documents_of(request).desk(hall_id)))


@router.get("/documents/{document_id}", response_model=WholeDocument)
async def look(hall_id: HallId, document_id: DocumentId, request: Request) -> Response:
    """One document: whose it is, and who held it when."""
    await access_cases(request, hall_id)
    return answered(whole_view(*await documents_of(request).document(hall_id, int(document_id))))


@router.get("/pickups/{code}", response_model=FoundShape)
async def pickup(hall_id: HallId, code: PickupCode, request: Request) -> Response:
    """Everything that lies ready for whoever brings this code."""
    await access_desk(request, hall_id)
    return answered(found_view(*await documents_of(request).pickup(hall_id, code)))


# ── In the department ────────────────────────────────────────────────────────────────────────────


@router.post("/documents", status_code=status.HTTP_201_CREATED, response_model=DocumentShape)
async def make(hall_id: HallId, body: MakingRequest, request: Request) -> Response:
    """Write down what came of a decided case."""
    person, actor = await access_cases(request, hall_id)
    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        return await documents_of(request).make(
            hall_id,
            int(body.case),
            actor,
            number=body.number.strip(),
            scope=body.scope or "",
            issued_on=body.issued_on,
            valid_until=body.valid_until,
            electronic=body.electronic,
            respond=lambda document: spelled(document, status.HTTP_201_CREATED),
            request=key,
        )

    return replied(await house_of(request).requests.once(key, work))


@router.post("/documents/{document_id}/fix", response_model=DocumentShape)
async def fix(hall_id: HallId, document_id: DocumentId, body: FixRequest, request: Request) -> Response:
    """Print a document anew that was wrong."""
    person, actor = await access_cases(request, hall_id)

    def deed(_: Transaction, document: Document, __: When) -> Move:
        return core.fix(
            document, actor, body.number.strip(), body.scope or "", body.issued_on, body.valid_until
        )

    return await changed(request, hall_id, document_id, person, body.version, deed)


@router.post("/manifests", status_code=status.HTTP_201_CREATED, response_model=ManifestShape)
async def hand_over(hall_id: HallId, body: BundleRequest, request: Request) -> Response:
    """Hand documents over to the desk, in one bundle."""
    person, actor = await access_cases(request, hall_id)
    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        return await documents_of(request).hand_over(
            hall_id,
            numbers(body.documents),
            actor,
            respond=lambda manifest: bundled(manifest, status.HTTP_201_CREATED),
            request=key,
        )

    return replied(await house_of(request).requests.once(key, work))


@router.post("/manifests/{manifest_id}/correction", response_model=ManifestShape)
async def correct(
    hall_id: HallId, manifest_id: ManifestId, body: CorrectionRequest, request: Request
) -> Response:
    """Say of each missing document whether it comes now, or has never left."""
    person, actor = await access_cases(request, hall_id)
    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        return await documents_of(request).correct(
            hall_id,
            int(manifest_id),
            body.version,
            numbers(body.again),
            numbers(body.kept),
            actor,
            respond=bundled,
            request=key,
        )

    return replied(await house_of(request).requests.once(key, work))


# ── At the desk ──────────────────────────────────────────────────────────────────────────────────


@router.post("/manifests/{manifest_id}/count", response_model=ManifestShape)
async def count(hall_id: HallId, manifest_id: ManifestId, body: CountRequest, request: Request) -> Response:
    """Say what was in the bundle. What is missing is disputed, and the department sees it."""
    person, actor = await access_desk(request, hall_id)
    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        return await documents_of(request).count(
            hall_id,
            int(manifest_id),
            body.version,
            numbers(body.found),
            actor,
            respond=bundled,
            request=key,
        )

    return replied(await house_of(request).requests.once(key, work))


@router.post("/documents/{document_id}/filing", response_model=DocumentShape)
async def file(hall_id: HallId, document_id: DocumentId, body: FilingRequest, request: Request) -> Response:
    """Put a document where it is found again."""
    person, actor = await access_desk(request, hall_id)

    def deed(_: Transaction, document: Document, now: When) -> Move:
        return core.file(document, actor, now, body.place)

    return await changed(request, hall_id, document_id, person, body.version, deed)


@router.post("/documents/{document_id}/check", response_model=DocumentShape)
async def check(hall_id: HallId, document_id: DocumentId, body: CheckRequest, request: Request) -> Response:
    """Compare a document with its case, field by field; never who has filed it."""
    person, actor = await access_desk(request, hall_id)
    deed = documents_of(request).check(actor, body.right, body.note or "")
    return await changed(request, hall_id, document_id, person, body.version, deed)


@router.post("/documents/{document_id}/mailing", response_model=DocumentShape)
async def mail(hall_id: HallId, document_id: DocumentId, body: MailingRequest, request: Request) -> Response:
    """Give a document to the post, with its waybill and the proof."""
    person, actor = await access_desk(request, hall_id)
    deed = documents_of(request).mail(
        actor,
        carrier=body.carrier,
        waybill=body.waybill,
        payer=body.payer,
        address=body.address,
        proof=body.proof,
    )
    return await changed(request, hall_id, document_id, person, body.version, deed)


@router.post("/documents/{document_id}/arrival", response_model=DocumentShape)
async def arrive(
    hall_id: HallId, document_id: DocumentId, body: ArrivalRequest, request: Request
) -> Response:
    """The post says that it has arrived, or has brought it back."""
    person, actor = await access_desk(request, hall_id)

    def deed(_: Transaction, document: Document, now: When) -> Move:
        if body.arrived:
            return core.deliver(document, actor, now, Way.MAIL)
        return core.come_back(document, actor, body.place or "", body.reason or "")

    return await changed(request, hall_id, document_id, person, body.version, deed)


@router.post("/deliveries", status_code=status.HTTP_201_CREATED, response_model=DeliveryShape)
async def deliver(hall_id: HallId, body: DeliveryRequest, request: Request) -> Response:
    """Hand documents over to whoever has shown who they are, and signed."""
    person, actor = await access_desk(request, hall_id)
    key = await key_of(request, asker_of(person))
    agent = body.agent
    collection = Collection(
        code=body.code,
        documents=numbers(body.documents),
        kind=body.kind,
        tail=body.tail,
        looked_at=numbers(body.looked_at),
        agent=None
        if agent is None
        else Agent(agent.kind, agent.name, agent.number, agent.entrustment.strip()),
        signature=body.signature,
    )

    async def work() -> Answer:
        return await documents_of(request).deliver(
            hall_id, collection, actor, respond=handed_over, request=key
        )

    return replied(await house_of(request).requests.once(key, work))


# ── Once ─────────────────────────────────────────────────────────────────────────────────────────


async def changed(
    request: Request, hall_id: str, document_id: str, person: Person, version: int, deed: Deed
) -> Response:
    """Do something with a document, and answer with it as it is then."""
    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        return await documents_of(request).change(
            hall_id, int(document_id), version, deed, respond=spelled, request=key
        )

    return replied(await house_of(request).requests.once(key, work))


def numbers(ids: list[str]) -> list[int]:
    """Ids as the store has them."""
    return [int(each) for each in ids]


def spelled(document: Document, code: int = status.HTTP_200_OK) -> Answer:
    """How a deed is answered: with the document."""
    return Answer(code, msgspec.json.encode(document_view(document)).decode())


def bundled(manifest: Manifest, code: int = status.HTTP_200_OK) -> Answer:
    """How a deed with a bundle is answered."""
    return Answer(code, msgspec.json.encode(manifest_view(manifest)).decode())


def handed_over(delivery_id: int, handed: list[Document]) -> Answer:
    """How a delivery is answered: nobody is named."""
    told = {"id": str(delivery_id), "documents": [document_view(each) for each in handed]}
    return Answer(status.HTTP_201_CREATED, msgspec.json.encode(told).decode())
