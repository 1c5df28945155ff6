"""Sessions over HTTP: sign in, ask who one is, sign out."""

from typing import Annotated, Final

from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, Field

from queue_server.kit.web.fields import Body
from queue_server.people.access import (
    address_of,
    forget_cookie,
    from_elsewhere,
    people_of,
    remember_in_cookie,
    signed_in,
    token_in,
)
from queue_server.people.core import PASSWORD_LENGTH_MAX, Account, CrossSite, Role

LOGIN_LENGTH_MAX: Final = 100

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])


class SignIn(Body):
    """Who wants to sign in."""

    login: Annotated[str, Field(min_length=1, max_length=LOGIN_LENGTH_MAX)]
    password: Annotated[str, Field(min_length=1, max_length=PASSWORD_LENGTH_MAX)]


class AccountView(BaseModel):
    """Somebody who works here."""

    id: str
    display_name: str
    staff_no: str
    role: Role
    hall: str | None
    trainee: bool


class SessionView(BaseModel):
    """A session that was just opened. The token is shown this once."""

    token: str
    expires_at: str
    account: AccountView


class CurrentView(BaseModel):
    """Who is signed in."""

    account: AccountView


@router.post("", status_code=status.HTTP_201_CREATED)
async def sign_in(body: SignIn, request: Request, response: Response) -> SessionView:
    """Sign in with login and password. Programs keep the token; browsers get a cookie as well."""
    if from_elsewhere(request):
        raise CrossSite
    signed_in = await people_of(request).sign_in(body.login, body.password, address=address_of(request))
    remember_in_cookie(request, response, signed_in)
    return SessionView(
        token=signed_in.token,
        expires_at=f"{signed_in.expires_at:%Y-%m-%dT%H:%M:%S}.{signed_in.expires_at.microsecond // 1000:03}Z",
        account=account_view(signed_in.account),
    )


@router.get("/current")
async def who_am_i(request: Request) -> CurrentView:
    """Who is signed in here."""
    return CurrentView(account=account_view(await signed_in(request)))


@router.delete("/current", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out(request: Request, response: Response) -> None:
    """Sign out. The session ends everywhere, and the browser forgets its cookie."""
    await signed_in(request)
    token = token_in(request)
    if token is not None:
        await people_of(request).sign_out(token)
    forget_cookie(request, response)


def account_view(account: Account) -> AccountView:
    """What people may know about themselves."""
    return AccountView(
        id=account.id,
        display_name=account.display_name,
        staff_no=account.staff_no,
        role=account.role,
        hall=account.hall_id,
        trainee=account.trainee,
    )
