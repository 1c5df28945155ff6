"""Where documents change hands.

Each deed is one transaction: the document is locked, the deed decides on it as it is then, and document, line of
history, case, message, list on the screen and remembered answer are written together or not at all. Whoever
needs several locks takes them in one order: the manifest, its documents by number, their cases.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from queue_server.cases.actions import Applicant, Cases, remembered, when
from queue_server.cases.core import stages
from queue_server.cases.core.codes import read_code
from queue_server.cases.core.identities import IdentityKind, checked
from queue_server.cases.core.model import Actor, Case, Step, When
from queue_server.cases.core.rejections import ApplicantMissing
from queue_server.cases.core.stages import by as signed_by
from queue_server.hall.actions import Queues
from queue_server.hall.core.model import Hall
from queue_server.issuance.core import documents, manifests
from queue_server.issuance.core.documents import (
    PICKUP_DIGITS,
    Document,
    Field,
    Mailing,
    Move,
    Payer,
    State,
    Way,
    read_pickup,
)
from queue_server.issuance.core.manifests import Manifest
from queue_server.issuance.core.ready import DAYS_MAX
from queue_server.issuance.core.rejections import (
    DocumentChanged,
    DocumentMade,
    DocumentUnknown,
    EntrustmentMissing,
    IdentityDiffers,
    IdentityUnchecked,
    ManifestChanged,
    ManifestUnknown,
    PickupDone,
    PickupElsewhere,
    PickupNotReady,
    PickupUnknown,
    ProofUnfit,
)
from queue_server.issuance.store import documents as store
from queue_server.issuance.store import ready as ready_store
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database, Row, Transaction
from queue_server.kit.requests import Answer, Key
from queue_server.people.sealing import Sealer

LISTED_MAX: Final = 500
TAIL: Final = 4  # Characters of a number that are compared at the desk.
PROOF_BYTES_MAX: Final = 45_000  # A waybill can be read in that, and the request stays small.
PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
SEAL_ID_BYTES: Final = 12

Deed = Callable[[Transaction, Document, When], Move]


@dataclass(frozen=True, slots=True)
class Agent:
    """Who collects for somebody else, in clear: for the store to seal."""

    kind: IdentityKind
    name: str
    number: str
    entrustment: str  # The paper that allows it, as it was seen.


@dataclass(frozen=True, slots=True)
class Collection:
    """What is handed over, to whom, and how one knows."""

    code: str
    documents: list[int]
    kind: IdentityKind | None  # Of the proof that was looked at; None: nobody looked.
    tail: str
    looked_at: list[int]  # Piece by piece, with an agent.
    agent: Agent | None
    signature: str


class Documents:
    """The documents of every hall."""

    def __init__(
        self, database: Database, queues: Queues, cases: Cases, sealer: Sealer, clock: Clock
    ) -> None:
        self._database = database
        self._queues = queues
        self._cases = cases
        self._sealer = sealer
        self._clock = clock

    # ── In the department ───────────────────────────────────────────────────────────────────────

    async def make(
        self,
        hall_id: str,
        case_id: int,
        actor: Actor,
        *,
        number: str,
        scope: str,
        issued_on: date,
        valid_until: date | None,
        electronic: bool,
        respond: Callable[[Document], Answer],
        request: Key | None = None,
    ) -> Answer:
        """Write down what came of a case. An electronic result has reached its citizen with that."""
        _, now = await self._moment(hall_id)

        def unit(tx: Transaction) -> Answer:
            case = self._cases.locked(tx, hall_id, case_id)
            if store.of_cases(tx, hall_id, [case_id]):
                raise DocumentMade
            made = documents.make(case, actor, now, number, scope, issued_on, valid_until)
            document = store.put(tx, made)
            keeper = {"keeper": documents.Keeper.DEPARTMENT}
            store.record(tx, Move(document, "made", actor, {**keeper, "number": number}), now.at)
            if electronic:
                document = self._write(tx, documents.deliver(document, actor, now, Way.ELECTRONIC), now)
            return remembered(tx, request, respond(document), now.at)

        return await self._database.write(unit)

    async def hand_over(
        self,
        hall_id: str,
        ids: list[int],
        actor: Actor,
        *,
        respond: Callable[[Manifest], Answer],
        request: Key | None = None,
    ) -> Answer:
        """Give documents away to the desk, in one bundle with its manifest."""
        _, now = await self._moment(hall_id)
        chosen = tuple(sorted(set(ids)))

        def unit(tx: Transaction) -> Answer:
            fresh = Manifest(hall_id=hall_id, documents=chosen, open=chosen, sent=signed_by(actor, now))
            manifest = store.put_manifest(tx, fresh)
            for each in chosen:
                self._write(tx, documents.send(locked(tx, hall_id, each), actor, manifest.id), now)
            return remembered(tx, request, respond(manifest), now.at)

        return await self._database.write(unit)

    async def count(
        self,
        hall_id: str,
        manifest_id: int,
        version: int,
        found: list[int],
        actor: Actor,
        *,
        respond: Callable[[Manifest], Answer],
        request: Key | None = None,
    ) -> Answer:
        """Say what was in the bundle; what is missing is disputed from then on."""
        _, now = await self._moment(hall_id)

        def deed(tx: Transaction, before: Manifest) -> Manifest:
            after = manifests.count(before, actor, now, frozenset(found))
            for each in before.open:
                document = locked(tx, hall_id, each)
                missing = each in after.open
                move = documents.miss(document, actor) if missing else documents.receive(document, actor, now)
                self._write(tx, move, now)
            return after

        return await self._settle(hall_id, manifest_id, version, deed, now, respond, request)

    async def correct(
        self,
        hall_id: str,
        manifest_id: int,
        version: int,
        again: list[int],
        kept: list[int],
        actor: Actor,
        *,
        respond: Callable[[Manifest], Answer],
        request: Key | None = None,
    ) -> Answer:
        """Say of what was missing whether it comes now, or has never left the department."""
        _, now = await self._moment(hall_id)

        def deed(tx: Transaction, before: Manifest) -> Manifest:
            after = manifests.correct(before, actor, now, frozenset(again), frozenset(kept))
            for each in before.open:
                document = locked(tx, hall_id, each)
                sent = each in after.open
                move = (
                    documents.send(document, actor, before.id)
                    if sent
                    else documents.keep_back(document, actor)
                )
                self._write(tx, move, now)
            return after

        return await self._settle(hall_id, manifest_id, version, deed, now, respond, request)

    async def _settle(
        self,
        hall_id: str,
        manifest_id: int,
        version: int,
        deed: Callable[[Transaction, Manifest], Manifest],
        now: When,
        respond: Callable[[Manifest], Answer],
        request: Key | None,
    ) -> Answer:
        def unit(tx: Transaction) -> Answer:
            manifest = store.manifest_of(tx, hall_id, manifest_id)
            if manifest is None:
                raise ManifestUnknown
            if manifest.version != version:
                raise ManifestChanged(version=manifest.version)
            after = deed(tx, manifest)
            store.save_manifest(tx, after)
            return remembered(tx, request, respond(after), now.at)

        return await self._database.write(unit)

    # ── One document ────────────────────────────────────────────────────────────────────────────

    async def change(
        self,
        hall_id: str,
        document_id: int,
        version: int,
        deed: Deed,
        *,
        respond: Callable[[Document], Answer],
        request: Key | None = None,
    ) -> Answer:
        """Do something with a document, on the version that whoever asks has seen."""
        hall, now = await self._moment(hall_id)

        def unit(tx: Transaction) -> Answer:
            document = locked(tx, hall_id, document_id)
            if document.version != version:
                raise DocumentChanged(version=document.version)
            after = self._write(tx, deed(tx, document, now), now, hall)
            return remembered(tx, request, respond(after), now.at)

        return await self._database.write(unit)

    @staticmethod
    def check(actor: Actor, right: dict[Field, bool], note: str) -> Deed:
        """Compare a document with its case."""
        return lambda tx, document, now: documents.check(document, actor, now, right, note, free_pickup(tx))

    def mail(
        self, actor: Actor, *, carrier: str, waybill: str, payer: Payer, address: str, proof: str
    ) -> Deed:
        """Give a document to the post, and keep the proof."""
        picture = picture_of(proof)

        def deed(tx: Transaction, document: Document, now: When) -> Move:
            digest = hashlib.sha256(picture).hexdigest()
            mailing = Mailing(signed_by(actor, now), carrier, waybill, payer, digest)
            move = documents.mail(document, actor, mailing)
            row = f"{document.id}/{move.document.version}"
            store.put_mailing(
                tx,
                document_id=document.id,
                version=move.document.version,
                address_sealed=self._sealer.seal(address, table="mailings", row=f"{row}/address"),
                proof_sealed=self._sealer.seal(proof, table="mailings", row=f"{row}/proof"),
            )
            return move

        return deed

    # ── Collecting ──────────────────────────────────────────────────────────────────────────────

    async def pickup(self, hall_id: str, written: str) -> tuple[Applicant, list[Document]]:
        """What lies ready for whoever brings this code: everything of the same applicant."""
        await self._moment(hall_id)  # `HallUnknown`
        asked = await self._by_code(written)
        await self._check_pickup(hall_id, asked)

        def query(tx: Transaction) -> tuple[Applicant, list[Document]]:
            applicant = self._cases.applicant_in(tx, asked.case_id)
            if applicant is None:
                raise ApplicantMissing
            beside = self._cases.ready_beside(tx, hall_id, asked.case_id)
            ready = [each for each in store.of_cases(tx, hall_id, beside) if each.state is State.READY]
            return applicant, ready

        return await self._database.read(query)

    async def _by_code(self, written: str) -> Document:
        """By the code of the message, or by the one on the receipt."""
        pickup, code = read_pickup(written), read_code(written)
        if pickup is not None:
            asked = await self._database.read(lambda tx: store.by_pickup(tx, pickup))
        elif code is not None:
            case, _, _ = await self._cases.by_code(code)
            found = await self._database.read(lambda tx: store.of_cases(tx, case.hall_id, [case.id]))
            asked = found[0] if found else None
        else:
            asked = None
        if asked is None:
            raise PickupUnknown
        return asked

    async def _check_pickup(self, hall_id: str, document: Document) -> None:
        if document.hall_id != hall_id:
            elsewhere = await self._queues.halls.current(document.hall_id)
            raise PickupElsewhere(hall=elsewhere.about.name.zh)
        if document.state is State.DELIVERED:
            raise PickupDone
        if document.state is not State.READY:
            raise PickupNotReady

    async def deliver(
        self,
        hall_id: str,
        collection: Collection,
        actor: Actor,
        *,
        respond: Callable[[int, list[Document]], Answer],
        request: Key | None = None,
    ) -> Answer:
        """Hand documents over to whom they are for, or to an agent, who have shown who they are and signed."""
        hall, now = await self._moment(hall_id)
        asked = await self._by_code(collection.code)
        await self._check_pickup(hall_id, asked)
        handed = sorted(set(collection.documents))
        agent = collection.agent
        if collection.kind is None or not collection.tail:
            raise IdentityUnchecked
        kind: IdentityKind = collection.kind
        documents.check_signature(collection.signature)
        documents.check_items(handed, collection.looked_at, agent=agent is not None)
        if agent is not None:
            if not agent.entrustment:
                raise EntrustmentMissing
            checked(agent.kind, agent.number, now.on)
        way = Way.DESK if agent is None else Way.AGENT
        seal_id = secrets.token_hex(SEAL_ID_BYTES)

        def unit(tx: Transaction) -> Answer:
            applicant = self._cases.applicant_in(tx, asked.case_id)
            if applicant is None or not proven(applicant, kind, collection.tail):
                raise IdentityDiffers
            beside = self._cases.ready_beside(tx, hall_id, asked.case_id)
            theirs = {each.id for each in store.of_cases(tx, hall_id, beside)}
            if not set(handed) <= theirs:
                raise DocumentUnknown
            delivery_id = store.put_delivery(
                tx,
                hall_id=hall_id,
                seal_id=seal_id,
                at=now.at,
                by_id=actor.id,
                by_name=actor.name,
                way=way.value,
                identity_kind=kind,
                documents=handed,
                agent_sealed=None if agent is None else self._sealed("agent", seal_id, spelled(agent)),
                signature_sealed=self._sealed("signature", seal_id, collection.signature),
            )
            after = []
            for each in handed:
                move = documents.deliver(locked(tx, hall_id, each), actor, now, way)
                told = {**move.details, "delivery": delivery_id}
                after.append(self._write(tx, Move(move.document, move.name, actor, told), now, hall))
            return remembered(tx, request, respond(delivery_id, after), now.at)

        return await self._database.write(unit)

    def _sealed(self, field: str, seal_id: str, plain: str) -> str:
        return self._sealer.seal(plain, table="deliveries", row=f"{seal_id}/{field}")

    # ── Looking ─────────────────────────────────────────────────────────────────────────────────

    async def desk(self, hall_id: str) -> tuple[list[Case], list[Document], list[Manifest]]:
        """Everything that has not reached its citizen, and what is still to be made."""
        await self._moment(hall_id)  # `HallUnknown`
        decided = await self._cases.decided(hall_id)

        def query(tx: Transaction) -> tuple[list[Case], list[Document], list[Manifest]]:
            known = {each.case_id for each in store.of_cases(tx, hall_id, [case.id for case in decided])}
            return (
                [case for case in decided if case.id not in known],
                store.to_handle(tx, hall_id, LISTED_MAX),
                store.open_manifests(tx, hall_id, LISTED_MAX),
            )

        return await self._database.read(query)

    async def document(self, hall_id: str, document_id: int) -> tuple[Document, Applicant | None, list[Row]]:
        """One document, whose it is, and where it has been."""
        await self._moment(hall_id)  # `HallUnknown`

        def query(tx: Transaction) -> tuple[Document, Applicant | None, list[Row]]:
            document = store.document_of(tx, hall_id, document_id)
            if document is None:
                raise DocumentUnknown
            return document, self._cases.applicant_in(tx, document.case_id), store.history(tx, document.id)

        return await self._database.read(query)

    async def delivery(self, hall_id: str, delivery_id: int) -> tuple[Row, list[Document], str, Agent | None]:
        """Who signed for what: the row, the documents, the strokes of the signature, and the agent."""
        await self._moment(hall_id)  # `HallUnknown`

        def query(tx: Transaction) -> tuple[Row, list[Document]]:
            row = store.delivery(tx, hall_id, delivery_id)
            if row is None:
                raise DocumentUnknown
            found = (store.document_of(tx, hall_id, each) for each in row["documents"])
            return row, [each for each in found if each is not None]

        row, handed = await self._database.read(query)
        seal_id, agent = row["seal_id"], None
        if row["agent_sealed"] is not None:
            plain = self._sealer.open(row["agent_sealed"], table="deliveries", row=f"{seal_id}/agent")
            agent = msgspec.json.decode(plain, type=Agent)
        signature = self._sealer.open(row["signature_sealed"], table="deliveries", row=f"{seal_id}/signature")
        return row, handed, signature, agent

    # ── Writing ─────────────────────────────────────────────────────────────────────────────────

    def _write(self, tx: Transaction, move: Move, now: When, hall: Hall | None = None) -> Document:
        """A move with all that follows from it: the case, the message, the list on the screen."""
        document = self._follow(tx, move, now, hall)
        store.save(tx, document)
        store.record(tx, replace(move, document=document), now.at)
        return document

    def _follow(self, tx: Transaction, move: Move, now: When, hall: Hall | None) -> Document:
        document, actor = move.document, move.actor
        case_id = document.case_id

        def step(deed: Callable[[Case], Step]) -> None:
            self._cases.step(tx, document.hall_id, case_id, deed, now)

        match move.name:
            case "ready":
                code = documents.spelled_pickup(document.pickup or "")
                step(lambda case: stages.announce(case, actor, now, code))
                return self._listed(tx, document, actor, now, hall)
            case "came_back":
                step(lambda case: stages.come_back(case, actor))
                return self._listed(tx, document, actor, now, hall)
            case "mailed" if document.mailing is not None:
                carrier, waybill = document.mailing.carrier, document.mailing.waybill
                step(lambda case: stages.post(case, actor, carrier, waybill))
                return self._unlisted(tx, document, actor, now.at)
            case "delivered" if document.way is not None:
                way = document.way.value
                step(lambda case: stages.hand_over(case, actor, now, way, document.number))
                return self._unlisted(tx, document, actor, now.at)
            case _:
                return document

    def _listed(
        self, tx: Transaction, document: Document, actor: Actor, now: When, hall: Hall | None
    ) -> Document:
        """Put it on the list that everybody can read, masked."""
        applicant = self._cases.applicant_in(tx, document.case_id)
        if applicant is None:
            return document
        seal_id = secrets.token_hex(SEAL_ID_BYTES)
        ready_id = ready_store.put(
            tx,
            hall_id=document.hall_id,
            seal_id=seal_id,
            name_sealed=self._sealer.seal(applicant.name, table="ready_results", row=f"{seal_id}/name"),
            code_sealed=self._sealer.seal(document.receipt_no, table="ready_results", row=f"{seal_id}/code"),
            window_id=None if hall is None else issuing_window(hall),
            ready_at=now.at,
            expires_at=now.at + timedelta(days=DAYS_MAX),
            announced_by=f"issuance:{actor.id}",
        )
        return replace(document, ready_id=ready_id)

    @staticmethod
    def _unlisted(tx: Transaction, document: Document, actor: Actor, at: datetime) -> Document:
        """Take it off the list. After ninety days nobody reads it there any more, and it can still be collected."""
        if document.ready_id is not None:
            ready_store.collect(tx, document.hall_id, document.ready_id, at, f"issuance:{actor.id}")
        return replace(document, ready_id=None)

    async def _moment(self, hall_id: str) -> tuple[Hall, When]:
        hall = await self._queues.halls.current(hall_id)
        return hall, when(hall, self._clock())


def locked(tx: Transaction, hall_id: str, document_id: int) -> Document:
    """A document that nobody else handles until the commit."""
    document = store.document_of(tx, hall_id, document_id, to_change=True)
    if document is None:
        raise DocumentUnknown
    return document


def free_pickup(tx: Transaction) -> str:
    """A code that no document has. Of a hundred million, one is soon found."""
    while True:
        code = f"{secrets.randbelow(10**PICKUP_DIGITS):0{PICKUP_DIGITS}}"
        if store.by_pickup(tx, code) is None:
            return code


def proven(applicant: Applicant, kind: IdentityKind, tail: str) -> bool:
    """Whether a proof of identity is the applicant's, by its kind and its last characters."""
    return applicant.kind == kind and applicant.number[-TAIL:] == tail.strip().upper()


def issuing_window(hall: Hall) -> str | None:
    """The window where results are handed out: one that is open, if any is."""
    ids = [window.id for window in hall.windows.values() if window.kind == "issuance"]
    staffed = [each for each in ids if hall.windows[each].session is not None]
    return next(iter(staffed or ids), None)


def picture_of(proof: str) -> bytes:
    """The picture that was sent as base64. Refused if it is none, or too large, whatever it says it is."""
    try:
        picture = base64.b64decode(proof, validate=True)
    except ValueError:
        picture = b""
    if not picture.startswith(PICTURES) or len(picture) > PROOF_BYTES_MAX:
        raise ProofUnfit(kilobytes=PROOF_BYTES_MAX // 1000)
    return picture


def spelled(agent: Agent) -> str:
    """An agent as it is sealed."""
    return msgspec.json.encode(agent).decode()
