"""Keeping what a hall offers: read at every ticket, changed a few times a year."""

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog

from queue_server.catalogue import store
from queue_server.catalogue.core import (
    Difference,
    Matter,
    MatterUnknown,
    difference,
    make_ready,
    open_matter,
    with_directory,
)
from queue_server.catalogue.core.letters import (
    LetterUnknown,
    OwnRenewal,
    RenewalAsked,
    RenewalUnknown,
    check_renewal,
)
from queue_server.catalogue.store import letters
from queue_server.kit.bus import Bus
from queue_server.kit.database import Database, Row, Transaction
from queue_server.kit.requests import Answer, Key, remember
from queue_server.people.core import Account

log = structlog.get_logger(__name__)

T = TypeVar("T")

CHINA = ZoneInfo("Asia/Shanghai")

TOPIC = "catalogue:"
KNOWN_MAX = 1000  # Halls in memory.
LOGGED_MAX = 20  # Codes of a kind: an import names a thousand.
FRESH_SECONDS = 5.0  # How long a lost wake-up can go unnoticed.


@dataclass(frozen=True, slots=True)
class Known:
    """The matters of a hall as they were read, and until when nobody looks again."""

    matters: Mapping[str, Matter]
    revision: tuple[object, ...]
    until: float = 0.0


