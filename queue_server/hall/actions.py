"""The only place where a queue changes: look, decide, write, wake.

Commands for one hall are decided in turn, each on the hall as the one before left it, while the last
commit is still on its way to the disk. What was decided meanwhile shares the next commit. Nothing is
acknowledged before it is durable. If a commit fails, everything that was decided on it fails with it
and is decided again from what the journal says.
"""

import asyncio
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from notify import outbox
from queue_server.calendar import core as calendar
from queue_server.catalogue.actions import Catalogue
from queue_server.hall.core import commands as c
from queue_server.hall.core.decide import decide
from queue_server.hall.core.events import Event
from queue_server.hall.core.messages import words
from queue_server.hall.core.model import Group, Hall, Hours, Window
from queue_server.hall.core.outlook import Outlook
from queue_server.hall.core.paper import Configuration
from queue_server.hall.core.rejections import (
    ConfigurationMoved,
    HallExists,
    HallUnknown,
    VersionUnknown,
)
from queue_server.hall.store import configuration, facts, journal
from queue_server.hall.store.configuration import Edition
from queue_server.hall.store.halls import Halls
from queue_server.kit.bus import Bus
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database, Duplicate, Transaction
from queue_server.kit.rejections import Rejected
from queue_server.kit.requests import Answer, Key, remember

ATTEMPTS_MAX: Final = 32  # Every lost race means that somebody else got on; more than this is a fault.
SHARED_SECONDS: Final = 1.0  # For how long a hall counts as shared after another process wrote to it.
SHARED_PAUSE_SECONDS: Final = 0.02  # About twice what looking, deciding and writing take.

Respond = Callable[[list[Event], Hall], Answer]
Also = Callable[[Transaction, list[Event], Hall], None]
OutlookOf = Callable[[Hall], Outlook | None]


def nothing_expected(_: Hall) -> Outlook | None:
    """Where nobody plays the hall forward, people are told the quick range."""
    return None


class HallContended(Rejected):
    """Too many processes write to this hall at once. Please try again."""

    status = 503
    zh = "系统繁忙，请重试。"


class Overtaken(Exception):
    """What this was decided on did not become durable."""


class Draft:
    """A hall with everything that was decided in it, durable or still on its way."""

    __slots__ = ("broken", "hall", "last")

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.broken = False
        self.last: asyncio.Future[None] | None = None  # The newest unit on its way.

    def break_off(self, _: BaseException | None = None) -> None:
        """From here on nothing that was decided in this draft may be written."""
        self.broken = True


@dataclass(frozen=True, slots=True)
class Done:
    """What a command came to: its events (none if it was so already), the hall after it, the answer."""

    events: list[Event]
    hall: Hall
    answer: Answer | None


