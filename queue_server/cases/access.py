"""The doors to cases: who may prepare, finish, review and approve them."""

from fastapi import Request
from msgspec.structs import replace

from queue_server.cases.actions import Cases
from queue_server.cases.core.model import Actor
from queue_server.cases.filing import Filing
from queue_server.hall.access import MANAGERS, Person, access_hall, house_of
from queue_server.people.core import Role

AT_A_DESK = (Role.CLERK, *MANAGERS)
ANSWERS = (Role.REVIEWER, *MANAGERS)  # Who speaks for a department.
WITH_CASES = (Role.CLERK, Role.REVIEWER, *MANAGERS)


async def access_cases(request: Request, hall_id: str, *roles: Role) -> tuple[Person, Actor]:
    """Somebody of this hall who works with cases, and what they may finish."""
    person = await access_hall(request, hall_id, *(roles or WITH_CASES))
    account, mentor = person.account, None
    if account.trainee and account.mentor_id is not None:
        mentor = (await house_of(request).people.account(account.mentor_id)).display_name
    actor = Actor(
        account.id,
        account.display_name,
        mentor=mentor,
        manager=account.role in MANAGERS,
        reviewer=account.role is Role.REVIEWER,
    )
    if not actor.reviewer:
        return person, actor
    actor, stand_in = await cases_of(request).certified(hall_id, actor)
    if stand_in is not None:
        known = await house_of(request).people.account(stand_in)
        actor = replace(actor, lapsed=known.display_name)
    return person, actor


def filing_of(request: Request) -> Filing:
    """The cases that nobody has brought to a window, of the house this request came to."""
    filing: Filing = request.app.state.filing
    return filing


def cases_of(request: Request) -> Cases:
    """The cases of the house this request came to."""
    cases: Cases = request.app.state.cases
    return cases
