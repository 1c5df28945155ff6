"""Documents of invented people in every state, so that whoever opens the issuing desk finds work there."""

from collections.abc import Callable
from datetime import timedelta
from itertools import cycle, islice
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from queue_server.cases.actions import Applicant, Cases
from queue_server.cases.core import stages
from queue_server.cases.core.codes import case_code
from queue_server.cases.core.model import Actor, By, Case, Decision, Stage
from queue_server.catalogue.actions import Catalogue
from queue_server.demo.definition import Definition
from queue_server.hall.actions import Queues
from queue_server.issuance.actions.documents import Collection, Deed, Documents
from queue_server.issuance.core import documents as core
from queue_server.issuance.core.documents import FIELDS, Document, Payer
from queue_server.issuance.core.manifests import Manifest
from queue_server.kit.bus import Bus
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database
from queue_server.kit.requests import Answer
from queue_server.people.sealing import Sealer
from queue_server.settings import Settings

T = TypeVar("T")

NAMES: Final = "郭某某 秦某 沈某某 许某 韩某某 司马某 冯某某 蒋某 曹某某 袁某 邓某某 彭某"
IDENTITIES: Final = ("11010519491231002X", "440524188001010014")
SIGNATURE: Final = "M60 120" + "".join(f"L{60 + step * 12} {120 - (step * 37) % 70}" for step in range(36))
PROOF: Final = (  # The smallest picture there is: nobody looks at it.
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DAYS_AGO: Final = timedelta(days=3)


async def put_documents(settings: Settings, definition: Definition, clock: Clock) -> None:
    """Cases that were decided, and what came of them, where the hall hands out results; once."""
    database = Database(settings.database_url)
    await database.open()
    try:
        bus, sealer = Bus(), Sealer(settings.key())
        catalogue = Catalogue(database, bus, clock)
        queues = Queues(database, bus, catalogue, clock)
        cases = Cases(database, queues, catalogue, sealer, clock)
        desk = Desk(definition, cases, Documents(database, queues, cases, sealer, clock), clock)
        if not any(await desk.documents.desk(desk.hall_id)):
            await desk.work()
    finally:
        await database.close()


class Desk:
    """A department, two people at the issuing desk, and what passes through their hands."""

    def __init__(self, definition: Definition, cases: Cases, documents: Documents, clock: Clock) -> None:
        self.hall_id = definition.hall.id
        self.cases, self.documents = cases, documents
        self.now = clock()
        self.today = self.now.astimezone(ZoneInfo(definition.hall.timezone)).date()
        self.matters = [matter for matter in definition.catalogue() if matter.kind == "committed"]
        reviewer = next(each for each in definition.staff if each.role == "reviewer")
        clerks = [each for each in definition.staff if "E" in each.skills][:2]
        self.reviewer = Actor(reviewer.id, reviewer.display_name, reviewer=True)
        self.files, self.checks = (Actor(each.id, each.display_name) for each in clerks)

    async def work(self) -> None:
        """Twelve decisions; what came of ten of them is everywhere that a document can be."""
        decided = [await self.decided(number) for number in range(len(NAMES.split()))]
        one = [await self.made(number, case) for number, case in enumerate(decided[2:], start=1)]
        await self.sent(one[1:2])
        disputed = await self.sent(one[2:4])
        await self.counted(disputed, one[3:4])
        await self.counted(await self.sent(one[4:]), one[4:])
        for place, document in enumerate(one[5:], start=1):
            await self.changed(document, self.filing(f"A-{place:02}"))
        wrong, posted, collected, ready = one[6:10]
        for document in (wrong, posted, collected, ready):
            right = {field: document is not wrong or field != "name" for field in FIELDS}
            await self.changed(document, Documents.check(self.checks, right, ""))
        await self.changed(
            posted,
            self.documents.mail(
                self.files,
                carrier="EMS",
                waybill="EX123456785CN",
                payer=Payer.RECIPIENT,
                address="示范路1号",
                proof=PROOF,
            ),
        )
        await self.handed_over(collected, IDENTITIES[0])

    async def decided(self, number: int) -> Case:
        """A case that was approved three days ago."""
        at, on = self.now - DAYS_AGO, self.today - DAYS_AGO
        reviewer = By(self.reviewer.id, self.reviewer.name, at, on)
        clerk = By(self.files.id, self.files.name, at, on)
        case = Case(
            hall_id=self.hall_id,
            code=case_code(list(islice(cycle((number, 7, number * 2, 3)), 10))),
            stage=Stage.DECIDED,
            subject=stages.subject(self.matters[number % len(self.matters)], None),
            ticket_id=0,
            number="",
            opened=clerk,
            received=clerk,
            accepted=clerk,
            counted_from=on,
            reviewer=reviewer,
            decision=Decision(reviewer, approved=True),
        )
        applicant = Applicant("resident", NAMES.split()[number], IDENTITIES[number % 2])
        return await self.cases.take_over(case, applicant, self.reviewer)

    async def made(self, number: int, case: Case) -> Document:
        """What came of it."""
        found: list[Document] = []
        await self.documents.make(
            self.hall_id,
            case.id,
            self.reviewer,
            number=f"JH{self.today:%Y}{number:04}",
            scope="",
            issued_on=self.today,
            valid_until=None,
            electronic=False,
            respond=kept(found),
        )
        return found[0]

    async def sent(self, documents: list[Document]) -> Manifest:
        """A bundle."""
        found: list[Manifest] = []
        ids = [each.id for each in documents]
        await self.documents.hand_over(self.hall_id, ids, self.reviewer, respond=kept(found))
        return found[0]

    async def counted(self, manifest: Manifest, documents: list[Document]) -> None:
        """What of a bundle was found."""
        ids = [each.id for each in documents]
        await self.documents.count(
            self.hall_id, manifest.id, manifest.version, ids, self.files, respond=kept([])
        )

    async def changed(self, document: Document, deed: Deed) -> None:
        """A deed with one document, as it is now."""
        now, _, _ = await self.documents.document(self.hall_id, document.id)
        await self.documents.change(self.hall_id, document.id, now.version, deed, respond=kept([]))

    def filing(self, place: str) -> Deed:
        """A place on the shelf."""
        return lambda _, document, now: core.file(document, self.files, now, place)

    async def handed_over(self, document: Document, identity: str) -> None:
        """Somebody came, showed who they are, and signed."""
        now, _, _ = await self.documents.document(self.hall_id, document.id)
        collection = Collection(
            now.pickup or "", [document.id], "resident", identity[-4:], [], None, SIGNATURE
        )
        await self.documents.deliver(
            self.hall_id, collection, self.checks, respond=lambda *_: Answer(201, "")
        )


def kept(found: list[T]) -> Callable[[T], Answer]:
    """An answer that nobody waits for, and what it would have been about."""

    def respond(value: T) -> Answer:
        found.append(value)
        return Answer(200, "")

    return respond
