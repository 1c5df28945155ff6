"""Watching halls for screens: after a wake-up, look at the hall and tell everybody who watches.

A wake-up is never news, only "look again"; a lost one is made good by a look each second. What happens after
quiet is told at once, and what follows within a blink of it is told together. Views are spelled once and
shared by all who see the same. Calls go first: boards, then windows, then guides, then phones, and a phone
hears at most once a second unless its own ticket moved. Going round the phones of a full hall takes as long
as a blink, so the round makes way for whatever happens meanwhile, and is finished after it. Managers come
last, once a second.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec
import structlog

from queue_server.catalogue.actions import Catalogue, hall_of
from queue_server.hall.core.model import Hall, Outcome, Ticket, TicketState
from queue_server.hall.core.outlook import Outlook
from queue_server.hall.live.daybooks import Daybooks
from queue_server.hall.live.views.board import board
from queue_server.hall.live.views.guide import guide
from queue_server.hall.live.views.manager import overview
from queue_server.hall.live.views.parts import Moment, View
from queue_server.hall.live.views.ticket import ended_view, ticket_view
from queue_server.hall.live.views.window import console, own_screen
from queue_server.hall.store import facts, journal
from queue_server.hall.store.facts import Found
from queue_server.hall.store.halls import Halls
from queue_server.kit.bus import Bus
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database, DatabaseDown, Transaction
from queue_server.kit.mailbox import Mailbox

log = structlog.get_logger(__name__)

MANAGER_SECONDS: Final = 1.0  # A glance at the whole hall needs no more.
STILL_SECONDS: Final = 30.0  # What depends on the time of day is shown anew this often, without any event.
OUTLOOK_SECONDS: Final = (
    5.0  # A range that moved a little may wait so long for a board; a phone hears it at once.
)
PHONES_AT_ONCE: Final = 50  # Some milliseconds of work, after which sockets and requests have their turn.

Letterbox = Mailbox[str]


def spelled(view: View) -> str:
    """A view as it goes over the wire."""
    return msgspec.json.encode(view).decode()


@dataclass(slots=True)
class Phone:
    """Somebody who follows a ticket."""

    box: Letterbox
    ticket_id: int
    seen: Ticket | None = None
    content: View = field(default_factory=dict)


@dataclass(slots=True)
class Room:
    """Everybody who watches one hall."""

    shown_seq: int
    shown_at: float
    shown_offer: str = ""
    outlook: Outlook | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    boards: set[Letterbox] = field(default_factory=set)
    screens: dict[str, set[Letterbox]] = field(default_factory=dict)
    consoles: dict[str, set[Letterbox]] = field(default_factory=dict)
    guides: set[Letterbox] = field(default_factory=set)
    managers: set[Letterbox] = field(default_factory=set)
    phones: list[Phone] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    told_at: float = 0.0
    phones_at: float = 0.0
    round: deque[Phone] = field(default_factory=deque)  # Who has yet to hear the position of this second.
    managers_at: float = 0.0
    managers_seq: int = -1

    def empty(self) -> bool:
        """Whether nobody watches any more."""
        watched = self.boards or self.guides or self.managers or self.phones
        return not (watched or any(self.screens.values()) or any(self.consoles.values()))


class Watch:
    """Tells the screens of this process."""

    def __init__(
        self,
        database: Database,
        halls: Halls,
        catalogue: Catalogue,
        bus: Bus,
        clock: Clock,
        *,
        poll_seconds: float,
        interval_seconds: float,
        phone_seconds: float,
        outlook_of: Callable[[Hall], Outlook | None] = lambda _: None,
    ) -> None:
        self._database = database
        self._halls = halls
        self._catalogue = catalogue
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._interval_seconds = interval_seconds
        self._phone_seconds = phone_seconds
        self._outlook_of = outlook_of
        self._daybooks = Daybooks(database)
        self._rooms: dict[str, Room] = {}
        self._looked_at: dict[str, datetime] = {}
        bus.subscribe(self._look_again)

    async def moment(self, hall_id: str) -> Moment:
        """A hall with everything that is durable now, or, while the database is away, as it was seen last.

        `HallUnknown`; `DatabaseDown` for a hall that was never seen.
        """
        try:
            hall = await self._halls.catch_up(hall_id)
        except DatabaseDown:
            known = self._halls.known(hall_id)
            if known is None or hall_id not in self._looked_at:
                raise
            return self._moment(known)
        self._looked_at[hall_id] = self._clock()
        return self._moment(hall)

    def _moment(self, hall: Hall) -> Moment:
        looked_at, outlook = self._looked_at[hall.id], self._outlook_of(hall)
        offer = self._catalogue.mark(hall.id)
        return Moment(hall, self._halls.epoch(hall.id), looked_at, outlook, offer)

    def as_of(self, hall_id: str) -> datetime:
        """When somebody last looked at the hall: a beat must not make an old view look fresh."""
        return self._looked_at.get(hall_id) or self._clock()

    # ── Subscribing ──────────────────────────────────────────────────────────────────────────────

    async def board(self, hall_id: str) -> Letterbox:
        """Watch the board; the present view is in the box at once."""
        moment = await self.moment(hall_id)
        box = Letterbox()
        box.put(spelled(board(moment)))
        self._room(moment).boards.add(box)
        return box

    async def window(self, hall_id: str, window_id: str, *, as_clerk: bool) -> Letterbox:
        """Watch a window, as its screen or as its clerk."""
        moment = await self.moment(hall_id)
        box = Letterbox()
        box.put(spelled(await self._window_view(moment, window_id, as_clerk=as_clerk)))
        room = self._room(moment)
        (room.consoles if as_clerk else room.screens).setdefault(window_id, set()).add(box)
        return box

    async def guide(self, hall_id: str) -> Letterbox:
        """Watch as a guide: whom to fetch."""
        moment = await self.moment(hall_id)
        box = Letterbox()
        box.put(spelled(guide(moment)))
        self._room(moment).guides.add(box)
        return box

    async def manager(self, hall_id: str) -> Letterbox:
        """Watch as a manager: the hall at a glance."""
        moment = await self.moment(hall_id)
        box = Letterbox()
        box.put(spelled(await self.overview(moment)))
        self._room(moment).managers.add(box)
        return box

    async def ticket(self, hall_id: str, ticket_id: int) -> Letterbox:
        """Watch a ticket."""
        moment = await self.moment(hall_id)
        phone = Phone(Letterbox(), ticket_id)
        phone.box.put(spelled(await self.ticket_view(moment, ticket_id)))
        phone.seen = moment.hall.tickets.get(ticket_id)
        self._room(moment).phones.append(phone)
        return phone.box

    def leave(self, hall_id: str, box: Letterbox) -> None:
        """Stop watching."""
        room = self._rooms.get(hall_id)
        if room is None:
            return
        for boxes in (
            room.boards,
            room.guides,
            room.managers,
            *room.screens.values(),
            *room.consoles.values(),
        ):
            boxes.discard(box)
        room.phones = [phone for phone in room.phones if phone.box is not box]

    def close(self) -> None:
        """Tell nobody any more."""
        for room in self._rooms.values():
            if room.task is not None:
                room.task.cancel()
        self._rooms.clear()

    def _room(self, moment: Moment) -> Room:
        """The room of somebody who was shown this moment and from now on watches."""
        hall_id = moment.hall.id
        room = self._rooms.get(hall_id)
        if room is None:
            now = asyncio.get_running_loop().time()
            room = self._rooms[hall_id] = Room(moment.hall.seq, now, moment.offer)
        # The others may have been shown more, while this one was still on its way in.
        room.shown_seq = min(room.shown_seq, moment.hall.seq)
        if room.task is None:
            room.task = asyncio.create_task(self._keep_telling(hall_id, room))
        return room

    def _look_again(self, topic: str) -> None:
        room = self._rooms.get(hall_of(topic) or topic)
        if room is not None:
            room.wake.set()

    # ── Telling ──────────────────────────────────────────────────────────────────────────────────

    async def _keep_telling(self, hall_id: str, room: Room) -> None:
        while not room.empty():
            await self._woken(room)
            try:
                await self._tell(hall_id, room)
            except Exception:  # A screen shows its age; the next look tries again.
                log.warning("screens_not_told", hall=hall_id, exc_info=True)
                room.shown_seq = -1  # Nobody knows who was told.
                await asyncio.sleep(self._poll_seconds)
        room.task = None
        if self._rooms.get(hall_id) is room and room.empty():
            del self._rooms[hall_id]

    async def _woken(self, room: Room) -> None:
        with suppress(TimeoutError):  # Nobody called: look all the same, a wake-up may have been lost.
            await asyncio.wait_for(room.wake.wait(), self._poll_seconds)
        now = asyncio.get_running_loop().time
        if (blink_seconds := room.told_at + self._interval_seconds - now()) > 0:
            await asyncio.sleep(blink_seconds)
        room.told_at = now()
        room.wake.clear()

    async def _tell(self, hall_id: str, room: Room) -> None:
        moment = await self.moment(hall_id)
        now = asyncio.get_running_loop().time()
        quiet_seconds = now - room.shown_at
        moved = moment.hall.seq != room.shown_seq or moment.offer != room.shown_offer
        news = moved or quiet_seconds > STILL_SECONDS
        if news or (moment.outlook is not room.outlook and quiet_seconds > OUTLOOK_SECONDS):
            room.shown_seq, room.shown_at, room.outlook = moment.hall.seq, now, moment.outlook
            room.shown_offer = moment.offer
            self._tell_boards(moment, room)
            await asyncio.sleep(0)  # On their way before anybody else's view is made.
            await self._tell_windows(moment, room)
            self._tell_guides(moment, room)
            await self._tell_phones_that_moved(moment, room)
        if not room.round and now - room.phones_at >= self._phone_seconds:
            room.phones_at = now
            room.round.extend(room.phones)
        await self._go_round(moment, room)
        await self._tell_managers(moment, room, now)

    def _tell_boards(self, moment: Moment, room: Room) -> None:
        if room.boards:
            text = spelled(board(moment))
            for box in room.boards:
                box.put(text)

    async def _tell_windows(self, moment: Moment, room: Room) -> None:
        for watchers, as_clerk in ((room.screens, False), (room.consoles, True)):
            for window_id, boxes in list(watchers.items()):
                if boxes and window_id in moment.hall.windows:
                    text = spelled(await self._window_view(moment, window_id, as_clerk=as_clerk))
                    for box in boxes:
                        box.put(text)

    def _tell_guides(self, moment: Moment, room: Room) -> None:
        if room.guides:
            text = spelled(guide(moment))
            for box in room.guides:
                box.put(text)

    async def _tell_managers(self, moment: Moment, room: Room, now: float) -> None:
        quiet_seconds = now - room.managers_at
        news = moment.hall.seq != room.managers_seq and quiet_seconds >= MANAGER_SECONDS
        if room.managers and (news or quiet_seconds > STILL_SECONDS):
            room.managers_at, room.managers_seq = now, moment.hall.seq
            text = spelled(await self.overview(moment))
            for box in room.managers:
                box.put(text)

    async def overview(self, moment: Moment) -> View:
        """The hall at a glance, with the figures of its day."""
        book = await self._daybooks.current(moment.hall)
        return overview(moment, book, await self._catalogue.matters(moment.hall.id))

    async def _tell_phones_that_moved(self, moment: Moment, room: Room) -> None:
        for phone in list(room.phones):
            ticket = moment.hall.tickets.get(phone.ticket_id)
            if ticket is None or phone.seen is None or ticket.state is not phone.seen.state:
                await self._tell_phone(moment, phone)

    async def _go_round(self, moment: Moment, room: Room) -> None:
        while room.round:
            for _ in range(min(PHONES_AT_ONCE, len(room.round))):
                await self._tell_phone(moment, room.round.popleft())
            await asyncio.sleep(0)
            if room.wake.is_set():
                return

    async def _tell_phone(self, moment: Moment, phone: Phone) -> None:
        ticket = moment.hall.tickets.get(phone.ticket_id)
        if ticket is None and phone.seen is None and phone.content:
            return  # It has heard how its ticket ended.
        view = await self.ticket_view(moment, phone.ticket_id)
        content = {key: value for key, value in view.items() if key not in ("seq", "as_of")}
        if content != phone.content:
            phone.box.put(spelled(view))
        phone.seen, phone.content = ticket, content

    async def _window_view(self, moment: Moment, window_id: str, *, as_clerk: bool) -> View:
        window = moment.hall.windows[window_id]
        if not as_clerk:
            return own_screen(moment, window)
        return console(moment, window, await self._catalogue.matters(moment.hall.id))

    async def ticket_view(self, moment: Moment, ticket_id: int) -> View:
        """A ticket as its holder sees it, open or ended."""
        ticket = moment.hall.tickets.get(ticket_id)
        if ticket is not None:
            return ticket_view(moment, ticket)

        def look(tx: Transaction) -> tuple[Found | None, Mapping[str, Outcome]]:
            found = facts.by_id(tx, moment.hall.id, ticket_id)
            completed = found is not None and found.state == TicketState.COMPLETED
            return found, journal.outcomes_of(tx, moment.hall.id, ticket_id) if completed else {}

        found, outcomes = await self._database.read(look)
        assert found is not None  # Whoever watches a ticket found it in the facts first.
        return ended_view(moment, found, outcomes)
