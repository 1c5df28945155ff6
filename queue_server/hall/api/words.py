"""Tickets by word: 取号, 查询 and 取消 in WeChat and by short message, and scans of a hall's own code.

A code's scene names a hall and, if it wants, a group or a matter: `h1`, `h1.A`, `h1.M15`. One that was drawn
for a screen carries the code of the moment as well, `h1.A!code`, and proves that whoever scanned it is in the
hall. Words and other scans come from anywhere, and the hall says whether that will do (`words_from_afar`).

The providers of mainland China carry no answer back. There every word is answered by a message of its own, put in
the outbox at most once for a letter: a ticket by its confirmation, a refusal by its reason. What is no word of ours
is not answered there, because machines write too, and each answer costs money.

Whoever asks again gets the ticket they have. Each letter has a key, and a letter that is delivered again is
answered as it was the first time.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from notify import outbox
from notify.messages import Message, Priority
from queue_server.catalogue.core import MatterUnknown, mapped, route
from queue_server.hall.access import House, new_link
from queue_server.hall.actions import Also, Respond
from queue_server.hall.api.holding import hold
from queue_server.hall.api.pace import check_pace_of_words
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.messages import ANSWER, KEEP_SECONDS, answer_subject_of, standing, windows_text
from queue_server.hall.core.model import Channel, Hall, Leg, Reach, Ticket, TicketState
from queue_server.hall.core.order import ahead
from queue_server.hall.core.rejections import (
    GroupClosed,
    GroupFull,
    GroupUnknown,
    HallClosed,
    HallCodeOld,
    NoWindowForGroup,
    ScanNeeded,
    TicketsEnough,
    TooManyTickets,
)
from queue_server.kit.database import Transaction
from queue_server.kit.rejections import Rejected
from queue_server.kit.requests import Answer, Key, fingerprint, recall, remember
from queue_server.kit.texts import Texts
from queue_server.people import contacts
from queue_server.people.holders import Held

TEXTS: Final = Texts.load(Path(__file__).parents[1] / "texts")
Deed = Callable[..., Awaitable[str]]

# Which text says why not, where the answer is a message of its own. A carrier has seen each of them before.
REFUSALS: Final[Mapping[type[Rejected], str]] = {
    HallClosed: "refused.closed",
    GroupClosed: "refused.closed",
    MatterUnknown: "refused.service",
    GroupUnknown: "refused.service",
    NoWindowForGroup: "refused.service",
    GroupFull: "refused.full",
    TicketsEnough: "refused.enough",
    TooManyTickets: "refused.often",
    ScanNeeded: "refused.scan",
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: somebody in WeChat, or a phone."""

    channel: Channel
    address: str  # An openid or a phone.
    answered_at_once: bool = (
        True  # Whether the answer travels back with the letter, or is a message of its own.
    )


