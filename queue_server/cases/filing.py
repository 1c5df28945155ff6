"""Cases that come without anybody standing at a window: an agent brings them, or the post.

What is opened here goes the way of every other case from its receipt on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from queue_server.cases import contacts, store
from queue_server.cases.actions import Applicant, Cases, Deed, Respond, fresh_code, remembered, when
from queue_server.cases.core import entrustment, mail, stages
from queue_server.cases.core.checklist import checklist, marked
from queue_server.cases.core.model import (
    Actor,
    By,
    Case,
    Channel,
    Entruster,
    Item,
    Mark,
    PhoneOf,
    Step,
    WayBack,
    When,
)
from queue_server.cases.core.rejections import MaterialUnknown, ScenarioNeeded
from queue_server.catalogue.actions import Catalogue
from queue_server.catalogue.core import Matter, Scenario, chosen_scenarios, open_matter
from queue_server.hall.actions import Queues
from queue_server.hall.core.model import Hall
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database, Transaction
from queue_server.kit.requests import Answer, Key
from queue_server.people.sealing import Sealer

LISTED_MAX = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What is applied for."""

    matter: str
    scenario: str | None


@dataclass(frozen=True, slots=True)
class Reach:
    """A phone that hears of the case, by its owner's consent."""

    phone: str
    language: str


@dataclass(frozen=True, slots=True)
class Posted:
    """What stands on a parcel."""

    carrier: str
    waybill: str
    on: date


class Filing:
    """The cases of every hall that nobody has brought to a window."""

    def __init__(
        self,
        database: Database,
        queues: Queues,
        catalogue: Catalogue,
        sealer: Sealer,
        clock: Clock,
        cases: Cases,
    ) -> None:
        self._database = database
        self._queues = queues
        self._catalogue = catalogue
        self._sealer = sealer
        self._clock = clock
        self._cases = cases

    async def entrust(
        self,
        hall_id: str,
        asked: Asked,
        actor: Actor,
        *,
        applicant: Applicant,
        entruster: Entruster,
        marks: Sequence[Mark | None],
        reach: Reach | None,
        phone_of: PhoneOf | None,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Hand in a case for somebody who stays at home. It has its receipt at once, or is not there at all."""
        hall, matter, scenario = await self._asked(hall_id, asked)
        now = when(hall, self._clock())
        case = entrustment.entrusted(
            replace(
                filed(hall, matter, scenario, Channel.AGENT, actor, now),
                items=as_marked(checklist(matter, asked.scenario), marks),
            ),
            actor,
            now,
            entruster,
            phone_of,
        )

        def unit(tx: Transaction) -> Answer:
            opened = self._opened(tx, case, actor, now, reach, entruster=entruster)
            for deed in (
                self._cases.applicant(actor, applicant.kind, applicant.name, applicant.number),
                self._cases.receive(actor),
            ):
                opened = self._step(tx, opened, deed, now)
            return remembered(tx, request, respond(opened, now), now.at)

        return await self._database.write(unit)

    async def register(
        self,
        hall_id: str,
        asked: Asked,
        actor: Actor,
        *,
        applicant: Applicant,
        posted: Posted,
        way_back: WayBack,
        reach: Reach | None,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Open the case of a parcel. Its receipt follows once somebody has looked at what is in it."""
        hall, matter, scenario = await self._asked(hall_id, asked)
        now = when(hall, self._clock())
        case = mail.mailed(
            replace(
                filed(hall, matter, scenario, Channel.MAIL, actor, now),
                items=checklist(matter, asked.scenario),
            ),
            mail.parcel_from(actor, now, posted.carrier, posted.waybill, posted.on),
            way_back,
        )

        def unit(tx: Transaction) -> Answer:
            opened = self._opened(tx, case, actor, now, reach, waybill=posted.waybill)
            deed = self._cases.applicant(actor, applicant.kind, applicant.name, applicant.number)
            named = self._step(tx, opened, deed, now)
            return remembered(tx, request, respond(named, now), now.at)

        return await self._database.write(unit)

    async def of_agent(self, hall_id: str, agent_id: str) -> tuple[list[tuple[Case, Applicant | None]], When]:
        """What an agent has brought, with whom it is for, the newest first."""
        hall = await self._queues.halls.current(hall_id)

        def look(tx: Transaction) -> list[tuple[Case, Applicant | None]]:
            found = store.of_agent(tx, hall_id, agent_id, LISTED_MAX)
            return [(case, self._cases.applicant_in(tx, case.id)) for case in found]

        return await self._database.read(look), when(hall, self._clock())

    async def arrivals(self, hall_id: str) -> tuple[list[Case], When]:
        """What waits to be accepted and has nobody before a window, the oldest first."""
        hall = await self._queues.halls.current(hall_id)
        found = await self._database.read(lambda tx: store.arrivals(tx, hall_id, LISTED_MAX))
        return found, when(hall, self._clock())

    async def _asked(self, hall_id: str, asked: Asked) -> tuple[Hall, Matter, Scenario | None]:
        hall = await self._queues.halls.current(hall_id)
        matter = open_matter(await self._catalogue.matters(hall_id), asked.matter)
        if asked.scenario is None:
            if matter.scenarios:
                raise ScenarioNeeded
            return hall, matter, None
        chosen = chosen_scenarios({matter.code: matter}, [f"{matter.code}.{asked.scenario}"])
        return hall, matter, chosen[matter.code]

    def _opened(
        self, tx: Transaction, case: Case, actor: Actor, now: When, reach: Reach | None, **details: object
    ) -> Case:
        opened = store.put(tx, case)
        store.record(tx, Step(opened, "opened", actor, {"channel": case.channel, **details}), now.at)
        if reach is not None:
            contacts.remember(tx, self._sealer, opened.id, reach.phone, reach.language, now.at)
        return opened

    def _step(self, tx: Transaction, case: Case, deed: Deed, now: When) -> Case:
        return self._cases.step(tx, case.hall_id, case.id, lambda locked: deed(tx, locked, now), now)


def filed(
    hall: Hall, matter: Matter, scenario: Scenario | None, channel: Channel, actor: Actor, now: When
) -> Case:
    """A case as it begins away from the windows."""
    return Case(
        hall_id=hall.id,
        code=fresh_code(),
        subject=stages.subject(matter, scenario),
        channel=channel,
        opened=By(actor.id, actor.name, now.at, now.on),
    )


def as_marked(items: tuple[Item, ...], marks: Sequence[Mark | None]) -> tuple[Item, ...]:
    """The checklist as whoever files has gone through it; what they left open stays as it was."""
    if len(marks) > len(items):
        raise MaterialUnknown
    for place, mark in enumerate(marks):
        items = items if mark is None else marked(items, place, mark)
    return items
