"""Tickets: taking one, following it, giving it up. The link is the right; nobody signs in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response, status

from queue_server.catalogue.core import mapped, route
from queue_server.hall.access import (
    GUIDES,
    House,
    access_hall,
    access_ticket,
    check_presence,
    house_of,
    link_hash,
    look_at_ticket,
    new_link,
    phone_here,
)
from queue_server.hall.actions import Also
from queue_server.hall.api.answers import Show, answered, asker_of, carry_out, ended, first_answer
from queue_server.hall.api.holding import hold
from queue_server.hall.api.models import (
    PLACES_MAX,
    ClassRequest,
    DeferralPrice,
    DeferralRequest,
    IssuedTicket,
    NoBody,
    TicketRequest,
    TicketView,
    VoidedTicket,
    VoidRequest,
    WalkRequest,
)
from queue_server.hall.api.pace import check_pace
from queue_server.hall.api.paths import HallId, LinkToken, TicketId
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.decide import decide
from queue_server.hall.core.model import Channel, Hall, Leg, Reach, TicketState
from queue_server.hall.core.order import ahead, windows_for
from queue_server.hall.core.outlook import wait_of
from queue_server.hall.core.rejections import PhoneNotProven, TicketEnded
from queue_server.hall.live.views.parts import Moment, View, minutes
from queue_server.hall.live.views.ticket import ended_view, ticket_view
from queue_server.hall.store import facts
from queue_server.kit.database import Transaction
from queue_server.kit.rejections import Rejected
from queue_server.kit.requests import Answer
from queue_server.kit.web.openapi import STAFF_ONLY
from queue_server.people import contacts
from queue_server.people.holders import Held

router = APIRouter(prefix="/api/v1", tags=["tickets"])


@router.post("/halls/{hall_id}/tickets", status_code=status.HTTP_201_CREATED, response_model=IssuedTicket)
async def issue(hall_id: HallId, body: TicketRequest, request: Request) -> Response:
    """Take a place in a queue, or be given (200) the one that this phone, which scanned a screen, has already.

    The channel `staff` is for staff of the hall, and the journal says who it was.
    """
    house = house_of(request)
    person = await access_hall(request, hall_id) if body.channel is Channel.STAFF else None
    hall = await house.queues.halls.current(hall_id)
    check_presence(request, hall, body.channel)
    asker = c.CITIZEN if person is None else asker_of(person)
    await check_pace(request, house, hall, body.channel, body.phone, asker)
    if body.phone is not None and hall.rules.phone_code_required and body.channel is not Channel.STAFF:
        raise PhoneNotProven()
    token, digest = new_link()
    legs = await legs_of(house, hall_id, body)
    command = c.IssueTicket(
        legs=legs,
        channel=body.channel,
        link_hash=digest,
        priority_class=body.priority_class,
        needs=tuple(body.needs),
        language=body.language,
        reach=reach_of(body),
        by=c.CITIZEN if person is None else person.by,
    )

    def show(events: list[e.Event], moment: Moment) -> View:
        return issued_view(events, moment, token)

    def contact(tx: Transaction, events: list[e.Event], hall: Hall) -> None:
        if body.phone is not None:
            ticket = hall.tickets[issued_id(events, hall)]
            contacts.remember(
                tx, house.sealer, hall_id, ticket.id, body.phone, body.language, ticket.issued_at
            )

    async def take(holding: Also | None) -> Response:
        return await carry_out(
            request,
            house,
            hall_id,
            command,
            show,
            asker=asker,
            status=status.HTTP_201_CREATED,
            also=both(contact if body.phone is not None else None, holding),
        )

    phone = phone_here(request, hall_id) if body.channel is Channel.WEB else None
    if phone is None:
        return await take(None)

    async def keep(hall: Hall, held: Held) -> Response:
        moment = Moment(hall, house.queues.halls.epoch(hall_id), house.clock(), house.queues.outlook_of(hall))
        kept = Answer(
            status.HTTP_200_OK,
            msgspec.json.encode(taken_view(moment, held.ticket_id, held.link_token)).decode(),
        )
        return await first_answer(request, house, asker, kept)

    group_id = legs[0].group_id
    return await hold(house, hall_id, group_id, [f"phone {phone}"], take=take, keep=keep, link_token=token)


def both(*parts: Also | None) -> Also | None:
    """What writes the rows of all of these."""
    written = [part for part in parts if part is not None]
    if not written:
        return None

    def also(tx: Transaction, events: list[e.Event], hall: Hall) -> None:
        for part in written:
            part(tx, events, hall)

    return also


def reach_of(body: TicketRequest) -> Reach:
    """Whose phone hears of the call."""
    if body.phone is None:
        return Reach.NONE
    return Reach.RELATIVE if body.relative else Reach.OWN


async def legs_of(house: House, hall_id: str, body: TicketRequest) -> tuple[Leg, ...]:
    """Where the visit leads: to one group, or to the groups of its matters."""
    hall = await house.queues.halls.current(hall_id)
    if body.group is not None:
        return (Leg(body.group),)
    assert body.matters is not None
    offered = await house.catalogue.matters(hall_id)
    matters = mapped({code: offered[code] for code in body.matters if code in offered}, hall.groups)
    general = hall.about.general_group_id or next(iter(hall.groups), "")
    legs = route(matters, body.matters, general, body.scenarios)
    return tuple(Leg(leg.group_id, leg.codes, leg.scenarios) for leg in legs)


def issued_view(events: list[e.Event], moment: Moment, token: str) -> View:
    """What the citizen is told at once."""
    return taken_view(moment, issued_id(events, moment.hall), token)


def taken_view(moment: Moment, ticket_id: int, token: str) -> View:
    """A ticket as whoever takes it is told of it."""
    hall = moment.hall
    ticket = hall.tickets[ticket_id]
    people_ahead = ahead(hall, ticket)
    return {
        "id": str(ticket.id),
        "number": ticket.number,
        "link_token": token,
        "link": f"/t/{token}",
        "hall": hall.id,
        "group": ticket.group_id,
        "state": ticket.state,
        "ahead": people_ahead,
        "estimate": minutes(wait_of(hall, moment.outlook, ticket, moment.as_of)),
        "near": ticket.near,
        "windows": [window.id for window in windows_for(hall, ticket.group_id)],
        "issued_at": ticket.issued_at,
    }


def issued_id(events: list[e.Event], hall: Hall) -> int:
    """The id of the ticket that these events issued: the journal number of the first."""
    return hall.seq - len(events) + 1


# ── The citizen's own ticket ─────────────────────────────────────────────────────────────────────


@router.get("/tickets/{link_token}", response_model=TicketView)
async def follow(link_token: LinkToken, request: Request) -> Response:
    """The ticket as it stands, ended or not."""
    return answered(await look_at_ticket(request, link_token))


@router.post("/tickets/{link_token}/following", response_model=TicketView)
async def keep_following(link_token: LinkToken, request: Request, body: NoBody = NoBody()) -> Response:
    """The ticket's page is open on a phone, so its holder need not be fetched."""
    return await citizen_asks(request, link_token, c.FollowTicket)


