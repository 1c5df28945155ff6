"""The only place where cases change.

Each deed is one transaction: the case is locked, the deed decides on it as it is then, and case, line of
history, message and remembered answer are written together or not at all. Whoever saw an older version is
told so before anything is decided.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from msgspec.structs import replace

from notify import outbox
from queue_server.cases import contacts as case_contacts
from queue_server.cases import store
from queue_server.cases.core import chains, joint, stages, support, tasks
from queue_server.cases.core.chains import Chain
from queue_server.cases.core.checklist import at_hand, checklist, debts
from queue_server.cases.core.codes import CHANCE, LETTERS, case_code, read_code, receipt_number
from queue_server.cases.core.deadlines import due
from queue_server.cases.core.identities import IdentityKind, checked, masked_number
from queue_server.cases.core.messages import message, text_key
from queue_server.cases.core.model import Actor, By, Case, Member, Point, Stage, Step, When
from queue_server.cases.core.register import Found, Order, Place, Wanted
from queue_server.cases.core.rejections import (
    CaseChanged,
    CaseCodeUnknown,
    CasePast,
    CaseUnknown,
    DelegationEnded,
    MatterNotAsked,
    TicketNotServed,
)
from queue_server.cases.core.tasks import Branch
from queue_server.cases.store import register, ticks
from queue_server.catalogue.actions import Catalogue
from queue_server.catalogue.core import Matter, chosen_scenarios, group_of, open_matter, search
from queue_server.hall.actions import Queues
from queue_server.hall.core.model import Hall, Ticket, TicketState
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database, DatabaseDown, Duplicate, Row, Transaction
from queue_server.kit.requests import Answer, Key, remember
from queue_server.knowledge.actions import to_cite
from queue_server.people import contacts
from queue_server.people.sealing import Sealer

LISTED_MAX: Final = 200
SEEN_MAX: Final = 2000  # Cases in hand at one time; about 10 MB.
ROUND_SECONDS: Final = 300.0  # A promise ends with its day: minutes do not matter.
LAPSED_AT_ONCE_MAX: Final = 100
LOOKED_UP_DAYS: Final = 90  # For so long after its end a case can be asked for by its code.

Deed = Callable[[Transaction, Case, When], Step]
Respond = Callable[[Case, When], Answer]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Whose case it is, in clear."""

    kind: IdentityKind
    name: str
    number: str

    @property
    def masked(self) -> str:
        """The number as it may be printed."""
        return masked_number(self.number)


