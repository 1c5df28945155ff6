"""Phones that hear of a ticket: a code is sent to them, and whoever reads it back has them in hand.

The code is the consent, the owner's own or that of a relative who passes it on. A number somebody has merely
typed hears nothing but the code, and not many of those: what they cost is limited for each phone, each
ticket and each address.
"""

import secrets
from math import ceil
from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response, status

from notify import outbox
from notify.messages import Message, Priority
from queue_server.hall.access import House, access_ticket, address_of, house_of, link_hash
from queue_server.hall.actions import Also, HallContended
from queue_server.hall.api.answers import replied
from queue_server.hall.api.holding import ATTEMPTS_MAX, chains_of, check_few, writing_of
from queue_server.hall.api.models import PhoneCodeRequest, PhoneCodeSent, PhoneRequest, TicketView
from queue_server.hall.api.paths import LinkToken
from queue_server.hall.api.tickets import about_ticket, both
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.messages import CODE, code_subject_of
from queue_server.hall.core.model import Hall, Reach
from queue_server.hall.core.rejections import (
    PhoneCodeWrong,
    PhoneHasTicket,
    PhoneWantsNone,
    TicketEnded,
    TooManyPhoneCodes,
)
from queue_server.hall.live.views.parts import Moment, View
from queue_server.hall.live.views.ticket import ticket_view
from queue_server.kit import rates
from queue_server.kit.database import Duplicate, Transaction
from queue_server.kit.rates import Rate
from queue_server.kit.requests import Answer, recall, remember
from queue_server.kit.web.keys import key_of
from queue_server.people import contacts, holders, phone_codes
from queue_server.people.holders import Held
from queue_server.people.phone_codes import Sent

router = APIRouter(prefix="/api/v1/tickets/{link_token}", tags=["tickets"])

AGAIN: Final = Rate("phone-code-again", burst=1, seconds=60)  # A short message may take a while.
OF_A_PHONE: Final = Rate("phone-codes-phone", burst=5, seconds=86_400)
OF_A_TICKET: Final = Rate("phone-codes-ticket", burst=5, seconds=3600)
OF_AN_ADDRESS: Final = Rate(
    "phone-codes-address", burst=60, seconds=3600
)  # A hall's network is one for many.


@router.post("/phone-codes", status_code=status.HTTP_202_ACCEPTED, response_model=PhoneCodeSent)
async def send_code(link_token: LinkToken, body: PhoneCodeRequest, request: Request) -> Response:
    """Send a code to a phone that is to hear of the ticket."""
    house = house_of(request)
    hall_id, ticket_id = await access_ticket(request, link_token)
    key = await key_of(request, link_hash(link_token))
    told = {"resend_seconds": ceil(AGAIN.seconds), "valid_seconds": phone_codes.SECONDS}
    answer = Answer(status.HTTP_202_ACCEPTED, msgspec.json.encode(told).decode())

    async def work() -> Answer:
        hall = await house.queues.halls.catch_up(hall_id)
        if ticket_id not in hall.tickets:
            raise TicketEnded()
        await check_willing(house, body.phone)
        sent = Sent(body.phone, f"{secrets.randbelow(10**phone_codes.DIGITS):0{phone_codes.DIGITS}}")
        message = outbox.spelled([letter(hall_id, ticket_id, body.language, house)])

        def unit(tx: Transaction) -> None:
            check_rates(tx, house, body.phone, f"{hall_id}/{ticket_id}", address_of(request))
            phone_codes.put(tx, house.sealer, hall_id, ticket_id, sent)
            outbox.put(tx, message)
            if key is not None:
                remember(tx, key, answer.status, answer.body, house.clock())

        await house.database.write(unit)
        await house.bus.wake(hall_id)
        return answer

    return replied(await house.requests.once(key, work))


async def check_willing(house: House, phone: str) -> None:
    """Raise if the phone's owner wants no messages: a code would never come."""
    person = house.sealer.index(phone).hex()
    if await house.database.read(lambda tx: outbox.opted_out(tx, [person])):
        raise PhoneWantsNone()


def check_rates(tx: Transaction, house: House, phone: str, ticket: str, address: str) -> None:
    """Raise when this would be one code too many. Each costs money, so they are counted with what they pay for."""
    for rate, who in (
        (AGAIN, phone),
        (OF_A_TICKET, ticket),
        (OF_A_PHONE, phone),
        (OF_AN_ADDRESS, address),
    ):
        if wait_seconds := rates.spend(tx, rate, house.sealer.index(who).hex()):
            raise TooManyPhoneCodes(retry_after_seconds=ceil(wait_seconds))


def letter(hall_id: str, ticket_id: int, language: str, house: House) -> Message:
    """The message that brings the code; what it is, is filled in when it is sent."""
    return Message(
        hall_id=hall_id,
        subject=code_subject_of(hall_id, ticket_id),
        kind=CODE,
        occurrence=int(house.real_clock().timestamp() * 1000),
        channels=("sms",),
        text_key=CODE,
        priority=Priority.RECALL,
        keep_seconds=phone_codes.SECONDS,
        values={"code": "••••••"},
        language=language,
    )


@router.post("/phone", response_model=TicketView)
async def bind(link_token: LinkToken, body: PhoneRequest, request: Request) -> Response:
    """Have the phone hear of the ticket from now on, in place of the one before."""
    house = house_of(request)
    hall_id, ticket_id = await access_ticket(request, link_token)
    asker = link_hash(link_token)
    key = await key_of(request, asker)
    earlier = None if key is None else await recall(house.database, key)
    if earlier is not None:
        return replied(earlier)
    phone = await house.database.write(
        lambda tx: phone_codes.prove(tx, house.sealer, hall_id, ticket_id, body.code)
    )
    if phone is None:
        raise PhoneCodeWrong()
    reach = Reach.RELATIVE if body.relative else Reach.OWN

    def show(_: list[e.Event], moment: Moment) -> View:
        return ticket_view(moment, moment.hall.tickets[ticket_id])

    def bound(tx: Transaction, events: list[e.Event], hall: Hall) -> None:
        phone_codes.drop(tx, hall_id, ticket_id)
        contacts.forget(tx, hall_id, ticket_id)
        contacts.remember(
            tx, house.sealer, hall_id, ticket_id, phone, body.language, house.clock(), contacts.BY_CODE
        )

    for _ in range(ATTEMPTS_MAX):
        held = Held(ticket_id, link_token)
        holding = None if body.relative else await as_holder(house, hall_id, phone, held)
        command = c.BindPhone(ticket_id, reach)
        try:
            return await about_ticket(request, hall_id, ticket_id, command, show, asker, both(bound, holding))
        except Duplicate as taken:
            if taken.constraint != holders.ONE_AT_A_TIME:
                raise
    raise HallContended(hall=hall_id)


async def as_holder(house: House, hall_id: str, phone: str, held: Held) -> Also | None:
    """What writes that the owner of the phone holds this ticket. Refused if they hold another, or enough."""
    ticket = (await house.queues.halls.current(hall_id)).tickets.get(held.ticket_id)
    if ticket is None:
        raise TicketEnded()
    chains = await chains_of(house, hall_id, ticket.group_id, [phone])
    hall = await house.queues.halls.catch_up(hall_id)
    last = chains[0].last
    if last is not None and last.ticket_id == held.ticket_id:
        return None
    if last is not None and last.ticket_id in hall.tickets:
        raise PhoneHasTicket(number=hall.tickets[last.ticket_id].number)
    await check_few(house, hall, [phone])
    return writing_of(house, hall_id, chains, lambda _, __: held)
