"""The door for everybody who works here: who is asking, and may they ask from where they are?

A token comes as `Authorization: Bearer …` or in a cookie. A browser sends a cookie whoever asks it to, so a
request that changes something and carries only a cookie must come from a page of our own.
"""

from typing import Final

from fastapi import Request, Response
from starlette.requests import HTTPConnection

from queue_server.people.actions import People, SignedIn
from queue_server.people.core import Account, CrossSite, Role, RoleMissing, SignInNeeded

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE: Final = "session"
COOKIE_HTTPS: Final = "__Host-session"  # Browsers only take it from this very host, over HTTPS.
BEARER: Final = "bearer "


async def signed_in(request: Request) -> Account:
    """Who is asking. Refused if nobody is signed in, or if another site is behind the request."""
    token = bearer_in(request)
    if token is None:
        token = cookie_in(request)
        if token is not None and request.method not in SAFE_METHODS and not same_origin(request):
            raise CrossSite
    account = None if token is None else await people_of(request).whoami(token)
    if account is None:
        raise SignInNeeded
    return account


async def signed_in_as(request: Request, *roles: Role) -> Account:
    """Who is asking, in one of these roles."""
    account = await signed_in(request)
    if account.role not in roles:
        raise RoleMissing(roles=list(roles))
    return account


def token_in(connection: HTTPConnection) -> str | None:
    """The token of a request or a WebSocket, if it has one."""
    return bearer_in(connection) or cookie_in(connection)


def bearer_in(connection: HTTPConnection) -> str | None:
    """The token that a program sends."""
    header = connection.headers.get("authorization", "")
    return header[len(BEARER) :].strip() or None if header.lower().startswith(BEARER) else None


def cookie_in(connection: HTTPConnection) -> str | None:
    """The token that a browser sends."""
    return connection.cookies.get(cookie_name(connection)) or None


def cookie_name(connection: HTTPConnection) -> str:
    """What our cookie is called here. Over HTTPS a plain one, which a neighbour could have set, is ignored."""
    return COOKIE_HTTPS if is_secure(connection) else COOKIE


def is_secure(connection: HTTPConnection) -> bool:
    """Whether the connection is encrypted."""
    return connection.url.scheme in ("https", "wss")


def remember_in_cookie(request: Request, response: Response, signed_in: SignedIn) -> None:
    """Give the browser its cookie: for this host and this shift only, and out of reach of scripts."""
    response.set_cookie(
        cookie_name(request),
        signed_in.token,
        # A length of time, not an instant: the clock of a desk's computer may be days off.
        max_age=round(signed_in.lasts.total_seconds()),
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="strict",
    )


def forget_cookie(request: Request, response: Response) -> None:
    """Take the cookie away."""
    response.delete_cookie(
        cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="strict"
    )


def same_origin(connection: HTTPConnection) -> bool:
    """Whether the browser says that one of our own pages is asking. False if it says nothing."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return _origin_is_ours(connection) is True


def from_elsewhere(connection: HTTPConnection) -> bool:
    """Whether the browser says that another site is asking. Programs say nothing, and are let through."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    return _origin_is_ours(connection) is False


def people_of(connection: HTTPConnection) -> People:
    """Everybody who works here."""
    people: People = connection.app.state.people
    return people


def address_of(connection: HTTPConnection) -> str:
    """Where the request comes from, as far as we can see."""
    return connection.client.host if connection.client else ""


def _origin_is_ours(connection: HTTPConnection) -> bool | None:
    origin = connection.headers.get("origin")
    if origin is None:
        return None
    scheme, _, host = origin.lower().partition("://")
    return scheme in ("http", "https") and host == connection.headers.get("host", "").lower()