class Queues:
    """The queues of all halls, as this process carries out requests to them."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        catalogue: Catalogue,
        clock: Clock,
        *,
        in_wechat: bool = True,
        outlook_of: OutlookOf = nothing_expected,
    ) -> None:
        self.database = database
        self.halls = Halls(database)
        self.bus = bus
        self.catalogue = catalogue
        self.clock = clock
        self.in_wechat = in_wechat  # Whether there is an official account to tell people by.
        self.outlook_of = outlook_of  # What is expected in a hall, as far as a pass has said so.
        self._drafts: dict[str, Draft] = {}
        self._shared_until: dict[str, float] = {}
        self._pauses: dict[str, asyncio.Task[None]] = {}

    async def handle(
        self,
        hall_id: str,
        command: c.Command,
        *,
        request: Key | None = None,
        respond: Respond | None = None,
        also: Also | None = None,
    ) -> Done:
        """Carry out one command. If another process wrote first, look again and decide again.

        `respond` spells the answer before it is written, and with `request` it is remembered in the same
        transaction (`kit.requests`); `also` writes more rows into it. Raises the hall's rejections,
        `ConfigurationMoved` when somebody else wrote the version that `also` writes, and
        `Duplicate("requests_pkey")` for a repeated request.
        """
        for _ in range(ATTEMPTS_MAX):
            draft = self._usable_draft(hall_id) or await self._new_draft(hall_id)
            try:
                events, after = decide(draft.hall, command, self.clock(), self.outlook_of(draft.hall))
            except Rejected:
                if await self._was_current(hall_id, draft):
                    raise
                continue
            answer = respond(events, after) if respond is not None else None
            if not events:
                # "It is so already" is an answer like any other: durably so, and the same when repeated.
                if not await self._was_current(hall_id, draft):
                    continue
                if request is not None and answer is not None:
                    await self._remember(request, answer)
                return Done(events, after, answer)
            try:
                await self._write(draft, after, events, command.by, request, answer, also)
            except Overtaken:
                continue  # What this was decided on was lost: look again, decide again.
            except Duplicate as taken:
                self._drop(hall_id, draft)
                if taken.constraint == configuration.PRIMARY_KEY:
                    raise await self._moved(hall_id) from taken
                if taken.constraint != journal.PRIMARY_KEY:
                    raise
                self._note_others(hall_id)
                continue  # Another process wrote first: look again, decide again.
            except asyncio.CancelledError:
                raise  # Whoever asked has gone away. The command goes its way, and nobody behind it suffers.
            except BaseException:
                # The outcome may be unknown. Whoever asks again, by the same key, finds out.
                self._drop(hall_id, draft)
                raise
            await self.bus.wake(hall_id)
            return Done(events, after, answer)
        raise HallContended(hall=hall_id)

    def _usable_draft(self, hall_id: str) -> Draft | None:
        draft = self._drafts.get(hall_id)
        if draft is None or draft.broken:
            return None
        known = self.halls.known(hall_id)
        if known is not None and known.seq > draft.hall.seq:
            self._note_others(hall_id)  # Another process wrote, and a wake-up told us.
            return None
        if self._is_shared(hall_id) and (draft.last is None or draft.last.done()):
            return None
        return draft

    async def _new_draft(self, hall_id: str) -> Draft:
        if self._is_shared(hall_id):
            await self._let_others_write(hall_id)
        hall = await self.halls.catch_up(hall_id)
        draft = self._drafts.get(hall_id)
        # Somebody else may have begun one meanwhile, in this turn of the event loop or while we looked.
        if draft is None or draft.broken or draft.hall.seq < hall.seq:
            draft = self._drafts[hall_id] = Draft(hall)
        return draft

    def _note_others(self, hall_id: str) -> None:
        """Another process writes to this hall too."""
        self._shared_until[hall_id] = asyncio.get_running_loop().time() + SHARED_SECONDS

    def _is_shared(self, hall_id: str) -> bool:
        return asyncio.get_running_loop().time() < self._shared_until.get(hall_id, 0.0)

    async def _let_others_write(self, hall_id: str) -> None:
        """Pause for a moment of random length, one for all who wait here.

        Whoever lost a race needs longer for the next round than the winner, and would lose for ever.
        """
        pause = self._pauses.get(hall_id)
        if pause is None:
            pause = asyncio.create_task(asyncio.sleep(random.uniform(0, SHARED_PAUSE_SECONDS)))
            self._pauses[hall_id] = pause
            pause.add_done_callback(lambda _: self._pauses.pop(hall_id))
        await asyncio.wait([pause])

    def _drop(self, hall_id: str, draft: Draft) -> None:
        draft.break_off()
        if self._drafts.get(hall_id) is draft:
            del self._drafts[hall_id]

    async def _was_current(self, hall_id: str, draft: Draft) -> bool:
        """Whether the draft, as it just led to an answer, is what is durable now."""
        last, seq = draft.last, draft.hall.seq
        if last is not None and not last.done():
            # If what is on its way becomes durable, nobody can have written in between.
            await asyncio.wait([last])
            return not last.cancelled() and last.exception() is None
        hall = await self.halls.catch_up(hall_id)
        if hall.seq != seq and draft.hall.seq == seq:
            self._drop(hall_id, draft)
        return hall.seq == seq

    async def _write(
        self,
        draft: Draft,
        after: Hall,
        events: list[Event],
        by: str,
        request: Key | None,
        answer: Answer | None,
        also: Also | None,
    ) -> None:
        before, draft.hall = draft.hall, after
        rows = journal.spelled(before.id, before.seq, events, by)
        report = facts.facts_of(before, events)
        told = outbox.spelled(words(before, events, after, in_wechat=self.in_wechat))
        now = self.clock().isoformat()

        def unit(tx: Transaction) -> None:
            if draft.broken:
                raise Overtaken
            journal.append(tx, rows)
            facts.record(tx, report)
            outbox.put(tx, told)
            if request is not None and answer is not None:
                remember(tx, request, answer.status, answer.body, now)
            if also is not None:
                also(tx, events, after)

        # A unit that fails takes with it everything that was decided after it.
        writing = self.database.hand_over(unit, on_failure=draft.break_off)
        writing.add_done_callback(lambda done: self._landed(after, done))
        draft.last = writing
        try:
            # Whoever asked may go away; the command is carried out all the same.
            await asyncio.shield(writing)
        except Overtaken:
            if self._drafts.get(before.id) is draft:
                self._drop(before.id, draft)
            raise

    async def _remember(self, request: Key, answer: Answer) -> None:
        """Keep an answer that changed nothing: by the time it is repeated the same request might."""
        now = self.clock().isoformat()
        await self.database.write(lambda tx: remember(tx, request, answer.status, answer.body, now))

    def _landed(self, after: Hall, written: asyncio.Future[None]) -> None:
        """Take over what is durable, also when nobody waits for it any more."""
        if not written.cancelled() and written.exception() is None:
            self.halls.advance(after)

    # ── Days ─────────────────────────────────────────────────────────────────────────────────────

    async def create(self, paper: Configuration, *, by: str = c.SYSTEM) -> None:
        """Write down what a hall is made of, or write it anew. Its next day opens with it."""
        epoch, now = secrets.token_hex(8), self.clock()

        def unit(tx: Transaction) -> None:
            configuration.found(tx, paper.id, epoch)
            known = configuration.read(tx, paper.id)
            if known is None or known[1] != paper:
                version = 1 if known is None else known[0] + 1
                configuration.put(tx, paper, Edition(version, now, by, ""))

        await self.database.write(unit)

    async def paper(self, hall_id: str) -> Configuration:
        """What a hall is made of. `HallUnknown`."""
        return (await self.newest(hall_id))[1]

    async def newest(self, hall_id: str) -> tuple[int, Configuration]:
        """The version in force and its number. `HallUnknown`."""
        found = await self.database.read(lambda tx: configuration.read(tx, hall_id))
        if found is None:
            raise HallUnknown(hall=hall_id)
        return found

    async def opening(self, hall_id: str, *, by: str = c.SYSTEM) -> c.OpenDay:
        """The request that opens the day it is now in the hall, with what is on paper."""
        version, paper = await self.newest(hall_id)
        day = day_of(paper, self.clock())
        return c.OpenDay(
            day=day,
            about=paper.about,
            rules=paper.rules,
            hours=hours_of(paper, day),
            groups=await self._groups_with_matters(paper),
            windows=paper.windows,
            next_opens_at=first_opening_after(paper, day),
            version=version,
            by=by,
        )

    async def reconfiguring(
        self, paper: Configuration, version: int, *, before: Configuration | None = None, by: str
    ) -> c.Reconfigure:
        """The request that lets an open hall go on as this version says.

        A window that serves other groups today than on paper goes on with them, unless they are what changed
        since the version `before`.
        """
        hall = await self.halls.current(paper.id)
        day = day_of(paper, self.clock())
        return c.Reconfigure(
            version=version,
            about=paper.about,
            rules=paper.rules,
            hours=hours_of(paper, day),
            groups=await self._groups_with_matters(paper),
            windows=as_they_serve(hall, before, paper),
            next_opens_at=first_opening_after(paper, day),
            by=by,
        )

    async def save(
        self,
        paper: Configuration,
        *,
        after: int,
        note: str,
        by: str,
        request: Key | None = None,
        respond: Callable[[Edition], Answer],
    ) -> Answer:
        """Put a new version into force: at once where a day was ever opened, else on paper only.

        Raises the hindrances of the hall, and `ConfigurationMoved` when `after` is not the newest any more.
        """
        version, before = await self.newest(paper.id)
        if version != after:
            raise ConfigurationMoved(version=version)
        edition = Edition(version + 1, self.clock(), by, note)
        answer = respond(edition)
        hall = await self.halls.catch_up(paper.id)
        if hall.day is None:
            await self._save_on_paper(paper, edition, request, answer)
        else:
            command = await self.reconfiguring(paper, edition.version, before=before, by=by)
            await self.handle(
                paper.id,
                command,
                request=request,
                respond=lambda *_: answer,
                also=kept_on_paper(paper, edition),
            )
        return answer

    async def _save_on_paper(
        self, paper: Configuration, edition: Edition, request: Key | None, answer: Answer
    ) -> None:
        def unit(tx: Transaction) -> None:
            configuration.put(tx, paper, edition)
            if request is not None:
                remember(tx, request, answer.status, answer.body, edition.changed_at)

        try:
            await self.database.write(unit)
        except Duplicate as taken:
            if taken.constraint != configuration.PRIMARY_KEY:
                raise
            raise await self._moved(paper.id) from taken

    async def _moved(self, hall_id: str) -> ConfigurationMoved:
        version, _ = await self.newest(hall_id)
        return ConfigurationMoved(version=version)

    async def found(
        self, paper: Configuration, *, by: str, request: Key | None, respond: Callable[[Edition], Answer]
    ) -> Answer:
        """Found a hall. `HallExists`."""
        epoch, edition = secrets.token_hex(8), Edition(1, self.clock(), by, "")
        answer = respond(edition)

        def unit(tx: Transaction) -> None:
            if configuration.epoch_of(tx, paper.id) is not None:
                raise HallExists(hall=paper.id)
            configuration.found(tx, paper.id, epoch)
            configuration.put(tx, paper, edition)
            if request is not None:
                remember(tx, request, answer.status, answer.body, edition.changed_at)

        try:
            await self.database.write(unit)
        except Duplicate as taken:
            if taken.constraint != configuration.PRIMARY_KEY:
                raise
            raise HallExists(hall=paper.id) from taken
        return answer

    async def _groups_with_matters(self, paper: Configuration) -> tuple[Group, ...]:
        matters = await self.catalogue.matters(paper.id)
        return tuple(
            replace(group, matters=tuple(m.code for m in matters.values() if m.group_id == group.id))
            for group in paper.groups
        )

    async def open_day(self, hall_id: str) -> Done:
        """Open the day that it is now in the hall."""
        return await self.handle(hall_id, await self.opening(hall_id))

    async def hall_ids(self) -> list[str]:
        """Every hall of the installation."""
        return await self.database.read(configuration.hall_ids)

    async def edition(self, hall_id: str, version: int) -> tuple[Edition, Configuration]:
        """A hall on paper as it was in one version. `VersionUnknown`."""
        found = await self.database.read(lambda tx: configuration.story(tx, hall_id, 1, up_to=version))
        if not found or found[0][0].version != version:
            raise VersionUnknown(version=version)
        return found[0]

    async def story(self, hall_id: str, limit: int) -> list[tuple[Edition, Configuration]]:
        """The newest versions of a hall with what they say, the newest first. `HallUnknown`."""
        found = await self.database.read(lambda tx: configuration.story(tx, hall_id, limit))
        if not found:
            raise HallUnknown(hall=hall_id)
        return found


def day_of(paper: Configuration, now: datetime) -> date:
    """Which day it is in the hall."""
    return now.astimezone(ZoneInfo(paper.about.timezone)).date()


def hours_of(paper: Configuration, day: date) -> tuple[Hours, ...]:
    """The openings of a day."""
    sessions = calendar.sessions_on(calendar.read_hours(paper.hours), day, paper.about.timezone)
    return tuple(Hours(s.opens_at, s.closes_at, s.groups, s.kind) for s in sessions)


def first_opening_after(paper: Configuration, day: date) -> datetime | None:
    """When the hall opens after this day."""
    zone = ZoneInfo(paper.about.timezone)
    end_of_day = datetime.combine(day, time.max, zone)
    return calendar.next_opening(calendar.read_hours(paper.hours), end_of_day, paper.about.timezone, None)


def as_they_serve(hall: Hall, before: Configuration | None, paper: Configuration) -> tuple[Window, ...]:
    """The windows on paper, with today's groups where nobody changed what is written about them."""
    if before is None:
        return paper.windows
    written = {window.id: window.group_ids for window in before.windows}
    group_ids = {group.id for group in paper.groups}

    def today(window: Window) -> Window:
        now = hall.windows.get(window.id)
        if (
            now is None
            or written.get(window.id) != window.group_ids
            or not group_ids.issuperset(now.group_ids)
        ):
            return window
        return replace(window, group_ids=now.group_ids)

    return tuple(map(today, paper.windows))


def kept_on_paper(paper: Configuration, edition: Edition) -> Also:
    """Keep a version for the days to come, in the transaction that puts it into force."""

    def also(tx: Transaction, events: list[Event], hall: Hall) -> None:
        configuration.put(tx, paper, edition)

    return also


def rules_on_paper(by: str, at: datetime) -> Also:
    """Keep changed rules for the days to come, in the transaction that puts them into force."""

    def also(tx: Transaction, events: list[Event], hall: Hall) -> None:
        known = configuration.read(tx, hall.id)
        assert known is not None  # A hall whose rules change was written down before.
        version, paper = known
        changed = replace(paper, rules=hall.rules)
        configuration.put(tx, changed, Edition(version + 1, at, by, "rules"))

    return also
