"""Watching halls for screens: after a wake-up, look at the hall and tell everybody who watches.

A wake-up is never news, only "look again"; a lost one is made good by a look each second. Views are
spelled once and shared by all who see the same. Calls go first: boards, then windows, then phones, and a
phone hears at most once a second unless its own ticket moved.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec
import structlog

from queue_server.catalogue.actions import Catalogue
from queue_server.hall.core.model import Ticket
from queue_server.hall.live.views.board import board
from queue_server.hall.live.views.parts import Moment, View
from queue_server.hall.live.views.ticket import ended_view, ticket_view
from queue_server.hall.live.views.window import console, own_screen
from queue_server.hall.store import facts
from queue_server.hall.store.halls import Halls
from queue_server.kit.bus import Bus
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database, DatabaseDown
from queue_server.kit.mailbox import Mailbox

log = structlog.get_logger(__name__)

STILL_SECONDS: Final = 30.0  # What depends on the time of day is shown anew this often, without any event.

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
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    boards: set[Letterbox] = field(default_factory=set)
    screens: dict[str, set[Letterbox]] = field(default_factory=dict)
    consoles: dict[str, set[Letterbox]] = field(default_factory=dict)
    phones: list[Phone] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    phones_at: float = 0.0

    def empty(self) -> bool:
        """Whether nobody watches any more."""
        return not (self.boards or self.phones or any(self.screens.values()) or any(self.consoles.values()))


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
    ) -> None:
        self._database = database
        self._halls = halls
        self._catalogue = catalogue
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._interval_seconds = interval_seconds
        self._phone_seconds = phone_seconds
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
            return Moment(known, self._halls.epoch(hall_id), self._looked_at[hall_id])
        now = self._looked_at[hall_id] = self._clock()
        return Moment(hall, self._halls.epoch(hall_id), now)

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
        room.boards.discard(box)
        for boxes in (*room.screens.values(), *room.consoles.values()):
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
            room = self._rooms[hall_id] = Room(shown_seq=moment.hall.seq, shown_at=now)
        # The others may have been shown more, while this one was still on its way in.
        room.shown_seq = min(room.shown_seq, moment.hall.seq)
        if room.task is None:
            room.task = asyncio.create_task(self._keep_telling(hall_id, room))
        return room

    def _look_again(self, topic: str) -> None:
        room = self._rooms.get(topic)
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
        room.wake.clear()
        # What happens within a blink is shown together.
        await asyncio.sleep(self._interval_seconds)

    async def _tell(self, hall_id: str, room: Room) -> None:
        moment = await self.moment(hall_id)
        now = asyncio.get_running_loop().time()
        if moment.hall.seq != room.shown_seq or now - room.shown_at > STILL_SECONDS:
            room.shown_seq, room.shown_at = moment.hall.seq, now
            self._tell_boards(moment, room)
            await self._tell_windows(moment, room)
            await self._tell_phones(moment, room, everybody=False)
        if now - room.phones_at >= self._phone_seconds:
            room.phones_at = now
            await self._tell_phones(moment, room, everybody=True)

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

    async def _tell_phones(self, moment: Moment, room: Room, *, everybody: bool) -> None:
        for phone in list(room.phones):
            ticket = moment.hall.tickets.get(phone.ticket_id)
            moved = ticket is None or phone.seen is None or ticket.state is not phone.seen.state
            if not (everybody or moved) or (ticket is None and phone.seen is None and phone.content):
                continue
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
        found = await self._database.read(lambda tx: facts.by_id(tx, moment.hall.id, ticket_id))
        assert found is not None  # Whoever watches a ticket found it in the facts first.
        return ended_view(moment, found)
