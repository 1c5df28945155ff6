"""Tickets by word: 取号, 查询 and 取消 in WeChat and by short message, and scans of a hall's own code.

A code's scene names a hall and, if it wants, a group or a matter: `h1`, `h1.A`, `h1.M15`. Whoever asks again
gets the ticket they have. Each letter has a key, and a letter that is delivered again is answered as it was
the first time.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from queue_server.catalogue.core import mapped, route
from queue_server.hall.access import House, new_link
from queue_server.hall.actions import Also, Respond
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.messages import windows_text
from queue_server.hall.core.model import Channel, Hall, Leg, Reach, Ticket, TicketState
from queue_server.hall.core.order import ahead
from queue_server.kit.database import Transaction
from queue_server.kit.rejections import Rejected
from queue_server.kit.requests import Answer, Key, fingerprint, recall
from queue_server.kit.texts import Texts
from queue_server.people import contacts

TEXTS: Final = Texts.load(Path(__file__).parents[1] / "texts")
Deed = Callable[..., Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: somebody in WeChat, or a phone."""

    channel: Channel
    address: str  # An openid or a phone.


class Words:
    """Answers letters. What it says is for one person, and may hold the link of their ticket."""

    def __init__(self, house: House, public_base_url: str, hall_id: str) -> None:
        self._house = house
        self._base = public_base_url
        self._hall_id = hall_id  # Of words that name no hall; empty for the first one.
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def scanned(self, speaker: Speaker, scene: str, key: str) -> str:
        """Somebody scanned a code, or came to the account by one."""
        hall_id, _, entry = scene.partition(".")
        return await self._in_turn(speaker, self._take, hall_id, entry, key)

    async def said(self, speaker: Speaker, text: str, key: str) -> str:
        """Somebody wrote a word."""
        word, _, entry = text.strip().partition(" ")
        hall_id = self._hall_id or next(iter(await self._house.queues.hall_ids()), "")
        match word:
            case "取号":
                return await self._in_turn(speaker, self._take, hall_id, entry.strip(), key)
            case "查询":
                return await self._look(speaker, hall_id)
            case "取消":
                return await self._in_turn(speaker, self._cancel, hall_id, key)
            case _:
                return TEXTS.t("words.menu")

    async def _in_turn(self, speaker: Speaker, deed: Deed, *about: str) -> str:
        """One deed of a person at a time, so that two letters at once do not take two tickets."""
        async with self._turns[speaker.address]:
            try:
                return await deed(speaker, *about)
            except Rejected as no:
                return no.in_chinese
            finally:
                self._turns.pop(speaker.address, None)

    # ── Deeds ────────────────────────────────────────────────────────────────────────────────────

    async def _take(self, speaker: Speaker, hall_id: str, entry: str, key: str) -> str:
        """A place in a queue, or the one that is already held."""
        house = self._house
        held = await self._held(speaker, hall_id)
        if held is not None:
            return await self._described(speaker, *held)
        token, digest = new_link()
        command = c.IssueTicket(
            legs=await self._legs(hall_id, entry),
            channel=speaker.channel,
            link_hash=digest,
            reach=Reach.OWN,
        )

        def respond(events: list[e.Event], hall: Hall) -> Answer:
            ticket = hall.tickets[hall.seq - len(events) + 1]
            return Answer(201, self._taken(hall, ticket, self._link(speaker, token)))

        def also(tx: Transaction, events: list[e.Event], hall: Hall) -> None:
            ticket = hall.tickets[hall.seq - len(events) + 1]
            if speaker.channel is Channel.WECHAT:
                contacts.remember_wechat(
                    tx, house.sealer, hall_id, ticket.id, speaker.address, token, "zh", ticket.issued_at
                )
            else:
                contacts.remember(
                    tx, house.sealer, hall_id, ticket.id, speaker.address, "zh", ticket.issued_at
                )

        return await self._once(speaker, hall_id, command, key, respond, also)

    async def _cancel(self, speaker: Speaker, hall_id: str, key: str) -> str:
        """The place is given up."""
        held = await self._held(speaker, hall_id)
        if held is None:
            earlier = await recall(self._house.database, self._key(speaker, key))
            return TEXTS.t("words.none") if earlier is None else earlier.body
        ticket = held[1]

        def respond(_: list[e.Event], __: Hall) -> Answer:
            return Answer(200, TEXTS.t("words.cancelled", number=ticket.number))

        return await self._once(speaker, hall_id, c.CancelTicket(ticket.id), key, respond)

    async def _look(self, speaker: Speaker, hall_id: str) -> str:
        """How it stands."""
        held = await self._held(speaker, hall_id)
        return TEXTS.t("words.none") if held is None else await self._described(speaker, *held)

    async def _once(
        self,
        speaker: Speaker,
        hall_id: str,
        command: c.Command,
        key: str,
        respond: Respond,
        also: Also | None = None,
    ) -> str:
        request = self._key(speaker, key)

        async def work() -> Answer:
            done = await self._house.queues.handle(
                hall_id, command, request=request, respond=respond, also=also
            )
            assert done.answer is not None
            return done.answer

        return (await self._house.requests.once(request, work)).body

    def _key(self, speaker: Speaker, key: str) -> Key:
        """The same for a letter that is delivered again. Nobody's address stands in it."""
        person = self._house.sealer.index(speaker.address).hex()
        return Key(f"{speaker.channel} {person}", fingerprint(key.encode()), fingerprint(b""))

    # ── Who has what ─────────────────────────────────────────────────────────────────────────────

    async def _held(self, speaker: Speaker, hall_id: str) -> tuple[Hall, Ticket] | None:
        """The open ticket of this person, the newest if there are several."""
        house = self._house
        find = contacts.tickets_of_openid if speaker.channel is Channel.WECHAT else contacts.tickets_of
        known = await house.database.read(lambda tx: find(tx, house.sealer, hall_id, speaker.address))
        hall = await house.queues.halls.catch_up(hall_id)
        held = [hall.tickets[ticket_id] for ticket_id in known if ticket_id in hall.tickets]
        return (hall, held[-1]) if held else None

    async def _legs(self, hall_id: str, entry: str) -> tuple[Leg, ...]:
        """Where a word leads: to a group, to the group of a matter, or to general business."""
        hall = await self._house.queues.halls.current(hall_id)
        general = hall.about.general_group_id or next(iter(hall.groups), "")
        if entry in hall.groups or not entry:
            return (Leg(entry or general),)
        offered = await self._house.catalogue.matters(hall_id)
        matters = mapped({code: offered[code] for code in (entry,) if code in offered}, hall.groups)
        return tuple(Leg(leg.group_id, leg.codes, leg.scenarios) for leg in route(matters, [entry], general))

    # ── Sentences ────────────────────────────────────────────────────────────────────────────────

    def _taken(self, hall: Hall, ticket: Ticket, link: str) -> str:
        where = windows_text(hall, ticket.group_id)
        text = TEXTS.t(
            "words.taken", number=ticket.number, ahead=ahead(hall, ticket), windows=where, link=link
        )
        return text.strip()

    async def _described(self, speaker: Speaker, hall: Hall, ticket: Ticket) -> str:
        house, link = self._house, ""
        if speaker.channel is Channel.WECHAT:
            contact = await house.database.read(
                lambda tx: contacts.read_wechat(tx, house.sealer, hall.id, ticket.id)
            )
            link = "" if contact is None else self._link(speaker, contact.link_token)
        values: dict[str, Any] = {"window": ticket.window_id}
        if ticket.state is TicketState.WAITING:
            values = {"ahead": ahead(hall, ticket), "windows": windows_text(hall, ticket.group_id)}
        state = TEXTS.t(f"words.{ticket.state}", **values)
        return TEXTS.t("words.held", number=ticket.number, state=state, link=link).strip()

    def _link(self, speaker: Speaker, token: str) -> str:
        """Only WeChat carries links: mainland carriers take none."""
        return f"{self._base}/t/{token}" if speaker.channel is Channel.WECHAT else ""