@router.put("/tickets/{link_token}/walk", response_model=TicketView)
async def walk(link_token: LinkToken, body: WalkRequest, request: Request) -> Response:
    """How long the way to the hall takes: the reminder comes so much earlier."""
    return await citizen_asks(request, link_token, lambda ticket_id: c.ChooseWalk(ticket_id, body.minutes))


@router.post("/tickets/{link_token}/cancellation", response_model=TicketView)
async def cancel(link_token: LinkToken, request: Request, body: NoBody = NoBody()) -> Response:
    """Give up the place."""
    house = house_of(request)
    hall_id, ticket_id = await access_ticket(request, link_token)
    found = await house.database.read(lambda tx: facts.by_id(tx, hall_id, ticket_id))
    assert found is not None

    def show(_: list[e.Event], moment: Moment) -> View:
        gone = replace(found, state=TicketState.CANCELLED, reason="cancelled", ended_at=moment.as_of)
        return ended_view(moment, gone)

    command = c.CancelTicket(ticket_id)
    return await about_ticket(request, hall_id, ticket_id, command, show, link_hash(link_token))


@router.post("/tickets/{link_token}/deferral", response_model=TicketView)
async def defer(
    link_token: LinkToken, request: Request, body: DeferralRequest = DeferralRequest()
) -> Response:
    """Let others pass."""
    return await citizen_asks(request, link_token, lambda ticket_id: c.DeferTicket(ticket_id, body.places))


@router.get("/tickets/{link_token}/deferral", response_model=DeferralPrice)
async def price(
    link_token: LinkToken,
    request: Request,
    places: Annotated[int, Query(ge=1, le=PLACES_MAX, description="How many people to let pass.")] = 3,
) -> Response:
    """What letting others pass would come to, before anybody does it; refused like the deed itself."""
    house = house_of(request)
    hall_id, ticket_id = await access_ticket(request, link_token)
    moment = await house.watch.moment(hall_id)
    try:
        _, after = decide(moment.hall, c.DeferTicket(ticket_id, places), moment.as_of)
    except TicketEnded as no:
        raise await ended(house, hall_id, ticket_id, no) from None
    ticket = after.tickets[ticket_id]
    people_ahead = ahead(after, ticket)
    return answered(
        {
            "places": places,
            "ahead": people_ahead,
            "estimate": minutes(wait_of(after, moment.outlook, ticket, moment.as_of)),
            "defers_left": after.rules.defers_max - ticket.defers,
        }
    )