class Catalogue:
    """The matters of every hall."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Callable[[], datetime],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._monotonic = monotonic
        self._known: dict[str, Known] = {}
        self._born = secrets.token_hex(4)
        self._calls: dict[str, int] = {}  # How often halls were to be looked at again.
        bus.subscribe(self._look_again)

    async def matters(self, hall_id: str) -> Mapping[str, Matter]:
        """What one hall offers, by code, in its own order. Empty for a hall that offers nothing."""
        known = self._known.get(hall_id)
        if known is not None and self._monotonic() < known.until:
            return known.matters
        fresh = await self._database.read(lambda tx: _read(tx, hall_id, known))
        if len(self._known) >= KNOWN_MAX:  # Anybody may ask about halls that do not exist.
            self._known.clear()
        self._known[hall_id] = replace(fresh, until=self._monotonic() + FRESH_SECONDS)
        return fresh.matters

    def mark(self, hall_id: str) -> str:
        """Another one after every call to look again. Nobody waits for it, and no two processes share one."""
        return f"{self._born}-{self._calls.get(hall_id, 0)}"

    async def put_matters(self, hall_id: str, matters: Iterable[Matter], *, by: str) -> Difference:
        """Let this list, in this order, be what the hall offers. Answers what that changed."""
        listed = {matter.code: matter for matter in matters}
        return await self._change(hall_id, by, lambda *_: listed)

    async def change_matter(
        self,
        hall_id: str,
        code: str,
        change: Callable[[Matter], Matter],
        *,
        by: str,
        also: Callable[[Transaction, Matter], None],
    ) -> Matter:
        """Change what is known of one matter; `also` writes more rows with it. `MatterUnknown`."""

        def unit(tx: Transaction, matter: Matter) -> tuple[Matter, Matter]:
            changed = change(matter)
            also(tx, changed)
            return changed, changed

        return await self.rewrite(hall_id, code, unit, by=by)

    async def rewrite(
        self, hall_id: str, code: str, unit: Callable[[Transaction, Matter], tuple[Matter, T]], *, by: str
    ) -> T:
        """Make another matter of one, in the transaction in which its own rows change. `MatterUnknown`."""
        made: list[T] = []

        def with_change(tx: Transaction, before: Mapping[str, Matter]) -> dict[str, Matter]:
            if code not in before:
                raise MatterUnknown(matter=code)
            changed, result = unit(tx, before[code])
            made.append(result)
            return {**before, code: changed}

        await self._change(hall_id, by, with_change)
        return made[-1]

    async def add_matters(
        self,
        hall_id: str,
        matters: Iterable[Matter],
        *,
        by: str,
        also: Callable[[Transaction, Difference], None],
    ) -> Difference:
        """Put these behind what the hall offers; one that it has already becomes what it is here."""
        added = {matter.code: matter for matter in matters}
        return await self._change(hall_id, by, lambda _, before: {**before, **added}, also=also)

    async def apply_directory(
        self, hall_id: str, group_id: str, codes: Iterable[str], *, by: str
    ) -> Difference:
        """Let a group do exactly the matters of its new directory."""
        codes = tuple(codes)
        return await self._change(
            hall_id,
            by,
            lambda _, before: {
                matter.code: matter for matter in with_directory(before.values(), group_id, codes)
            },
        )

    # ── Delegations ─────────────────────────────────────────────────────────────────────────────

    async def letters(self, hall_id: str) -> list[Row]:
        """Until when departments let this hall accept their matters, and which renewals are asked for."""
        return list(await self._database.read(lambda tx: letters.of_hall(tx, hall_id)))

    def today(self) -> date:
        """The day by which letters end: China has one time."""
        return self._clock().astimezone(CHINA).date()

    async def delegate(
        self,
        hall_id: str,
        code: str,
        ends_on: date,
        ask: str,
        *,
        by: str,
        answer: Answer,
        request: Key | None = None,
    ) -> Answer:
        """Write down a letter."""
        now = self._clock()

        def unit(tx: Transaction) -> Answer:
            known(tx, hall_id, code)
            letters.put(tx, hall_id=hall_id, matter=code, ends_on=ends_on, ask=ask, now=now, by=by)
            return remembered(tx, request, answer, now)

        return await self._and_tell(hall_id, unit)

    async def ask_for_renewal(
        self,
        hall_id: str,
        code: str,
        ends_on: date,
        reason: str,
        account: Account,
        *,
        answer: Answer,
        request: Key | None = None,
    ) -> Answer:
        """The department asks for a new letter. It counts once somebody has approved it."""
        now = self._clock()

        def unit(tx: Transaction) -> Answer:
            letter = letters.of_matter(tx, hall_id, code, to_change=True)
            if letter is None:
                raise LetterUnknown(matter=code)
            if letter["renewal_ends_on"] is not None:
                raise RenewalAsked
            check_renewal(letter["ends_on"], ends_on, self.today())
            letters.ask(
                tx,
                hall_id=hall_id,
                matter=code,
                ends_on=ends_on,
                reason=reason,
                now=now,
                by=account.id,
                by_name=account.display_name,
            )
            return remembered(tx, request, answer, now)

        return await self._and_tell(hall_id, unit)

    async def settle_renewal(
        self,
        hall_id: str,
        code: str,
        account: Account,
        *,
        approved: bool,
        respond: Callable[[date], Answer],
        request: Key | None = None,
    ) -> Answer:
        """Approve a renewal, and the matter is accepted again at once; or decline it."""
        now = self._clock()

        def unit(tx: Transaction) -> Answer:
            letter = letters.of_matter(tx, hall_id, code, to_change=True)
            if letter is None or letter["renewal_ends_on"] is None:
                raise RenewalUnknown
            if letter["asked_by"] == account.id:
                raise OwnRenewal
            letters.settle(
                tx,
                hall_id=hall_id,
                matter=code,
                state="approved" if approved else "declined",
                now=now,
                by=account.id,
            )
            if not approved:
                return remembered(tx, request, respond(letter["ends_on"]), now)
            ends_on, ask = letter["renewal_ends_on"], letter["ask"]
            letters.put(tx, hall_id=hall_id, matter=code, ends_on=ends_on, ask=ask, now=now, by=account.id)
            return remembered(tx, request, respond(ends_on), now)

        return await self._and_tell(hall_id, unit)

    async def _and_tell(self, hall_id: str, unit: Callable[[Transaction], Answer]) -> Answer:
        answer = await self._database.write(unit)
        await self.tell(hall_id)
        return answer

    async def tell(self, hall_id: str) -> None:
        """Let every process look at the matters of this hall again."""
        self._known.pop(hall_id, None)
        await self._bus.wake(topic_of(hall_id))

    # ── Writing ─────────────────────────────────────────────────────────────────────────────────

    async def _change(
        self,
        hall_id: str,
        by: str,
        change: Callable[[Transaction, Mapping[str, Matter]], dict[str, Matter]],
        *,
        also: Callable[[Transaction, Difference], None] | None = None,
    ) -> Difference:
        now = self._clock()

        def unit(tx: Transaction) -> Difference:
            store.wait_for_turn(tx, hall_id)
            before = store.matters_of(tx, hall_id)
            after = change(tx, before)
            changes = difference(before, after)
            for code in changes.removed:
                store.drop_matter(tx, hall_id, code)
            moved = list(before) != list(after)
            for position, matter in enumerate(after.values()):
                if moved or matter.code in changes.changed:
                    store.put_matter(tx, hall_id, matter, position)
            others = (*changes.added, *changes.changed, *changes.removed)
            store.remember(tx, hall_id, others or (after if moved else ()), now, by, after)
            if also is not None:
                also(tx, changes)
            return changes

        changes = await self._database.write(unit)
        log.info(
            "matters_changed",
            hall=hall_id,
            by=by,
            added=changes.added[:LOGGED_MAX],
            changed=changes.changed[:LOGGED_MAX],
            removed=changes.removed[:LOGGED_MAX],
        )
        await self.tell(hall_id)
        return changes

    def _look_again(self, topic: str) -> None:
        hall_id = hall_of(topic)
        if hall_id is not None:
            self._known.pop(hall_id, None)
            self._calls[hall_id] = self._calls.get(hall_id, 0) + 1


def topic_of(hall_id: str) -> str:
    """What is called out when the matters of a hall have changed."""
    return TOPIC + hall_id


def hall_of(topic: str) -> str | None:
    """The hall whose matters a topic is about, if it is about matters."""
    return topic.removeprefix(TOPIC) if topic.startswith(TOPIC) else None


def _read(tx: Transaction, hall_id: str, before: Known | None) -> Known:
    """The matters of a hall; what is known already is not read again."""
    revision = store.revision_of(tx, hall_id)
    if before is not None and before.revision == revision:
        return before
    matters = store.matters_of(tx, hall_id)
    make_ready(matters.values())  # Here and not at the first search: this thread holds nobody up.
    return Known(matters, revision)


def known(tx: Transaction, hall_id: str, code: str) -> Matter:
    """A matter as it is now, in this very transaction. `MatterUnknown`, `MatterClosed`."""
    return open_matter(store.matters_of(tx, hall_id), code)


def remembered(tx: Transaction, request: Key | None, answer: Answer, now: datetime) -> Answer:
    """Keep an answer with its effect."""
    if request is not None:
        remember(tx, request, answer.status, answer.body, now)
    return answer