class Cases:
    """The cases of every hall."""

    def __init__(
        self, database: Database, queues: Queues, catalogue: Catalogue, sealer: Sealer, clock: Clock
    ) -> None:
        self._database = database
        self._queues = queues
        self._catalogue = catalogue
        self._sealer = sealer
        self._clock = clock
        self._seen: OrderedDict[int, Case] = OrderedDict()  # As this process has written them last.

    # ── Opening and changing ────────────────────────────────────────────────────────────────────

    async def open(
        self,
        hall_id: str,
        ticket_id: int,
        code: str,
        actor: Actor,
        *,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Open the case for one matter of a ticket that is being served, or find the one that is there."""
        hall = await self._queues.halls.catch_up(hall_id)
        ticket = hall.tickets.get(ticket_id)
        if ticket is None or ticket.state not in (TicketState.SERVING, TicketState.ON_HOLD):
            raise TicketNotServed
        matters, wholes = await self.offered(hall_id)
        matter = matter_asked(hall, ticket, open_matter(matters, code))
        now = when(hall, self._clock())
        case = fresh(hall, ticket, matter, actor, now)
        if code in wholes:
            case = replace(case, members=chains.members(wholes[code], matters, case.subject.scenario or ""))

        def unit(tx: Transaction) -> Answer:
            others = store.of_ticket(tx, hall_id, ticket_id)
            for other in others:
                asked_for = (other.subject.code, *(each.subject.code for each in other.members))
                if code in asked_for and not stages.has_ended(other):
                    return remembered(tx, request, respond(other, now), now.at)
            self._take_in(tx, case, others, actor, now)
            held = {item.name_zh for other in others for item in at_hand(other.items)}
            items = checklist(matter, case.subject.scenario, held=held)
            opened = store.put(tx, replace(case, items=items))
            store.record(tx, Step(opened, "opened", actor, {"ticket": ticket.number}), now.at)
            return remembered(tx, request, respond(opened, now), now.at)

        return await self._database.write(unit)

    async def change(
        self,
        hall_id: str,
        case_id: int,
        version: int | None,
        deed: Deed,
        *,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Do something with a case, on the version that whoever asks has seen; None: whatever it is now."""
        hall = await self._queues.halls.current(hall_id)
        now = when(hall, self._clock())
        changed: list[Case] = []

        def unit(tx: Transaction) -> Answer:
            store.lock_master(tx, hall_id, case_id)
            case = store.case_of(tx, hall_id, case_id, to_change=True)
            if case is None:
                raise CaseUnknown
            if version is not None and case.version != version:
                raise CaseChanged(version=case.version)
            step = deed(tx, case, now)
            self._write(tx, step, now)
            self._follow(tx, case, step.case, now)
            changed.append(step.case)
            return remembered(tx, request, respond(step.case, now), now.at)

        answer = await self._database.write(unit)
        self._keep(changed[-1])
        return answer

    async def tick(
        self,
        hall_id: str,
        case_id: int,
        version: int,
        deed: Deed,
        *,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Mark a material. The same as `change`, without asking the database what this process has seen."""
        seen = self._seen.get(case_id)
        # What is marked in a chain, or was asked for by departments, moves more than the one case.
        alone = seen is not None and not (seen.members or seen.part or seen.wanted)
        if seen is None or not alone or seen.version != version or seen.hall_id != hall_id:
            return await self.change(hall_id, case_id, version, deed, respond=respond, request=request)
        hall = await self._queues.halls.current(hall_id)
        now = when(hall, self._clock())
        changed: list[Case] = []

        def unit(tx: Transaction) -> Answer:
            step = deed(tx, seen, now)
            ticks.tick(tx, step, now.at, supply_on=supply_on(step.case))
            changed.append(step.case)
            return remembered(tx, request, respond(step.case, now), now.at)

        try:
            answer = await self._database.write(unit)
        except Duplicate:
            self._seen.pop(
                case_id, None
            )  # Somebody was faster, or this was said before: look at what is there.
            return await self.change(hall_id, case_id, version, deed, respond=respond, request=request)
        self._keep(changed[-1])
        return answer

    def _keep(self, case: Case) -> None:
        self._seen[case.id] = case
        self._seen.move_to_end(case.id)
        if len(self._seen) > SEEN_MAX:
            self._seen.popitem(last=False)

    def _take_in(self, tx: Transaction, master: Case, others: list[Case], actor: Actor, now: When) -> None:
        """Put away what was begun for single matters of a chain: the one form of the whole replaces it."""
        chains.check_begins(others, master.members)
        codes = {member.subject.code for member in master.members}
        for other in others:
            draft = store.case_of(tx, other.hall_id, other.id, to_change=True)
            if draft is not None and draft.stage is Stage.DRAFT and draft.subject.code in codes:
                self._write(tx, stages.withdraw(draft, actor, now), now)

    def _follow(self, tx: Transaction, before: Case, after: Case, now: When) -> None:
        """Whatever has to happen by itself: an accepted chain is split, and its members wait for each other."""
        if after.stage is Stage.IN_CHAIN and before.stage is not Stage.IN_CHAIN:
            for member in chains.split(after, [fresh_code() for _ in after.members]):
                flow = store.flow(tx, member.hall_id, member.subject.code)
                put = store.put_member(tx, after.id, replace(member, tasks=tasks.opened(flow)))
                self._name(tx, after, put)
                self._write(tx, Step(put, "accepted_for_all", chains.actor_of(after), {}), now)
        master_id = after.id if after.members else None if after.part is None else after.part.master_id
        if master_id is None:
            return
        master = after if after.members else store.case_of(tx, after.hall_id, master_id)
        assert master is not None  # A member refers to its master.
        for step in chains.follows(master, store.members(tx, master_id), now):
            self._write(tx, step, now)

    def _name(self, tx: Transaction, master: Case, member: Case) -> None:
        """Write down whose case a member is: whoever applied for the whole."""
        applicant = self.applicant_in(tx, master.id)
        assert applicant is not None  # Nothing is accepted of nobody.
        self._put_applicant(tx, member.id, applicant)

    def step(
        self, tx: Transaction, hall_id: str, case_id: int, deed: Callable[[Case], Step], now: When
    ) -> Case:
        """One step of a case, in the transaction of what else happens with it."""
        case = self.locked(tx, hall_id, case_id)
        step = deed(case)
        self._write(tx, step, now)
        self._follow(tx, case, step.case, now)
        return step.case

    @staticmethod
    def locked(tx: Transaction, hall_id: str, case_id: int) -> Case:
        """A case that nobody changes until the commit."""
        store.lock_master(tx, hall_id, case_id)
        case = store.case_of(tx, hall_id, case_id, to_change=True)
        if case is None:
            raise CaseUnknown
        return case

    def _write(self, tx: Transaction, step: Step, now: When) -> None:
        case, promised = step.case, due(step.case, now.on)
        due_on = None if promised is None else promised.on
        store.save(
            tx,
            case,
            due_on=due_on,
            supply_on=supply_on(case),
            asked_at=support.waits_since(case),
            ended_at=now.at if stages.has_ended(case) else None,
        )
        occurrence = store.record(tx, step, now.at)
        for place, task in enumerate(case.tasks):
            of_task = tasks.due_of_task(case, task, now.on)
            store.put_task(
                tx,
                case_id=case.id,
                place=place,
                hall_id=case.hall_id,
                department=task.department_zh,
                due_on=None if of_task is None else of_task.on,
                is_open=task.opinion is None and case.stage in joint.IN_REVIEW,
            )
        if text_key(step, due_on) is None:
            return  # Most steps concern nobody outside, and nobody looks for a phone.
        channels, language = self._reached_by(tx, case)
        told = message(step, occurrence, channels, language, due_on)
        if told is not None:
            outbox.put(tx, outbox.spelled([told]))

    def _reached_by(self, tx: Transaction, case: Case) -> tuple[list[str], str]:
        if case.ticket_id is None:
            known = case_contacts.read_many(tx, self._sealer, [case.id]).get(case.id)
            return ([], "zh") if known is None else (["sms"], known.language)
        key = (case.hall_id, case.ticket_id)
        phone, wechat = contacts.read_many(tx, self._sealer, [key]).get(key, (None, None))
        ways = [("wechat", wechat), ("sms", phone)]
        language = next((way.language for _, way in ways if way is not None), "zh")
        return [channel for channel, way in ways if way is not None], language

    # ── Deeds that need more than the case ──────────────────────────────────────────────────────

    async def scenario(self, hall_id: str, actor: Actor, code: str) -> Deed:
        """Choose the scenario of a case, from the catalogue as it is now."""
        matters, wholes = await self.offered(hall_id)

        def deed(_: Transaction, case: Case, __: When) -> Step:
            matter = open_matter(matters, case.subject.code)
            chosen = chosen_scenarios({matter.code: matter}, [f"{matter.code}.{code}"])
            if matter.code in wholes:
                case = replace(case, members=chains.members(wholes[matter.code], matters, code))
            return stages.choose(case, actor, matter, chosen[matter.code])

        return deed

    async def take_over(self, case: Case, applicant: Applicant, actor: Actor) -> Case:
        """Take over a case that came by another way than a ticket, as it stands, with a receipt of this hall."""
        hall = await self._queues.halls.current(case.hall_id)
        now = when(hall, self._clock())

        def unit(tx: Transaction) -> Case:
            serial = store.next_serial(tx, case.hall_id, now.on.year)
            receipt = receipt_number(case.hall_id, now.on.year, serial)
            opened = store.put(tx, replace(case, version=0, has_applicant=True, receipt_no=receipt))
            self._put_applicant(tx, opened.id, applicant)
            step = stages.step(opened, "taken_over", actor, receipt=receipt)
            self._write(tx, step, now)
            return step.case

        return await self._database.write(unit)

    def applicant(self, actor: Actor, kind: IdentityKind, name: str, number: str) -> Deed:
        """Write down who applies, sealed."""

        def deed(tx: Transaction, case: Case, now: When) -> Step:
            known = checked(kind, number, now.on)
            step = stages.name_applicant(case, actor)
            self._put_applicant(tx, case.id, Applicant(kind, name, known))
            return step

        return deed

    def _put_applicant(self, tx: Transaction, case_id: int, applicant: Applicant) -> None:
        store.put_applicant(
            tx,
            case_id=case_id,
            kind=applicant.kind,
            name_sealed=self._sealer.seal(applicant.name, table="applicants", row=f"{case_id}/name"),
            number_sealed=self._sealer.seal(applicant.number, table="applicants", row=f"{case_id}/number"),
            number_index=self._sealer.index(applicant.number),
        )

    @staticmethod
    def receive(actor: Actor) -> Deed:
        """Give a receipt, with the next number of the year."""

        def deed(tx: Transaction, case: Case, now: When) -> Step:
            stages.receive(case, actor, now, "")  # A number is only taken by a receipt that is given.
            serial = store.next_serial(tx, case.hall_id, now.on.year)
            return stages.receive(case, actor, now, receipt_number(case.hall_id, now.on.year, serial))

        return deed

    async def accept(self, hall_id: str, actor: Actor, supply_on: date | None) -> Deed:
        """Accept a case, if the department still lets the hall do so; a limit that was cut meanwhile counts."""
        matters = await self._catalogue.matters(hall_id)

        def deed(tx: Transaction, case: Case, now: When) -> Step:
            for code in chains.matters_in(case):
                letter = matters[code].letter if code in matters else None
                if letter is not None and letter.has_ended(now.on):
                    raise DelegationEnded(ended_on=letter.ends_on.isoformat(), ask=letter.ask)
            broke = supply_on is not None and store.broke_a_promise(tx, case.id)
            if case.members:
                whole = chains.with_shorter_limits(case, matters)
                accepted = stages.accept(whole, actor, now, supply_on=supply_on, broke_a_promise=broke)
                return chains.entered(accepted)
            matter = matters.get(case.subject.code)
            prompt = case if matter is None else stages.with_shorter_limit(case, matter)
            accepted = stages.accept(prompt, actor, now, supply_on=supply_on, broke_a_promise=broke)
            return joint.dispatched(accepted, store.flow(tx, case.hall_id, case.subject.code))

        return deed

    @staticmethod
    def take_up(actor: Actor) -> Deed:
        """Begin to review a case, with the points of its matter as they are now."""

        def deed(tx: Transaction, case: Case, now: When) -> Step:
            return stages.take_up(case, actor, now, store.points(tx, case.hall_id, case.subject.code))

        return deed

    @staticmethod
    def cite(actor: Actor, entry_id: int, version: int) -> Deed:
        """Cite a knowledge entry as it was read, if clerks still find it like that."""

        def deed(tx: Transaction, case: Case, now: When) -> Step:
            writing = to_cite(tx, case.hall_id, entry_id, version).writing
            return support.cite(
                case,
                actor,
                now,
                entry=entry_id,
                version=version,
                zh=writing.title_zh,
                en=writing.title_en,
            )

        return deed

    # ── Chains ──────────────────────────────────────────────────────────────────────────────────

    async def offered(self, hall_id: str) -> tuple[dict[str, Matter], dict[str, Chain]]:
        """What one can apply for: every matter, and the chains as matters of their own."""
        matters = dict(await self._catalogue.matters(hall_id))
        found = await self._database.read(lambda tx: store.chains(tx, hall_id))
        wholes = {chain.code: (chain, chains.offered(chain, matters)) for chain in found}
        offered = {code: matter for code, (_, matter) in wholes.items() if matter is not None}
        return matters | offered, {code: wholes[code][0] for code in offered}

    async def chains(self, hall_id: str) -> list[tuple[Matter, tuple[Member, ...]]]:
        """The chains one can apply for, each as a matter and in its parts."""
        matters, wholes = await self.offered(hall_id)
        return [
            (matters[code], chains.members(chain, matters, chains.first_situation(chain)))
            for code, chain in wholes.items()
        ]

    async def put_chain(self, hall_id: str, chain: Chain, *, by: str) -> None:
        """Write down which matters are applied for together. Cases that are open stay as they were."""
        chains.check_chain(chain, await self._catalogue.matters(hall_id))
        now = self._clock()
        await self._database.write(lambda tx: store.put_chain(tx, hall_id, chain, now=now, by=by))

    async def members(self, master: Case) -> list[Case]:
        """The cases into which a chain was split; none before it was accepted."""
        if not master.members:
            return []
        return await self._database.read(lambda tx: store.members(tx, master.id))

    # ── Departments ─────────────────────────────────────────────────────────────────────────────

    async def put_flow(self, hall_id: str, matter: str, flow: tuple[Branch, ...], *, by: str) -> None:
        """Write down who has a say in a matter. Cases that were accepted stay as they were."""
        open_matter(await self._catalogue.matters(hall_id), matter)
        now = self._clock()
        await self._database.write(lambda tx: store.put_flow(tx, hall_id, matter, flow, now=now, by=by))

    async def put_certificate(
        self, hall_id: str, account_id: str, department: str, ends_on: date, stand_in: str | None, *, by: str
    ) -> None:
        """Write down until when somebody may decide for a department, and who does it afterwards."""
        now = self._clock()
        await self._database.write(
            lambda tx: store.put_certificate(
                tx,
                hall_id=hall_id,
                account_id=account_id,
                department=department,
                ends_on=ends_on,
                stand_in=stand_in,
                now=now,
                by=by,
            )
        )

    async def certified(self, hall_id: str, actor: Actor) -> tuple[Actor, str | None]:
        """Somebody with what their certificates let them decide, and which account stands in for them."""
        hall = await self._queues.halls.current(hall_id)
        today = when(hall, self._clock()).on
        rows = await self._database.read(lambda tx: store.certificates(tx, hall_id, actor.id))
        own = next((row for row in rows if row["account_id"] == actor.id), None)
        lost = [row for row in rows if row["stand_in"] == actor.id and row["ends_on"] < today]
        lapsed = own is not None and own["ends_on"] < today
        kept = [] if own is None else [own]
        return replace(
            actor,
            departments=tuple(dict.fromkeys(row["department"] for row in (*kept, *lost))),
            lapsed="" if lapsed else None,
            covers=tuple(row["account_id"] for row in lost),
        ), own["stand_in"] if own is not None and lapsed else None

    async def tasks(self, hall_id: str, actor: Actor) -> tuple[list[tuple[Case, int]], When]:
        """What waits for the departments of a reviewer, the most urgent first."""
        hall = await self._queues.halls.current(hall_id)
        departments = actor.departments
        found = await self._database.read(lambda tx: store.tasks(tx, hall_id, departments, LISTED_MAX))
        return found, when(hall, self._clock())

    # ── Looking ─────────────────────────────────────────────────────────────────────────────────

    async def case(self, hall_id: str, case_id: int) -> tuple[Case, When]:
        """A case, and the present moment where it is."""
        hall = await self._queues.halls.current(hall_id)
        found = await self._database.read(lambda tx: store.case_of(tx, hall_id, case_id))
        if found is None:
            raise CaseUnknown
        return found, when(hall, self._clock())

    async def of_ticket(self, hall_id: str, ticket_id: int) -> tuple[list[Case], When]:
        """The cases of a ticket."""
        hall = await self._queues.halls.current(hall_id)
        found = await self._database.read(lambda tx: store.of_ticket(tx, hall_id, ticket_id))
        return found, when(hall, self._clock())

    async def register(
        self,
        hall_id: str,
        ask: Callable[[date], Wanted],
        order: Order,
        *,
        after: Place | None = None,
        rows_max: int = LISTED_MAX,
    ) -> tuple[Found, When]:
        """A page of the register; what is wanted may depend on the day it is in the hall."""
        hall = await self._queues.halls.current(hall_id)
        now = when(hall, self._clock())
        wanted, today = ask(now.on), now.on.isoformat()
        found = await self._database.read(
            lambda tx: register.page(tx, hall_id, wanted, order, today=today, after=after, rows_max=rows_max)
        )
        return found, now

    async def matters_like(self, hall_id: str, words: str) -> tuple[str, ...]:
        """Which matters somebody means, by code, name or sound; a code may be one that is no longer offered."""
        matters = await self._catalogue.matters(hall_id)
        return (words.upper(), *(matter.code for matter in search(matters.values(), words)))

    def digests(self, number: str) -> tuple[bytes, ...]:
        """By what an applicant's number may have been noted."""
        return tuple(self._sealer.indexes(number))

    async def departments(self, hall_id: str) -> list[tuple[str, str]]:
        """Whose matters the hall offers, in both languages."""
        matters = await self._catalogue.matters(hall_id)
        return sorted({(matter.department_zh, matter.department_en) for matter in matters.values()})

    async def decided(self, hall_id: str) -> list[Case]:
        """The cases whose result has not reached the desk, the oldest first."""
        return await self._database.read(lambda tx: store.decided(tx, hall_id, LISTED_MAX))

    async def asked(self, hall_id: str) -> tuple[list[Case], When]:
        """The cases with a question that nobody has answered, the oldest question first."""
        hall = await self._queues.halls.current(hall_id)
        found = await self._database.read(lambda tx: store.asked(tx, hall_id, LISTED_MAX))
        return found, when(hall, self._clock())

    async def by_code(self, written: str) -> tuple[Case, Hall, When]:
        """The case that a citizen asks for. `CaseCodeUnknown`, and `CasePast` long after its end."""
        code = read_code(written)
        found = None if code is None else await self._database.read(lambda tx: store.whole_by_code(tx, code))
        if found is None or found.receipt_no is None:
            raise CaseCodeUnknown
        hall = await self._queues.halls.current(found.hall_id)
        now = when(hall, self._clock())
        ended = found.closed or (found.refusal.by if found.refusal is not None else None)
        if ended is not None and (now.on - ended.on).days > LOOKED_UP_DAYS:
            raise CasePast
        return found, hall, now

    async def history(self, hall_id: str, case_id: int) -> list[Row]:
        """Everything that happened to a case of this hall."""
        await self.case(hall_id, case_id)  # `CaseUnknown`
        return await self._database.read(lambda tx: store.history(tx, case_id))

    async def applicant_of(self, case: Case) -> Applicant | None:
        """Whose case it is, for staff and for papers."""
        return await self._database.read(lambda tx: self.applicant_in(tx, case.id))

    def applicant_in(self, tx: Transaction, case_id: int) -> Applicant | None:
        """The same, in the transaction of whoever needs it."""
        row = store.applicant(tx, case_id)
        if row is None:
            return None
        return Applicant(
            row["kind"],
            self._sealer.open(row["name_sealed"], table="applicants", row=f"{case_id}/name"),
            self._sealer.open(row["number_sealed"], table="applicants", row=f"{case_id}/number"),
        )

    @staticmethod
    def ready_beside(tx: Transaction, hall_id: str, case_id: int) -> list[int]:
        """The cases of the same applicant here whose results can be collected, this one among them."""
        return store.ready_beside(tx, hall_id, case_id)

    # ── Review points ───────────────────────────────────────────────────────────────────────────

    async def points(self, hall_id: str, code: str) -> tuple[Point, ...]:
        """What a reviewer of a matter judges."""
        open_matter(await self._catalogue.matters(hall_id), code)
        return await self._database.read(lambda tx: store.points(tx, hall_id, code))

    async def put_points(
        self,
        hall_id: str,
        code: str,
        points: tuple[Point, ...],
        *,
        by: str,
        answer: Answer,
        request: Key | None = None,
    ) -> Answer:
        """Let reviewers of a matter judge these points from now on. A review that has begun keeps its own."""
        open_matter(await self._catalogue.matters(hall_id), code)
        now = self._clock()

        def unit(tx: Transaction) -> Answer:
            store.put_points(tx, hall_id=hall_id, matter=code, points=points, now=now, by=by)
            return remembered(tx, request, answer, now)

        return await self._database.write(unit)

    # ── By itself ───────────────────────────────────────────────────────────────────────────────

    async def watch_promises(self) -> None:
        """Look for broken promises again and again. Several processes may: each case is ended once."""
        while True:
            try:
                await self.end_broken_promises()
            except DatabaseDown:
                log.warning("promises_wait_for_the_database")
            await asyncio.sleep(ROUND_SECONDS)

    async def end_broken_promises(self) -> int:
        """End the cases whose promised materials did not come in time; how many there were."""
        ended = 0
        latest = self._clock().date()
        found = await self._database.read(
            lambda tx: store.with_broken_promises(tx, latest, LAPSED_AT_ONCE_MAX)
        )
        for case in found:
            hall = await self._queues.halls.current(case.hall_id)
            ended += await self._database.write(self._ending(case, when(hall, self._clock())))
        if ended:
            log.info("promises_broken", cases=ended)
        return ended

    def _ending(self, seen: Case, now: When) -> Callable[[Transaction], bool]:
        def unit(tx: Transaction) -> bool:
            case = store.case_of(tx, seen.hall_id, seen.id, to_change=True)
            if case is None or not stages.lapses(case, now.on):
                return False  # What was owed has come meanwhile.
            step = stages.terminate(case, now)
            self._write(tx, step, now)
            self._follow(tx, case, step.case, now)
            return True

        return unit


def fresh(hall: Hall, ticket: Ticket, matter: Matter, actor: Actor, now: When) -> Case:
    """A case as it begins: what the ticket says of it, and a code."""
    wanted = [each for each in ticket.scenarios if each.partition(".")[0] == matter.code]
    chosen = chosen_scenarios({matter.code: matter}, wanted).get(matter.code)
    return Case(
        hall_id=hall.id,
        code=fresh_code(),
        subject=stages.subject(matter, chosen),
        ticket_id=ticket.id,
        number=ticket.number,
        window_id=ticket.window_id,
        opened=By(actor.id, actor.name, now.at, now.on),
    )


def fresh_code() -> str:
    """A code that nobody can guess."""
    return case_code([secrets.randbelow(len(LETTERS)) for _ in range(CHANCE)])


def matter_asked(hall: Hall, ticket: Ticket, matter: Matter) -> Matter:
    """The matter, if this ticket may be served for it: it was taken for it, or its group does it."""
    group_id = group_of(matter, hall.about.general_group_id or ticket.group_id)
    if matter.code not in ticket.matters and group_id != ticket.group_id:
        raise MatterNotAsked(matter=matter.code)
    return matter


def supply_on(case: Case) -> date | None:
    """Until when promised materials come, while one is still owed."""
    owed = case.promise is not None and case.part is None and debts(case) and not stages.has_ended(case)
    return case.promise.due_on if owed and case.promise is not None else None


def when(hall: Hall, at: datetime) -> When:
    """An instant, with its day in the hall."""
    return When(at, at.astimezone(ZoneInfo(hall.about.timezone)).date())


def remembered(tx: Transaction, request: Key | None, answer: Answer, now: datetime) -> Answer:
    """The answer, kept for whoever repeats the request."""
    if request is not None:
        remember(tx, request, answer.status, answer.body, now)
    return answer
