"""The doors to documents: a department hands them over, and only the issuing desk hands them out."""

from fastapi import Request

from queue_server.cases.access import AT_A_DESK, access_cases
from queue_server.cases.core.model import Actor
from queue_server.hall.access import MANAGERS, Person, access_hall, house_of
from queue_server.issuance.actions.documents import Documents
from queue_server.issuance.core.ready import NotAtIssuance


async def access_issuance(request: Request, hall_id: str) -> Person:
    """Somebody who hands out results in this hall, or a manager of it."""
    person = await access_hall(request, hall_id)
    if person.account.role in MANAGERS:
        return person
    house = house_of(request)
    hall = await house.queues.halls.current(hall_id)
    skills = await house.people.skills_of(person.account.id)
    if not any(group.kind == "issuance" and group.id in skills for group in hall.groups.values()):
        raise NotAtIssuance()
    return person


async def access_desk(request: Request, hall_id: str) -> tuple[Person, Actor]:
    """The same, with what they may finish. Whoever decides on cases does not hand out what came of them."""
    await access_issuance(request, hall_id)
    return await access_cases(request, hall_id, *AT_A_DESK)


def documents_of(request: Request) -> Documents:
    """The documents of the house this request came to."""
    documents: Documents = request.app.state.documents
    return documents
