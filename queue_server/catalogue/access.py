"""The doors to guides and delegations: the departments of a hall, the city's editors, the reform office.

Managers and reviewers speak for the departments. Admins keep the catalogue: they are its editors, and the
reform office that approves delegations.
"""

from typing import Final

from fastapi import Request

from queue_server.catalogue.actions import Catalogue
from queue_server.catalogue.actions.guides import Guides
from queue_server.people.access import signed_in
from queue_server.people.core import Account, NotYourHall, Role, RoleMissing

DEPARTMENTS: Final = (Role.REVIEWER, Role.MANAGER, Role.ADMIN)
EDITORS: Final = (Role.ADMIN,)
REVIEWERS: Final = (Role.MANAGER, Role.ADMIN)  # Of a draft: never its own editor.
REFORM_OFFICE: Final = (Role.ADMIN,)
WITH_LETTERS: Final = (Role.CLERK, *DEPARTMENTS)


async def access_guides(request: Request, hall_id: str, *roles: Role) -> Account:
    """Somebody of this hall in one of these roles."""
    account = await signed_in(request)
    if not account.works_in(hall_id):
        raise NotYourHall(hall=hall_id)
    if account.role not in roles:
        raise RoleMissing(roles=list(roles))
    return account


def guides_of(request: Request) -> Guides:
    """The guides of the house this request came to."""
    guides: Guides = request.app.state.guides
    return guides


def catalogue_of(request: Request) -> Catalogue:
    """Its catalogue."""
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue
