"""The sign-in page: a plain form, so that it works before and without any script."""

import re
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response, status
from fastapi.responses import RedirectResponse

from queue_server.kit.rejections import Rejected
from queue_server.kit.web.templates import Pages, language_of
from queue_server.people.access import (
    address_of,
    cookie_in,
    forget_cookie,
    people_of,
    remember_in_cookie,
    same_origin,
)
from queue_server.people.core import Account, CrossSite, Role

NEXT_LENGTH_MAX: Final = 500

router = APIRouter(include_in_schema=False)
pages = Pages("people", Path(__file__).parent)


@router.get("/sign-in")
async def ask(request: Request, next: str = "") -> Response:
    """Who are you? Who is signed in already may go on, or sign out."""
    token = cookie_in(request)
    account = None if token is None else await people_of(request).whoami(token)
    return show(request, next, account=account)


@router.post("/sign-in")
async def answer(
    request: Request,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    """Let in and lead to where somebody wanted to go, or say that it did not fit."""
    try:
        if not same_origin(request):
            raise CrossSite
        signed_in = await people_of(request).sign_in(login, password, address=address_of(request))
    except Rejected as refusal:
        return show(request, next, login=login, refusal=refusal)
    response = RedirectResponse(local_path(next) or desk_of(signed_in.account), status.HTTP_303_SEE_OTHER)
    remember_in_cookie(request, response, signed_in)
    return response


@router.post("/sign-out")
async def leave(request: Request) -> Response:
    """Sign out, and show the form to whoever comes next."""
    if not same_origin(request):
        raise CrossSite
    token = cookie_in(request)
    if token is not None:
        await people_of(request).sign_out(token)
    response = RedirectResponse("/sign-in", status.HTTP_303_SEE_OTHER)
    forget_cookie(request, response)
    return response


def show(
    request: Request,
    next: str,
    *,
    login: str = "",
    account: Account | None = None,
    refusal: Rejected | None = None,
) -> Response:
    """The page, with what went wrong in the reader's language."""
    sentence = ""
    if refusal is not None:
        sentence = refusal.in_chinese if language_of(request) == "zh" else refusal.en
    response = pages.respond(
        request,
        "sign-in.html",
        status=refusal.status if refusal else status.HTTP_200_OK,
        next=local_path(next),
        onwards=local_path(next) or (desk_of(account) if account else ""),
        login=login,
        account=account,
        refusal=sentence,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def desk_of(account: Account) -> str:
    """Where somebody's work begins."""
    own = {Role.CLERK: "/clerk", Role.ADMIN: "/admin"}
    if account.role is Role.REVIEWER and account.hall_id is not None:
        return f"/inbox/{account.hall_id}"
    if account.role is Role.AGENT and account.hall_id is not None:
        return f"/agent/{account.hall_id}"
    return own.get(account.role, "/")


def local_path(written: str) -> str:
    """A path of our own that was asked for, or nothing: a link must not lead from here to another site.

    >>> local_path("/clerk/h1/08?lang=en"), local_path("//elsewhere.example"), local_path("/\\\\elsewhere.example")
    ('/clerk/h1/08?lang=en', '', '')
    """
    if len(written) <= NEXT_LENGTH_MAX and re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", written):
        return written
    return ""