class Words:
    """Answers letters. What it says is for one person, and may hold the link of their ticket."""

    def __init__(self, house: House, public_base_url: str, hall_id: str) -> None:
        self._house = house
        self._base = public_base_url
        self._hall_id = hall_id  # Of words that name no hall; empty for the first one.

    async def scanned(self, speaker: Speaker, scene: str, key: str) -> str:
        """Somebody scanned a code, or came to the account by one."""
        place, _, code = scene.partition("!")
        hall_id, _, entry = place.partition(".")
        fresh = self._house.codes.is_fresh(hall_id, code, self._house.real_clock())
        absent = None if fresh else HallCodeOld()
        return await self._answer(speaker, hall_id, key, self._take, entry, absent)

    async def said(self, speaker: Speaker, text: str, key: str) -> str:
        """Somebody wrote a word."""
        word, _, entry = text.strip().partition(" ")
        hall_id = self._hall_id or next(iter(await self._house.queues.hall_ids()), "")
        match word:
            case "取号":
                return await self._answer(speaker, hall_id, key, self._take, entry.strip(), ScanNeeded())
            case "查询":
                return await self._answer(speaker, hall_id, key, self._look)
            case "取消":
                return await self._answer(speaker, hall_id, key, self._cancel)
            case _:
                return TEXTS.t("words.menu")

    async def _answer(self, speaker: Speaker, hall_id: str, key: str, deed: Deed, *about: Any) -> str:
        """What the deed comes to, or why it does not."""
        try:
            return await deed(speaker, hall_id, key, *about)
        except Rejected as no:
            opens = await self._opening(hall_id, no)
            text = no.in_chinese + (TEXTS.t("words.opens", opens=opens) if opens else "")
            if speaker.answered_at_once:
                return text
            text_key = "refused.until" if opens else REFUSALS.get(type(no), "refused")
            refusal = self._message(speaker, hall_id, text_key, values={"opens": opens} if opens else {})
            return await self._send(speaker, refusal, text, key)

    async def _opening(self, hall_id: str, no: Rejected) -> str:
        """From when on tickets are issued, if that is what the refusal is about and the hall knows."""
        opens_at = no.facts.get("opens_at")
        if not isinstance(opens_at, datetime):
            return ""
        hall = await self._house.queues.halls.current(hall_id)
        at = opens_at.astimezone(ZoneInfo(hall.about.timezone))
        return f"{at.month}月{at.day}日{at:%H:%M}"

    # ── Deeds ────────────────────────────────────────────────────────────────────────────────────

    async def _take(
        self, speaker: Speaker, hall_id: str, key: str, entry: str, absent: Rejected | None
    ) -> str:
        """A place in a queue, or the one that is already held. `absent` is what speaks against their being here."""
        house = self._house
        legs = await self._legs(hall_id, entry)
        group_id = legs[0].group_id
        found = await self._held(speaker, hall_id, group_id if entry else None)
        if found is not None:
            return await self._tell_standing(speaker, *found, key)
        rules = (await house.queues.halls.current(hall_id)).rules
        if absent is not None and rules.presence_required and not rules.words_from_afar:
            raise absent
        token, digest = new_link()
        command = c.IssueTicket(legs=legs, channel=speaker.channel, link_hash=digest, reach=Reach.OWN)

        def respond(events: list[e.Event], hall: Hall) -> Answer:
            ticket = hall.tickets[hall.seq - len(events) + 1]
            return Answer(201, self._taken(hall, ticket, self._link(speaker, token)))

        def contact(tx: Transaction, events: list[e.Event], hall: Hall) -> None:
            ticket = hall.tickets[hall.seq - len(events) + 1]
            if speaker.channel is Channel.WECHAT:
                contacts.remember_wechat(
                    tx, house.sealer, hall_id, ticket.id, speaker.address, token, "zh", ticket.issued_at
                )
            else:
                contacts.remember(
                    tx, house.sealer, hall_id, ticket.id, speaker.address, "zh", ticket.issued_at
                )

        async def take(holding: Also) -> str:
            def also(tx: Transaction, events: list[e.Event], hall: Hall) -> None:
                contact(tx, events, hall)
                holding(tx, events, hall)

            return await self._once(speaker, hall_id, command, key, respond, also)

        async def keep(hall: Hall, held: Held) -> str:
            return await self._tell_standing(speaker, hall, hall.tickets[held.ticket_id], key)

        return await hold(house, hall_id, group_id, [speaker.address], take=take, keep=keep, link_token=token)

    async def _cancel(self, speaker: Speaker, hall_id: str, key: str) -> str:
        """The place is given up."""
        held = await self._held(speaker, hall_id)
        if held is None:
            earlier = await recall(self._house.database, self._key(speaker, key))
            return await self._tell_none(speaker, hall_id, key) if earlier is None else earlier.body
        ticket = held[1]
        told = [] if speaker.answered_at_once else [self._message(speaker, hall_id, "cancelled", ticket)]
        entries = outbox.spelled(told)

        def respond(_: list[e.Event], __: Hall) -> Answer:
            return Answer(200, TEXTS.t("words.cancelled", number=ticket.number))

        def also(tx: Transaction, _: list[e.Event], __: Hall) -> None:
            outbox.put(tx, entries)

        return await self._once(speaker, hall_id, c.CancelTicket(ticket.id), key, respond, also)

    async def _look(self, speaker: Speaker, hall_id: str, key: str) -> str:
        """How it stands."""
        held = await self._held(speaker, hall_id)
        if held is None:
            return await self._tell_none(speaker, hall_id, key)
        return await self._tell_standing(speaker, *held, key)

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
            if isinstance(command, c.IssueTicket):
                await check_pace_of_words(self._house, hall_id, speaker.address)
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

    # ── Telling ──────────────────────────────────────────────────────────────────────────────────

    async def _tell_standing(self, speaker: Speaker, hall: Hall, ticket: Ticket, key: str) -> str:
        """How it stands with a ticket."""
        text = await self._described(speaker, hall, ticket)
        if speaker.answered_at_once:
            return text
        text_key, values = standing(hall, ticket)
        return await self._send(speaker, self._message(speaker, hall.id, text_key, ticket, values), text, key)

    async def _tell_none(self, speaker: Speaker, hall_id: str, key: str) -> str:
        """That they have no ticket."""
        text = TEXTS.t("words.none")
        if speaker.answered_at_once:
            return text
        return await self._send(speaker, self._message(speaker, hall_id, "none"), text, key)

    async def _send(self, speaker: Speaker, message: Message, text: str, key: str) -> str:
        """Put the answer in the outbox, unless this letter was answered before."""
        house, request = self._house, self._key(speaker, key)
        entries = outbox.spelled([message])

        async def work() -> Answer:
            def unit(tx: Transaction) -> None:
                outbox.put(tx, entries)
                remember(tx, request, 200, text, house.clock())

            await house.database.write(unit)
            await house.bus.wake(message.hall_id)
            return Answer(200, text)

        return (await house.requests.once(request, work)).body

    def _message(
        self,
        speaker: Speaker,
        hall_id: str,
        text_key: str,
        ticket: Ticket | None = None,
        values: Mapping[str, str | int] | None = None,
    ) -> Message:
        sealed = contacts.seal_asker(self._house.sealer, speaker.address)
        number = {} if ticket is None else {"number": ticket.number}
        return Message(
            hall_id=hall_id,
            subject=answer_subject_of(sealed, None if ticket is None else ticket.id),
            kind=ANSWER,
            occurrence=0,  # The subject is another one each time.
            channels=("sms",),
            text_key=text_key,
            priority=Priority.CONFIRMATION,
            keep_seconds=KEEP_SECONDS[ANSWER],
            values=number if values is None else values,
            language="zh" if ticket is None else ticket.language,
        )

    # ── Who has what ─────────────────────────────────────────────────────────────────────────────

    async def _held(
        self, speaker: Speaker, hall_id: str, group_id: str | None = None
    ) -> tuple[Hall, Ticket] | None:
        """The open ticket of this person, of one group or of any; the newest if there are several."""
        house = self._house
        find = contacts.tickets_of_openid if speaker.channel is Channel.WECHAT else contacts.tickets_of
        known = await house.database.read(lambda tx: find(tx, house.sealer, hall_id, speaker.address))
        hall = await house.queues.halls.catch_up(hall_id)
        held = [hall.tickets[ticket_id] for ticket_id in known if ticket_id in hall.tickets]
        wanted = [ticket for ticket in held if group_id in (None, ticket.group_id)]
        return (hall, wanted[-1]) if wanted else None

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
