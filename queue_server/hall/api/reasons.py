"""Explanations for the holder of a ticket: why another number was called first, and what to bring."""

from fastapi import APIRouter, Request, Response

from queue_server.catalogue.core import Matter
from queue_server.hall.access import House, access_ticket, house_of
from queue_server.hall.api.answers import answered
from queue_server.hall.api.models import Checklist, ReasonShape
from queue_server.hall.api.paths import LinkToken, Number
from queue_server.hall.core.model import Hall
from queue_server.hall.core.reasons import Called, standing, stood
from queue_server.hall.core.rejections import NumberUnknown, TicketEnded
from queue_server.hall.live.views.parts import View
from queue_server.hall.live.views.reason import reason_view
from queue_server.hall.store import facts
from queue_server.hall.store.facts import Found
from queue_server.kit.database import Transaction

router = APIRouter(prefix="/api/v1/tickets/{link_token}", tags=["tickets"])


@router.get("/reasons/{number}", response_model=ReasonShape)
async def why(link_token: LinkToken, number: Number, request: Request) -> Response:
    """Why another number of today was called first: the rule by which it was, in one word and its values."""
    house = house_of(request)
    hall_id, ticket_id = await access_ticket(request, link_token)
    hall = (await house.watch.moment(hall_id)).hall

    def look(tx: Transaction) -> tuple[Found | None, list[Called], int | None, list[Called]]:
        other_id = ticket_of(tx, hall, number)
        theirs = [] if other_id is None else facts.calls_of(tx, hall_id, other_id)
        return facts.by_id(tx, hall_id, ticket_id), facts.calls_of(tx, hall_id, ticket_id), other_id, theirs

    found, own, other_id, theirs = await house.database.read(look)
    if other_id is None:
        raise NumberUnknown()
    assert found is not None  # A link leads to a ticket that was issued.
    ticket = hall.tickets.get(ticket_id)
    mine = stood(own, found.matters) if ticket is None else standing(ticket, own)
    if mine is None:
        raise TicketEnded(state=found.state)
    return answered(reason_view(hall, number, mine, found.issued_at, other_id, theirs))


def ticket_of(tx: Transaction, hall: Hall, number: str) -> int | None:
    """Whose number it is today: somebody in the hall, or somebody who was here."""
    here = next((ticket.id for ticket in hall.tickets.values() if ticket.number == number), None)
    if here is not None or hall.day is None:
        return here
    return facts.ticket_with_number(tx, hall.id, hall.day, number)


@router.get("/materials", response_model=Checklist)
async def materials(link_token: LinkToken, request: Request) -> Response:
    """What to bring for the matters of the ticket, each in the case the citizen is in."""
    house = house_of(request)
    hall_id, ticket_id = await access_ticket(request, link_token)
    moment = await house.watch.moment(hall_id)
    codes, scenarios = await visit_of(house, moment.hall, ticket_id)
    matters = await house.catalogue.matters(hall_id)
    return answered({"matters": [to_bring(matters[code], scenarios) for code in codes if code in matters]})


async def visit_of(house: House, hall: Hall, ticket_id: int) -> tuple[list[str], tuple[str, ...]]:
    """Everything a ticket is for, and the cases within; of one that has ended the matters only."""
    ticket = hall.tickets.get(ticket_id)
    if ticket is None:
        found = await house.database.read(lambda tx: facts.by_id(tx, hall.id, ticket_id))
        return ([] if found is None else list(found.matters)), ()
    legs = ticket.later_legs
    codes = [*ticket.matters, *(code for leg in legs for code in leg.matters)]
    return codes, (*ticket.scenarios, *(case for leg in legs for case in leg.scenarios))


def to_bring(matter: Matter, scenarios: tuple[str, ...]) -> View:
    """One matter with its materials in the chosen case, or without any."""
    case = next((each for each in matter.scenarios if f"{matter.code}.{each.code}" in scenarios), None)
    return {
        "code": matter.code,
        "name": {"zh": matter.name_zh, "en": matter.name_en},
        "scenario": None if case is None else {"zh": case.name_zh, "en": case.name_en},
        "materials": [
            {
                "name": {"zh": each.name_zh, "en": each.name_en},
                "tolerable": each.tolerable,
                "exempt": each.exempt,
            }
            for each in matter.materials_for("" if case is None else case.code)
        ],
    }