@router.post("/tickets/{link_token}/return", response_model=TicketView)
async def come_back(link_token: LinkToken, request: Request, body: NoBody = NoBody()) -> Response:
    """Come back after a missed call, or to the window that holds the service."""
    return await citizen_asks(request, link_token, c.ReturnTicket)


@router.post("/tickets/{link_token}/acknowledgement", response_model=TicketView)
async def acknowledge(link_token: LinkToken, request: Request, body: NoBody = NoBody()) -> Response:
    """Say "I am coming"."""
    return await citizen_asks(request, link_token, c.AcknowledgeCall)


async def citizen_asks(request: Request, link_token: str, asked: Callable[[int], c.Command]) -> Response:
    """Carry out what the holder of a link asks, and show the ticket after it."""
    hall_id, ticket_id = await access_ticket(request, link_token)

    def show(_: list[e.Event], moment: Moment) -> View:
        return ticket_view(moment, moment.hall.tickets[ticket_id])

    return await about_ticket(request, hall_id, ticket_id, asked(ticket_id), show, link_hash(link_token))


# ── Tickets in the hands of staff ────────────────────────────────────────────────────────────────


@router.post("/halls/{hall_id}/tickets/{ticket_id}/void", response_model=VoidedTicket, responses=STAFF_ONLY)
async def void(hall_id: HallId, ticket_id: TicketId, body: VoidRequest, request: Request) -> Response:
    """Take a ticket out of the queue, with a reason."""
    person = await access_hall(request, hall_id, *GUIDES)

    def show(_: list[e.Event], moment: Moment) -> View:
        return {"id": ticket_id, "state": "cancelled", "reason": "void", "seq": moment.hall.seq}

    command = c.VoidTicket(int(ticket_id), body.reason, by=person.by)
    return await about_ticket(request, hall_id, int(ticket_id), command, show, asker_of(person))


@router.post(
    "/halls/{hall_id}/tickets/{ticket_id}/priority-class", response_model=TicketView, responses=STAFF_ONLY
)
async def change_class(
    hall_id: HallId, ticket_id: TicketId, body: ClassRequest, request: Request
) -> Response:
    """Grant or take away a priority class. Only that a proof was seen is kept, never a copy of it."""
    person = await access_hall(request, hall_id)
    command = c.ChangeClass(int(ticket_id), body.priority_class, body.reason, body.proof_seen, by=person.by)
    return await staff_asks(request, hall_id, command, int(ticket_id), asker_of(person))


@router.post("/halls/{hall_id}/tickets/{ticket_id}/return", response_model=TicketView, responses=STAFF_ONLY)
async def bring_back(
    hall_id: HallId, ticket_id: TicketId, request: Request, body: NoBody = NoBody()
) -> Response:
    """Bring back somebody who missed the call and has no phone."""
    person = await access_hall(request, hall_id)
    command = c.ReturnTicket(int(ticket_id), by=person.by)
    return await staff_asks(request, hall_id, command, int(ticket_id), asker_of(person))


async def staff_asks(
    request: Request, hall_id: str, command: c.Command, ticket_id: int, asker: str
) -> Response:
    """Carry out what staff ask about a ticket, and show it after that."""

    def show(_: list[e.Event], moment: Moment) -> View:
        return ticket_view(moment, moment.hall.tickets[ticket_id])

    return await about_ticket(request, hall_id, ticket_id, command, show, asker)


# ── What they share ──────────────────────────────────────────────────────────────────────────────


async def about_ticket(
    request: Request,
    hall_id: str,
    ticket_id: int,
    command: c.Command,
    show: Show,
    asker: str,
    also: Also | None = None,
) -> Response:
    """Carry out what somebody asks about a ticket. A refusal names the state in which the ticket is."""
    house = house_of(request)
    try:
        return await carry_out(request, house, hall_id, command, show, asker=asker, also=also)
    except TicketEnded as no:
        raise await ended(house, hall_id, ticket_id, no) from None
    except Rejected as no:
        hall = house.queues.halls.known(hall_id)
        if no.status == status.HTTP_409_CONFLICT and hall is not None and ticket_id in hall.tickets:
            no.facts.setdefault("state", hall.tickets[ticket_id].state)
        raise
